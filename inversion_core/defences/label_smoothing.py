"""Label smoothing of either sign: spread, or over-sharpen, what the target is taught.

Struppek, Hintersdorf, Kersting, "Be careful what you smooth for" (ICLR 2024).
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from inversion_core.defences.base import Training, TrainingDefence


class LabelSmoothing(TrainingDefence):
    """Teach softened (positive) or over-sharpened (negative) labels; the sign decides whom it helps.

    Loss: (1 - a) times the cross-entropy + a times the mean of -log p over all classes. The paper reports
    that positive a makes inversion easier and negative a makes it harder. Its schedule is used: a is 0 for
    the first half of the training, then rises linearly to its value over the next quarter, then stays.
    """

    name = "label-smoothing"
    title = "Label smoothing"
    reference = "Struppek et al., ICLR 2024"

    class Params(TrainingDefence.Params):
        """The amount; its sign matters."""

        alpha: float = Field(
            -0.05, gt=-1, lt=1, description="Share of the label spread over all classes; below 0 sharpens."
        )

    params: Params

    def objection(self, defences: Sequence[TrainingDefence]) -> str | None:
        """Refuse to take away what an earlier defence added to the loss."""
        added = [one.name for one in defences[: defences.index(self)] if one.adds_to_loss]
        if not added:
            return None
        return f"{self.name} replaces the loss that {added[0]} adds to; list it before {added[0]}"

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training with the smoothed loss."""
        return replace(training, loss=self._loss)

    def _loss(self, network: nn.Module, inputs: Tensor, labels: Tensor, progress: float) -> Tensor:
        logs = F.log_softmax(network(inputs), dim=1)
        return smoothed_loss(logs, labels, self.params.alpha * ramp(progress))


def smoothed_loss(logs: Tensor, labels: Tensor, alpha: float) -> Tensor:
    """(N, K) log-probabilities, (N,) labels -> (1 - a) CE + a mean(-log p), averaged over the batch."""
    return (1 - alpha) * F.nll_loss(logs, labels) - alpha * logs.mean()


def ramp(progress: float) -> float:
    """Return the share of alpha in force: 0 until half of the training, 1 from three quarters on."""
    return min(1.0, max(0.0, (progress - 0.5) / 0.25))
