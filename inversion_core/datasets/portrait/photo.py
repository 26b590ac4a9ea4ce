"""Take the photo: lay out the stage, draw all layers back to front, develop.

Deterministic: the same vectors give the same bytes, however they are batched.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from inversion_core.datasets.portrait.factors import FACTORS, VIEWS, category
from inversion_core.datasets.portrait.features import paint_brows, paint_eyes, paint_mouth, paint_nose
from inversion_core.datasets.portrait.hair import Hair, paint_back_hair, paint_beard, paint_front_hair
from inversion_core.datasets.portrait.head import Head, Traits
from inversion_core.datasets.portrait.skin import face_shade, paint_age, paint_marks, paint_skin
from inversion_core.datasets.portrait.stage import Stage, smooth
from inversion_core.datasets.portrait.surroundings import (
    paint_background,
    paint_body,
    paint_ears,
    paint_glasses,
)

SIZE = 64
CHUNK = 16  # photos drawn together: their planes stay in the processor's cache
SCALE = 2  # pixels drawn for each pixel kept, in each direction
NOISE = 0.008  # standard deviation of the sensor's noise, of 1


def render(identities: Tensor, views: Tensor) -> Tensor:
    """Draw one photo a row: (N, F), (N, V) -> (N, 3, 64, 64) uint8. The same rows give the same bytes."""
    assert identities.shape == (len(views), len(FACTORS)) and views.shape[1] == len(VIEWS)
    photos = torch.empty(len(views), 3, SIZE, SIZE, dtype=torch.uint8)
    with torch.inference_mode():
        for start in range(0, len(views), CHUNK):
            rows = slice(start, start + CHUNK)
            photos[rows] = _draw(_traits(identities[rows], views[rows]))
    return photos


def _traits(identities: Tensor, views: Tensor) -> Traits:
    people = {factor.name: identities[:, place] for place, factor in enumerate(FACTORS)}
    seen = {view.name: views[:, place] for place, view in enumerate(VIEWS)}
    values = {name: column.float().clone()[:, None, None] for name, column in (people | seen).items()}
    choices = {
        factor.name: category(people[factor.name], factor)
        for factor in FACTORS
        if factor.kind == "categorical"
    }
    return Traits(values, choices)


def _draw(traits: Traits) -> Tensor:
    """Composite all layers of a chunk back to front and develop the photo."""
    head = Head.of(traits)
    stage = _stage(traits, head)
    paint_background(stage, traits)
    hair = Hair.of(stage, traits, head)
    paint_back_hair(stage, traits, head, hair)
    paint_body(stage.window(0.3, 1.0), traits, head)
    paint_ears(stage.window(-0.45, 0.55), traits, head)
    face = stage.window(-0.95, 0.95, -0.75, 0.75)
    face.shade.copy_(face.fine(face_shade(face.coarse(), traits, head)))
    paint_skin(face, traits, head)
    middle = stage.window(-0.65, 0.65, -0.65, 0.65)
    paint_marks(middle, traits, head)
    paint_age(middle, traits, head)
    paint_nose(stage.window(-0.35, 0.6, -0.4, 0.4), traits, head)
    paint_eyes(stage.window(-0.4, 0.35, -0.65, 0.65), traits, head)
    paint_brows(stage.window(-0.55, 0.2, -0.65, 0.65), traits, head)
    paint_beard(stage.window(-0.2, 1.0, -0.75, 0.75), traits, head)
    paint_mouth(stage.window(0.0, 0.8, -0.5, 0.5), traits, head)
    paint_front_hair(stage, head, hair)
    paint_glasses(stage.window(-0.5, 0.4, -0.75, 0.75), traits, head)
    return _develop(stage.colour, traits)


def _stage(traits: Traits, head: Head) -> Stage:
    """Lay out the coordinates: picture -> head frame (shift, zoom, tilt) -> frontal face (yaw, pitch)."""
    size = SIZE * SCALE
    line = (torch.arange(size) + 0.5) * (2 / size) - 1
    zoom = traits.span("zoom", 1.08, 1.26)
    x = (line[None, None, :] - traits.span("shift_side", -0.10, 0.10)) / zoom
    y = (line[None, :, None] - traits.span("shift_height", -0.07, 0.07)) / zoom
    tilt = traits.span(
        "tilt", -0.16, 0.16
    )  # of a small angle: tan, so that planes need no rotation of the body
    x, y = x + tilt * (y - 0.6), y - tilt * x * (1 - smooth(y, 0.3, 0.8))
    across, down = x / (head.width * 1.06), y / 0.66
    depth = (1 - across.square() - down.square()).clamp(min=0.01).sqrt()
    pitch = traits.span("pitch", -0.20, 0.24)
    sin_yaw, cos_yaw = _sine(head.yaw)
    sin_pitch, cos_pitch = _sine(pitch)
    u = (across * cos_yaw - depth * sin_yaw) * head.width * 1.06
    v = (down * cos_pitch - depth * sin_pitch * 0.55) * 0.66
    colour = torch.empty(len(u), 3, size, size)
    return Stage(colour, x, y, u, v, torch.ones_like(u), pixel=2 / size)


def _sine(angle: Tensor) -> tuple[Tensor, Tensor]:
    """Sine and cosine in double precision, so that their float bits do not depend on the batch."""
    return angle.double().sin().float(), angle.double().cos().float()


def _develop(colour: Tensor, traits: Traits) -> Tensor:
    """Shrink to photo size, apply exposure and warmth, add sensor noise: (N, 3, 64, 64) uint8."""
    photo = F.avg_pool2d(colour, SCALE) if SCALE > 1 else colour
    warmth = traits.span("light_warmth", -0.05, 0.05)
    tint = torch.cat([1 + warmth, torch.ones_like(warmth), 1 - warmth], 1).unsqueeze(-1)  # (N, 3, 1, 1)
    photo = photo * (tint * traits.span("exposure", 0.90, 1.10).unsqueeze(1))
    seeds = (traits.values["noise_seed"].flatten().double() * 2**31).long()
    grain = NOISE * _noise(seeds, SIZE * SIZE).view(-1, 1, SIZE, SIZE)
    return (photo + grain).clamp_(0, 1).mul_(255).round_().to(torch.uint8)


def _noise(seeds: Tensor, count: int) -> Tensor:
    """Hash seed and position into nearly normal numbers: (N,) -> (N, count), standard deviation 1."""
    bits = seeds[:, None] * 6364136223846793005 + torch.arange(count) * 1442695040888963407
    for shift in (29, 31):
        bits = (bits ^ (bits >> shift)) * -4658895280553007687
    dice = torch.stack([(bits >> shift) & 0xFFFF for shift in (0, 16, 32, 47)]).float() / 65535 - 0.5
    return dice.sum(0) * 3**0.5
