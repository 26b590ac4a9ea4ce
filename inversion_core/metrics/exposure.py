"""How exposed planted secrets are: Carlini et al., "The secret sharer" (USENIX Security 2019), definition 3.

Exposure is log2 |R| - log2 rank, in bits: |R| secrets are possible, and the true one comes at `rank` when the
model orders them. 0 is last, log2 |R| is first, which is the most that can be shown.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import Metric
from inversion_core.values import Modality, Score


@dataclass(frozen=True, eq=False)
class SecretTruth:
    """`rankings` (A, R): the log-probability of every possible secret; `secrets` (A,) int64: which is the
    true one; `copies` (A,) int64: how often it was written, 0 never.
    """

    rankings: Tensor
    secrets: Tensor
    copies: Tensor

    @property
    def most(self) -> Tensor:
        """Which secrets were written most often: (A,) bool."""
        return self.copies == self.copies.max()


class SecretMetric(Metric):
    """One headline number about planted secrets."""

    modality = Modality.TEXT

    @abstractmethod
    def score(self, truth: SecretTruth) -> Score:
        """Return the score of the secrets that were written most often."""


class CanaryExposureScore(SecretMetric):
    """The mean exposure, in bits, of the secrets written most often.

    Baseline: what a secret at a random rank has on average. Control: secrets that were never written. Rulers:
    the ceiling, and the secrets written less often.
    """

    name = "canary-exposure"
    title = "Exposure of planted secrets"

    def score(self, truth: SecretTruth) -> Score:
        """Return the mean with Student's interval."""
        bits = exposure(truth.rankings, truth.secrets)
        ceiling = math.log2(truth.rankings.shape[1])
        chosen = bits[truth.most]
        low, high = intervals.mean(chosen, (0.0, ceiling))
        rulers = {"ceiling": ceiling}
        for copies in truth.copies.unique().tolist()[1:-1]:
            told = "once" if copies == 1 else f"{copies} times"
            rulers[f"written {told}"] = bits[truth.copies == copies].mean().item()
        return Score(
            self.name,
            chosen.mean().item(),
            low,
            high,
            len(chosen),
            baseline=by_chance(truth.rankings.shape[1]),
            control=bits[truth.copies == 0].mean().item(),
            better="higher",
            rulers=rulers,
        )


class SecretsSpelled(SecretMetric):
    """The share of the secrets written most often that the model finds likelier than every other: asked for
    them, it spells them out. Baseline: guessing. Control: secrets that were never written.
    """

    name = "secrets-spelled"
    title = "Secrets spelled out"

    def score(self, truth: SecretTruth) -> Score:
        """Return the share with Wilson's interval."""
        right = truth.rankings.argmax(1) == truth.secrets
        chosen = right[truth.most]
        low, high = intervals.wilson(int(chosen.sum()), len(chosen))
        return Score(
            self.name,
            chosen.double().mean().item(),
            low,
            high,
            len(chosen),
            baseline=1 / truth.rankings.shape[1],
            control=right[truth.copies == 0].double().mean().item(),
            better="higher",
        )


def exposure(rankings: Tensor, secrets: Tensor) -> Tensor:
    """(A, R), (A,) -> bits (A,); of equally likely secrets the true one counts as last."""
    true = rankings.gather(1, secrets[:, None])
    ranks = (rankings >= true).sum(1)
    return math.log2(rankings.shape[1]) - ranks.double().log2()


def by_chance(secrets: int) -> float:
    """Return the expected exposure of a secret at a uniformly random rank, 1 / ln 2 where there are many."""
    return math.log2(secrets) - torch.arange(1, secrets + 1).double().log2().mean().item()


def by_copies(truth: SecretTruth) -> list[Mapping[str, float]]:
    """Return for each number of copies the mean exposure, its interval and how many secrets are behind it."""
    bits = exposure(truth.rankings, truth.secrets)
    rows: list[Mapping[str, float]] = []
    for copies in truth.copies.unique().tolist():
        chosen = bits[truth.copies == copies]
        low, high = intervals.mean(chosen, (0.0, math.log2(truth.rankings.shape[1])))
        rows.append(
            {"copies": copies, "value": chosen.mean().item(), "low": low, "high": high, "n": len(chosen)}
        )
    return rows
