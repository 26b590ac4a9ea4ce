"""How many members are named at a false alarm rate so low that a naming means something.

Carlini et al., "Membership inference attacks from first principles" (IEEE S&P 2022): an attack that is right
about few people, but sure of them, harms them; averages hide it.
"""

import torch

from inversion_core.membership import MembershipTruth, Privacy
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.intervals import clustered
from inversion_core.metrics.membership import BLIND, MembershipMetric
from inversion_core.metrics.membership_curve import finest, most_detected, threshold
from inversion_core.values import Score

RATE = "false alarms allowed"
"""Name of the ruler that says at which false positive rate the score is."""
ELSEWHERE = "false alarms elsewhere"
"""Opens the rulers of the rate that the threshold may have on other records."""
ALLOWED = "allowed by differential privacy"


class MembershipTPR(MembershipMetric):
    """Share of the members believed more than all but a small share of the others.

    That share, the ruler RATE, is the smallest that the others are enough for (`membership_curve.finest`),
    never a finer one. The threshold lies where the others here put it; how far its false alarm rate may be
    off elsewhere is told by two rulers. `n` is the number of members; the interval is Wilson's, widened where
    one person's records fare alike. A guess gets RATE.
    """

    name = "membership-tpr-at-fpr"
    title = explain("membership-tpr-at-fpr").title
    reference = "Carlini et al., IEEE S&P 2022"

    def score(self, truth: MembershipTruth, rng: torch.Generator) -> Score:
        """Return the share with its interval."""
        others = truth.beliefs[~truth.members]
        rate = finest(len(others))
        bar = threshold(others, rate)
        named = truth.beliefs[truth.members] > bar
        elsewhere = clustered(others > bar, truth.people[~truth.members])
        low, high = clustered(named, truth.people[truth.members])
        blind = (truth.blind[truth.members] > threshold(truth.blind[~truth.members], rate)).double().mean()
        rulers = {
            RATE: rate,
            f"{ELSEWHERE}, low": elsewhere[0],
            f"{ELSEWHERE}, high": elsewhere[1],
            BLIND: blind.item(),
            **_bound(truth.privacy, rate),
        }
        return Score(
            name=self.name,
            value=named.double().mean().item(),
            low=low,
            high=high,
            n=len(named),
            baseline=max(rate, blind.item()),
            control=None,
            better="higher",
            rulers=rulers,
        )


def _bound(privacy: Privacy | None, rate: float) -> dict[str, float]:
    return {} if privacy is None else {ALLOWED: most_detected(privacy, rate)}
