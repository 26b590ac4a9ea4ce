"""How well an attack ranks members before others, over all thresholds.

The area under the ROC curve and its interval after DeLong, DeLong and Clarke-Pearson (Biometrics, 1988), in
the form of Obuchowski (Biometrics, 1997) for several records of one person, which are not independent.
"""

import math
from abc import abstractmethod

import torch
from torch import Tensor

from inversion_core.membership import MembershipTruth
from inversion_core.metrics.base import Metric
from inversion_core.metrics.bootstrap import Estimate
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.intervals import Z, wilson
from inversion_core.values import Score

BLIND = "without the model"
"""Opens the rulers of the classifier that never met the model."""


class MembershipMetric(Metric):
    """One headline number about who is believed to have been trained on.

    `baseline` is what somebody gets who never asks the model: a guess or, where that does better, a
    classifier that looks at the records alone.
    """

    @abstractmethod
    def score(self, truth: MembershipTruth, rng: torch.Generator) -> Score:
        """Return the score of all beliefs together."""


class MembershipAUC(MembershipMetric):
    """Chance that a member is believed more than somebody who is none, ties counting half.

    `n` is the number of candidates. A guess gets 0.5.
    """

    name = "membership-auc"
    title = explain("membership-auc").title
    reference = "DeLong et al., Biometrics 1988; Obuchowski, Biometrics 1997"

    def score(self, truth: MembershipTruth, rng: torch.Generator) -> Score:
        """Return the area with its interval."""
        found = area(truth.beliefs, truth.members, truth.people)
        blind = area(truth.blind, truth.members, truth.people)
        return Score(
            name=self.name,
            value=found.value,
            low=found.low,
            high=found.high,
            n=len(truth.members),
            baseline=max(0.5, blind.value),
            control=None,
            better="higher",
            rulers={BLIND: blind.value, f"{BLIND}, low": blind.low, f"{BLIND}, high": blind.high},
        )


def area(beliefs: Tensor, members: Tensor, people: Tensor) -> Estimate:
    """Return the area under the curve of `beliefs` (N,) with its interval; `people` (N,) says whose record
    each is.

    Where members and others do not overlap at all the variance is zero; the interval is then Wilson's, of as
    many cases as there are people of the fewer kind.
    """
    inside, outside = beliefs[members], beliefs[~members]
    # Structural components: for each member the share of others below it, for each other of members above.
    above, below = _shares(inside, outside), 1 - _shares(outside, inside)
    value = above.mean().item()
    groups = int(people.max()) + 1
    by_member = _summed(above - value, people[members], groups)
    by_other = _summed(below - value, people[~members], groups)
    with_member, with_other, present = (
        int(_summed(torch.ones(len(who)), who, groups).count_nonzero())
        for who in (people[members], people[~members], people)
    )
    m, n = len(inside), len(outside)
    variance = (
        _corrected(with_member) * float(by_member.square().sum()) / m**2
        + _corrected(with_other) * float(by_other.square().sum()) / n**2
        + 2 * _corrected(present) * float((by_member * by_other).sum()) / (m * n)
    )
    if variance <= 0:
        fewer = min(with_member, with_other)
        low, high = wilson(value * fewer, fewer)
        return Estimate(value, low, high)
    half = Z * math.sqrt(variance)
    return Estimate(value, max(0.0, value - half), min(1.0, value + half))


def _shares(some: Tensor, others: Tensor) -> Tensor:
    """Return (M,) float64: for each of `some` the share of `others` below it, ties counting half."""
    ordered = others.sort().values
    low, high = (torch.searchsorted(ordered, some.contiguous(), right=right) for right in (False, True))
    return (low + high).double() / (2 * len(others))


def _summed(values: Tensor, people: Tensor, groups: int) -> Tensor:
    """Return (P,): the sum of `values` for each person."""
    return torch.zeros(groups, dtype=torch.float64).index_add_(0, people, values.double())


def _corrected(clusters: int) -> float:
    return clusters / max(clusters - 1, 1)
