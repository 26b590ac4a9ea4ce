"""One number for a cell: the same victims attacked with several seeds, and how far the number can be trusted.

Victims times seeds are no independent cases: the same people return with each seed, so three seeds on a
hundred people tell about a hundred people, not three hundred. With v_s the value of seed s out of S, each
with its interval over the victims,

    value = mean of v_s,      variance = W + B / S,

W is the variance over victims within one run, taken from the runs' own intervals and NOT divided by S; B the
variance of v_s between seeds. The chance of one run is in both, so the interval errs towards too wide. The
margin takes Student's t with the degrees of freedom of Satterthwaite, "An approximate distribution of
estimates of variance components", Biometrics Bulletin 1946: (W + B/S)^2 / ((B/S)^2 / (S - 1)). Where people
decide, that is the normal margin of one run; where the seeds disagree, it is t of S - 1, wide for 3 seeds as
it should be. Above and below are kept apart, since the intervals of shares are not symmetric.

A bootstrap over victims with seeds averaged would leave out B, and give a width of 0 where everybody was
recovered. One seed alone says nothing of B: its interval is the run's own, and `seeds` says 1.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance
from typing import Any

from inversion_core.compare.student import t_quantile

CONFIDENCE = 0.95
TAIL = (1 + CONFIDENCE) / 2
Z = NormalDist().inv_cdf(TAIL)


@dataclass(frozen=True)
class Pooled:
    """A value with its 95 % interval: `n` victims, attacked with `seeds` seeds."""

    value: float
    low: float
    high: float
    n: int
    seeds: int


def pool(scores: Sequence[Mapping[str, Any]], bounds: tuple[float, float]) -> Pooled:
    """Return the pooled value of one score of several seeds: `value`, `low`, `high` and `n` of each.

    `bounds` are the ends of the scale. Raises ValueError without scores, or with different n.
    """
    if len(counts := {int(score["n"]) for score in scores}) != 1:
        raise ValueError(f"seeds are pooled over the same victims, their numbers were {sorted(counts)}")
    values = [float(score["value"]) for score in scores]
    value = fmean(values)
    seeds = variance(values) / len(values) if len(values) > 1 else 0.0
    below = fmean(one - float(score["low"]) for one, score in zip(values, scores, strict=True))
    above = fmean(float(score["high"]) - one for one, score in zip(values, scores, strict=True))
    low, high = value - _margin(below, seeds, len(values)), value + _margin(above, seeds, len(values))
    return Pooled(value, max(low, bounds[0]), min(high, bounds[1]), counts.pop(), len(values))


def together(groups: Sequence[Pooled]) -> Pooled:
    """Return the share over several groups of different people, each weighing as many as it has."""
    if len(groups) == 1:
        return groups[0]
    n = sum(one.n for one in groups)
    value = sum(one.n * one.value for one in groups) / n
    below = math.hypot(*(one.n * (one.value - one.low) / n for one in groups))
    above = math.hypot(*(one.n * (one.high - one.value) / n for one in groups))
    seeds = min(one.seeds for one in groups)
    return Pooled(value, max(0.0, value - below), min(1.0, value + above), n, seeds)


def _margin(within: float, seeds: float, count: int) -> float:
    """Return a margin from that of one run and the variance of the mean that the seeds bring."""
    if seeds == 0:
        return within
    total = (within / Z) ** 2 + seeds
    freedom = total**2 / (seeds**2 / (count - 1))
    return t_quantile(TAIL, freedom) * math.sqrt(total)
