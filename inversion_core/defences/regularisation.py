"""Plain regularisation: train for less long, pull weights to zero, hide features.

What everybody does against learning photos by heart, beside the defences made against inversion.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from pydantic import Field
from torch import nn

from inversion_core.defences.base import Training, TrainingDefence


class Regularisation(TrainingDefence):
    """Stop early, decay weights and drop features, in place of what the target does by itself.

    Early stopping is by a share of the epochs fixed beforehand, over which the step size still falls to zero:
    nothing is learnt from held-out photos. Dropout changes the share in layers that drop features already
    (`cnn`, `cnn-gn`) and does nothing to networks without one.
    """

    name = "regularisation"
    title = "Early stopping, weight decay, dropout"
    reference = "Prechelt 1998 (early stopping); Srivastava et al., JMLR 2014 (dropout)"
    changes_network = True

    class Params(TrainingDefence.Params):
        """The three knobs."""

        share: float = Field(0.5, gt=0, le=1, description="Share of the target's epochs that are trained.")
        weight_decay: float = Field(1e-2, ge=0, le=10, description="Pull of the weights towards zero.")
        dropout: float = Field(
            0.5, ge=0, lt=1, description="Share of the features hidden in each step, where any are."
        )

    params: Params

    def objection(self, defences: Sequence[TrainingDefence]) -> str | None:
        """Refuse to stop a training early whose epochs dp-sgd sets."""
        if self.params.share == 1 or all(one.name != "dp-sgd" for one in defences):
            return None
        return (
            f"{self.name}: dp-sgd sets the epochs of its training itself, a share of {self.params.share} "
            "would be undone; write a share of 1 and lower the epochs of dp-sgd"
        )

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training, shorter and more restrained."""
        for layer in training.network.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = self.params.dropout
        shorter = replace(
            training.on(training.network), epochs=max(1, round(training.epochs * self.params.share))
        )
        for group in shorter.optimiser.param_groups:
            group["weight_decay"] = self.params.weight_decay
        return shorter
