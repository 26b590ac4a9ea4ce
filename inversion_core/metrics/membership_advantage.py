"""How much better than a coin one yes or no a record is, at the best threshold.

Yeom et al., "Privacy risk in machine learning" (CSF 2018): advantage = TPR - FPR.
"""

import math
from functools import partial

import torch
from torch import Tensor

from inversion_core.membership import MembershipTruth
from inversion_core.metrics.bootstrap import Estimate, difference
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.intervals import clustered
from inversion_core.metrics.membership import BLIND, MembershipMetric
from inversion_core.metrics.membership_curve import most_advantage, rates
from inversion_core.metrics.membership_tpr import ALLOWED
from inversion_core.values import Score


class MembershipAdvantage(MembershipMetric):
    """True minus false positive rate, at the threshold that is best on other candidates.

    The candidates are halved, person by person; each half is judged at the threshold that is best on the
    other, since the best threshold on the same candidates would flatter every attack. A guess gets 0.
    """

    name = "membership-advantage"
    title = explain("membership-advantage").title
    reference = "Yeom et al., CSF 2018"

    def score(self, truth: MembershipTruth, rng: torch.Generator) -> Score:
        """Return the difference with the Wilson margins of both rates propagated."""
        halves = torch.randperm(int(truth.people.max()) + 1, generator=rng)[truth.people] % 2 == 0
        told = partial(_advantage, members=truth.members, people=truth.people, halves=halves)
        found, blind = told(truth.beliefs), told(truth.blind)
        rulers = {BLIND: blind.value}
        if truth.privacy is not None:
            rulers[ALLOWED] = most_advantage(truth.privacy)
        return Score(
            name=self.name,
            value=found.value,
            low=found.low,
            high=found.high,
            n=len(truth.members),
            baseline=max(0.0, blind.value),
            control=None,
            better="higher",
            rulers=rulers,
        )


def _advantage(beliefs: Tensor, members: Tensor, people: Tensor, halves: Tensor) -> Estimate:
    named = torch.zeros_like(members)
    for half in (halves, ~halves):
        named[half] = beliefs[half] > _best(beliefs[~half], members[~half])
    sides = []
    for who in (members, ~members):
        low, high = clustered(named[who], people[who])
        sides.append(Estimate(named[who].double().mean().item(), low, high))
    return difference(sides[0], sides[1])


def _best(beliefs: Tensor, members: Tensor) -> float:
    """Return the threshold, halfway between two beliefs, that tells members best."""
    if not members.any() or members.all():
        return math.inf
    fpr, tpr = rates(beliefs, members)
    cuts = beliefs.unique().flip(0)  # descending, as the points after the first
    place = int((tpr - fpr).argmax())
    if place == 0:
        return math.inf
    if place == len(cuts):
        return -math.inf
    return float((cuts[place - 1] + cuts[place]) / 2)
