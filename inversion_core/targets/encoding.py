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
    """As Encoder, continuous columns in standard deviations from the mean, each with a second feature that
    says whether it is missing; a missing one counts as the mean.

    Both are those of the public's rows, so that no number here is learnt from a private record. Which columns
    and levels there are counts as public (`Column`): a guarantee about the training does not cover that.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns)
        mean, deviation = torch.zeros(super().width), torch.ones(super().width)
        for slot in self.continuous.nonzero().flatten().tolist():
            column = columns[int(self.column[slot])]
            mean[slot], deviation[slot] = column.mean, column.deviation
        self.register_buffer("mean", mean, persistent=False)
        self.register_buffer("deviation", deviation, persistent=False)

    @property
    def width(self) -> int:
        """F, the features that say what is missing included."""
        return super().width + int(self.continuous.sum())

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C) -> (N, F)."""
        features = (super().forward(inputs) - self.mean) / self.deviation
        missing = features.isnan()
        return torch.cat([features.masked_fill(missing, 0), missing[:, self.continuous].to(features)], 1)
