"""A model that was published as a few numbers, and who knows all of its training data but one row.

Sizes in shapes: N rows, F features in [0, 1], K classes. A categorical column is one feature a level.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from inversion_core.tables import Column

NAIVE_BAYES, LOGISTIC = "naive-bayes", "logistic-regression"
LEAST_COUNT, LEAST_VARIANCE = 1.0, 1e-3
"""To which noisy counts, and variances computed from noisy sums, are cut from below before they are told."""


@dataclass(frozen=True, eq=False)
class Release:
    """What is published of a model; all numbers are float64.

    Naive Bayes: `counts` (K,), `means` (K, F), `variances` (K, F). Logistic regression: `weights` (F + 1,),
    the last is the intercept, and `strength`, the C of scikit-learn. `noise`: standard deviation of the
    noise that was added, 0 without any; a defence that is no secret says so.
    """

    kind: str
    numbers: Mapping[str, Tensor]
    noise: float = 0.0


@dataclass(frozen=True, eq=False)
class Coding:
    """How rows become features: `columns`, and the public `low` and `high` (C,) of continuous ones."""

    columns: tuple[Column, ...]
    low: Tensor
    high: Tensor

    def features(self, rows: Tensor) -> Tensor:
        """(N, C) -> (N, F) float64 in [0, 1]: values outside the public bounds are clipped, missing ones are
        in the middle, or no level.
        """
        parts = []
        for place, column in enumerate(self.columns):
            cells = rows[:, place].double()
            if column.levels is None:
                scaled = (cells - self.low[place]) / (self.high[place] - self.low[place])
                parts.append(scaled.nan_to_num(0.5).clamp(0, 1)[:, None])
            else:
                parts.append((cells[:, None] == torch.arange(len(column.levels))).double())
        return torch.cat(parts, 1)

    def spans(self) -> list[tuple[int, int]]:
        """Return the first feature of each column and the one behind its last."""
        found, start = [], 0
        for column in self.columns:
            stop = start + (1 if column.levels is None else len(column.levels))
            found.append((start, stop))
            start = stop
        return found


def with_one(features: Tensor) -> Tensor:
    """(N, F) -> (N, F + 1): a last feature that is always 1 makes the intercept one of the weights."""
    return torch.cat([features, torch.ones(len(features), 1, dtype=features.dtype)], 1)


def level_of(features: Tensor) -> Tensor:
    """(N, V) features of one categorical column -> (N,) the level each row has, -1 where it has none."""
    return torch.where(features.amax(1) > 0.5, features.argmax(1), -1)


@dataclass(frozen=True, eq=False)
class Database:
    """What the adversary knows of the training data: `features` (N, F) and `labels` (N,) of all rows but one,
    and the `coding`, which is public.
    """

    features: Tensor
    labels: Tensor
    coding: Coding

    def without(self, row: int) -> "Database":
        """Return the same without one row."""
        kept = torch.arange(len(self.labels)) != row
        return replace(self, features=self.features[kept], labels=self.labels[kept])


@dataclass(frozen=True, eq=False)
class Shadows:
    """Models the adversary trained on data of their own, to learn what a property does to answers.

    `probes` (P, C): public rows that every model is asked about; `answers` (S, P, K): what the shadow models
    answer; `shares` (S,): the share of the group in the data of each.
    """

    probes: Tensor
    answers: Tensor
    shares: Tensor
