"""Intervals for whatever can be computed from counts: which shares would other people like these have shown?

Bayesian bootstrap (Rubin, Annals of Statistics, 1981): the shares of the cells of a table are drawn from
their posterior, a Dirichlet distribution, which is exact for functions of counts and takes milliseconds for
any number of records. Departure: to the counts, two records are added, spread evenly over the cells (as
Agresti and Coull, The American Statistician, 1998, for a share: half a record of each kind in a table of
four), because a bootstrap of records that all agree has a width of zero. Residual risk: Giomi et al., "A
unified framework for quantifying privacy risk in synthetic data", PoPETs 2023.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from inversion_core.metrics.intervals import CONFIDENCE, Interval, wilson

DRAWS = 1000
ADDED = 2.0
"""Records added to a table, spread evenly."""


class Estimate(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def interval(counts: Tensor, statistic: Callable[[Tensor], Tensor], rng: torch.Generator) -> Interval:
    """Return the interval of a number that follows from a table `counts` (*cells).

    `statistic` computes it, from shares (R, *cells) to (R,). The interval always holds the statistic of the
    counts themselves.
    """
    seed = int(torch.randint(2**31 - 1, (1,), generator=rng))
    strength = (counts.double() + ADDED / counts.numel()).numpy()
    drawn = np.random.default_rng(seed).standard_gamma(strength, size=(DRAWS, *strength.shape))
    # A quarter of a record in a cell gives draws too small for a float: all may be 0.
    drawn += np.finfo(np.float64).tiny
    shares = torch.from_numpy(drawn)
    shares /= shares.flatten(1).sum(1).view(-1, *[1] * counts.ndim)
    tails = torch.tensor([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], dtype=torch.float64)
    low, high = statistic(shares).quantile(tails).tolist()
    value = statistic(counts.double()[None]).item()
    return min(low, value), max(high, value)


def paired_gain(first: Tensor, second: Tensor, rng: torch.Generator) -> Estimate:
    """Return share(`first`) - share(`second`), both (N,) bool and about the same N records."""
    if len(first) == 0:
        return Estimate(0.0, -1.0, 1.0)
    counts = (2 * first.long() + second.long()).bincount(minlength=4)
    low, high = interval(counts, lambda shares: (shares[:, 2] - shares[:, 1]) / shares.sum(1), rng)
    return Estimate((int(counts[2]) - int(counts[1])) / len(first), low, high)


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Return `first` - `second`, about different records: the margins add as the sides of a right angle."""
    value = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(value, value - below, value + above)


def residual_risk(attack: Tensor, control: Tensor) -> Estimate | None:
    """Return (r_attack - r_control) / (1 - r_control), the Wilson margins propagated.

    `attack` (N,) and `control` (M,) bool: who was right about members, and about records never trained on.
    None where the control is always right, or there is none: nothing is left that could be at risk.
    Departure: margins are kept apart above and below, and a negative risk stays negative.
    """
    if len(attack) == 0 or len(control) == 0 or bool(control.all()):
        return None
    hit, free = attack.double().mean().item(), control.double().mean().item()
    low, high = wilson(int(attack.sum()), len(attack))
    free_low, free_high = wilson(int(control.sum()), len(control))
    value, slope = (hit - free) / (1 - free), (1 - hit) / (1 - free) ** 2
    below = math.hypot((hit - low) / (1 - free), slope * (free_high - free))
    above = math.hypot((high - hit) / (1 - free), slope * (free - free_low))
    return Estimate(value, value - below, min(value + above, 1.0))
