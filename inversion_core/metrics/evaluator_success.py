"""Whom an independent network recognises in the recovered pictures, and how much of it only fools the target.

Attack accuracy under an evaluator: Zhang et al., "The Secret Revealer", CVPR 2020. That it overstates leakage
because adversarial features transfer: Ho et al., "Uncovering the limitations of model inversion evaluation",
2025; hence the gap beside it. Success by the target itself is reported and never the headline: the attack
maximised it.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import LikenessMetric
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.recognition import Recognition, ranks, recognise
from inversion_core.values import Reconstruction, Score, Truth

FAMILY = "people with look-alikes"
NO_FAMILY = "people without look-alikes"
RIGHT_FAMILY = "right person or look-alike"


class TopK(LikenessMetric):
    """Share of victims that a network ranks among its first `k` when shown their recovered picture.

    `baseline` is guessing, k / K; `control` is the same share for held-out photos of the same people.
    """

    k: ClassVar[int]

    def problem(self, truth: Truth) -> str | None:
        """Refuse data without pictures, or with so few classes that everybody is among the first k."""
        return _problem(self.name, self.k, truth)

    @abstractmethod
    def answers(self, recognition: Recognition) -> tuple[Tensor, Tensor]:
        """Return the judge's probabilities for recovered pictures (N, K) and for real photos (M, K)."""

    def score(self, reconstruction: Reconstruction, truth: Truth, rng: torch.Generator) -> Score:
        """Return the share with its Wilson interval."""
        seen = recognise(reconstruction, truth)
        recovered, real = self.answers(seen)
        hits = ranks(recovered, seen.classes) <= self.k
        low, high = intervals.wilson(int(hits.sum()), len(hits))
        return Score(
            name=self.name,
            value=share(hits),
            low=low,
            high=high,
            n=len(hits),
            baseline=self.k / recovered.shape[1],
            control=share(ranks(real, seen.real_classes) <= self.k),
            better="higher",
            rulers=_rulers_of_families(hits, recovered, seen.classes, truth.families),
        )


class EvaluatorTop1(TopK):
    """Share of victims whom an independent evaluator recognises in their recovered picture: the headline.

    Where the data has look-alike families, members and others are told apart, and `right person or
    look-alike` counts the members for whom at least the family was recovered.
    """

    name = "evaluator-top1"
    title = explain("evaluator-top1").title
    reference = "Zhang et al., CVPR 2020"
    k = 1

    def answers(self, recognition: Recognition) -> tuple[Tensor, Tensor]:
        """Return what the evaluator answered."""
        return recognition.evaluator, recognition.real_evaluator


class EvaluatorTop5(EvaluatorTop1):
    """Share of victims who are among the evaluator's first five when it is shown their recovered picture."""

    name = "evaluator-top5"
    title = explain("evaluator-top5").title
    k = 5


class TargetTop1(TopK):
    """Share of victims whom the attacked model itself recognises in their recovered picture.

    The attack maximised this, so it says whether the optimisation worked and nothing about the person.
    """

    name = "target-top1"
    title = explain("target-top1").title
    k = 1

    def problem(self, truth: Truth) -> str | None:
        """Refuse as TopK does, and where the target runs elsewhere."""
        return super().problem(truth) or _problem_of_target(self.name, truth)

    def answers(self, recognition: Recognition) -> tuple[Tensor, Tensor]:
        """Return what the target answered."""
        return recognition.target, recognition.real_target


class AdversarialGap(LikenessMetric):
    """Share the target recognises minus share the evaluator recognises, on the same pictures, from -1 to 1.

    Near 0: what convinces the model convinces an independent judge too. Near 1: pictures that fool the model
    and are not the person. So a lower value is a stronger attack, but only where target-top1 is high: an
    attack that fails with both has a gap of 0 as well. `baseline` is that of guessing, 0; `control` the gap
    on held-out photos.
    """

    name = "adversarial-gap"
    title = explain("adversarial-gap").title
    reference = "Ho et al., 2025; interval: Newcombe, Statistics in Medicine 1998"

    def problem(self, truth: Truth) -> str | None:
        """Refuse data without pictures or with a single class, and a target that runs elsewhere."""
        return _problem(self.name, 1, truth) or _problem_of_target(self.name, truth)

    def score(self, reconstruction: Reconstruction, truth: Truth, rng: torch.Generator) -> Score:
        """Return the difference with its paired interval."""
        seen = recognise(reconstruction, truth)
        target = ranks(seen.target, seen.classes) == 1
        evaluator = ranks(seen.evaluator, seen.classes) == 1
        real_target = ranks(seen.real_target, seen.real_classes) == 1
        real_evaluator = ranks(seen.real_evaluator, seen.real_classes) == 1
        low, high = intervals.paired_difference(target, evaluator)
        return Score(
            name=self.name,
            value=share(target) - share(evaluator),
            low=low,
            high=high,
            n=len(target),
            baseline=0.0,
            control=share(real_target) - share(real_evaluator),
            better="lower",
            rulers={"target-top1": share(target), "evaluator-top1": share(evaluator)},
        )


def share(hits: Tensor) -> float:
    """(N,) bool -> the share that is true."""
    return hits.double().mean().item()


def _problem(name: str, k: int, truth: Truth) -> str | None:
    if truth.train.inputs.ndim != 4:
        return f"{name} judges pictures, this data has none"
    classes = len(truth.train.labels.unique())
    return None if classes > k else f"{name} needs more than {k} classes, this data has {classes}"


def _problem_of_target(name: str, truth: Truth) -> str | None:
    if truth.target is not None:
        return None
    return f"{name} asks the attacked model, this one runs elsewhere and is asked by the attack alone"


def _rulers_of_families(
    hits: Tensor, probabilities: Tensor, classes: Tensor, families: list[str | None] | None
) -> Mapping[str, float]:
    """Return the share among victims with and without look-alikes; empty where no victim has any."""
    family_of = families or [None] * probabilities.shape[1]
    wanted = [family_of[label] for label in classes.tolist()]
    member = torch.tensor([family is not None for family in wanted])
    if not member.any():
        return {}
    guesses = probabilities.nan_to_num(nan=-1.0).argmax(1).tolist()
    kin = torch.tensor([family_of[guess] == family for guess, family in zip(guesses, wanted, strict=True)])
    rulers = {FAMILY: share(hits[member]), RIGHT_FAMILY: share(kin[member])}
    if not member.all():
        rulers[NO_FAMILY] = share(hits[~member])
    return rulers
