"""CSV for spreadsheets: no cell is a formula, numbers stay numbers, names stay names."""

import csv
import io

import pytest

from inversion_core.errors import DataUnusable
from inversion_core.reports.tables import csv_cell, csv_rows


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://x\")", " =1", "\n=1", "-",
        "+49 151", "\u00a0=1", "\ufeff=1", "\uff1d1", "=cmd|' /C calc'!A0", "--1", "-1e", "- a note",
    ],
)  # fmt: skip
def test_a_formula_becomes_text(text: str) -> None:
    assert csv_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["-1", "+0.5", "-1.5e-3", "1", ".5", "12.", "0"])
def test_a_number_stays_a_number(text: str) -> None:
    assert csv_cell(text) == text and float(csv_cell(text)) == float(text)


@pytest.mark.parametrize("text", ["Ádám", "a-b", "a=b", "", "9 of 100", "label alone", "1 - 2", "'=1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert csv_cell(text) == text


@pytest.mark.parametrize("text", ["a;=1+1", "a\t=1", "a\n=1", "a; @x", "a;-1"])
def test_no_formula_begins_where_another_separator_would_cut(text: str) -> None:
    for cut in ";\t\n":
        assert not any(part.strip().startswith(("=", "@", "-", "+")) for part in csv_cell(text).split(cut))


def test_rows_come_back_as_they_went_in() -> None:
    rows = [('Ádám "A", 王', 0.5, -3, None), ("two\nlines", "x", True, "")]
    read = list(csv.reader(io.StringIO(csv_rows(("a", "b", "c", "d"), rows).decode("utf-8-sig"))))
    assert read == [["a", "b", "c", "d"], ['Ádám "A", 王', "0.5", "-3", ""], ["two\nlines", "x", "True", ""]]


def test_it_begins_with_the_mark_that_spreadsheets_know_utf_8_by() -> None:
    assert csv_rows(("a",), [("b",)]) == b"\xef\xbb\xbfa\r\nb\r\n"


def test_heads_are_text_too() -> None:
    assert csv_rows(("=a",), []).endswith(b"'=a\r\n")


def test_control_characters_and_halves_of_pairs_leave_a_mark() -> None:
    assert (
        csv_rows(("a",), [("x\x00y\ud800\u202e",)]).decode("utf-8-sig").endswith("x\ufffdy\ufffd\ufffd\r\n")
    )


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(DataUnusable, match="heads, 2, and row 2 has 1"):
        csv_rows(("a", "b"), [("1", "2"), ("1",)])
