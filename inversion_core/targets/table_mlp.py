"""A small multilayer perceptron for tables."""

from itertools import pairwise

import torch
from pydantic import Field
from torch import Tensor, nn

from inversion_core.targets.base import NetworkTarget
from inversion_core.targets.encoding import StandardEncoder
from inversion_core.values import Modality


class TableNetwork(nn.Module):
    """Encoder, hidden layers of rectified units, one linear layer: (N, C) codes -> (N, K) logits."""

    def __init__(self, encoder: StandardEncoder, widths: list[int], class_count: int) -> None:
        super().__init__()
        self.encoder = encoder
        sizes = [encoder.width, *widths]
        self.hidden = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(sizes))
        self.last = nn.Linear(sizes[-1], class_count)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C) -> (N, K)."""
        features = self.encoder(inputs)
        for layer in self.hidden:
            features = layer(features).relu()
        logits: Tensor = self.last(features)
        return logits

    def activations(self, inputs: Tensor) -> Tensor:
        """(N, C) -> (N, F): the outputs of every hidden unit, layer by layer."""
        features, seen = self.encoder(inputs), []
        for layer in self.hidden:
            features = layer(features).relu()
            seen.append(features)
        return torch.cat(seen, 1)


class TableMLP(NetworkTarget):
    """A few hidden layers, each half as wide as the one before.

    The network under attack in Mehnaz et al. (USENIX Security 2022), as re-implemented with hidden layers of
    32, 16 and 8 units. Departures: twice that width, mini-batches and a falling step size instead of 1,000
    full-batch epochs, no dropout; it learns the same in seconds, and can learn small tables by heart.
    Continuous columns are scaled by what the public knows of them, not by the private records.
    Small tables are gone over more often than `epochs` says, until `least_steps` is reached.
    """

    name = "mlp"
    title = "Multilayer perceptron"
    modality = Modality.TABLE
    half_precision = False
    chunk = 16384
    revision = 2

    class Params(NetworkTarget.Params):
        """As every network, and the shape."""

        width: int = Field(64, ge=2, le=4096, description="Units in the first hidden layer.")
        layers: int = Field(3, ge=1, le=8, description="Hidden layers, each half as wide as the one before.")
        epochs: int = Field(20, ge=1, le=1000, description="Passes over the training records.")
        batch_size: int = Field(128, ge=1, le=4096, description="Records in a training step.")
        learning_rate: float = Field(5e-3, gt=0, le=10, description="Peak step size of the optimiser.")
        least_steps: int = Field(300, ge=1, le=100_000, description="Training steps at least.")

    params: Params

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return encoder -> rectified units -> logits."""
        widths = [max(2, self.params.width >> layer) for layer in range(self.params.layers)]
        return TableNetwork(StandardEncoder(self.columns), widths, class_count)

    def passes(self, count: int) -> int:
        """Return the passes over `count` records: as many as asked for, or as reach the least steps."""
        steps = max(1, count // self.params.batch_size)  # an incomplete last batch is left out
        return max(self.params.epochs, -(-self.params.least_steps // steps))
