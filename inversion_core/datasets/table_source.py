"""One or two CSV files as one table of text: the columns both have, and where each record stands."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from inversion_core.datasets.csv_file import Layout, Stamp, digest, read_csv
from inversion_core.datasets.text_column import Mask, TextColumn, code_texts
from inversion_core.errors import DataUnusable


class TableSource:
    """The records of a file, followed by those of an auxiliary one if there is any.

    Columns are coded one at a time and their text is let go of, so that a large table is never held twice.
    """

    def __init__(self, file: Stamp, auxiliary: Stamp | None, layout: Layout) -> None:
        """Read the files; raises DataUnusable."""
        if auxiliary and digest(auxiliary) == digest(file):
            raise DataUnusable(
                f"auxiliary holds other people's records, {auxiliary.name!r} has the very bytes of "
                f"{file.name!r}; name another file, or none to split this one"
            )
        self._texts = [read_csv(one, layout) for one in (file, auxiliary) if one]
        self.names = self._texts[0].names
        for other in self._texts[1:]:
            if lacking := [name for name in self.names if name not in other.names]:
                raise DataUnusable(
                    f"auxiliary has the columns of the table, {other.stamp.name!r} lacks {lacking[0]!r}; add "
                    "the column or name another file"
                )
        self._cells = {
            name: [text.columns[text.names.index(name)] for text in self._texts] for name in self.names
        }
        self._texts = [replace(text, columns=()) for text in self._texts]
        self.kept: npt.NDArray[np.intp] = np.arange(sum(text.rows for text in self._texts))

    def take(self, name: str) -> TextColumn:
        """Return the kept records' cells of a column, coded; it can be taken once."""
        column = code_texts(name, self._cells.pop(name))
        return column.rows(self.kept) if len(self.kept) < len(column.codes) else column

    def keep(self, rows: Mask) -> None:
        """Leave out all other records from now on."""
        self.kept = self.kept[rows]

    def from_auxiliary(self) -> Mask:
        """Return which of the kept records come from the auxiliary file."""
        return self.kept >= self._texts[0].rows

    def where(self, row: int) -> str:
        """Name the place of a kept record."""
        place = int(self.kept[row])
        for text in self._texts:
            if place < text.rows:
                of = f" of {text.stamp.name!r}" if len(self._texts) > 1 else ""
                return f"line {text.line(place):,}{of}"
            place -= text.rows
        raise IndexError(row)
