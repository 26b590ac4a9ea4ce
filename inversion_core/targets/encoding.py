"""From a record's codes to the features a model computes with: the preprocessing inside each table target.

A category is one feature a level, 1 where the record has it; a missing one has none. What a continuous column
becomes depends on the model: trees split the number itself and know where the missing ones go, a network
takes it in standard units.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from inversion_core.tables import Column


class Encoder(nn.Module):
    """(N, C) codes -> (N, F): one feature a level, continuous columns as they are, NaN where missing."""

    column: Tensor
    level: Tensor
    continuous: Tensor

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        slots = [
            (place, level)
            for place, column in enumerate(columns)
            for level in ([math.nan] if column.levels is None else range(len(column.levels)))
        ]
        self.register_buffer("column", torch.tensor([place for place, _ in slots]), persistent=False)
        self.register_buffer("level", torch.tensor([float(level) for _, level in slots]), persistent=False)
        self.register_buffer("continuous", self.level.isnan(), persistent=False)

    @property
    def width(self) -> int:
        """F."""
        return len(self.column)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C) -> (N, F)."""
        picked = inputs[:, self.column]
        return torch.where(self.continuous, picked, (picked == self.level).to(picked.dtype))


class StandardEncoder(Encoder):
    """As Encoder, continuous columns in standard deviations from the training mean, each with a second
    feature that says whether it is missing; a missing one counts as the mean.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns)
        self.register_buffer("mean", torch.zeros(super().width))
        self.register_buffer("deviation", torch.ones(super().width))

    @property
    def width(self) -> int:
        """F, the features that say what is missing included."""
        return super().width + int(self.continuous.sum())

    def measure(self, inputs: Tensor) -> None:
        """Take mean and deviation of the continuous columns from training inputs (N, C)."""
        for slot in self.continuous.nonzero().flatten().tolist():
            values = inputs[:, self.column[slot]].double()
            values = values[~values.isnan()]
            if len(values):
                self.mean[slot] = values.mean()
                self.deviation[slot] = values.std(correction=0).clamp_min(1e-12)
            if not len(values) or values.min() == values.max():
                self.deviation[slot] = 1

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C) -> (N, F)."""
        features = (super().forward(inputs) - self.mean) / self.deviation
        missing = features.isnan()
        return torch.cat([features.masked_fill(missing, 0), missing[:, self.continuous].to(features)], 1)
