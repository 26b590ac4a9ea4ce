"""How near the rebuilt rows of a table are to the true ones."""

from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import Metric
from inversion_core.released import Coding, level_of
from inversion_core.values import Modality, Score

EXACT = 0.005
"""A continuous value counts as exact when it is off by less than this share of its public range."""


@dataclass(frozen=True, eq=False)
class RowTruth:
    """What only metrics see: `truth`, `guesses` (V, F) of the attack, and `baselines` (V, F), the commonest
    level or median among other people, all coded by `coding`.
    """

    truth: Tensor
    guesses: Tensor
    baselines: Tensor
    coding: Coding


class RowMetric(Metric):
    """One headline number about rebuilt rows."""

    modality = Modality.TABLE

    @abstractmethod
    def score(self, truth: RowTruth) -> Score:
        """Return the score of all rows together."""


class RowError(RowMetric):
    """The error of a rebuilt row: the mean over its columns of the distance as a share of the public range,
    for a categorical column 0 where the level is right and 1 where it is not. Baseline: guessing the median
    or the commonest level among other people.
    """

    name = "row-error"
    title = "Error of the rebuilt row"

    def score(self, truth: RowTruth) -> Score:
        """Return the mean with Student's interval."""
        errors = column_errors(truth.guesses, truth.truth, truth.coding).mean(1)
        low, high = intervals.mean(errors, (0.0, 1.0))
        guessed = column_errors(truth.baselines, truth.truth, truth.coding).mean()
        return Score(
            self.name,
            errors.mean().item(),
            low,
            high,
            len(errors),
            baseline=guessed.item(),
            control=None,
            better="lower",
        )


class RowsExact(RowMetric):
    """The share of rows that came back with every column right: continuous ones within 0.5 % of their public
    range. Baseline: guessing the median or the commonest level among other people.
    """

    name = "rows-exact"
    title = "Rows rebuilt exactly"

    def score(self, truth: RowTruth) -> Score:
        """Return the share with Wilson's interval."""
        right = (column_errors(truth.guesses, truth.truth, truth.coding) < EXACT).all(1)
        guessed = (column_errors(truth.baselines, truth.truth, truth.coding) < EXACT).all(1)
        low, high = intervals.wilson(int(right.sum()), len(right))
        return Score(
            self.name,
            right.double().mean().item(),
            low,
            high,
            len(right),
            baseline=guessed.double().mean().item(),
            control=None,
            better="higher",
        )


def column_errors(guesses: Tensor, truth: Tensor, coding: Coding) -> Tensor:
    """(V, F), (V, F) -> (V, C) in [0, 1]."""
    errors = []
    for (start, stop), column in zip(coding.spans(), coding.columns, strict=True):
        one, two = guesses[:, start:stop], truth[:, start:stop]
        if column.levels is None:
            errors.append((one - two).abs()[:, 0].clamp(max=1))
        else:
            errors.append((level_of(one) != level_of(two)).double())
    return torch.stack(errors, 1)
