"""The contracts of the defences; each gives back the kind of thing it was given."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from inversion_core.component import Component

Batch = tuple[Tensor, Tensor]
Loss = Callable[[nn.Module, Tensor, Tensor, float], Tensor]
"""(network, inputs (N, *shape), labels (N,), share of training done in [0, 1]) -> scalar."""


@dataclass(frozen=True, eq=False)
class Training:
    """Everything a training loop needs; a training defence exchanges parts of it.

    `batches` is iterated once an epoch; `augment` maps a batch of inputs to a batch of inputs.
    """

    network: nn.Module
    optimiser: torch.optim.Optimizer
    batches: Iterable[Batch]
    loss: Loss
    augment: Callable[[Tensor], Tensor]
    epochs: int


class Defence(Component):
    """A control somebody may switch on. `incompatible` says why it cannot protect a kind of target."""

    def incompatible(self, target: type[Component]) -> str | None:
        """Return the reason in a sentence, or None."""
        return None


class TrainingDefence(Defence):
    """Changes how the target is trained: its loss, its batches, its gradients."""

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse targets that no gradient trains."""
        if getattr(target, "by_gradients", True):
            return None
        return (
            f"{self.name} changes a training by gradients, {target.name!r} is grown without any; "
            "choose mlp or remove the defence"
        )

    @abstractmethod
    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training with this defence in it."""

    def guarantee(self, training: Training, records: int, per_person: int) -> dict[str, Any]:
        """Return what this defence promises, for the target's card, once training is over."""
        return {}


class OutputDefence(Defence):
    """Changes the scores an API releases; an adversary with the weights is not touched by it."""

    @abstractmethod
    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        """(N, K) probabilities -> (N, K)."""
