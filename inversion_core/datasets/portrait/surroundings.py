"""What surrounds the face: the wall, neck and clothes, ears with their rings, glasses."""

from __future__ import annotations

import torch

from inversion_core.datasets.portrait.head import Head, Traits
from inversion_core.datasets.portrait.palette import BACKDROP, CLOTH, FRAMES
from inversion_core.datasets.portrait.stage import Stage, bell, ellipse, rounded_box, smooth


def paint_background(stage: Stage, traits: Traits) -> None:
    """Fill with a soft two-tone wall, lighter on one side and darker in the corners."""
    base = traits.colour("background_hue", BACKDROP)
    base = (base + 0.35 * (base - base.mean(1, keepdim=True))) * traits.span("background_light", 0.72, 1.18)[
        :, None
    ]
    slope = traits.span("background_slope", -0.16, 0.16)
    light = 1.04 + slope * stage.x + 0.06 * (-stage.y) - 0.07 * (stage.x.square() + stage.y.square())
    stage.colour.copy_(base * light.unsqueeze(1))


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
