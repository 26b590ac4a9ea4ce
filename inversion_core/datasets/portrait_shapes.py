"""Draw portraits from numbers: soft shapes on a stage, composited back to front.

Every shape is a signed or implicit distance whose edge is one pixel soft, drawn for all photos of a chunk at
once. Faces are an ellipsoid: `Stage.u, Stage.v` are the pixel's coordinates on the frontal face after undoing
yaw and pitch, so that a feature drawn at (u, v) turns with the head. Units: half a picture is 1, y grows
downwards. Left out: hard shadows, perspective, hands, hats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

Plane = Tensor  # (N, H, W), or (N, 1, 1) for one number a photo


@dataclass(frozen=True)
class Stage:
    """The picture so far and where each of its pixels lies; a window of it shares its memory."""

    colour: Tensor  # (N, 3, H, W)
    x: Plane  # head frame
    y: Plane
    u: Plane  # on the frontal face
    v: Plane
    shade: Plane  # brightness of the face's surface
    pixel: float  # size of one pixel

    def window(self, top: float, bottom: float, left: float = -1.0, right: float = 1.0) -> Stage:
        """Return the part between the given edges, in picture units; painting there paints the whole."""
        size = self.colour.shape[-1]
        edges = [round((edge + 1) / 2 * size) for edge in (top, bottom, left, right)]
        part = (..., slice(edges[0], edges[1]), slice(edges[2], edges[3]))
        planes = {name: getattr(self, name)[part] for name in ("colour", "x", "y", "u", "v", "shade")}
        return replace(self, **planes)

    def coarse(self) -> Stage:
        """Return every second pixel: enough to work out what varies smoothly, `fine` brings it back."""
        planes = {
            name: getattr(self, name)[..., ::2, ::2] for name in ("colour", "x", "y", "u", "v", "shade")
        }
        return replace(self, **planes, pixel=2 * self.pixel)

    def fine(self, plane: Plane) -> Plane:
        """Bring a plane of the coarse stage to this stage's pixels."""
        size = self.x.shape[-2:]
        return F.interpolate(plane.unsqueeze(1), size=size, mode="bilinear").squeeze(1)

    def paint(self, cover: Plane, colour: Tensor) -> None:
        """Lay a colour ((N, 3, 1, 1) or (N, 3, H, W)) over the picture where cover (N, H, W) is above 0."""
        self.colour.lerp_(colour.expand_as(self.colour), cover.unsqueeze(1))

    def paint_lit(self, cover: Plane, colour: Tensor) -> None:
        """Paint a colour as part of the face: under the face's light."""
        self.paint(cover, colour * self.shade.unsqueeze(1))

    def inside(self, distance: Plane, soft: float = 1.0) -> Plane:
        """Return cover 1 where distance is below 0, with an edge `soft` pixels wide."""
        return (0.5 - distance / (soft * self.pixel)).clamp_(0, 1)

    def inside_implicit(self, level: Plane, soft: float = 1.0) -> Plane:
        """Return cover for a smooth function, negative inside: divided by its slope it is a distance."""
        across = torch.empty_like(level)
        across[..., 1:-1] = (level[..., 2:] - level[..., :-2]) / 2
        across[..., 0], across[..., -1] = across[..., 1], across[..., -2]
        down = torch.empty_like(level)
        down[..., 1:-1, :] = (level[..., 2:, :] - level[..., :-2, :]) / 2
        down[..., 0, :], down[..., -1, :] = down[..., 1, :], down[..., -2, :]
        slope = across.square_().add_(down.square_()).sqrt_().clamp_(min=1e-4)
        return (0.5 - level / (soft * slope)).clamp_(0, 1)


def ramp(stops: Tensor, position: Tensor) -> Tensor:
    """Read a colour ramp: stops (S, 3), position (N,) in [0, 1] -> (N, 3, 1, 1)."""
    place = position * (len(stops) - 1)
    low = place.floor().long().clamp(0, len(stops) - 2)
    mixed = torch.lerp(stops[low], stops[low + 1], (place - low).unsqueeze(1).float())
    return mixed[:, :, None, None]


