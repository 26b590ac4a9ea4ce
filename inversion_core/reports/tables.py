"""Tables for spreadsheets: CSV in which no cell is a formula.

A spreadsheet runs a cell that begins with = + - @, tab or carriage return, whoever wrote it (OWASP, CSV
injection). Such a text gets an apostrophe in front, which spreadsheets take as "this is text", and so does
what follows a semicolon, a tab or a line end in a cell, where a spreadsheet of another country cuts; a real
number keeps its sign, so that columns of numbers stay numbers. The file begins with a byte order mark:
without it Excel reads UTF-8 as the code page of its country and garbles names; programs know it (utf-8-sig).
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from inversion_core.errors import DataUnusable
from inversion_core.reports.text import plain

Cell = str | int | float | None

ACTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with; the wide forms are read as the narrow ones in East Asian settings."""
INSIDE = re.compile("([;\t\n][ \u00a0]*)(?=[=+@\uff1d\uff0b\uff0d\uff20-])")
"""Where another separator would begin a cell that acts."""
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def csv_cell(text: str) -> str:
    """Return text as a cell that no spreadsheet runs; what is a number stays as it is."""
    if NUMBER.fullmatch(text):
        return text
    acts = text.lstrip(" \n\u00a0\ufeff").startswith(ACTS)
    told = INSIDE.sub(r"\1'", plain(text))
    return f"'{told}" if acts else told


def csv_rows(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return heads and rows as CSV (RFC 4180: commas, quotes doubled, CRLF), UTF-8 with a byte order mark.

    None is an empty cell. Raises DataUnusable when a row has more or fewer cells than there are heads.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(map(csv_cell, heads))
    for number, row in enumerate(rows, 1):
        if len(row) != len(heads):
            raise DataUnusable(
                f"a row has as many cells as there are heads, {len(heads)}, and row {number} has {len(row)}; "
                "give empty cells as None"
            )
        writer.writerow("" if cell is None else csv_cell(str(cell)) for cell in row)
    return buffer.getvalue().encode("utf-8-sig")
