"""The words of tables: columns, records, what the adversary brings along, and what only metrics see.

Sizes in shapes: N records, C columns, K classes of the label, V values of the sensitive column. A record is a
row of float32: the index of a level in a categorical column, the number itself in a continuous one, NaN where
nothing is known. The sensitive column is always categorical; a continuous one is binned by the dataset.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from torch import Tensor


class Clue(StrEnum):
    """What an adversary may know beside the oracle and the victims' own columns."""

    TRUE_LABEL = "true-label"
    MARGINALS = "marginals"
    AUXILIARY = "auxiliary"


@dataclass(frozen=True)
class Column:
    """One input column as the public knows it.

    `levels`: names of the values of a categorical column, in code order; None for a continuous one.
    `grid`: typical values (public quantiles of a continuous column, every code of a categorical one), for
    adversaries who must guess a value they do not know. `mean` and `deviation`: of a continuous column among
    the public's rows, by which networks scale it.
    """

    name: str
    levels: tuple[str, ...] | None
    grid: tuple[float, ...]
    mean: float = 0.0
    deviation: float = 1.0


@dataclass(frozen=True, eq=False)
class Records:
    """Rows of a table: `inputs` (N, C) float32, `labels` (N,) int64."""

    inputs: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def floats(self) -> Tensor:
        """Return the inputs as a target takes them."""
        return self.inputs

    def rows(self, index: Tensor) -> "Records":
        """Return some of the records."""
        return Records(self.inputs[index], self.labels[index])


@dataclass(frozen=True, eq=False)
class TableKnowledge:
    """What the adversary holds about the victims of a table and about everybody else.

    `records` (N, C): the victims' rows, NaN in the `sensitive` column and in the `unknown` ones. None where
    the adversary lacks it: `labels` (N,) the victims' true labels; `marginals` (V,) how common each sensitive
    value is; `confusion` (K, K) the target's published confusion matrix, true class by row, rows adding to 1;
    `auxiliary`: complete records of other people, the sensitive column filled in, the unknown ones NaN.
    """

    columns: tuple[Column, ...]
    sensitive: int
    records: Tensor
    unknown: tuple[int, ...] = ()
    labels: Tensor | None = None
    marginals: Tensor | None = None
    confusion: Tensor | None = None
    auxiliary: Records | None = None

    @property
    def value_count(self) -> int:
        """V, the number of values the sensitive column takes."""
        levels = self.columns[self.sensitive].levels
        assert levels is not None, "the sensitive column is categorical"
        return len(levels)


@dataclass(frozen=True, eq=False)
class Guesses:
    """One adversary's answer about some records, and who they are.

    `values` (N,) int64 the true sensitive values; `beliefs` (N, V) the adversary's weight on each value, the
    largest is the guess; `imputed` (N, V) the probabilities of the imputer that never saw the model but knows
    the same; `cases` (N,) the case of the attack's rule each guess came from, None where it has no cases.
    """

    values: Tensor
    beliefs: Tensor
    imputed: Tensor
    cases: Tensor | None = None


@dataclass(frozen=True, eq=False)
class TableTruth:
    """What only metrics see of a table run.

    `members`: the records the target was trained on; `control`: the same attack on records it never saw.
    `levels` names the sensitive values, `positive` is the one precision and recall are about (None: their
    mean over all values), `common` the most common value among the auxiliary records, `groups` gives each
    member a subgroup by column name.
    """

    members: Guesses
    control: Guesses
    levels: tuple[str, ...]
    common: int
    positive: int | None = None
    groups: Mapping[str, list[str]] = field(default_factory=dict)
