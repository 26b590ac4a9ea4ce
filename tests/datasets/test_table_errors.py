"""Tables that cannot be used, each told in one sentence: the rule, what was given, what to do."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from inversion_core.datasets import csv_file
from inversion_core.datasets.table import Table
from inversion_core.datasets.table_facts import inspect_table
from inversion_core.errors import DataUnusable
from tests.datasets.tables import HEADER, ROLES, lines, people, with_column

NUMBERS = [str(1000 + 7 * number) for number in range(80)]

FILES = {
    "an empty file": ("", r"a table has a header and records, 't.csv' is empty; fill it"),
    "only empty lines": ("\n\r\n\n", "'t.csv' has only empty lines; fill it"),
    "only blanks": ("\n   \n", "'t.csv' has one column"),
    "a header only": (HEADER + "\n", "records below its header, 't.csv' has none; add some"),
    "a header without an end of line": (HEADER, "records below its header, 't.csv' has none"),
    "one column": ("outcome\ngood\nbad\n", "'t.csv' has one column; separate the cells of a line by commas"),
    "prose": ("Dear all\nthis is no table\nyours\n", "'t.csv' has one column"),
    "a column twice": (
        lines(header="age,job,age,secret,outcome"),
        "told apart by name, 'age' stands 2 times in the header of 't.csv'; rename all but one",
    ),
    "a short line": (
        lines((5, "1,2,3")),
        "as many cells as the first, 5; line 5 of 't.csv' has 3; correct it",
    ),
    "a long line below an empty one": (lines((5, "\n1,2,3,4,5,6")), "line 6 of 't.csv' has 6"),
    "a long line below a cell of two lines": (
        lines((4, '20,clerk,"Bath\nSpa",yes,good'), (6, "1,2,3,4,5,6")),
        "line 7 of 't.csv' has 6",
    ),
    "a quotation mark never closed": (lines((7, '20,"clerk,Bath,yes,good')), "line 7 of 't.csv' has 2"),
    "few rows": (
        lines(count=39),
        r"at least 20 held-out records, it has 19; add rows, or change train_share",
    ),
    "one class": (
        lines().replace("bad", "good"),
        "at least two classes apart, the label 'outcome' takes 1 value in the rows .*; choose another column",
    ),
    "an empty label": (
        lines().replace("bad", "").replace("good", "?"),
        r"at least 20 members, it has 0 \(80 rows lack a label or a sensitive value\)",
    ),
    "a label of one held-out row": (
        lines().replace("bad", "good").replace("good", "bad", 1),
        "label takes at least two values among the (members|held-out records), 'outcome' takes one there",
    ),
    "one secret": (lines().replace("yes", "no"), "takes at least two values, 'secret' takes 1"),
    "a number too large": (
        lines((9, "1e39,clerk,Bath,yes,good")),
        r"numbers lie between -3.4e\+38 and 3.4e\+38, 'age' has 1e39 \(line 9\); correct the cell",
    ),
    "a number that is infinite": (lines((9, "-1e999,clerk,Bath,yes,good")), r"'age' has -1e999 \(line 9\)"),
    "a word among numbers": (
        lines((12, "thirty,clerk,Bath,yes,good")),
        r"holds numbers or words, 'age' holds numbers and also 'thirty' \(line 12\); correct the cell",
    ),
    "a word among numbers below a cell of two lines": (
        lines((4, '20,clerk,"Bath\nSpa",yes,good'), (12, "thirty,clerk,Bath,yes,good")),
        r"'thirty' \(line 13\)",
    ),
}

OPTIONS = {
    "no such label": (
        {"label": "x"},
        "label names a column of the table, 'x' is none; use one of 'age', 'job'",
    ),
    "no such sensitive column": ({"sensitive": "x"}, "sensitive names a column of the table, 'x' is none"),
    "a typing of nothing": ({"types": {"x": "ignore"}}, "types names a column of the table, 'x' is none"),
    "a group of nothing": ({"groups": ("x",)}, "groups names a column of the table, 'x' is none"),
    "a group of numbers": ({"groups": ("age",)}, "'age' is none; use some of 'job', 'city'"),
    "a group by the secret": ({"groups": ("secret",)}, "'secret' is none; use some of 'job', 'city'"),
    "the same column twice": ({"sensitive": "outcome"}, "are two columns, 'outcome' was given as both"),
    "no such value": ({"positive": "maybe"}, "'maybe' is none; use one of 'no', 'yes'"),
    "an ignored secret": (
        {"types": {"secret": "ignore"}},
        "'secret' is the sensitive column; give it another",
    ),
    "an ignored label": ({"types": {"outcome": "ignore"}}, "'outcome' is the label; give it another type"),
    "words as numbers": (
        {"types": {"job": "continuous"}},
        r"'job' holds numbers and also '(clerk|nurse)' \(line 2\)",
    ),
    "a secret of words as numbers": ({"types": {"secret": "continuous"}}, r"'secret' holds numbers and also"),
    "a label of words in ranges": ({"label_bins": 3}, r"'outcome' holds numbers and also"),
    "a label of many numbers": (
        {"label": "age"},
        "a label is a class, 'age' holds 50 different numbers; .* or set label_bins to cut it into ranges",
    ),
    "a header called none": (
        {"header": False},
        "label names a column .* use one of '0', '1', '2', '3', '4'$",
    ),
    "all records skipped": ({"skip_rows": 80}, "records below its header, 't.csv' has none; .* skip_rows"),
    "every other column ignored": (
        {"types": {"age": "ignore", "job": "ignore", "city": "ignore"}},
        "a model needs a column beside the label and the sensitive one, none can be used; column 'age' is",
    ),
    "a file as its own auxiliary": (
        {"auxiliary": "t.csv"},
        "has the very bytes of 't.csv'; name another file",
    ),
}

BYTES = {
    "Latin-1": (
        lines((3, "20,clerk,Bath,yes,good")).replace("Bath", "Münster", 1).encode("latin-1"),
        r"UTF-8 text, byte \d+ of 't.csv' \(0xFC, line \d+\) is not; save it as UTF-8",
    ),
    "a character cut off at the end": (lines().encode() + b"\xc3", r"0xC3, line 82\) is not"),
    "UTF-16": (lines().encode("utf-16"), "'t.csv' is UTF-16 text; export the table as CSV in UTF-8"),
    "a spreadsheet": (b"PK\x03\x04....", "'t.csv' is a zip archive or a spreadsheet; export"),
    "a compressed file": (b"\x1f\x8b\x08....", "'t.csv' is a gzip archive"),
    "a zero byte": (b"a,b\n1,\0\n", r"no zero bytes, byte 7 of 't.csv' is one \(line 2\); export"),
}


def fails(match: str, path: str | Path, **options: object) -> str:
    """Check that making the dataset fails with one such sentence, and return it."""
    with pytest.raises(DataUnusable, match=match) as caught:
        Table(path, **(ROLES | options))
    told = str(caught.value)
    assert "\n" not in told and "0x0" not in told and told.count("; ") >= 1
    return told


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table that can be used."""
    path = tmp_path / "t.csv"
    path.write_text(lines(), encoding="utf-8")
    return path


