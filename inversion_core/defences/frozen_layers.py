"""Transfer from public people: the early layers never see a private photo.

Ho, Hao, Chandrasegaran, Nguyen, Cheung, "Model inversion robustness: can transfer learning help?" (CVPR
2024).
"""

from collections.abc import Sequence
from typing import Any

import torch
from pydantic import Field
from torch import nn

from inversion_core.defences.base import PublicTraining, Training, TrainingDefence


class FrozenLayers(TrainingDefence):
    """Learn the early layers from public people, freeze them, and train only the last ones on private photos.

    TL-DMI of the paper: fewer parameters are written by private photos, so fewer can give them away. The
    same architecture is trained on public people, once for all scenarios that need it. Its early layers are
    kept with their statistics as they are, its later ones are where the private training starts, and the
    last one, whose outputs are people, starts anew. Departure: layers are counted from the input, since these
    networks have few; with all but the last frozen (`cnn`, `cnn-gn`) the target is a linear model of public
    features.

    As found on `people` with `cnn-gn`: alone it protects nobody (held-out accuracy 0.971, `plug-and-play`
    with the weights recovers 0.97). Before `dp-sgd` at epsilon 8 it keeps the accuracy, 0.84 by default,
    0.89 with a learning rate of 0.01, batches of 1024 and 40 epochs, where 0.65 and 0.68 are recovered.
    """

    name = "frozen-layers"
    title = "Frozen layers (transfer from public people)"
    reference = "Ho et al., CVPR 2024"
    needs_layers = True
    changes_network = True

    class Params(TrainingDefence.Params):
        """How much is frozen, and what it was learnt from."""

        layers: int = Field(
            4,
            ge=1,
            le=100,
            description="Layers with weights that are frozen, counted from the input; the last is never.",
        )
        public_people: int = Field(
            500, ge=2, le=5000, description="People outside the data from whom the early layers are learnt."
        )
        public_photos: int = Field(12, ge=4, le=100, description="Photos of each public person.")
        public_epochs: int = Field(20, ge=1, le=1000, description="Passes over the public photos.")

    params: Params

    def objection(self, defences: Sequence[TrainingDefence]) -> str | None:
        """Want to come first: the other defences change the network that is started and frozen here."""
        if defences[0].name == self.name:
            return None
        return f"{self.name} is where the training starts, {defences[0].name!r} came before it; list it first"

    def public_training(self) -> PublicTraining:
        """Return the public people asked for."""
        given = self.params
        return PublicTraining(given.public_people, given.public_photos, given.public_epochs)

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training of the layers that are left, with an optimiser that sees no others."""
        _freeze(training.network, self.params.layers)
        return training.on(training.network)

    def guarantee(self, training: Training, records: int, per_person: int) -> dict[str, Any]:
        """Return how many of the parameters private photos have written."""
        learnt = [part.numel() for part in training.network.parameters() if part.requires_grad]
        return {
            "private_parameters": sum(learnt),
            "public_parameters": sum(part.numel() for part in training.network.parameters()) - sum(learnt),
            "public_people": self.params.public_people,
        }


def _freeze(network: nn.Module, layers: int) -> None:
    """Freeze the first `layers` convolutions or linear layers with the normalisation after them."""
    seen = 0
    owners = [part for part in network.modules() if next(part.parameters(recurse=False), None) is not None]
    for part in owners[:-1]:
        seen += isinstance(part, nn.Conv2d | nn.Linear)
        if seen <= layers:
            part.requires_grad_(False)
