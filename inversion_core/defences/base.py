"""The contracts of the defences; each gives back the kind of thing it was given."""

from abc import abstractmethod
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from inversion_core.component import Component
from inversion_core.values import Access, Family, Photos, Progress

Predict = Callable[[Tensor], Tensor]
"""Inputs (N, *shape) -> probabilities (N, K)."""
Batch = tuple[Tensor, Tensor]
Message = tuple[Tensor, ...]
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

    def on(self, network: nn.Module) -> Self:
        """Return the same training of another network, or of one some of whose layers were frozen: with the
        same kind of optimiser, over the parameters that learn.
        """
        (settings,) = self.optimiser.param_groups
        learning = [part for part in network.parameters() if part.requires_grad]
        kind: Any = type(self.optimiser)
        optimiser: torch.optim.Optimizer = kind([{**settings, "params": learning}])
        return replace(self, network=network, optimiser=optimiser)


@dataclass(frozen=True)
class PublicTraining:
    """Photos of people outside the data on which a network learns before it sees a private one."""

    people: int
    photos: int
    """Of each of them."""
    epochs: int


class Defence(Component):
    """A control somebody may switch on. `incompatible` says why it cannot protect a kind of target."""

    def incompatible(self, target: type[Component]) -> str | None:
        """Return the reason in a sentence, or None."""
        return None


class TrainingDefence(Defence):
    """Changes how the target is trained: its loss, its batches, its gradients, its network.

    Defences are put into the training in the order given. Four hooks beside `protect` have a default that
    does nothing: `admit` for a defence that keeps photos from the training, which the card then does not
    count; `public_training` for one that starts from public people, who are not part of a
    `Training`; `reshape` for one that adds layers, since the weights are read back without a training; and
    `objection` for those that would break another one or be undone by it.
    """

    needs_layers: ClassVar[bool] = False
    """True where it works on the layers before the last of a network of pictures."""
    changes_network: ClassVar[bool] = False
    """True where layers are added, frozen or set otherwise, or the optimiser is."""
    adds_to_loss: ClassVar[bool] = False
    """True where a term is added to the loss of the training it is given."""
    mixes_samples: ClassVar[bool] = False
    """True where the loss of one sample depends on the others of its batch."""
    for_generators: ClassVar[bool] = False
    """True where it protects the training of a model that draws or writes as well."""

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse targets that no gradient trains, those without the layers it works on, and generative ones
        where it is about classes.
        """
        if Family.GENERATION in getattr(target, "families", ()) and not self.for_generators:
            return (
                f"{self.name} changes how classes are learnt, {target.name!r} learns none; choose dp-sgd or "
                "deduplication"
            )
        if not getattr(target, "by_gradients", True):
            return (
                f"{self.name} changes a training by gradients, {target.name!r} is grown without any; "
                "choose mlp or remove the defence"
            )
        if self.needs_layers and not getattr(target, "embeds", False):
            return (
                f"{self.name} works on the layers before the last of a network of pictures, "
                f"{target.name!r} has none; choose cnn, cnn-gn, resnet18 or the mlp of pictures"
            )
        return None

    def objection(self, defences: "Sequence[TrainingDefence]") -> str | None:
        """Return why this defence cannot be used together with, or in the order of, all `defences` of a
        training, itself among them, in a sentence; None when it can.
        """
        return None

    @property
    def chooses_by_others(self) -> bool:
        """Whether the presence of one photo or record decides if others are learnt from."""
        return False

    def admit(self, photos: Photos) -> Photos:
        """Return the private photos that the training may see."""
        return photos

    def public_training(self) -> PublicTraining | None:
        """Return what the network learns from before the private data; None where it starts from nothing."""
        return None

    def reshape(self, network: nn.Module) -> nn.Module:
        """Return an untrained network with the layers that this defence adds."""
        return network

    @abstractmethod
    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training with this defence in it."""

    def guarantee(self, training: Training, records: int, per_person: int) -> dict[str, Any]:
        """Return what this defence promises, for the target's card, once training is over."""
        return {}


class OutputDefence(Defence):
    """Changes the scores an API releases; an adversary with the weights is not touched by it.

    A subclass says what it makes of scores (`release`) or, where the input matters or the model is asked in
    another way, how it has the model asked (`answer`). Whatever it asks inside, a picture is one row.
    """

    untouched: ClassVar[tuple[Access, ...]] = (Access.WHITE_BOX, Access.TEMPLATES)
    """Access levels at which an adversary sees the same with it and without it."""
    renormalises: ClassVar[bool] = False
    """Whether released rows add up to one, as probabilities do."""

    def answer(self, predict: Predict, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """(N, *shape) -> (N, K), with `predict` what lies below: the model behind earlier defences."""
        return self.release(predict(inputs), rng)

    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        """(N, K) probabilities -> (N, K); unchanged where `answer` does everything."""
        return scores


class UpdateDefence(Defence):
    """Changes what reaches the server of a federated round.

    A message is a tuple of tensors: the change of each parameter, then the statistics where they are sent.
    """

    def guard(self, message: Message, changes: int, rng: torch.Generator) -> Message:
        """Return what a client sends instead of `message`, whose first `changes` tensors are the change; the
        same by default.
        """
        return message

    def gather(self, messages: list[Message], rng: torch.Generator) -> list[Message]:
        """Return what the server can read of the messages of all clients, the mean of as many clients each;
        the same by default.
        """
        return messages

    def promise(self, clients: int) -> str | None:
        """Return what is guaranteed about one round of so many clients, in a sentence without a full stop;
        None: nothing.
        """
        return None


class LearntDefence(OutputDefence):
    """An output defence that learns once, from answers to photos of people who are not in the data.

    `network` is what it learnt; `inversion_core.learnt` lets it learn and keeps that.
    """

    class Params(OutputDefence.Params):
        """How much it learns from."""

        public_photos: int

    params: Params
    network: nn.Module

    @abstractmethod
    def build(self, class_count: int) -> nn.Module:
        """Return the untrained network, scores (N, K) -> logits (N, K)."""

    @abstractmethod
    def learn(self, scores: Tensor, rng: torch.Generator) -> Generator[Progress, None, None]:
        """Set `network` to one that has learnt from the model's answers (M, K)."""


def answered(
    predict: Predict, defences: Sequence[OutputDefence], inputs: Tensor, rng: torch.Generator
) -> Tensor:
    """(N, *shape) -> (N, K): what an API with these defences releases, the first nearest to the model."""
    for defence in defences:
        predict = partial(defence.answer, predict, rng=rng)
    return predict(inputs)


def divided(scores: Tensor, scale: Tensor) -> Tensor:
    """(N, K) by (N, 1), neither below 0; a row of zeros stays zeros."""
    return scores / scale.clamp_min(torch.finfo(scores.dtype).tiny)
