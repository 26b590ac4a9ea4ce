"""How good the guesses about a sensitive column are, beside the guesses of whoever never asked the model.

Mehnaz et al., "Are your sensitive attributes private?", USENIX Security 2022, for the set of scores: accuracy
alone flatters whoever names the commonest value. Scores are about the positive value of the column; where it
has none, they are means over the values that occur, one against the rest. Rules for ties, missing cells and
shares of nothing: `guesses` and `confusion`.
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor

from inversion_core.metrics import bootstrap, confusion
from inversion_core.metrics.base import TableMetric
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.guesses import Panel, panel
from inversion_core.metrics.intervals import wilson
from inversion_core.tables import TableTruth
from inversion_core.values import Modality, Score

COMMON = "always the most common value"
CONTROL_WITHOUT = "without the model, records it never saw"
WITHOUT = "without the model"
ADVANTAGE = "more than the most common value"


class ConfusionScore(TableMetric):
    """A number that follows from how often each value was guessed for each.

    Rulers: always the most common value; the imputer on the control records; each case of the attack's rule;
    each subgroup, and the imputer's number for it. Intervals: Wilson for a share, else the bootstrap.
    """

    better: ClassVar[str] = "higher"

    @abstractmethod
    def judge(self, tables: Tensor, pick: Tensor) -> Tensor:
        """(..., V, V) -> (...); `pick` (V,) weighs the values."""

    def trials(self, counts: Tensor, positive: int | None) -> tuple[int, int] | None:
        """Return successes and cases where the number is a share of records, else None."""
        return None

    def score(self, truth: TableTruth, rng: torch.Generator) -> Score:
        """Return the number about members; the baseline is the imputer's."""
        run = panel(truth)
        counts = run.members.tables.attack
        pick = _pick(counts, run.positive)
        share = self.trials(counts, run.positive)
        low, high = (
            wilson(*share)
            if share
            else bootstrap.interval(counts, lambda drawn: self.judge(drawn, pick), rng)
        )
        value = self.number(counts, run)
        return Score(
            name=self.name,
            value=value,
            low=low,
            high=high,
            n=share[1] if share else len(run.members.values),
            baseline=self.number(run.members.tables.imputer, run),
            control=self.number(run.control.tables.attack, run),
            better=self.better,
            rulers=dict(self.rulers(run, value)),
            records={
                f"{column}: {level}": int(pair.attack.sum())
                for column, levels in run.groups.items()
                for level, pair in levels.items()
            },
        )

    def number(self, counts: Tensor, run: Panel) -> float:
        """Return the number that follows from a table (V, V)."""
        return self.judge(counts, _pick(counts, run.positive)).item()

    def rulers(self, run: Panel, value: float) -> Iterator[tuple[str, float]]:
        """Yield the named values beside the score."""
        always = torch.zeros_like(run.members.tables.attack)
        always[:, run.common] = run.members.tables.attack.sum(1)
        yield COMMON, self.number(always, run)
        yield CONTROL_WITHOUT, self.number(run.control.tables.imputer, run)
        for case, pair in run.cases.items():
            yield f"case {case}", self.number(pair.attack, run)
        for column, levels in run.groups.items():
            for level, pair in levels.items():
                yield f"{column}: {level}", self.number(pair.attack, run)
                yield f"{column}: {level}, {WITHOUT}", self.number(pair.imputer, run)


def _pick(counts: Tensor, positive: int | None) -> Tensor:
    """Return (V,): 1 for the positive value, or the same for every value that occurs among the true ones."""
    if positive is not None:
        return torch.nn.functional.one_hot(torch.tensor(positive), len(counts)).double()
    occurs = (counts.sum(1) > 0).double()
    return occurs / occurs.sum().clamp_min(1)


class TableAccuracy(ConfusionScore):
    """Share of the records whose sensitive value is guessed right."""

    name = "attribute-accuracy"
    title = explain("attribute-accuracy", Modality.TABLE).title

    def judge(self, tables: Tensor, pick: Tensor) -> Tensor:
        """Return the share that is right, whatever the value."""
        return confusion.accuracy(tables)

    def trials(self, counts: Tensor, positive: int | None) -> tuple[int, int]:
        """Return the right ones among all."""
        return int(counts.diagonal().sum()), int(counts.sum())

    def rulers(self, run: Panel, value: float) -> Iterator[tuple[str, float]]:
        """Yield what all scores have, and the advantage over the most common value."""
        told = dict(super().rulers(run, value))
        yield ADVANTAGE, value - told[COMMON]
        yield from told.items()


class AttributePrecision(ConfusionScore):
    """Share of those guessed to have the positive value who have it."""

    name = "attribute-precision"
    title = explain("attribute-precision").title

    def judge(self, tables: Tensor, pick: Tensor) -> Tensor:
        """Return the precision."""
        return (confusion.precision(tables) * pick).sum(-1)

    def trials(self, counts: Tensor, positive: int | None) -> tuple[int, int] | None:
        """Return the true positives among the predicted ones."""
        if positive is None:
            return None
        return int(counts[positive, positive]), int(counts[:, positive].sum())


class AttributeRecall(ConfusionScore):
    """Share of those with the positive value who are guessed to have it."""

    name = "attribute-recall"
    title = explain("attribute-recall").title

    def judge(self, tables: Tensor, pick: Tensor) -> Tensor:
        """Return the recall."""
        return (confusion.recall(tables) * pick).sum(-1)

    def trials(self, counts: Tensor, positive: int | None) -> tuple[int, int] | None:
        """Return the true positives among the real ones."""
        if positive is None:
            return None
        return int(counts[positive, positive]), int(counts[positive].sum())


class AttributeFPR(ConfusionScore):
    """Share of those without the positive value who are wrongly guessed to have it.

    Lower is a stronger attack.
    """

    name = "attribute-fpr"
    title = explain("attribute-fpr").title
    better = "lower"

    def judge(self, tables: Tensor, pick: Tensor) -> Tensor:
        """Return the false positive rate."""
        return (confusion.false_positive_rate(tables) * pick).sum(-1)

    def trials(self, counts: Tensor, positive: int | None) -> tuple[int, int] | None:
        """Return the false positives among the real negatives."""
        if positive is None:
            return None
        others = int(counts.sum()) - int(counts[positive].sum())
        return int(counts[:, positive].sum()) - int(counts[positive, positive]), others


class AttributeF1(ConfusionScore):
    """Harmonic mean of precision and recall."""

    name = "attribute-f1"
    title = explain("attribute-f1").title

    def judge(self, tables: Tensor, pick: Tensor) -> Tensor:
        """Return F1."""
        return (confusion.f1(tables) * pick).sum(-1)


class AttributeGMean(ConfusionScore):
    """Geometric mean of the shares guessed right among those with the positive value and among those without.

    Always guessing the same gives 0.
    """

    name = "attribute-gmean"
    title = explain("attribute-gmean").title

    def judge(self, tables: Tensor, pick: Tensor) -> Tensor:
        """Return G-mean."""
        return (confusion.gmean(tables) * pick).sum(-1)


class AttributeMCC(ConfusionScore):
    """Correlation of guess and truth (Matthews), from -1 to 1; 0 is chance, and always guessing the same."""

    name = "attribute-mcc"
    title = explain("attribute-mcc").title

    def judge(self, tables: Tensor, pick: Tensor) -> Tensor:
        """Return MCC."""
        return (confusion.mcc(tables) * pick).sum(-1)
