"""How well an adversary tells what share of the training data belongs to a group."""

from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import Metric
from inversion_core.values import Modality, Score


@dataclass(frozen=True, eq=False)
class ShareTruth:
    """One entry a model attacked: `shares` (T,) true, `guesses` (T,), `blind` (T,) guesses of the same
    adversary who learnt from shadow models with their shares mixed up; `prior`: the mean share of the shadow
    models.
    """

    shares: Tensor
    guesses: Tensor
    blind: Tensor
    prior: float


class ShareMetric(Metric):
    """One headline number about a property of the training data."""

    modality = Modality.TABLE

    @abstractmethod
    def score(self, truth: ShareTruth) -> Score:
        """Return the score over all models attacked."""


class PropertyError(ShareMetric):
    """The mean absolute error of the guessed share. Baseline: always guessing the mean of what is possible.
    Control: the same attack learnt from shadow models whose shares were mixed up.
    """

    name = "property-error"
    title = "Error of the guessed share"

    def score(self, truth: ShareTruth) -> Score:
        """Return the mean with Student's interval."""
        errors = (truth.guesses - truth.shares).abs()
        low, high = intervals.mean(errors, (0.0, 1.0))
        return Score(
            self.name,
            errors.mean().item(),
            low,
            high,
            len(errors),
            baseline=(truth.prior - truth.shares).abs().mean().item(),
            control=(truth.blind - truth.shares).abs().mean().item(),
            better="lower",
        )


class PropertyAccuracy(ShareMetric):
    """The share of models for which the guess is nearest to the true one of the shares that occur. Baseline:
    always naming the commonest. Control: the same attack learnt from mixed-up shares.
    """

    name = "property-accuracy"
    title = "Share of the group named right"

    def score(self, truth: ShareTruth) -> Score:
        """Return the share with Wilson's interval."""
        right = self._named(truth.guesses, truth.shares)
        low, high = intervals.wilson(int(right.sum()), len(right))
        counts = truth.shares.unique(return_counts=True)[1]
        return Score(
            self.name,
            right.double().mean().item(),
            low,
            high,
            len(right),
            baseline=(counts.max() / counts.sum()).item(),
            control=self._named(truth.blind, truth.shares).double().mean().item(),
            better="higher",
        )

    def _named(self, guesses: Tensor, shares: Tensor) -> Tensor:
        """Return for which models the nearest possible share is the true one: (T,) bool."""
        possible = shares.unique()
        nearest = possible[torch.cdist(guesses[:, None], possible[:, None]).argmin(1)]
        right: Tensor = nearest == shares
        return right
