"""How alike a stolen copy and the model answer, on photos neither was taught.

Agreement, and fidelity as a divergence: Jagielski et al., "High accuracy and high fidelity extraction of
neural networks" (USENIX Security 2020). Agreement says whether the copy can stand in for the model; whether
people can be read off it is told by the likeness of what was read off.
"""

from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import Metric
from inversion_core.metrics.glossary import explain
from inversion_core.values import Modality, Score

SMALLEST = 1e-7
"""A probability below this counts as this, so that a copy that is sure and wrong costs a finite number."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Probabilities (N, K) for the same N held-out photos of the people in the data, and who they are.

    `copy` is the stolen copy's, `model` the attacked model's, `apart` those of another network that learnt
    the same people from their private photos; `labels` (N,) int64.
    """

    copy: Tensor
    model: Tensor
    apart: Tensor
    labels: Tensor


class ExtractionMetric(Metric):
    """One headline number about a stolen copy."""

    modality = Modality.IMAGE

    @abstractmethod
    def score(self, answers: Answers, rng: torch.Generator) -> Score:
        """Return the score over all held-out photos."""


class ExtractionAgreement(ExtractionMetric):
    """Share of held-out photos that the copy and the attacked model give to the same person.

    `baseline` always names whom the model names most; `control` is the agreement of a network that was
    honestly taught the same people, with their photos. The rulers hold how often each names the person.
    """

    name = "extraction-agreement"
    title = explain("extraction-agreement").title
    reference = "Jagielski et al., USENIX Security 2020"

    def score(self, answers: Answers, rng: torch.Generator) -> Score:
        """Return the share with its Wilson interval, photos of one person taken together."""
        said = answers.model.argmax(1)
        hits = answers.copy.argmax(1) == said
        low, high = intervals.clustered(hits, answers.labels)
        return Score(
            name=self.name,
            value=_share(hits),
            low=low,
            high=high,
            n=len(hits),
            baseline=said.bincount().max().item() / len(said),
            control=_share(answers.apart.argmax(1) == said),
            better="higher",
            rulers={
                "the copy names the person": _share(answers.copy.argmax(1) == answers.labels),
                "the model names the person": _share(said == answers.labels),
            },
        )


class ExtractionDivergence(ExtractionMetric):
    """Mean Kullback-Leibler divergence from the model's answer to the copy's, in nats; 0 is the same answer.

    `baseline` is an answer that never changes, the mean of the model's; `control` the divergence of a network
    that was honestly taught the same people.
    """

    name = "extraction-divergence"
    title = explain("extraction-divergence").title
    reference = "Jagielski et al., USENIX Security 2020"

    def score(self, answers: Answers, rng: torch.Generator) -> Score:
        """Return the mean with its interval, photos of one person taken together."""
        each = divergence(answers.model, answers.copy)
        low, high = intervals.clustered_mean(each, answers.labels, (0.0, float("inf")))
        still = answers.model.mean(0).expand_as(answers.model)
        return Score(
            name=self.name,
            value=each.mean().item(),
            low=low,
            high=high,
            n=len(each),
            baseline=divergence(answers.model, still).mean().item(),
            control=divergence(answers.model, answers.apart).mean().item(),
            better="lower",
        )


def divergence(of: Tensor, to: Tensor) -> Tensor:
    """(N, K), (N, K) -> (N,): the sum over classes of p log(p / q), with q at least SMALLEST."""
    p, q = of.double(), to.double().clamp_min(SMALLEST)
    apart: Tensor = (torch.special.xlogy(p, p) - p * q.log()).sum(1)
    return apart.clamp_min(0)


def _share(hits: Tensor) -> float:
    return hits.double().mean().item()
