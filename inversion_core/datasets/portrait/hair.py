"""Hair and beard: one parametric cap for every style, a growth line for every beard."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from inversion_core.datasets.portrait.head import Head, Traits
from inversion_core.datasets.portrait.stage import Plane, Stage, bell, ellipse, smooth

# One row a hair style, the columns of Hair: see there.
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
