"""What can be seen of a table before a run, so that a user may correct it: kinds of columns, hints."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inversion_core.datasets.column_kinds import FEW, ColumnFacts, look
from inversion_core.datasets.csv_file import Layout, first_records, read_names, stamp
from inversion_core.datasets.text_column import TextColumn, code_cells

SAMPLE_ROWS = 5_000


@dataclass(frozen=True)
class TableFacts:
    """What the first `rows` records show; `whole` says whether there are no more.

    `hints` are sentences about the file as a whole that a user may want to act on.
    """

    columns: tuple[ColumnFacts, ...]
    rows: int
    whole: bool
    hints: tuple[str, ...] = ()


def inspect_table(path: str | Path, *, header: bool = True, skip_rows: int = 0) -> TableFacts:
    """Return the kinds of the columns as the first rows suggest them; raises DataUnusable.

    The file is read once as bytes, to see that it is text, and its first rows as cells. Further down there
    may be more values, or words among numbers; making the dataset looks at every row.
    """
    file, layout = stamp(path), Layout(header, skip_rows)
    names = read_names(file, layout)
    lines, records = first_records(file, layout, SAMPLE_ROWS + 1)
    whole, records = len(records) <= SAMPLE_ROWS, records[:SAMPLE_ROWS]
    columns = [
        code_cells(name, list(cells)) for name, cells in zip(names, zip(*records, strict=True), strict=True)
    ]
    told = tuple(look(column, lambda row: f"line {lines[row]:,}") for column in columns)
    return TableFacts(told, len(records), whole, tuple(_hints(columns, names, header)))


def _hints(columns: Sequence[TextColumn], names: Sequence[str], header: bool) -> list[str]:
    hints = []
    if header and all(_is_number(name) for name in names):
        hints.append("The first line holds only numbers; if it is a record, set header to false.")
    if _second_header(columns):
        hints.append(
            "The first record has values that occur nowhere below it; if it is a second header, set "
            "skip_rows to one more."
        )
    return hints


def _second_header(columns: Sequence[TextColumn]) -> bool:
    """Say whether the first record is unlike all others in at least three columns of few values, and in half
    of its cells.
    """
    filled = [column for column in columns if not column.missing[column.codes[0]]]
    odd = [
        column
        for column in filled
        if (column.codes == column.codes[0]).sum() == 1 and len(column.texts) <= FEW < len(column.codes)
    ]
    return len(odd) >= 3 and 2 * len(odd) >= len(filled)


def _is_number(text: str) -> bool:
    column = code_cells("", [text])
    return not np.isnan(column.numbers[0])
