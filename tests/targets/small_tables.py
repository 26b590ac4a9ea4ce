"""A made-up table with every kind of column, and what drives a generator to its end."""

import math

import torch

from inversion_core.datasets.base import DatasetCard, TableDataset
from inversion_core.tables import Column, Records
from inversion_core.values import Modality

COLUMNS = (
    Column("weight", None, (1e5, 2e5, 3e5), mean=2e5, deviation=5e4),
    Column("ward", ("north", "east", "south"), (0.0, 1.0, 2.0)),
    Column("dose", None, (-1.0, 0.0, 1.0)),
    Column("secret", ("no", "yes"), (0.0, 1.0)),
)


def people(count: int, classes: int, seed: int) -> Records:
    """Return records whose label follows ward, dose and secret; a tenth of the cells are missing."""
    rng = torch.Generator().manual_seed(seed)
    weight = 2e5 + 5e4 * torch.randn(count, generator=rng)
    ward, secret = (torch.randint(0, top, (count,), generator=rng).float() for top in (3, 2))
    dose = torch.randn(count, generator=rng)
    labels = (dose + ward * (2 * secret - 1) + 0.2 * torch.randn(count, generator=rng) > 0).long()
    labels = labels + (classes > 2) * (weight > 2.2e5).long()
    inputs = torch.stack([weight, ward, dose, secret], 1)
    gaps = torch.rand(count, 4, generator=rng) < 0.1
    gaps[:, 3] = False
    return Records(inputs.masked_fill(gaps, math.nan), labels)


class SmallTable(TableDataset):
    """Four columns, two or three classes."""

    name = "small-table"
    title = "Small table"
    sensitive = 3

    class Params(TableDataset.Params):
        """How many classes."""

        count: int = 600
        labels: int = 2

    params: Params

    @property
    def card(self) -> DatasetCard:
        return DatasetCard(Modality.TABLE, self.params.labels, (4,), False, "made up", "free", "here", True)

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple("abc"[: self.params.labels])

    @property
    def columns(self) -> tuple[Column, ...]:
        return COLUMNS

    def train(self) -> Records:
        return people(self.params.count, self.params.labels, 0)

    def held_out(self) -> Records:
        return people(300, self.params.labels, 1)
