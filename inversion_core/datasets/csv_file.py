"""Read a CSV file as text: what it must look like, where it does not, and its cells column by column.

Comma, semicolon, tab or bar between cells, found in the first line; quotation marks as in RFC 4180; UTF-8
with or without a byte order mark. Empty lines are passed over. No cell is turned into a number here.
"""

import codecs
import csv
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

import pyarrow as pa
import pyarrow.csv

from inversion_core.errors import DataUnusable

MOST_BYTES = 500_000_000
"""A million records of a dozen columns take about 100 MB; a file five times as long still fits a laptop."""
MOST_COLUMNS = 1_000
SEPARATORS = (",", ";", "\t", "|")
BLOCK = 4_000_000
BEGINNINGS = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"SQLite format 3": "a database",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


class Stamp(NamedTuple):
    """One state of one file: another size or time of change is another file."""

    path: str
    size: int
    changed: int

    @property
    def name(self) -> str:
        """The name of the file, without its folders."""
        return os.path.basename(self.path)


class Layout(NamedTuple):
    """How records lie in a file: whether names come first, and lines below them that are no records."""

    header: bool = True
    skip_rows: int = 0


@dataclass(frozen=True, eq=False)
class CsvText:
    """The cells of a file as text: one chunked array of strings a column."""

    stamp: Stamp
    layout: Layout
    names: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    rows: int

    def line(self, row: int) -> int:
        """Return the line of the file, from 1, on which record `row`, from 0, begins."""
        place = row + self.layout.header + self.layout.skip_rows
        return next(islice(_records(self.stamp), place, None))[0]


def stamp(path: str | Path) -> Stamp:
    """Look at a file without reading it; raises DataUnusable where it is none, empty or too large."""
    try:
        place = Path(path).expanduser()
        looked = place.stat()
        regular = place.is_file()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataUnusable(
            f"a table is read from a CSV file, {str(path)[:200]!r} cannot be looked at ({reason}); "
            "check the path"
        ) from error
    if not regular:
        raise DataUnusable(f"a table is read from a CSV file, {str(path)!r} is no file; name the file itself")
    if looked.st_size > MOST_BYTES:
        raise DataUnusable(
            f"a table may have {MOST_BYTES:,} bytes, {place.name!r} has {looked.st_size:,}; "
            "take a random part of its rows"
        )
    if not looked.st_size:
        raise DataUnusable(f"a table has a header and records, {place.name!r} is empty; fill it")
    return Stamp(str(place), looked.st_size, looked.st_mtime_ns)


@lru_cache(maxsize=16)
def digest(file: Stamp) -> str:
    """Return the sha256 of a file; raises DataUnusable where it is no UTF-8 text."""
    decoder, sha, before, lines = codecs.getincrementaldecoder("utf-8")(), hashlib.sha256(), 0, 1
    for block in _blocks(file):
        if not before:
            _check_beginning(file, block)
        if (zero := block.find(b"\0")) >= 0:
            raise DataUnusable(
                f"text has no zero bytes, byte {before + zero + 1:,} of {file.name!r} is one (line "
                f"{lines + block.count(10, 0, zero):,}); export the table as CSV in UTF-8"
            )
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=before + len(block) >= file.size)
        except UnicodeDecodeError as error:
            raise _not_utf8(file, before - kept, lines, error) from error
        sha.update(block)
        before, lines = before + len(block), lines + block.count(10)
    return sha.hexdigest()


