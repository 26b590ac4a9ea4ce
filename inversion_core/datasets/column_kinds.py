"""What kind each column of a table is, found by looking at its cells; a user may correct it.

Rules, in order: a column with one value or none tells nothing; numbers are continuous, but for two of them,
which are a flag; numbers with some words between them are a mistake in the file, unless there are only a few
values; a value of its own in nearly every row is an identifier; other words are categories.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from inversion_core.datasets.text_column import TextColumn
from inversion_core.errors import DataUnusable

FEW = 20
"""Up to so many different values are categories, even where numbers and words are mixed."""
MOST_LEVELS = 500
"""A model gets an input for every level of a categorical column."""
OWN_VALUE = 0.9
"""Share of rows with a value of their own from which a column of words is an identifier."""
LARGEST = float(np.finfo(np.float32).max)
EXACT = 2**24
"""Whole numbers beyond it are not told apart in float32."""
IDENTIFIER = re.compile(r"(^|[\s_.-])(id|key|nr|no|number|index|uuid)$|[a-z]I[dD]$|^column 0$", re.IGNORECASE)

Where = Callable[[int], str]
"""Names the place in the file of a record, from 0: "line 17"."""


class Kind(StrEnum):
    """How a column is used."""

    CATEGORICAL = "categorical"
    CONTINUOUS = "continuous"
    IGNORE = "ignore"


@dataclass(frozen=True)
class ColumnFacts:
    """What is seen of one column: how many different `values`, how many `missing` cells, and an example.

    `reason` says why it is ignored; `problem` what must be corrected before it can be used, in the file or
    by giving its kind.
    """

    name: str
    kind: Kind
    values: int
    missing: int
    example: str
    reason: str = ""
    problem: str = ""


def look(column: TextColumn, where: Where) -> ColumnFacts:
    """Return what is seen of a column, and the kind that follows."""
    known = column.present() & ~column.missing
    values = len({level_name(column, place) for place in np.flatnonzero(known & column.words)})
    values += len(np.unique(column.numbers[known & ~column.words]))
    missing = int((~column.known()).sum())
    example = column.text(column.codes[column.first(known)]) if values else ""
    if values < 2:
        reason = f"it is always {example!r} where it is known" if values else "it is empty in every row"
        return ColumnFacts(column.name, Kind.IGNORE, values, missing, example, reason=reason)
    if not (known & column.words).any():
        kind, reason, problem = _numbers(column, values, where)
    else:
        kind, reason, problem = _words(column, values, where)
    return ColumnFacts(column.name, kind, values, missing, example, reason, problem)


def settle(column: TextColumn, correction: Kind | None, where: Where) -> tuple[Kind, str]:
    """Return the kind of a column and, for an ignored one, why; raises DataUnusable where neither fits."""
    facts = look(column, where)
    if correction is None:
        if facts.problem:
            raise DataUnusable(facts.problem)
        return facts.kind, facts.reason
    if correction is Kind.IGNORE:
        return correction, "it was set to ignore"
    if correction is Kind.CONTINUOUS and (
        problem := _not_numbers(column, where) or _too_large(column, where)
    ):
        raise DataUnusable(problem)
    if correction is Kind.CATEGORICAL and facts.values > MOST_LEVELS:
        raise DataUnusable(
            f"a categorical column takes at most {MOST_LEVELS} values, {column.name!r} takes "
            f"{facts.values:,}; set its type to continuous or ignore"
        )
    return correction, ""


def level_name(column: TextColumn, place: int | np.integer) -> str:
    """Return the name of one of the different texts as a level: a number as people write it, or words."""
    number = column.numbers[place]
    return column.text(place) if np.isnan(number) else number_name(float(number))


def number_name(number: float) -> str:
    """Write a number as people do: 3, not 3.0."""
    return f"{number:.15g}"


def natural(name: str) -> list[tuple[int, float, str]]:
    """Return a key that sorts 2 before 10, and -5 before 3 where the whole name is a number."""
    try:
        return [(0, float(name), "")]
    except ValueError:
        parts = re.split(r"(\d+)", name.replace(",", "").lower())
        return [(1, float(part), "") if part.isdecimal() else (2, 0.0, part) for part in parts if part]


def _numbers(column: TextColumn, values: int, where: Where) -> tuple[Kind, str, str]:
    present = column.numbers[column.present() & ~column.missing]
    if problem := _too_large(column, where):
        return Kind.CONTINUOUS, "", problem
    if _numbers_people(column, present, values):
        return Kind.IGNORE, "it has a whole number of its own in every row, as an identifier has", ""
    return Kind.CATEGORICAL if values == 2 else Kind.CONTINUOUS, "", ""


def _numbers_people(column: TextColumn, present: np.ndarray, values: int) -> bool:
    """Say whether whole numbers, all different, are names rather than quantities: by their column's name, by
    counting one up in each row, or because there are too many digits for a measurement.
    """
    if values <= FEW or values < int(column.known().sum()) or (present % 1).any():
        return False
    counts = np.ptp(present) == values - 1 and bool((np.diff(column.numbers[column.codes]) == 1).all())
    return counts or abs(present).max() > EXACT or bool(IDENTIFIER.search(column.name))


def _words(column: TextColumn, values: int, where: Where) -> tuple[Kind, str, str]:
    numeric = ~np.isnan(column.numbers)
    known = int(column.known().sum())
    if values > FEW and int(numeric[column.codes].sum()) * 2 >= known:
        return Kind.CONTINUOUS, "", _not_numbers(column, where)
    if values > FEW and values >= OWN_VALUE * known:
        return (
            Kind.IGNORE,
            f"it has {values:,} different values in {known:,} rows, as an identifier or a free text has",
            "",
        )
    if values > MOST_LEVELS:
        return Kind.IGNORE, f"it takes {values:,} values, more than the {MOST_LEVELS} a model is given", ""
    return Kind.CATEGORICAL, "", ""


def _not_numbers(column: TextColumn, where: Where) -> str:
    words = column.words & column.present()
    if not words.any():
        return ""
    row = column.first(words)
    return (
        f"a column holds numbers or words, {column.name!r} holds numbers and also "
        f"{column.text(column.codes[row])[:60]!r} ({where(row)}); correct the cell, leave it empty if it is "
        "unknown, or set the type of the column to categorical or ignore"
    )


def _too_large(column: TextColumn, where: Where) -> str:
    over = column.present() & (np.abs(column.numbers) > LARGEST)
    if not over.any():
        return ""
    row = column.first(over)
    return (
        f"numbers lie between -{LARGEST:.1e} and {LARGEST:.1e}, {column.name!r} has "
        f"{column.text(column.codes[row])[:60]} ({where(row)}); correct the cell or set the type of "
        "the column to ignore"
    )
