"""The ROC curve of a membership attack: how far down the sample can tell, and what privacy allows at most.

Kairouz, Oh and Viswanath, "The composition theorem for differential privacy" (ICML 2015): against (epsilon,
delta)-differential privacy no test has TPR > e^epsilon FPR + delta, nor, from the same bound with the answers
exchanged, TPR > 1 - e^-epsilon (1 - FPR - delta). Humphries et al., "Investigating membership inference
attacks under data dependencies" (CSF 2023): TPR - FPR <= (e^epsilon - 1 + 2 delta) / (e^epsilon + 1).

The promise of a training is about a record added or removed. Here as many records are always trained on, so
one that is left out makes room for another: a removal and an addition, which together are (2 epsilon,
delta (1 + e^epsilon)) private (Dwork and Roth, 2014, on groups of two). The bounds are drawn for that; they
hold, and may be wider than the training deserves.
"""

import math
from typing import Any

import torch
from torch import Tensor

from inversion_core.membership import MembershipTruth, Privacy

RATES = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""False positive rates that are reported."""
FEWEST = 5
"""False alarms that a reported rate must allow for: with fewer, one record more or less decides."""
POINTS = 200
"""Points of a stored curve at most."""


def finest(others: int) -> float:
    """Return the smallest of RATES at which `others` non-members still allow FEWEST false alarms."""
    return next((rate for rate in RATES if rate * others >= FEWEST), RATES[-1])


def threshold(others: Tensor, rate: float) -> float:
    """Return the belief that at most `rate` of `others` (N,) exceed; who exceeds it is called a member."""
    allowed = math.floor(rate * len(others) + 1e-9)
    return float(others.sort(descending=True).values[min(allowed, len(others) - 1)])


def replaced(privacy: Privacy) -> Privacy:
    """Return what a promise about one record added or removed says of one replaced by another."""
    return Privacy(2 * privacy.epsilon, min(1.0, privacy.delta * (1 + math.exp(min(privacy.epsilon, 700)))))


def most_detected(privacy: Privacy, rate: float) -> float:
    """Return the highest true positive rate that differential privacy allows at a false positive rate."""
    privacy = replaced(privacy)
    caught = math.exp(min(privacy.epsilon, 700)) * rate + privacy.delta
    mirrored = 1 - math.exp(-privacy.epsilon) * (1 - rate - privacy.delta)
    return min(1.0, caught, mirrored)


def most_advantage(privacy: Privacy) -> float:
    """Return the largest TPR - FPR that differential privacy allows."""
    privacy = replaced(privacy)
    # (e^epsilon - 1 + 2 delta) / (e^epsilon + 1), divided by e^epsilon so that nothing overflows.
    less = math.exp(-privacy.epsilon)
    return min(1.0, (1 - less + 2 * privacy.delta * less) / (1 + less))


def curve(truth: MembershipTruth) -> dict[str, Any]:
    """Return the curve as it is stored: false and true positive rates from none to all, the number of records
    of each kind, the finest rate they support, and the promise of the training where there is one.
    """
    fpr, tpr = rates(truth.beliefs, truth.members)
    kept = thinned(fpr)
    others = int((~truth.members).sum())
    return {
        "fpr": [round(value, 6) for value in fpr[kept].tolist()],
        "tpr": [round(value, 6) for value in tpr[kept].tolist()],
        "members": int(truth.members.sum()),
        "others": others,
        "finest": finest(others),
        "epsilon": truth.privacy.epsilon if truth.privacy else None,
        "delta": truth.privacy.delta if truth.privacy else None,
    }


def rates(beliefs: Tensor, members: Tensor) -> tuple[Tensor, Tensor]:
    """Return false and true positive rates (T,), one point for each distinct belief and one for nobody."""
    order = beliefs.argsort(descending=True, stable=True)
    inside = members[order].double()
    last = torch.ones(len(order), dtype=torch.bool)
    last[:-1] = beliefs[order][1:] != beliefs[order][:-1]
    points = []
    for who in (1 - inside, inside):
        found = who.cumsum(0)[last] / who.sum()
        points.append(torch.cat([torch.zeros(1, dtype=torch.float64), found]))
    return points[0], points[1]


def thinned(fpr: Tensor) -> Tensor:
    """Return places of at most POINTS points (T,): both ends, and evenly spaced ones on linear and on
    logarithmic false positive rates.
    """
    if len(fpr) <= POINTS:
        return torch.arange(len(fpr))
    smallest = float(fpr[fpr > 0].min())
    half = (POINTS - 2) // 2
    wanted = torch.cat(
        [
            torch.logspace(math.log10(smallest), 0, half, dtype=torch.float64),
            torch.linspace(0, 1, half, dtype=torch.float64),
        ]
    )
    # Of points with one false positive rate the last is the highest.
    places = torch.searchsorted(fpr, wanted, right=True) - 1
    ends = torch.tensor([0, len(fpr) - 1])
    kept: Tensor = torch.cat([places.clamp_min(0), ends]).unique()
    return kept


def surest(truth: MembershipTruth, count: int, rng: torch.Generator) -> list[tuple[int, dict[str, Any]]]:
    """Return the candidates believed most, each with its belief, whether it is a member, and the share of
    all others believed as much. Among equal beliefs chance decides: the candidates stand members first.
    """
    others = truth.beliefs[~truth.members]
    mixed = torch.randperm(len(truth.beliefs), generator=rng)
    order = mixed[truth.beliefs[mixed].argsort(descending=True, stable=True)][:count].tolist()
    return [
        (
            place,
            {
                "belief": float(truth.beliefs[place]),
                "member": bool(truth.members[place]),
                "others_above": float((others >= truth.beliefs[place]).double().mean()),
            },
        )
        for place in order
    ]
