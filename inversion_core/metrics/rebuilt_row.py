"""How near the rebuilt rows of a table are to the true ones."""

from abc import abstractmethod
from collections.abc import Mapping
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
    """What only metrics see: `truth`, `guesses` (V, F) of the attack, and what is guessed without the model,
    by name (F,): the commonest level or median of each column. All are coded by `coding`.
    """

    truth: Tensor
    guesses: Tensor
    baselines: Mapping[str, Tensor]
    coding: Coding

    def errors_without(self) -> dict[str, Tensor]:
        """Return the errors (V, C) of each guess without the model."""
        return {
            name: column_errors(guess.expand_as(self.truth), self.truth, self.coding)
            for name, guess in self.baselines.items()
        }


class RowMetric(Metric):
    """One headline number about rebuilt rows."""

    modality = Modality.TABLE

    @abstractmethod
    def score(self, truth: RowTruth) -> Score:
        """Return the score of all rows together."""


class RowError(RowMetric):
    """The error of a rebuilt row: the mean over its columns of the distance as a share of the public range,
    for a categorical column 0 where the level is right and 1 where it is not. Baseline: guessing the median
    or the commonest level, among other people or among all rows, whichever is nearer: the adversary knows
    the other rows, and what they have in common is not the model's.
    """

    name = "row-error"
    title = "Error of the rebuilt row"

    def score(self, truth: RowTruth) -> Score:
        """Return the mean with Student's interval."""
        errors = column_errors(truth.guesses, truth.truth, truth.coding).mean(1)
        low, high = intervals.mean(errors, (0.0, 1.0))
        without = {name: one.mean().item() for name, one in truth.errors_without().items()}
        return Score(
            self.name,
            errors.mean().item(),
            low,
            high,
            len(errors),
            baseline=min(without.values()),
            control=None,
            better="lower",
            rulers=without,
        )


class RowsExact(RowMetric):
    """The share of rows that came back with every column right: continuous ones within 0.5 % of their public
    range. Baseline: as of the error, the better of the two guesses.
    """

    name = "rows-exact"
    title = "Rows rebuilt exactly"

    def score(self, truth: RowTruth) -> Score:
        """Return the share with Wilson's interval."""
        right = (column_errors(truth.guesses, truth.truth, truth.coding) < EXACT).all(1)
        without = {
            name: (one < EXACT).all(1).double().mean().item() for name, one in truth.errors_without().items()
        }
        low, high = intervals.wilson(int(right.sum()), len(right))
        return Score(
            self.name,
            right.double().mean().item(),
            low,
            high,
            len(right),
            baseline=max(without.values()),
            control=None,
            better="higher",
            rulers=without,
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
