"""Turn a column of text into the numbers of records: levels into codes, quantities into float32.

The label and the sensitive column are always categorical; where they hold many numbers these are cut into
ranges, whose edges come from rows that are no members.
"""

import numpy as np
import numpy.typing as npt

from inversion_core.datasets.bins import cut, is_whole, quantile_edges, range_names
from inversion_core.datasets.column_kinds import FEW, Kind, Where, level_name, look, natural, settle
from inversion_core.datasets.sheet import Cased
from inversion_core.datasets.text_column import Mask, TextColumn
from inversion_core.errors import DataUnusable

MOST_VALUES = 50
"""An attack asks the model once for every value of the sensitive column, about every record."""
MOST_CLASSES = 50
FEW_NUMBERS = 10
"""A sensitive column of numbers with no more different ones keeps them as its levels."""


def code_column(column: TextColumn, kind: Kind) -> Cased:
    """Return an input column as a settled kind wants it."""
    return (
        _levels(column)
        if kind is Kind.CATEGORICAL
        else Cased(column.name, _numbers(column).astype(np.float32))
    )


def code_sensitive(
    column: TextColumn, correction: Kind | None, where: Where, public: Mask, bins: int
) -> Cased:
    """Return the sensitive column: its levels, or ranges by quantiles of the `public` rows (N,)."""
    _refuse_ignored(column.name, "sensitive column", correction)
    facts = look(column, where)
    if facts.values < 2:
        raise DataUnusable(
            f"a sensitive column takes at least two values, {column.name!r} takes {facts.values} in the rows "
            "that can be used; choose another column"
        )
    kind = correction or _kind_for_levels(column, where, FEW_NUMBERS)
    if kind is Kind.CONTINUOUS:
        settle(column, kind, where)
        return _ranges(column, public, bins)
    if facts.values > MOST_VALUES:
        raise DataUnusable(
            f"a sensitive column takes at most {MOST_VALUES} values, {column.name!r} takes {facts.values:,}; "
            "choose another column, or group its values in the file"
        )
    return _levels(column)


def code_label(
    column: TextColumn, correction: Kind | None, where: Where, public: Mask, bins: int | None
) -> Cased:
    """Return the label: its levels, or ranges of its numbers where `bins` are asked for."""
    _refuse_ignored(column.name, "label", correction)
    facts = look(column, where)
    if facts.values < 2:
        raise DataUnusable(
            f"a target tells at least two classes apart, the label {column.name!r} takes {facts.values} value"
            f"{'s' * (facts.values != 1)} in the rows that can be used; choose another column"
        )
    if bins is not None:
        settle(column, Kind.CONTINUOUS, where)
        return _ranges(column, public, bins)
    kind = correction or _kind_for_levels(column, where, FEW)
    if kind is Kind.CONTINUOUS:
        raise DataUnusable(
            f"a label is a class, {column.name!r} holds {facts.values:,} different numbers; choose another "
            "column, or set label_bins to cut it into ranges"
        )
    if facts.values > MOST_CLASSES:
        raise DataUnusable(
            f"a label takes at most {MOST_CLASSES} values, {column.name!r} takes {facts.values:,}; choose "
            "another column, or group its values in the file"
        )
    return _levels(column)


def _refuse_ignored(name: str, role: str, correction: Kind | None) -> None:
    if correction is Kind.IGNORE:
        raise DataUnusable(
            f"an ignored column is not used, {name!r} is the {role}; give it another type or choose another "
            f"{role}"
        )


def _kind_for_levels(column: TextColumn, where: Where, most_numbers: int) -> Kind:
    """Return categorical for words and for a few numbers; raises DataUnusable where they are mixed."""
    facts = look(column, where)
    if facts.problem:
        raise DataUnusable(facts.problem)
    words = bool((column.words & column.present()).any())
    return Kind.CATEGORICAL if words or facts.values <= most_numbers else Kind.CONTINUOUS


def _levels(column: TextColumn) -> Cased:
    used = np.flatnonzero(column.present() & ~column.missing)
    names = {int(place): level_name(column, place) for place in used}
    levels = tuple(sorted(set(names.values()), key=natural))
    code_of = {name: code for code, name in enumerate(levels)}
    codes = np.full(len(column.missing), np.nan, dtype=np.float32)
    for place, name in names.items():
        codes[place] = code_of[name]
    return Cased(column.name, codes[column.codes], levels)


def _numbers(column: TextColumn) -> npt.NDArray[np.float64]:
    return column.numbers[column.codes]


def _ranges(column: TextColumn, public: Mask, bins: int) -> Cased:
    numbers = _numbers(column)
    seen = numbers[public & ~np.isnan(numbers)]
    edges = quantile_edges(seen, bins) if len(seen) else ()
    if not edges:
        raise DataUnusable(
            f"numbers are cut into ranges by the held-out rows, {column.name!r} takes fewer than two values "
            "there; choose another column or set its type to categorical"
        )
    return Cased(column.name, cut(numbers, edges).astype(np.float32), range_names(edges, is_whole(seen)))