def read_csv(file: Stamp, layout: Layout) -> CsvText:
    """Return all cells of a file as text; raises DataUnusable where they are no table."""
    names = read_names(file, layout)
    first_records(file, layout, 1)
    first = layout.header + layout.skip_rows
    try:
        table = pa.csv.read_csv(
            file.path,
            read_options=pa.csv.ReadOptions(autogenerate_column_names=True, block_size=8 * BLOCK),
            parse_options=pa.csv.ParseOptions(delimiter=_separator(file), newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                column_types={f"f{place}": pa.string() for place in range(len(names))},
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise _no_table(file, len(names), error) from error
    if table.num_columns != len(names):
        raise _no_table(file, len(names), None)
    return CsvText(file, layout, names, tuple(table.slice(first).columns), table.num_rows - first)


def read_names(file: Stamp, layout: Layout) -> tuple[str, ...]:
    """Return the names of the columns: the header, or 0, 1, ... where there is none."""
    digest(file)
    first = next(_records(file), None)
    if first is None:
        raise DataUnusable(f"a table has a header and records, {file.name!r} has only empty lines; fill it")
    cells = [cell.strip() for cell in first[1]]
    names = tuple(
        (cell or f"column {place}") if layout.header else str(place) for place, cell in enumerate(cells)
    )
    if len(names) < 2:
        raise DataUnusable(
            f"a table has at least a label and a sensitive column, {file.name!r} has one column; separate "
            "the cells of a line by commas, semicolons, tabs or bars"
        )
    if len(names) > MOST_COLUMNS:
        raise DataUnusable(
            f"a table may have {MOST_COLUMNS:,} columns, {file.name!r} has {len(names):,}; remove some"
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataUnusable(
            f"columns are told apart by name, {twice[0]!r} stands {names.count(twice[0])} times in the "
            f"header of {file.name!r}; rename all but one"
        )
    return names


def first_records(file: Stamp, layout: Layout, count: int) -> tuple[list[int], list[list[str]]]:
    """Return lines and cells of the first `count` records; raises DataUnusable where one is ragged."""
    width = len(read_names(file, layout))
    first = layout.header + layout.skip_rows
    lines: list[int] = []
    records: list[list[str]] = []
    for line, cells in islice(_records(file), first, first + count):
        if len(cells) != width:
            raise _ragged(file, line, len(cells), width)
        lines.append(line)
        records.append(cells)
    if not records:
        raise _no_records(file)
    return lines, records


def _check_beginning(file: Stamp, block: bytes) -> None:
    for beginning, what in BEGINNINGS.items():
        if block.startswith(beginning):
            raise DataUnusable(
                f"a table is a CSV file in UTF-8, {file.name!r} is {what}; export the table as CSV in UTF-8"
            )


def _not_utf8(file: Stamp, start: int, lines: int, error: UnicodeDecodeError) -> DataUnusable:
    line = lines + error.object[: error.start].count(b"\n")
    return DataUnusable(
        f"a table is UTF-8 text, byte {start + error.start + 1:,} of {file.name!r} "
        f"(0x{error.object[error.start]:02X}, line {line:,}) is not; save it as UTF-8"
    )


def _blocks(file: Stamp) -> Iterator[bytes]:
    try:
        with open(file.path, "rb") as source:
            while block := source.read(BLOCK):
                yield block
    except OSError as error:
        raise DataUnusable(
            f"a table must be readable, {file.name!r} is not ({error.strerror}); allow reading it"
        ) from error


def _records(file: Stamp) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each record begins, from 1, and its cells."""
    with open(file.path, encoding="utf-8-sig", errors="replace", newline="") as source:
        reader, line = csv.reader(source, delimiter=_separator(file)), 1
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise DataUnusable(
                f"quotation marks come in pairs, one opened on line {line:,} of {file.name!r} is never "
                f"closed ({error}); close or remove it"
            ) from error


@lru_cache(maxsize=16)
def _separator(file: Stamp) -> str:
    """Return the separator that cuts the first line into most cells."""
    with open(file.path, encoding="utf-8-sig", errors="replace", newline="") as source:
        line = _first_line(source)
    return max(SEPARATORS, key=lambda mark: len(next(csv.reader([line], delimiter=mark), [])))


def _first_line(source: TextIO) -> str:
    while line := source.readline(100_000):
        if line.strip():
            return line
    return ""


def _no_records(file: Stamp) -> DataUnusable:
    return DataUnusable(
        f"a table has records below its header, {file.name!r} has none; add some, or correct header and "
        "skip_rows"
    )


def _no_table(file: Stamp, width: int, error: Exception | None) -> DataUnusable:
    """Walk the file once more, slowly, for the line on which it stops being a table."""
    for line, cells in _records(file):
        if len(cells) != width:
            return _ragged(file, line, len(cells), width)
    return DataUnusable(f"{file.name!r} cannot be read as a CSV file ({error}); export it again")


def _ragged(file: Stamp, line: int, cells: int, width: int) -> DataUnusable:
    return DataUnusable(
        f"every line has as many cells as the first, {width}; line {line:,} of {file.name!r} has {cells}; "
        "correct it, and look for separators or quotation marks inside its cells"
    )
