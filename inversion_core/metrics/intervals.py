"""Intervals for shares, for means, and for the difference of two shares counted on the same people; all at 95
%.

Shares: Wilson (Journal of the American Statistical Association, 1927). Means: Student's t. Differences:
Newcombe, "Improved confidence intervals for the difference between binomial proportions based on paired
data", Statistics in Medicine, 1998, method 10, which also stays honest where all people agree and a bootstrap
would report a width of zero. Left out: several runs; these intervals speak of other people, not of other
seeds.

Several cases of one person are not independent: `clustered` and `clustered_mean` count people by the
variance of their sums (Rao and Scott, "A simple method for the analysis of clustered binary data",
Biometrics, 1992).
"""

import math
from statistics import NormalDist

import torch
from scipy.special import stdtrit  # type: ignore[import-untyped]
from torch import Tensor

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
ROUNDING = 1e-12
"""A relative spread below this is no spread: equal values differ from their own mean by it."""

Interval = tuple[float, float]


def wilson(successes: float, cases: int) -> Interval:
    """Return the interval of a share, within [0, 1]; nobody asked means nothing known: (0, 1)."""
    if cases == 0:
        return 0.0, 1.0
    share = successes / cases
    middle = (share + Z**2 / (2 * cases)) / (1 + Z**2 / cases)
    half = Z / (1 + Z**2 / cases) * math.sqrt(share * (1 - share) / cases + Z**2 / (4 * cases**2))
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == cases else middle + half
    return low, high


def mean(values: Tensor, bounds: Interval) -> Interval:
    """Return the interval of the mean of `values` (N,), each of which lies within `bounds`.

    A single value, or equal ones, show no spread; the widest possible is then assumed, that of values which
    are all at one bound or the other. No value at all gives `bounds`; so does a single one where a bound is
    infinite.
    """
    cases = len(values)
    if cases == 0:
        return bounds
    lowest, highest = bounds
    exact = values.double()
    middle = exact.mean().item()
    deviation = exact.std().item() if cases > 1 else 0.0
    if deviation <= ROUNDING * abs(middle) and math.isfinite(highest - lowest):
        reach = highest - lowest
        low, high = wilson(cases * min(max((middle - lowest) / reach, 0.0), 1.0), cases)
        return lowest + reach * low, lowest + reach * high
    if cases == 1:
        return bounds
    half = float(stdtrit(cases - 1, (1 + CONFIDENCE) / 2)) * deviation / math.sqrt(cases)
    return max(lowest, middle - half), min(highest, middle + half)


def clustered(hits: Tensor, people: Tensor) -> Interval:
    """Return Wilson's interval of the share of `hits` (M,) bool, for as many independent cases as records of
    `people` (M,) are worth: M over the design effect, which is 1 where nobody has two.

    Where all records fare alike, or all are one person's, nothing tells how alike those of a person fare;
    each person then counts as one case.
    """
    cases, share = len(hits), hits.double().mean().item()
    spread = share * (1 - share)
    _, person = people.unique(return_inverse=True)
    count = int(person.max()) + 1
    if spread == 0 or count in (1, cases):
        return wilson(share * count, count)
    sums = torch.zeros(count, dtype=torch.float64).index_add_(0, person, hits.double() - share)
    effect = max(1.0, count / (count - 1) * float(sums.square().sum()) / (cases * spread))
    worth = max(1, round(cases / effect))
    return wilson(share * worth, worth)


def clustered_mean(values: Tensor, people: Tensor, bounds: Interval) -> Interval:
    """Return the interval of the mean of `values` (M,) of `people` (M,): `mean` over what each person adds,
    which is the person's own mean where all have equally many.
    """
    middle = values.double().mean()
    _, person = people.unique(return_inverse=True)
    count = int(person.max()) + 1
    sums = torch.zeros(count, dtype=torch.float64).index_add_(0, person, values.double() - middle)
    return mean(middle + sums * count / len(values), bounds)


def paired_difference(first: Tensor, second: Tensor) -> Interval:
    """Return the interval of share(`first`) - share(`second`), both (N,) bool and about the same N people."""
    cases = len(first)
    if cases == 0:
        return -1.0, 1.0
    one, two = first.double().mean().item(), second.double().mean().item()
    low_one, high_one = wilson(int(first.sum()), cases)
    low_two, high_two = wilson(int(second.sum()), cases)
    link = _correlation(first, second)
    below = _combine(one - low_one, high_two - two, link)
    above = _combine(high_one - one, two - low_two, link)
    return one - two - below, one - two + above


def _combine(first: float, second: float, link: float) -> float:
    """Return the margin of a difference from the margins of its parts (Newcombe's delta and epsilon)."""
    return math.sqrt(max(0.0, first**2 - 2 * link * first * second + second**2))


def _correlation(first: Tensor, second: Tensor) -> float:
    """Return Newcombe's phi: 0 where undefined, smaller where the two agree only as often as by chance."""
    both, neither = int((first & second).sum()), int((~first & ~second).sum())
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if margins == 0:
        return 0.0
    excess = float(both * neither - only_first * only_second)
    if excess > 0:
        excess = max(excess - len(first) / 2, 0.0)
    return excess / math.sqrt(margins)
