"""The features of the face: eyes, brows, nose, mouth."""

from __future__ import annotations

import torch

from inversion_core.datasets.portrait.head import Head, Traits
from inversion_core.datasets.portrait.palette import IRIS, LIPS
from inversion_core.datasets.portrait.stage import Stage, bell, ellipse, smooth


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
