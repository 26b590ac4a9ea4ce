"""What membership attacks share: the records asked about, a signal for each, and shadow models to compare."""

import math
from collections.abc import Generator

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack
from inversion_core.membership import MembershipKnowledge, Sample
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Claim, Family, Knowledge, Progress, Reconstruction

AT_ONCE = 512
"""Records asked in one query."""


class MembershipAttack(Attack):
    """Say of each candidate how much it looks like a record the target was trained on."""

    family = Family.MEMBERSHIP
    needs = Access.SCORES
    modality = None
    claim = Claim.MEMBERSHIP

    class Params(Attack.Params):
        """What every such attack reads off scores."""

        floor: float = Field(
            1e-12,
            gt=0,
            lt=0.5,
            description="Smallest probability that counts as one; for rounded scores half of the last digit.",
        )

    params: Params


class ShadowAttack(MembershipAttack):
    """An attack that compares the target with models of the adversary's own, `shadows` of them."""

    class Params(MembershipAttack.Params):
        """The adversary's own models."""

        shadows: int = Field(
            16,
            ge=4,
            le=256,
            description="Models of the target's kind, each trained on a random half of the records at hand.",
        )
        shadow_epochs: int | None = Field(
            None,
            ge=1,
            le=1000,
            description="Passes over the data of each shadow model; empty: as the target.",
        )

    params: Params


def known_of(knowledge: Knowledge) -> MembershipKnowledge:
    """Return what is known about the candidates; the trial of these attacks always hands it over."""
    assert knowledge.membership is not None, "membership attacks are handed candidates"
    return knowledge.membership


def asked(oracle: Oracle, *samples: Sample) -> Generator[Progress, None, list[Tensor]]:
    """Return the released scores (N, K) of each sample; yields one Progress a query."""
    total = sum(-(-len(sample) // AT_ONCE) for sample in samples)
    answers, step = [], 0
    for sample in samples:
        parts = []
        for inputs in sample.inputs.split(AT_ONCE):
            parts.append(oracle.scores(inputs).detach())
            step += 1
            yield Progress(step, total, math.nan, note=f"asking about the records, query {step} of {total}")
        answers.append(torch.cat(parts))
    return answers


def of_label(scores: Tensor, labels: Tensor, floor: float) -> Tensor:
    """(..., N, K), (N,) -> (..., N) float64: the score of the true label, at least `floor`."""
    places = labels.expand(scores.shape[:-1])[..., None]
    return scores.double().gather(-1, places)[..., 0].clamp_min(floor)


def log_odds(scores: Tensor, labels: Tensor, floor: float) -> Tensor:
    """(..., N, K), (N,) -> (..., N) float64: log p_y - log of the sum of the others.

    The wrong classes are summed one by one: 1 - p_y would be 0 for every sure model.
    """
    wrong = scores.double().scatter(-1, labels.expand(scores.shape[:-1])[..., None], 0.0).sum(-1)
    return of_label(scores, labels, floor).log() - wrong.clamp_min(floor).log()


def believed(knowledge: Knowledge, beliefs: Tensor) -> Reconstruction:
    """Return beliefs (N,), higher for members, as an attack's result: samples are (N, 1)."""
    return Reconstruction(beliefs[:, None], knowledge.classes, beliefs)
