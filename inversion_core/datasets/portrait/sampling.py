"""Draw people and views at random; what goes together in people leans together."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from inversion_core.datasets.portrait.factors import FACTORS, PLACE, VIEW_PLACE, VIEWS


def sample_identities(count: int, rng: torch.Generator) -> Tensor:
    """Draw people: (count, F) in [0, 1]; what goes together, as age and grey hair, leans together."""
    people = torch.rand(count, len(FACTORS), generator=rng)
    lean = torch.rand(
        count, generator=rng
    )  # 0: beards and heavy brows likely, 1: long hair and lashes likely
    column = {name: people[:, place] for name, place in PLACE.items()}  # views: writing one writes `people`
    for name, towards in (
        ("brow_thickness", 1 - lean),
        ("lashes", lean),
        ("jaw_width", 1 - lean),
        ("lip_colour", lean),
    ):
        column[name].mul_(0.55).add_(0.45 * towards)
    column["age_lines"].square_()
    column["hair_colour"].copy_(
        _hair_colours(column["hair_colour"], column["age_lines"], column["skin_tone"])
    )
    dark = column["skin_tone"] > 0.6
    column["iris_colour"].mul_(torch.where(dark, 0.35, 1.0))
    #                  bald buzz short side swept curly afro bob fringe long curls bun
    short = (1.1, 1.0, 1.4, 1.4, 1.3, 1.0, 0.7, 0.1, 0.1, 0.3, 0.1, 0.2)
    long = (0.1, 0.2, 0.6, 0.3, 0.4, 0.7, 0.7, 1.5, 1.3, 1.6, 1.4, 1.3)
    _choose(column["hair_style"], lean, short, long)
    _choose(column["beard_style"], lean, (0.9, 1.0, 0.9, 1.0, 1.2), (24.0, 0.3, 0.2, 0.2, 0.2))
    _choose(column["glasses"], lean, (2.8, 0.8, 0.8, 0.8), (2.8, 0.8, 0.8, 0.8))
    _choose(column["earrings"], lean, (8.0, 0.6, 0.4), (1.0, 0.9, 1.1))
    _choose(column["marks"], lean, (2.8, 0.9, 0.6, 0.6), (2.8, 0.9, 0.6, 0.6))
    _choose(column["collar"], lean, (1.0, 1.0, 1.0, 0.8), (1.0, 1.0, 1.0, 1.0))
    return people


def sample_views(count: int, rng: torch.Generator) -> Tensor:
    """Draw views: (count, V) in [0, 1]; head pose leans to the middle, the rest is even."""
    views = torch.rand(count, len(VIEWS), generator=rng)
    second = torch.rand(count, len(VIEWS), generator=rng)
    posed = [VIEW_PLACE[name] for name in ("yaw", "pitch", "tilt", "zoom", "shift_side", "shift_height")]
    views[:, posed] = (views[:, posed] + second[:, posed]) / 2
    return views


def _hair_colours(draw: Tensor, age: Tensor, skin: Tensor) -> Tensor:
    """Turn a uniform draw into common hair colours; the old are greyer, the dark-skinned seldom blond."""
    #                  draw   place on the ramp of palette.HAIR
    knots = torch.tensor([[0.00, 0.00], [0.24, 0.08], [0.48, 0.24], [0.54, 0.34], [0.66, 0.43],
                          [0.70, 0.54], [0.90, 0.65], [0.92, 0.78], [1.00, 0.98]])  # fmt: skip
    draw = torch.where(skin > 0.62, draw * torch.where(draw < 0.90, 0.55, 1.0), draw)
    draw = torch.where((age > 0.65) & (draw < 0.55), 0.92 + draw * 0.14, draw)
    upper = torch.searchsorted(knots[:, 0].contiguous(), draw.contiguous()).clamp(1, len(knots) - 1)
    low, high = knots[upper - 1], knots[upper]
    return low[:, 1] + (high[:, 1] - low[:, 1]) * (draw - low[:, 0]) / (high[:, 0] - low[:, 0])


def _choose(column: Tensor, lean: Tensor, at_zero: Sequence[float], at_one: Sequence[float]) -> None:
    """Replace a uniform draw by the middle of a category's bin, weighted at_zero..at_one by lean."""
    weights = torch.lerp(torch.tensor(at_zero), torch.tensor(at_one), lean[:, None])
    steps = weights.cumsum(1) / weights.sum(1, keepdim=True)
    chosen = (column[:, None] >= steps[:, :-1]).sum(1)
    column.copy_((chosen + 0.5) / len(at_zero))
