"""What a user's choices about a table must satisfy: names that exist, parts large and varied enough."""

from collections.abc import Sequence

import numpy as np

from inversion_core.datasets.sheet import Cased
from inversion_core.datasets.text_column import Mask
from inversion_core.errors import DataUnusable
from inversion_core.tables import Column

FEWEST_ROWS = 20
"""Members, and held-out records: with fewer no number means anything, and fifths of them run empty."""
SHOWN = 12


def check_names(names: Sequence[str], role: str, wanted: Sequence[str], *, header: bool) -> None:
    """Raise DataUnusable for a column that is not there."""
    for name in wanted:
        if name not in names:
            hint = ", or set header to false if the first line is a record" if header else ""
            raise DataUnusable(
                f"{role} names a column of the table, {name!r} is none; use one of {_shown(names)}{hint}"
            )


def check_rows(members: Mask, lost: int) -> None:
    """Raise DataUnusable where members or others are too few; `lost` rows were left out before."""
    count = int(members.sum())
    for who, rows in (("members", count), ("held-out records", len(members) - count)):
        if rows < FEWEST_ROWS:
            without = f" ({lost:,} rows lack a label or a sensitive value)" if lost else ""
            raise DataUnusable(
                f"a table needs at least {FEWEST_ROWS} {who}, it has {rows}{without}; add rows, or change "
                "train_share"
            )


def check_parts(label: Cased, sensitive: Cased, members: Mask) -> None:
    """Raise DataUnusable where a part has only one value of the label or of the sensitive column."""
    for column, role in ((label, "label"), (sensitive, "sensitive column")):
        for who, rows in (("members", members), ("held-out records", ~members)):
            if len(np.unique(column.cells[rows])) < 2:
                raise DataUnusable(
                    f"the {role} takes at least two values among the {who}, {column.name!r} takes one there; "
                    "add rows with another, or change the seed of the split"
                )


def code_of(positive: str, sensitive: Cased) -> int:
    """Return the code of the positive value; raises DataUnusable where the column does not take it."""
    levels = sensitive.levels or ()
    if positive not in levels:
        raise DataUnusable(
            f"positive is a value of {sensitive.name!r}, {positive!r} is none; use one of {_shown(levels)}"
        )
    return levels.index(positive)


def group_places(names: Sequence[str], columns: Sequence[Column], sensitive: int) -> tuple[int, ...]:
    """Return the places of the columns that scores are told by; raises DataUnusable where one cannot be."""
    fitting = {
        column.name: place for place, column in enumerate(columns) if column.levels and place != sensitive
    }
    for name in names:
        if name not in fitting:
            raise DataUnusable(
                f"groups are the levels of a categorical input column, {name!r} is none; "
                f"use some of {_shown(tuple(fitting))}"
            )
    return tuple(fitting[name] for name in names)


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(repr(name) for name in names[:SHOWN]) or "(there is none)") + more
