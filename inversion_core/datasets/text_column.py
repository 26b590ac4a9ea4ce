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
    # One chunk of codes over one dictionary, whatever chunks the reader made.
    coded = cells.dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0)
    trimmed = pc.utf8_trim_whitespace(coded.dictionary).dictionary_encode()
    texts = trimmed.dictionary
    again = trimmed.indices.to_numpy(zero_copy_only=False)
    missing = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(MISSING))
    numeric = pc.and_not(pc.match_substring_regex(texts, NUMBER), missing)
    numbers = pc.cast(pc.if_else(numeric, texts, None), pa.float64())
    return TextColumn(
        name,
        texts,
        again[coded.indices.to_numpy(zero_copy_only=False)].astype(np.int32),
        numbers.fill_null(np.nan).to_numpy(zero_copy_only=False).astype(np.float64),
        missing.to_numpy(zero_copy_only=False),
    )


def code_cells(name: str, cells: list[str]) -> TextColumn:
    """Code a column of text held in a list."""
    return code_texts(name, [pa.chunked_array([pa.array(cells, pa.string())])])