def test_the_table_that_the_others_are_made_of_can_be_used(file: Path) -> None:
    table = Table(file, **ROLES)
    assert (len(table.train()), len(table.held_out())) == (40, 40) and not table.notes


@pytest.mark.parametrize(("text", "match"), FILES.values(), ids=FILES)
def test_files(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    fails(match, path)


@pytest.mark.parametrize(("content", "match"), BYTES.values(), ids=BYTES)
def test_bytes(tmp_path: Path, content: bytes, match: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    fails(match, path)
    with pytest.raises(DataUnusable, match=match):
        inspect_table(path)


@pytest.mark.parametrize(("options", "match"), OPTIONS.values(), ids=OPTIONS)
def test_options(file: Path, options: dict[str, object], match: str) -> None:
    if "auxiliary" in options:
        options = {"auxiliary": str(file)}
    fails(match, file, **options)


@pytest.mark.parametrize("place", ["nowhere.csv", ".", "a\0b", "x" * 5000, ""])
def test_places(tmp_path: Path, place: str) -> None:
    fails("a table (is read from a CSV file|needs a path)", str(tmp_path / place) if place else "")


def test_a_wrong_byte_is_counted_over_the_whole_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters of several bytes lie across the blocks the file is read in."""
    monkeypatch.setattr(csv_file, "BLOCK", 7)
    text = "ä,ü\n" * 40
    (tmp_path / "t.csv").write_bytes(text.encode() + b"a,\xff\n")
    fails(rf"byte {len(text.encode()) + 3} of 't.csv' \(0xFF, line 41\)", tmp_path / "t.csv")


def test_a_file_of_a_gigabyte_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)  # sparse: takes no space
    fails("a table may have 500,000,000 bytes, 't.csv' has 1,000,000,000; take a random part", path)


def test_a_file_that_is_gone_when_it_is_read(file: Path) -> None:
    seen = csv_file.stamp(file)
    file.unlink()
    with pytest.raises(DataUnusable, match=r"a table must be readable, 't.csv' is not \(No such file"):
        csv_file.digest(seen)


def test_a_quotation_mark_that_swallows_the_rest_of_a_long_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(lines((7, '20,"clerk,Bath,yes,good'), count=10_000), encoding="utf-8")
    match = "quotation marks come in pairs, one opened on line 7 of 't.csv' is never closed"
    fails(match, path)
    with pytest.raises(DataUnusable, match=match):
        inspect_table(path)


def test_too_many_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{number}" for number in range(1001)) + "\n", encoding="utf-8")
    fails("a table may have 1,000 columns, 't.csv' has 1,001; remove some", path)


@pytest.mark.parametrize("kind", ["words", "numbers"])
def test_a_sensitive_column_of_10_000_values(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t.csv"
    cells = [f"{'z' if kind == 'words' else ''}{number}" for number in range(10_000)]
    rows = [f"{line},{cell}" for line, cell in zip(people(10_000), cells, strict=True)]
    path.write_text("\n".join([HEADER + ",code", *rows]), encoding="utf-8")
    match = "a sensitive column takes at most 50 values, 'code' takes 10,000; choose another column"
    fails(match, path, sensitive="code", types={"code": "categorical"})
    if kind == "words":
        fails(match, path, sensitive="code")
        fails("a label takes at most 50 values, 'code' takes 10,000", path, label="code")
        fails(
            "categorical column takes at most 500 values, 'code' takes 10,000",
            path,
            types={"code": "categorical"},
        )
    else:
        levels = Table(path, **(ROLES | {"sensitive": "code"})).columns[-1].levels
        assert levels is not None and len(levels) == 4


def test_a_secret_of_numbers_and_words(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(with_column("pay", [*NUMBERS[:-1], "lots"]), encoding="utf-8")
    for role in ROLES:
        fails(r"'pay' holds numbers and also 'lots' \(line 81\); correct the cell", path, **{role: "pay"})


def test_a_secret_with_one_value_among_the_held_out(tmp_path: Path) -> None:
    path, other = tmp_path / "t.csv", tmp_path / "u.csv"
    path.write_text(lines(), encoding="utf-8")
    other.write_text(lines().replace("yes", "no"), encoding="utf-8")
    fails(
        "sensitive column takes at least two values among the held-out records, 'secret' takes one there",
        path,
        auxiliary=str(other),
    )


def test_a_secret_of_numbers_that_is_constant_among_the_held_out(tmp_path: Path) -> None:
    path, other = tmp_path / "t.csv", tmp_path / "u.csv"
    path.write_text(with_column("pay", NUMBERS), encoding="utf-8")
    other.write_text(with_column("pay", ["5"]), encoding="utf-8")
    match = "cut into ranges by the held-out rows, 'pay' takes fewer than two values there"
    fails(match, path, sensitive="pay", auxiliary=str(other))


def test_an_auxiliary_file_of_other_columns(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "u.csv"
    other.write_text(lines(header="age,job,town,secret,outcome"), encoding="utf-8")
    fails("auxiliary has the columns of the table, 'u.csv' lacks 'city'", file, auxiliary=str(other))


def test_a_mistake_in_the_auxiliary_file_is_found_there(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "u.csv"
    other.write_text(lines((8, "thirty,clerk,Bath,yes,good")), encoding="utf-8")
    fails(r"'thirty' \(line 8 of 'u.csv'\)", file, auxiliary=str(other))


@pytest.mark.parametrize(
    "options",
    [{"bins": 1}, {"train_share": 1.0}, {"types": {"age": "number"}}, {"lable": "x"}, {"skip_rows": -1}],
)
def test_options_out_of_range_are_refused(file: Path, options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Table(file, **(ROLES | options))
