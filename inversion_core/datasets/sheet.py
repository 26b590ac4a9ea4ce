"""A table that is ready to use, and the datasets that consist of one."""

import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from inversion_core.datasets.base import TableDataset
from inversion_core.seeds import numpy_rng
from inversion_core.tables import Column, Records

GRID = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Public quantiles that stand for the values of a continuous column."""
MOST_GROUPS = 2
PEOPLE = re.compile(r"(^|[^a-z])(sex|gender|race|ethnicity|age)($|[^a-z])", re.IGNORECASE)
"""Columns by which people are usually told apart when harm is compared."""
GROUP_LEVELS = range(2, 7)

Cells = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Cased:
    """One column of numbers: `cells` (N,) float32, codes of `levels` or, where these are None, quantities."""

    name: str
    cells: Cells
    levels: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Sheet:
    """Members and others of one table, and what its columns mean; `notes` are sentences about what was left
    out.
    """

    columns: tuple[Column, ...]
    classes: tuple[str, ...]
    members: Records
    others: Records
    sensitive: int
    positive: int | None = None
    grouping: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


class SheetDataset(TableDataset):
    """A dataset that is one sheet."""

    @abstractmethod
    def sheet(self) -> Sheet:
        """Return the table; the same object each time it is asked."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Name of each value of the label."""
        return self.sheet().classes

    @property
    def columns(self) -> tuple[Column, ...]:
        """The input columns in order."""
        return self.sheet().columns

    @property
    def sensitive(self) -> int:
        """Place of the sensitive column."""
        return self.sheet().sensitive

    @property
    def positive(self) -> int | None:
        """Code of the sensitive value that precision and recall are about."""
        return self.sheet().positive

    @property
    def grouping(self) -> tuple[int, ...]:
        """Places of the columns by which the scores are also told."""
        return self.sheet().grouping

    @property
    def notes(self) -> tuple[str, ...]:
        """What of the data was left out, one sentence each."""
        return self.sheet().notes

    def train(self) -> Records:
        """Return the records a target is trained on."""
        return _copy(self.sheet().members)

    def held_out(self) -> Records:
        """Return the records of other people."""
        return _copy(self.sheet().others)

    def victim_count(self) -> int:
        """Return the number of private records."""
        return len(self.sheet().members)


def split(count: int, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Return which of `count` rows are members: a random `share` of them, the same for the same seed."""
    members = np.zeros(count, dtype=bool)
    members[numpy_rng(seed, "table", "split").permutation(count)[: round(count * share)]] = True
    return members


def public_columns(cased: Sequence[Cased], members: npt.NDArray[np.bool_]) -> tuple[Column, ...]:
    """Return the columns as the public knows them: quantiles, mean and deviation come from the rows that are
    no members.
    """
    return tuple(Column(one.name, one.levels, _grid(one, ~members), *_scale(one, ~members)) for one in cased)


def records(cased: Sequence[Cased], labels: npt.NDArray[np.int64], rows: npt.NDArray[np.bool_]) -> Records:
    """Return some rows (N,) as records."""
    inputs = np.empty((int(rows.sum()), len(cased)), dtype=np.float32)
    for place, one in enumerate(cased):
        inputs[:, place] = one.cells[rows]
    return Records(torch.from_numpy(inputs), torch.from_numpy(labels[rows].astype(np.int64)))


def usual_groups(columns: Sequence[Column], sensitive: int) -> tuple[int, ...]:
    """Return the columns that scores are told by: categorical ones with few levels, those about who somebody
    is before others.
    """
    fitting = [
        place
        for place, column in enumerate(columns)
        if place != sensitive and column.levels and len(column.levels) in GROUP_LEVELS
    ]
    fitting.sort(key=lambda place: PEOPLE.search(columns[place].name) is None)
    return tuple(fitting[:MOST_GROUPS])


def _grid(column: Cased, public: npt.NDArray[np.bool_]) -> tuple[float, ...]:
    if column.levels is not None:
        return tuple(float(code) for code in range(len(column.levels)))
    cells = column.cells[public]
    known = cells[~np.isnan(cells)]
    return tuple(dict.fromkeys(float(value) for value in np.quantile(known, GRID, method="inverted_cdf")))


def _scale(column: Cased, public: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Return the mean and deviation of a continuous column; 1 for the deviation of one that never changes."""
    known = column.cells[public].astype(np.float64)
    known = known[~np.isnan(known)]
    if column.levels is not None or not len(known):
        return 0.0, 1.0
    changes = known.min() < known.max()
    return float(known.mean()), float(known.std()) if changes else 1.0


def _copy(rows: Records) -> Records:
    return Records(rows.inputs.clone(), rows.labels.clone())