def smooth(value: Plane, low: float, high: float) -> Plane:
    """Rise smoothly from 0 at low to 1 at high."""
    t = ((value - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def bell(*offsets: Plane) -> Plane:
    """Return a bell of height 1: offsets are in standard deviations."""
    total = offsets[0].square()
    for offset in offsets[1:]:
        total = total + offset.square()
    return torch.exp(total.mul_(-0.5))


def ellipse(x: Plane, y: Plane, wide: Plane | float, high: Plane | float) -> Plane:
    """Approximate the signed distance to an ellipse at the origin (first order, exact on its edge)."""
    px, py = x / wide, y / high
    radius = (px.square() + py.square()).sqrt().clamp(min=1e-4)
    slope = ((px / wide).square() + (py / high).square()).sqrt().clamp(min=1e-4)
    return radius * (radius - 1) / slope


def rounded_box(x: Plane, y: Plane, wide: Plane, high: Plane, corner: Plane) -> Plane:
    """Return the signed distance to a box with round corners at the origin."""
    px, py = x.abs() - (wide - corner), y.abs() - (high - corner)
    outside = (px.clamp(min=0).square() + py.clamp(min=0).square()).sqrt()
    return outside + torch.maximum(px, py).clamp(max=0) - corner


@dataclass(frozen=True)
class Traits:
    """What a layer reads: a chunk's identity and view factors by name, each (N, 1, 1) in [0, 1]."""

    values: dict[str, Plane]
    choices: dict[str, Tensor]  # categorical factors: (N,) index of the value

    def span(self, name: str, low: float, high: float) -> Plane:
        """Stretch a factor to the range low..high."""
        return low + (high - low) * self.values[name]

    def table(self, name: str, numbers: tuple[float, ...]) -> Plane:
        """Look a categorical factor up in one number a value."""
        return torch.tensor(numbers)[self.choices[name]][:, None, None]

    def colour(self, name: str, stops: tuple[tuple[float, float, float], ...]) -> Tensor:
        """Read a factor as a place on a colour ramp: (N, 3, 1, 1)."""
        return ramp(torch.tensor(stops), self.values[name].flatten())


# Colours in display space. Ramps are read continuously, so neighbours must mix to something plausible.
SKIN = (
    (0.95, 0.82, 0.74),
    (0.93, 0.76, 0.64),
    (0.90, 0.69, 0.53),
    (0.78, 0.55, 0.39),
    (0.60, 0.40, 0.27),
    (0.46, 0.295, 0.205),
    (0.35, 0.225, 0.165),
)
HAIR = (
    (0.085, 0.075, 0.08),
    (0.17, 0.11, 0.08),
    (0.31, 0.19, 0.11),
    (0.44, 0.23, 0.11),
    (0.62, 0.27, 0.11),
    (0.74, 0.47, 0.22),
    (0.86, 0.68, 0.36),
    (0.80, 0.71, 0.55),
    (0.56, 0.55, 0.54),
    (0.80, 0.80, 0.80),
    (0.90, 0.90, 0.89),
)
IRIS = (
    (0.17, 0.10, 0.06),
    (0.36, 0.20, 0.09),
    (0.45, 0.33, 0.12),
    (0.30, 0.42, 0.20),
    (0.24, 0.48, 0.44),
    (0.25, 0.47, 0.68),
    (0.48, 0.60, 0.70),
)
LIPS = ((0.70, 0.46, 0.40), (0.76, 0.40, 0.38), (0.74, 0.28, 0.31), (0.62, 0.14, 0.22))
CLOTH = (
    (0.16, 0.22, 0.40),
    (0.20, 0.42, 0.62),
    (0.17, 0.50, 0.50),
    (0.24, 0.45, 0.28),
    (0.55, 0.56, 0.26),
    (0.80, 0.61, 0.22),
    (0.76, 0.38, 0.20),
    (0.66, 0.18, 0.20),
    (0.50, 0.20, 0.38),
    (0.34, 0.26, 0.45),
    (0.24, 0.25, 0.28),
    (0.80, 0.78, 0.73),
)
BACKDROP = (
    (0.50, 0.60, 0.70),
    (0.55, 0.66, 0.62),
    (0.70, 0.70, 0.60),
    (0.76, 0.66, 0.57),
    (0.68, 0.59, 0.62),
    (0.58, 0.58, 0.68),
)
FRAMES = ((0.07, 0.07, 0.08), (0.30, 0.17, 0.09), (0.50, 0.12, 0.14), (0.72, 0.60, 0.33), (0.66, 0.68, 0.72))

# One row a hair style, the columns of _Hair: see there.
HAIR_STYLES: dict[str, tuple[float, ...]] = {
    #               top    side   length  flare  line    drop  power  part  curl  cover
    "bald":        (0.00,  0.00,  0.00,   0.00, -0.60,   0.3,  2.0,   0.0,  0.0,  0.00),
    "buzz":        (0.02,  0.012, -0.02,  0.00, -0.42,   0.44, 3.6,   0.0,  0.0,  0.78),
    "short":       (0.07,  0.035, 0.02,   0.00, -0.38,   0.44, 3.4,   0.1,  0.0,  1.00),
    "side part":   (0.09,  0.040, 0.02,   0.00, -0.42,   0.30, 1.6,   0.9,  0.0,  1.00),
    "swept":       (0.14,  0.035, 0.00,   0.00, -0.42,   0.48, 4.0,   0.5,  0.0,  1.00),
    "curly":       (0.11,  0.085, 0.10,   0.00, -0.36,   0.44, 3.6,   0.2,  0.7,  1.00),
    "afro":        (0.22,  0.210, 0.16,   0.00, -0.38,   0.46, 4.5,   0.0,  1.0,  1.00),
    "bob":         (0.09,  0.085, 0.46,   0.10, -0.44,   0.56, 2.2,   0.6,  0.0,  1.00),
    "fringe":      (0.09,  0.085, 0.52,   0.04, -0.22,   0.70, 9.0,   0.0,  0.0,  1.00),
    "long":        (0.08,  0.080, 0.98,   0.12, -0.46,   0.62, 1.9,   0.4,  0.0,  1.00),
    "long curls":  (0.12,  0.150, 0.80,   0.14, -0.42,   0.60, 2.6,   0.3,  0.8,  1.00),
    "bun":         (0.05,  0.030, -0.02,  0.00, -0.42,   0.40, 2.6,   0.1,  0.0,  1.00),
}  # fmt: skip


@dataclass(frozen=True)
class Head:
    """Sizes and places that several layers share, (N, 1, 1) in face units, and the person's colours."""

    width: Plane  # half the face
    crown: Plane  # from the middle up
    chin: Plane  # from the middle down
    spacing: Plane  # eye to middle
    level: Plane  # of the eyes
    nose: Plane  # level of its base
    nose_wide: Plane
    mouth: Plane  # level
    mouth_wide: Plane
    yaw: Plane
    skin: Tensor  # (N, 3, 1, 1)
    hair: Tensor
    light: tuple[Plane, Plane, Plane]  # direction towards the light, not normalised

    @classmethod
    def of(cls, traits: Traits) -> Head:
        level = traits.span("eye_level", -0.055, 0.035)
        nose = level + traits.span("nose_length", 0.18, 0.285)
        chin = traits.span("face_length", 0.53, 0.66)
        lip = traits.span("mouth_level", 0.37, 0.50)
        tone = traits.colour("skin_tone", SKIN)
        warm = torch.tensor([0.030, 0.0, -0.045])[None, :, None, None]
        return cls(
            width=traits.span("face_width", 0.40, 0.50),
            crown=traits.span("face_length", 0.60, 0.64),
            chin=chin,
            spacing=torch.maximum(
                traits.span("eye_spacing", 0.150, 0.225), traits.span("eye_size", 0.130, 0.170)
            ),
            level=level,
            nose=nose,
            nose_wide=traits.span("nose_width", 0.055, 0.115),
            mouth=nose + lip * (chin - nose),
            mouth_wide=traits.span("mouth_width", 0.105, 0.185) * (1 + 0.16 * traits.values["smile"]),
            yaw=traits.span("yaw", -0.36, 0.36),
            skin=tone * (1 + 2.8 * warm * (traits.values["undertone"].unsqueeze(1) - 0.5)),
            hair=traits.colour("hair_colour", HAIR),
            light=(
                traits.span("light_side", -0.75, 0.75),
                traits.span("light_height", -0.75, -0.15),
                torch.tensor(0.8),
            ),
        )

    def outline(self, x: Plane, y: Plane, traits: Traits, longer: Plane | float = 0.0) -> Plane:
        """Return an implicit face shape (negative inside): an ellipse above, cheeks, jaw and chin below."""
        x = x - self.yaw * 0.16 * smooth(y, -0.2, 0.6)
        down = (y / (self.chin + longer)).clamp(min=0)
        taper = traits.span("jaw_width", 0.34, 0.02) * smooth(down, 0.05, 1.05)
        cheeks = traits.span("cheeks", -0.03, 0.10) * bell((down - 0.48) / 0.26)
        wide = self.width * (1 - taper + cheeks)
        power = traits.span("chin_square", 1.8, 3.3)
        low = torch.exp(power * torch.log(down.clamp(min=1e-3)))
        above = (y / -self.crown).clamp(min=0)
        high = above.square() * above.sqrt()
        return (x / wide).square() + low + high - 1


def paint_background(stage: Stage, traits: Traits) -> None:
    """Fill with a soft two-tone wall, lighter on one side and darker in the corners."""
    base = traits.colour("background_hue", BACKDROP)
    base = (base + 0.35 * (base - base.mean(1, keepdim=True))) * traits.span("background_light", 0.72, 1.18)[
        :, None
    ]
    slope = traits.span("background_slope", -0.16, 0.16)
    light = 1.04 + slope * stage.x + 0.06 * (-stage.y) - 0.07 * (stage.x.square() + stage.y.square())
    stage.colour.copy_(base * light.unsqueeze(1))


@dataclass(frozen=True)
class Hair:
    """A hair style as one parametric cap: an outer shape around the skull and a hairline across the face."""

    outer: Plane  # implicit, negative inside
    front: Plane  # below 0 where hair lies in front of the face
    shade: Plane  # brightness
    cover: Plane

    @classmethod
    def of(cls, stage: Stage, traits: Traits, head: Head) -> Hair:
        """Work the hair out on the coarse stage."""
        rough = cls._of(stage.coarse(), traits, head)
        outer, front, shade = (stage.fine(plane) for plane in (rough.outer, rough.front, rough.shade))
        return cls(outer, front, shade, rough.cover)

    @classmethod
    def _of(cls, stage: Stage, traits: Traits, head: Head) -> Hair:
        columns = torch.tensor(tuple(HAIR_STYLES.values()))[traits.choices["hair_style"]]  # (N, 10)
        top, side, length, flare, line, drop, power, part, curl, cover = columns[:, :, None, None].unbind(1)
        volume = traits.span("hair_volume", 0.55, 1.5)
        low = length + traits.span("hair_length", -0.10, 0.10) * (length > 0.3)
        x = stage.x + 0.10 * head.yaw
        wave = curl * _curls(stage.x, stage.y)
        hanging = (stage.y + 0.05).clamp(min=0)
        wide = (head.width + 0.012 + side * volume) * (
            1 + flare * smooth(stage.y, -0.1, 0.7) - 0.10 * (hanging > 2)
        )
        high = head.crown + 0.012 + top * volume
        end = (stage.y - low + 0.16).clamp(min=0) / 0.16
        above = (-0.05 - stage.y).clamp(min=0) / (high - 0.05)
        outer = (x / wide).square() + above.square() * above.sqrt() + end.square() - 1
        outer = outer + 0.11 * wave

        parting = part * traits.span("parting", -0.24, 0.24)
        reach = ((stage.u - parting).abs() / (head.width + parting.abs() * 0.6)).clamp(1e-3, 1.6)
        curve = torch.exp(power * torch.log(reach))
        hairline = line + traits.span("hairline", 0.055, -0.06) + drop * curve + 0.03 * wave
        front = stage.v - hairline
        shade = _hair_shade(stage, traits, head, outer, parting, curl, wave)
        return cls(outer, front, shade, cover)


def _curls(x: Plane, y: Plane) -> Plane:
    """Return blobs in -1..1 about as large as a lock of hair."""
    return torch.sin(21 * x + 1.6 * torch.sin(6 * y)) * torch.sin(20 * y + 1.5 * torch.sin(7 * x + 1))


def _hair_shade(
    stage: Stage, traits: Traits, head: Head, outer: Plane, parting: Plane, curl: Plane, wave: Plane
) -> Plane:
    """Light the hair: round volume, a band of sheen, strands that fan out from the parting."""
    height = (1 - (outer + 1).clamp(0, 1)).sqrt()
    lit = (head.light[0] * stage.x * 0.9 + head.light[1] * stage.y.clamp(max=0.3) + 0.55 * height).clamp(
        min=0
    )
    fan = (stage.x - parting) / (stage.y + 0.95).clamp(min=0.30)
    strands = (torch.sin(19 * fan + 0.4) + torch.sin(43 * fan + 1.3) + 0.8 * torch.sin(67 * fan)) * (1 - curl)
    fine = _curls(1.5 * stage.x + 0.25 * stage.y + 0.08 * wave, 1.7 * stage.y - 0.5 * stage.x.square())
    sheen = bell((stage.y + 0.46 - 0.5 * stage.x.square() + 0.05 * strands) / 0.07) * (1 - 0.7 * curl)
    return 0.62 + 0.55 * lit + 0.050 * strands + 0.24 * sheen + curl * (0.10 * wave + 0.10 * fine)


def paint_back_hair(stage: Stage, traits: Traits, head: Head, hair: Hair) -> None:
    """Paint what is seen of the hair behind neck and face, darker the lower it hangs; the bun sits on top."""
    bun = traits.table("hair_style", tuple(float(name == "bun") for name in HAIR_STYLES))
    radius = traits.span("hair_volume", 0.13, 0.22)
    ball = ellipse(stage.x + 0.3 * head.yaw, stage.y + head.crown + 0.45 * radius, radius, radius * 0.9)
    stage.paint(stage.inside(ball) * bun, head.hair * (hair.shade * 0.85).unsqueeze(1))
    dark = (0.92 - 0.34 * smooth(stage.y, -0.1, 0.5)) * hair.shade
    stage.paint(stage.inside_implicit(hair.outer) * (hair.cover > 0.9), head.hair * dark.unsqueeze(1))


def paint_front_hair(stage: Stage, head: Head, hair: Hair) -> None:
    """Paint the hair that lies over forehead, temples and shoulders, with its soft shadow on the skin."""
    inside = stage.inside_implicit(hair.outer)
    shadow = smooth(hair.front, 0.10, 0.0) * inside * 0.30 * (hair.cover > 0.9)
    stage.paint(shadow, stage.colour * 0.62)
    edge = stage.inside(hair.front, soft=1.6)
    rim = (0.80 + 0.20 * smooth(hair.front, 0.0, -0.07)) * hair.shade
    stage.paint(edge * inside * hair.cover, head.hair * rim.unsqueeze(1))


def paint_body(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint neck and shoulders: the collar is cut out of the cloth, the chin throws a shadow on the neck."""
    light = 1 + 0.22 * head.light[0] * stage.x
    wide = head.width * 0.50 + 0.5 * (stage.y - 0.66).clamp(min=0).square()
    neck = stage.inside(stage.x.abs() - wide)
    under = head.outline(stage.x, stage.y - 0.10, traits)
    round_neck = 0.92 - 0.9 * (stage.x / wide).square() * 0.35
    stage.paint(
        neck, head.skin * (light * round_neck * (0.90 - 0.32 * smooth(under, 0.35, -0.25))).unsqueeze(1)
    )
    collars = ("crew", "v-neck", "shirt", "turtleneck")
    crew, vee, shirt, turtle = (
        traits.table("collar", tuple(float(i == k) for i in range(4))) for k in range(len(collars))
    )
    slope = 0.72 + 0.17 * smooth(stage.x.abs(), 0.16, 0.85) + 0.25 * (stage.x.abs() - 0.75).clamp(min=0)
    shoulders = slope - stage.y
    cut_round = ellipse(stage.x, stage.y - 0.68, head.width * 0.62, torch.tensor(0.155))
    cut_vee = torch.maximum(stage.x.abs() * 1.0 + (stage.y - 1.02) * 0.72, 0.6 - stage.y)
    cut = crew * cut_round + (vee + shirt) * cut_vee + turtle * 1.0
    roll = torch.maximum(stage.x.abs() - wide - 0.022, 0.60 + 0.12 * stage.x.square() - stage.y)
    body = torch.maximum(shoulders, -cut)
    body = torch.where(turtle > 0, torch.minimum(body, roll), body)
    cloth = traits.colour("cloth_colour", CLOTH) * traits.span("cloth_light", 0.72, 1.22)[:, None]
    folds = 0.05 * torch.sin(9 * stage.x + 6 * stage.y) + 0.10 * (1 - 2 * smooth(stage.y, 0.7, 1.05))
    shade = light * (0.98 + folds - 0.22 * smooth(stage.x.abs(), 0.5, 1.0)) - 0.18 * smooth(
        under, 0.9, 0.0
    ) * (1 - turtle)
    band = smooth(cut.abs(), 0.050, 0.035) * (crew + vee) * 0.22 + turtle * 0.16 * smooth(stage.y, 0.72, 0.67)
    stage.paint(stage.inside(body), (cloth * (shade - band).unsqueeze(1)))
    flap = torch.maximum((cut_vee - 0.065).abs() - 0.065, 0.70 - 0.2 * stage.x.abs() - stage.y)
    flap = torch.maximum(flap, stage.y + 0.35 * stage.x.abs() - 1.02)
    stage.paint(
        stage.inside(flap) * shirt,
        (0.55 * cloth + 0.42) * (shade - 0.1 * smooth(stage.y, 0.8, 1.0)).unsqueeze(1),
    )


def paint_ears(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint both ears, the far one hidden by a turned head, and their rings."""
    size = traits.span("ear_size", 0.75, 1.30)
    x = (stage.x + 0.10 * head.yaw).abs() - head.width * 0.985
    y = stage.y - head.level - 0.07
    shape = ellipse(x - 0.10 * y * -1, y, 0.062 * size, 0.125 * size)
    shade = 0.80 + 0.30 * head.light[0] * stage.x
    stage.paint(
        stage.inside(shape), head.skin * shade.unsqueeze(1) * torch.tensor([1.02, 0.95, 0.93])[:, None, None]
    )
    stage.paint(
        stage.inside(ellipse(x - 0.012, y + 0.01, 0.030 * size, 0.075 * size), 2) * 0.4, head.skin * 0.55
    )
    ring = traits.table("earrings", (0.0, 1.0, 1.0))
    hoop = traits.table("earrings", (0.0, 0.0, 1.0))
    far = ellipse(
        x - 0.012, y - 0.125 * size - 0.02 - 0.045 * hoop, 0.026 + 0.030 * hoop, 0.026 + 0.030 * hoop
    )
    metal = torch.tensor([0.93, 0.80, 0.45])[None, :, None, None]
    stage.paint(
        stage.inside(torch.maximum(far, -(far + 0.030))) * ring, metal.expand(len(head.width), 3, 1, 1)
    )


def face_shade(stage: Stage, traits: Traits, head: Head) -> Plane:
    """Return how bright the face's surface is: an ellipsoid with bells for nose, cheeks, sockets and chin."""
    u, v = (
        stage.u[..., ::2, ::2],
        stage.v[..., ::2, ::2],
    )  # smooth enough to be worked out on every second pixel
    pair = u.abs() - head.spacing
    slope_u, slope_v = torch.zeros_like(u), torch.zeros_like(u)
    side = torch.sign(u)
    bridge = traits.span("nose_bridge", 0.55, 1.35)
    middle = (head.level + head.nose) / 2
    tip = u - 0.25 * head.yaw * 0.3
    bumps = (
        (0.030 * bridge, tip, v - middle, 0.055, 0.13, 1.0),
        (0.046 * bridge, tip, v - head.nose + 0.035, 0.55 * head.nose_wide + 0.018, 0.05, 1.0),
        (0.016, u.abs() - head.nose_wide * 0.8, v - head.nose + 0.012, 0.028, 0.028, side),
        (0.040, u.abs() - 0.25, v - 0.17, 0.11, 0.10, side),
        (-0.034, pair, v - head.level + 0.01, 0.105, 0.065, side),
        (0.016, pair, v - head.level + 0.13, 0.14, 0.04, side),
        (0.030, u, v - head.chin + 0.11, 0.09, 0.06, 1.0),
        (0.018, u, v - head.mouth, 0.13, 0.07, 1.0),
    )
    for height, du, dv, wide, high, sign in bumps:
        bump = height * bell(du / wide, dv / high)
        slope_u += sign * du / (wide * wide) * bump
        slope_v += dv / (high * high) * bump
    nx, ny = u / head.width * 0.80 + slope_u, v / 0.62 * 0.62 + slope_v
    nz = (1.15 - (u / head.width).square() * 0.5 - (v / 0.62).square() * 0.3).clamp(min=0.25)
    length = (nx * nx + ny * ny + nz * nz).sqrt()
    lx, ly, lz = head.light
    norm = (lx * lx + ly * ly + lz * lz).sqrt()
    facing = (nx * lx + ny * ly + nz * lz) / (length * norm)
    strength = traits.span("light_strength", 0.30, 0.62)
    shine = 0.09 * facing.clamp(min=0).square().square().square().square()
    return 1.0 + strength * (facing.clamp(min=-0.2) - 0.74) + shine


def paint_skin(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint the face's skin: lit, with warm shadows, blush and the jaw's dark rim."""
    outline = head.outline(stage.x, stage.y, traits)
    u, v = stage.u, stage.v
    shade = stage.shade.unsqueeze(1)
    warm = torch.tensor([0.16, 0.0, -0.05])[None, :, None, None]
    skin = head.skin * (shade + (1 - shade).clamp(min=0) * warm)
    stage.paint(stage.inside_implicit(outline), skin)
    inside = smooth(outline, 0.0, -0.12)
    blush = (
        bell((u.abs() - 0.27) / 0.09, (v - head.nose + 0.03) / 0.075)
        * traits.span("blush", 0.0, 0.42)
        * inside
    )
    stage.paint_lit(blush, head.skin * torch.tensor([1.02, 0.66, 0.64])[:, None, None])
    rim = smooth(outline, -0.22, 0.05) * smooth(outline, 0.12, 0.03) * smooth(stage.y, -0.2, 0.3) * 0.28
    stage.paint(rim, stage.colour * 0.70)


def paint_eyes(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint both eyes: the white, a lid-covered iris with pupil and highlight, lid lines and lashes."""
    side = torch.sign(stage.u)
    wide = traits.span("eye_size", 0.088, 0.130)
    open_ = traits.span("eye_open", 0.36, 0.62) * (1 - 0.22 * traits.values["smile"])
    high = wide * open_
    eu, ev = stage.u.abs() - head.spacing, stage.v - head.level
    ev = ev + traits.span("eye_slant", -0.22, 0.26) * eu
    t = (eu / wide).square()
    arch = (1 - t).clamp(min=0)
    upper = -high * 1.05 * arch.sqrt() * (0.35 + 0.65 * arch.sqrt())
    lower = high * 0.80 * arch
    ends = wide * (t.sqrt() - 1)
    opening = torch.maximum(torch.maximum(upper - ev, ev - lower), ends)
    eye = stage.inside(opening)
    lid = smooth(ev - upper, 0.045, 0.0)
    white = torch.tensor([0.93, 0.91, 0.89])[None, :, None, None] * (
        1 - 0.34 * lid - 0.16 * t.clamp(max=1)
    ).unsqueeze(1)
    stage.paint_lit(eye, white)
    gaze_u, gaze_v = traits.span("gaze_side", -0.023, 0.023), traits.span("gaze_height", -0.010, 0.014)
    iris_u, iris_v = eu - side * gaze_u, ev - gaze_v + 0.004
    radius = (iris_u.square() + iris_v.square()).sqrt()
    size = 0.5 * high + 0.030
    colour = traits.colour("iris_colour", IRIS)
    ring = (
        1.18 - 0.55 * smooth(radius / size, 0.62, 1.0) - 0.30 * lid + 0.20 * smooth(iris_v, 0.0, 0.03)
    ).unsqueeze(1)
    stage.paint_lit(stage.inside(radius - size) * eye, colour * ring)
    black = torch.tensor([0.04, 0.03, 0.03])[None, :, None, None]
    stage.paint(stage.inside(radius - 0.46 * size) * eye, black)
    glint = ellipse(iris_u * side + 0.014, iris_v + 0.014, torch.tensor(0.013), torch.tensor(0.013))
    stage.paint(stage.inside(glint) * eye * 0.9, torch.ones(1, 3, 1, 1))
    line = traits.span("lashes", 0.007, 0.020)
    beyond = smooth(eu / wide, 1.22, 1.05) * smooth(-eu / wide, 1.12, 0.98)
    lash = (
        ev - upper + 0.30 * line + 0.030 * traits.values["lashes"] * (eu / wide - 0.8).clamp(min=0)
    ).abs() - line
    stage.paint(stage.inside(lash) * beyond * 0.92, head.skin * 0.16)
    crease = (ev - upper + 0.030 + 0.10 * high).abs() - 0.006
    stage.paint(stage.inside(crease, 2) * beyond * 0.42 * (t < 1.2), stage.colour * 0.62)
    pouch = (ev - lower - 0.008).abs() - 0.005
    stage.paint(stage.inside(pouch, 2) * 0.30 * (t < 1), stage.colour * 0.62)


def paint_brows(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint both brows: arched, thick inside and thin outside, a little darker than the hair."""
    wide = traits.span("eye_size", 0.105, 0.135)
    centre = head.spacing + traits.span("brow_spacing", -0.022, 0.030)
    height = head.level - traits.span("brow_height", 0.120, 0.185) - traits.span("brow_raise", -0.012, 0.030)
    centre = torch.maximum(centre, wide + 0.020)
    t = (stage.u.abs() - centre) / wide
    curve = height + 0.040 * t.square() - traits.span("brow_angle", -0.038, 0.022) * t
    thick = traits.span("brow_thickness", 0.011, 0.036) * (1 - 0.55 * t.clamp(min=0, max=1).square())
    brow = torch.maximum((stage.v - curve).abs() - thick, (t.abs() - 1) * wide)
    colour = head.hair * 0.62 + head.skin * 0.06
    stage.paint_lit(stage.inside(brow, 1.4) * 0.92, colour)


def paint_nose(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint what light alone does not show of a nose: nostrils, wings, the shadows below and beside it."""
    u, v, wide = stage.u - 0.06 * head.yaw, stage.v, head.nose_wide
    under = bell(u / (wide * 0.95), (v - head.nose - 0.030) / 0.024)
    stage.paint(under * 0.34, stage.colour * 0.50)
    side = bell(
        (u + torch.sign(head.light[0]) * (0.042 + 0.2 * wide)) / 0.022,
        (v - (head.level + head.nose) / 2 - 0.02) / 0.095,
    )
    stage.paint(
        side * (0.20 + 0.25 * head.light[0].abs()) * traits.span("nose_bridge", 0.6, 1.3), stage.colour * 0.66
    )
    wings = (
        ellipse(u.abs() - wide * 0.74, v - head.nose + 0.018, wide * 0.36, torch.tensor(0.042))
    ).abs() - 0.007
    outer = smooth(u.abs() / wide, 0.72, 0.98) * smooth(v - head.nose, -0.065, -0.02)
    stage.paint(stage.inside(wings, 2) * outer * 0.55, stage.colour * 0.55)
    nostrils = ellipse(u.abs() - wide * 0.48, v - head.nose - 0.004, wide * 0.27, torch.tensor(0.015))
    stage.paint(stage.inside(nostrils, 1.5) * 0.75, head.skin * 0.30)
    ball = bell((u - 0.03 * head.light[0]) / (0.4 * wide), (v - head.nose + 0.050) / 0.026)
    stage.paint(ball * 0.20, (stage.colour * 1.25 + 0.10).clamp(max=1))


def paint_mouth(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint the mouth: two lips around a line that smiles, teeth and dark between them when it opens."""
    u, v = stage.u - 0.03 * head.yaw, stage.v - head.mouth
    smile = traits.span("smile", -0.006, 0.056)
    gap = traits.span("mouth_open", -0.040, 0.050).clamp(min=0)
    full = traits.span("lip_fullness", 0.50, 1.50)
    t = (u / head.mouth_wide).square()
    arch = (1 - t).clamp(min=0)
    line = -smile * (t.clamp(max=1.3) - 0.45)
    bow = 1 - 0.30 * bell(u / (0.16 * head.mouth_wide))
    top = line - gap * 0.4 * arch - 0.036 * full * arch.sqrt() * (0.4 + 0.6 * arch) * bow
    bottom = line + gap * arch + 0.047 * full * arch.sqrt() * (0.35 + 0.65 * arch)
    ends = (u.abs() - head.mouth_wide).abs() * 0 + u.abs() - head.mouth_wide
    lips = torch.maximum(torch.maximum(top - v, v - bottom), ends)
    colour = (
        0.62 * traits.colour("lip_colour", LIPS) * (0.35 + 0.65 * head.skin.mean(1, keepdim=True) / 0.72)
        + 0.34 * head.skin
    )
    upper = smooth(v - line, 0.004, -0.012)
    round_ = 1.03 - 0.17 * upper + 0.16 * bell(u / (0.5 * head.mouth_wide), (v - bottom + 0.026) / 0.014)
    shadow = bell(u / (0.6 * head.mouth_wide), (v - bottom - 0.024) / 0.018)
    stage.paint(shadow * 0.24, stage.colour * 0.60)
    stage.paint_lit(stage.inside(lips, 1.3) * 0.92, colour * round_.unsqueeze(1))
    seam = torch.maximum(line - gap * 0.4 * arch - v, v - line - gap * arch)
    seam = torch.maximum(seam - 0.0065, ends + 0.008)
    stage.paint(stage.inside(seam) * 0.85, head.skin * torch.tensor([0.36, 0.20, 0.19])[:, None, None])
    teeth = torch.maximum(
        torch.maximum(line - gap * 0.4 * arch - v, v - line - gap * (arch - 0.35)),
        u.abs() - 0.8 * head.mouth_wide,
    )
    white = torch.tensor([0.93, 0.90, 0.86])[None, :, None, None]
    stage.paint_lit(stage.inside(teeth) * smooth(gap, 0.002, 0.010), white)
    corner = bell((u.abs() - head.mouth_wide - 0.004) / 0.016, (v + 0.55 * smile) / 0.016)
    stage.paint(corner * 0.45, stage.colour * 0.55)


def paint_beard(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint beard growth below a line from the ears to the mouth; a full beard outgrows the jaw."""
    whole = traits.table("beard_style", (0.0, 0.42, 0.0, 0.0, 1.0))
    chin = traits.table("beard_style", (0.0, 0.0, 0.0, 1.0, 0.0))
    lip = traits.table("beard_style", (0.0, 0.42, 1.0, 1.0, 1.0))
    length = traits.span("beard_length", 0.0, 0.16)
    u, v = stage.u, stage.v
    jaw = stage.inside_implicit(
        head.outline(stage.x, stage.y, traits, longer=length * (whole + 0.8 * chin) * (whole != 0.42)), 1.5
    )
    reach = (u.abs() / head.width).clamp(max=1.2)
    line = (
        head.mouth
        - 0.02
        + 0.06 * smooth(reach, 0.35, 0.6)
        - (head.mouth - head.level) * smooth(reach, 0.62, 1.0)
    )
    cheeks = smooth(v - line, -0.015, 0.030)
    tuft = smooth(
        ellipse(
            u,
            v - head.chin - 0.35 * length,
            0.13 + 0.1 * length,
            0.5 * (head.chin - head.mouth) + 0.02 + 0.6 * length,
        ),
        0.03,
        -0.02,
    )
    bare = ellipse(u, v - head.mouth - 0.008, head.mouth_wide * 0.95, torch.tensor(0.062))
    hole = 1 - smooth(bare, 0.022, -0.006) * smooth(v - head.mouth, 0.105, 0.07)
    spread = head.mouth_wide * 1.12
    centre = (head.nose + head.mouth) / 2 + 0.024 + 0.028 * (u / spread).square()
    thick = 0.20 * (head.mouth - head.nose) + 0.004 + 0.016 * traits.values["beard_length"]
    tache = torch.maximum(
        (v - centre).abs() - thick * (1 - 0.35 * (u / spread).square()), (u.abs() - spread) * 0.7
    )
    tache = stage.inside(tache, 2.2) * (1 - 0.25 * bell(u / 0.018))
    grown = torch.maximum(torch.maximum(whole * cheeks, chin * tuft) * hole, lip * tache) * jaw
    strands = 1 + 0.09 * torch.sin(55 * u + 4 * torch.sin(9 * v)) * torch.sin(15 * v + 2)
    shade = (0.62 + 0.42 * stage.shade) * strands * (1.06 - 0.30 * smooth(v, 0.45, 0.85))
    stage.paint(grown * 0.95, head.hair * 0.92 * shade.unsqueeze(1))


def paint_age(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint the lines of age: across the forehead, from nose to mouth, under and beside the eyes."""
    age = smooth(traits.values["age_lines"], 0.25, 1.0)
    u, v = stage.u, stage.v
    height = v - head.level + 0.30 - 0.25 * u.square()
    forehead = (
        smooth(torch.cos(97 * height), 0.55, 1.0)
        * smooth(u.abs(), 0.26, 0.16)
        * smooth(height.abs(), 0.10, 0.08)
        * 0.5
    )
    down = (v - head.nose + 0.02) / (head.mouth - head.nose + 0.03)
    fold = (
        0.75
        * bell((u.abs() - head.nose_wide * 1.15 - 0.075 * down) / 0.012)
        * smooth(down, -0.1, 0.15)
        * smooth(down, 1.0, 0.6)
    )
    bag = bell(
        (v - head.level - 0.075 + 1.6 * (u.abs() - head.spacing).square()) / 0.012,
        (u.abs() - head.spacing) / 0.06,
    )
    crow = bell(
        (((v - head.level).abs() - 0.30 * (u.abs() - head.spacing - 0.10)) / 0.009),
        (u.abs() - head.spacing - 0.145) / 0.022,
    )
    lines = (forehead + fold + 0.7 * bag + 0.6 * crow).clamp(max=1)
    stage.paint(lines * age * 0.55, stage.colour * torch.tensor([0.62, 0.54, 0.52])[:, None, None])


def paint_marks(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint freckles over nose and cheeks, or a mole on the cheek or above the lip."""
    u, v = stage.u, stage.v
    freckles = traits.table("marks", (0.0, 1.0, 0.0, 0.0))
    spots = torch.sin(47 * u + 23 * v + 0.6) * torch.sin(52 * v - 31 * u + 1.0)
    area = bell(u / 0.24, (v - head.nose + 0.085) / 0.065) * smooth(u.abs(), 0.02, 0.06)
    stage.paint(
        smooth(spots, 0.25, 0.8) * area * freckles * 0.75,
        stage.colour * torch.tensor([0.68, 0.52, 0.42])[:, None, None],
    )
    cheek = traits.table("marks", (0.0, 0.0, 1.0, 0.0))
    lip = traits.table("marks", (0.0, 0.0, 0.0, 1.0))
    far = (
        ellipse(u - 0.225, v - head.nose - 0.02, 0.025, 0.025),
        ellipse(u + 0.125, v - head.mouth + 0.075, 0.022, 0.022),
    )
    mole = torch.maximum(stage.inside(far[0], 1.5) * cheek, stage.inside(far[1], 1.5) * lip)
    stage.paint(mole * 0.9, head.skin * torch.tensor([0.36, 0.25, 0.22])[:, None, None])


def paint_glasses(stage: Stage, traits: Traits, head: Head) -> None:
    """Paint glasses that float before the face: round, square or browline; the lenses catch light."""
    worn = traits.table("glasses", (0.0, 1.0, 1.0, 1.0))
    wide = traits.table("glasses", (0.1, 0.135, 0.150, 0.150))
    high = traits.table("glasses", (0.1, 0.135, 0.105, 0.112))
    corner = traits.table("glasses", (0.1, 0.133, 0.035, 0.070))
    heavy = traits.table("glasses", (0.0, 0.0, 0.0, 0.022))
    thick = traits.span("frame_thickness", 0.009, 0.024)
    colour = traits.colour("frame_colour", FRAMES)
    u, v = stage.u - 0.06 * head.yaw, stage.v - head.level - 0.015
    centre = torch.maximum(head.spacing + 0.008, wide + 0.030)
    lens = rounded_box(u.abs() - centre, v, wide, high, corner)
    glass = torch.tensor([0.86, 0.92, 0.96])[None, :, None, None]
    glare = smooth(torch.sin(9 * (stage.u - v) + 0.6), 0.75, 1.0)
    stage.paint(stage.inside(lens) * worn * (0.05 + 0.12 * glare), glass)
    brow = heavy * smooth(v, -0.02, -0.09)
    frame = lens.abs() - thick - brow
    bridge = torch.maximum(
        (v + 0.30 * high - 0.4 * u.square()).abs() - thick * 0.9, u.abs() - (centre - wide) - 0.01
    )
    temple = torch.maximum((v + 0.35 * high).abs() - thick * 0.9, centre + wide - u.abs())
    temple = torch.maximum(temple, (stage.x + 0.10 * head.yaw).abs() - head.width - 0.01)
    stage.paint(smooth(frame, 0.045, 0.0) * worn * 0.16 * smooth(v, -0.1, 0.1), stage.colour * 0.45)
    frame = torch.minimum(torch.minimum(frame, bridge), temple)
    light = 0.92 + 0.5 * bell((v + high * 0.9) / 0.04)
    stage.paint(stage.inside(frame) * worn * 0.96, colour * light.unsqueeze(1))
