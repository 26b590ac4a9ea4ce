"""One column of text, coded: each different text once, a code for each record, the numbers among them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MISSING = ("", "?", "na", "n/a", "#n/a", "nan", "null", "<na>")
"""What stands in a cell of which nothing is known, in small letters. "None" is a word: no drink, no child."""
NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"

Codes = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TextColumn:
    """D different texts in N records.

    `codes` (N,) is the place of each record's text among `texts`; `numbers` (D,) float64 is NaN where a text
    is no number, `missing` (D,) marks the texts that stand for nothing.
    """

    name: str
    texts: pa.Array
    codes: Codes
    numbers: Numbers
    missing: Mask

    @property
    def words(self) -> Mask:
        """(D,): texts that are neither a number nor missing."""
        return ~self.missing & np.isnan(self.numbers)

    def text(self, place: int | np.integer) -> str:
        """Return one of the different texts."""
        return str(self.texts[int(place)].as_py())

    def known(self) -> Mask:
        """(N,): records with a value."""
        return ~self.missing[self.codes]

    def first(self, chosen: Mask) -> int:
        """Return the first record whose text is one of the chosen (D,)."""
        return int(chosen[self.codes].argmax())

    def present(self) -> Mask:
        """(D,): texts that stand in one of the records; after `rows` not all do."""
        return np.bincount(self.codes, minlength=len(self.texts)).astype(bool)

    def rows(self, index: npt.NDArray[np.intp]) -> "TextColumn":
        """Return some of the records, over the same texts."""
        return replace(self, codes=self.codes[index])


def code_texts(name: str, parts: Sequence[pa.ChunkedArray]) -> TextColumn:
    """Code a column of text that comes in parts; blanks around a text do not count."""
    cells = pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.string())
    # In one piece, so that one dictionary serves all; a file is too small to need 64-bit offsets.
    coded = pa.concat_arrays(cells.chunks).dictionary_encode()
    texts, codes = coded.dictionary, coded.indices.to_numpy()
    trimmed = pc.utf8_trim_whitespace(texts)
    if not trimmed.equals(texts):
        again = trimmed.dictionary_encode()
        texts, codes = again.dictionary, again.indices.to_numpy()[codes]
    missing = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(MISSING))
    numeric = pc.and_not(pc.match_substring_regex(texts, NUMBER), missing)
    numbers = pc.cast(pc.if_else(numeric, texts, None), pa.float64())
    return TextColumn(
        name,
        texts,
        codes,
        numbers.fill_null(np.nan).to_numpy(zero_copy_only=False).astype(np.float64),
        missing.to_numpy(zero_copy_only=False),
    )


def code_cells(name: str, cells: list[str]) -> TextColumn:
    """Code a column of text held in a list."""
    return code_texts(name, [pa.chunked_array([pa.array(cells, pa.string())])])
