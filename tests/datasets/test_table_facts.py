"""What a page can show of a table before a run."""

from pathlib import Path

import pytest

from inversion_core.datasets import table_facts
from inversion_core.datasets.column_kinds import Kind
from inversion_core.datasets.table_facts import TableFacts, inspect_table
from inversion_core.errors import DataUnusable
from tests.datasets.tables import lines, with_column


def facts(path: Path, text: str, **layout: object) -> TableFacts:
    path.write_text(text, encoding="utf-8")
    return inspect_table(path, **layout)


def test_columns_are_told_with_kind_values_missing_cells_and_an_example(tmp_path: Path) -> None:
    told = facts(tmp_path / "t.csv", lines((2, "20,?,Bath,yes,good"), (3, "21,clerk,NA,no,bad")))
    age, job, city, secret, outcome = told.columns
    assert (age.kind, age.values, age.missing, age.example) == (Kind.CONTINUOUS, 50, 0, "20")
    assert (job.kind, job.values, job.missing, job.example) == (Kind.CATEGORICAL, 2, 1, "clerk")
    assert (city.values, city.missing, city.example) == (3, 1, "Bath")
    assert not any(one.reason or one.problem for one in (age, job, city, secret, outcome))
    assert (told.rows, told.whole, told.hints) == (80, True, ())


def test_an_ignored_column_says_why(tmp_path: Path) -> None:
    told = facts(tmp_path / "t.csv", with_column("id", [str(5 * number) for number in range(80)]))
    assert told.columns[-1].kind is Kind.IGNORE and "as an identifier has" in told.columns[-1].reason


def test_mixed_cells_are_shown_and_no_error_yet(tmp_path: Path) -> None:
    told = facts(tmp_path / "t.csv", lines((12, "thirty,clerk,Bath,yes,good"))).columns[0]
    assert told.kind is Kind.CONTINUOUS and "'thirty' (line 12); correct the cell" in told.problem


def test_only_the_first_rows_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_facts, "SAMPLE_ROWS", 30)
    told = facts(tmp_path / "t.csv", lines((60, "thirty,clerk,Bath,yes,good")))
    assert (told.rows, told.whole, told.columns[0].problem) == (30, False, "")
    assert facts(tmp_path / "t.csv", lines(count=30)).whole


def test_a_second_header_is_suspected(tmp_path: Path) -> None:
    text = lines((2, ",Response,Response,Response,Response"))
    assert "second header" in facts(tmp_path / "t.csv", text).hints[0]
    told = facts(tmp_path / "t.csv", text, skip_rows=1)
    assert not told.hints and told.rows == 79


def test_a_missing_header_is_suspected(tmp_path: Path) -> None:
    text = "\n".join(f"{number},{number % 3},{number % 2}" for number in range(5, 90))
    assert "set header to false" in facts(tmp_path / "t.csv", text).hints[0]
    told = facts(tmp_path / "t.csv", text, header=False)
    assert not told.hints and [column.name for column in told.columns] == ["0", "1", "2"] and told.rows == 85


def test_a_ragged_line_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataUnusable, match=r"line 5 of 't.csv' has 3"):
        facts(tmp_path / "t.csv", lines((5, "1,2,3")))
