"""The face's surface: its light, skin, lines of age, freckles and moles."""

from __future__ import annotations

import torch

from inversion_core.datasets.portrait.head import Head, Traits
from inversion_core.datasets.portrait.stage import Plane, Stage, bell, ellipse, smooth


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
