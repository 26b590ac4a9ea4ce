"""A table of one's own: real ones read as they should, kinds inferred and corrected, omissions told."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from inversion_core.datasets.base import TableDataset
from inversion_core.datasets.bins import cut, quantile_edges, range_names
from inversion_core.datasets.table import Table
from inversion_core.registry import find
from inversion_core.scenario import Scenario, problems
from inversion_core.tables import Records
from tests.datasets.tables import ROLES, lines, with_column


@pytest.fixture
def real(real_data: Path) -> Path:
    """Folder of the real tables; its absence is a failure."""
    folder = real_data / "tabular"
    assert folder.is_dir(), f"this test reads real tables from {folder}; put the shared data there"
    return folder


def made(path: Path, text: str, **options: object) -> Table:
    path.write_text(text, encoding="utf-8")
    return Table(path, **(ROLES | options))


def column(table: TableDataset, name: str) -> int:
    return [one.name for one in table.columns].index(name)


def cells(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [row[name] for row in csv.DictReader(file)]


# --- real tables ---


@pytest.fixture
def adult(real: Path) -> Table:
    """Adult as Mehnaz et al. use it: members and held-out rows are two files."""
    return Table(
        real / "miai/Adult_35222.csv",
        label="income",
        sensitive="marital",
        positive="Married",
        auxiliary=str(real / "miai/Adult_10000.csv"),
    )


@pytest.mark.parametrize(
    ("part", "counts"), [("train", (7565, 17121, 1208, 9328)), ("held_out", (2067, 4886, 368, 2679))]
)
def test_adult_gives_the_counts_of_the_rule_that_asks_no_model(
    adult: Table, part: str, counts: tuple[int, ...]
) -> None:
    """Who earns more than 50K is married: true and false positives and negatives."""
    records: Records = getattr(adult, part)()
    married = records.inputs[:, adult.sensitive] == adult.positive
    guess = records.labels == adult.classes.index(">50K")
    told = [married & guess, ~married & ~guess, ~married & guess, married & ~guess]
    assert tuple(int(cell.sum()) for cell in told) == counts


def test_adult_is_read_cell_by_cell(adult: Table, real: Path) -> None:
    train = adult.train()
    assert (len(train), len(adult.held_out()), adult.victim_count()) == (35_222, 10_000, 35_222)
    assert adult.card.shape == (10,) and adult.classes == ("<=50K", ">50K") and not adult.notes
    assert [adult.columns[place].name for place in adult.grouping] == ["sex", "race"]
    for name in ("fnlwgt", "hoursperweek"):
        expected = torch.tensor([float(cell) for cell in cells(real / "miai/Adult_35222.csv", name)])
        assert torch.equal(train.inputs[:, column(adult, name)], expected)
    place = column(adult, "occupation")
    levels = adult.columns[place].levels
    assert levels is not None
    told = [levels[int(code)] for code in train.inputs[:, place].tolist()]
    assert told == cells(real / "miai/Adult_35222.csv", "occupation")


def test_the_steak_survey_keeps_its_missing_cells(real: Path) -> None:
    table = Table(real / "miai/fte_322.csv", label="steak_type", sensitive="alcohol", positive="Yes")
    both = torch.cat([table.train().inputs, table.held_out().inputs])
    ignored = ["column 'response_id' is ignored: it has a whole number", "column 'steak' is ignored: it is"]
    assert len(both) == 322 and [note[: len(ignored[i])] for i, note in enumerate(table.notes)] == ignored
    # 133 cells are missing; one of them in the column of a single value, which is ignored.
    assert int(both.isnan().sum()) == 132 and not both[:, table.sensitive].isnan().any()
    assert table.columns[column(table, "income")].levels == (
        "$0 - $24,999", "$25,000 - $49,999", "$50,000 - $99,999", "$100,000 - $149,999", "$150,000+",
    )  # fmt: skip


def test_the_steak_survey_in_full(real: Path) -> None:
    table = Table(real / "miai/fte_full.csv", label="steak_type", sensitive="age")
    assert table.columns[table.sensitive].levels == ("18-29", "30-44", "45-60", "> 60")
    assert table.positive is None and len(table.train()) + len(table.held_out()) == 331


def test_the_raw_survey_has_a_second_header(real: Path) -> None:
    path = real / "steak/steak-risk-survey.csv"
    table = Table(path, label="How do you like your steak prepared?", sensitive="Gender", skip_rows=1)
    assert table.columns[table.sensitive].levels == ("Female", "Male")
    assert all("Response" not in (one.levels or ()) for one in table.columns)
    assert table.notes[0].endswith("rows without a label or a sensitive value are left out")
    assert len(table.train()) + len(table.held_out()) + int(table.notes[0].split()[0]) == 550


def test_pima_has_no_header_and_its_age_is_cut_into_ranges(real: Path) -> None:
    table = Table(real / "pima/pima-indians-diabetes.csv", label="8", sensitive="7", header=False)
    assert [one.name for one in table.columns] == [str(place) for place in range(8)]
    assert table.classes == ("0", "1") and len(table.train()) == len(table.held_out()) == 384
    levels = table.columns[7].levels
    assert levels is not None and len(levels) == 4
    assert levels[0].endswith(" or less") and " to " in levels[1] and levels[3].endswith(" or more")
    shares = table.held_out().inputs[:, 7].long().bincount(minlength=4) / 384
    assert shares.min() > 0.15 and shares.max() < 0.35


def test_breast_cancer_has_ranges_with_decimals(real: Path) -> None:
    table = Table(real / "breast_cancer/wdbc_sklearn.csv", label="target", sensitive="mean radius", bins=3)
    levels = table.columns[table.sensitive].levels
    assert levels is not None and levels[0].startswith("up to 1") and levels[2].startswith("over 1")
    assert not torch.cat([table.train().inputs, table.held_out().inputs]).isnan().any()


# --- the split ---


def test_the_split_is_a_partition_and_follows_the_seed(tmp_path: Path) -> None:
    text = with_column("row", [f"{number}.5" for number in range(80)])
    table = made(tmp_path / "t.csv", text, train_share=0.25)
    place = column(table, "row")
    parts = [part.inputs[:, place].tolist() for part in (table.train(), table.held_out())]
    assert len(parts[0]) == 20 and sorted(parts[0] + parts[1]) == [number + 0.5 for number in range(80)]
    again = made(tmp_path / "t.csv", text, train_share=0.25)
    other = made(tmp_path / "t.csv", text, train_share=0.25, seed=1)
    assert torch.equal(again.train().inputs, table.train().inputs)
    assert not torch.equal(other.train().inputs, table.train().inputs)


def test_an_auxiliary_file_is_held_out_whatever_the_order_of_its_columns(tmp_path: Path) -> None:
    other = tmp_path / "u.csv"
    other.write_text(
        "outcome,secret,city,more,job,age\n" + "good,yes,Oslo,1,clerk,33\nbad,no,,1,cook,44\n" * 20
    )
    table = made(tmp_path / "t.csv", lines(), auxiliary=str(other), train_share=0.1)
    assert (len(table.train()), len(table.held_out())) == (80, 40)
    assert table.held_out().inputs[0].tolist()[0] == 33 and table.held_out().labels[:2].tolist() == [1, 0]
    # Levels come from both files, so that what only the second one has is known too; ranges from the second.
    assert table.columns[1].levels == ("clerk", "cook", "nurse")
    assert table.columns[2].levels == ("Bath", "Leeds", "Oslo", "York")
    assert math.isnan(table.held_out().inputs[1, 2]) and table.columns[0].grid == (33, 44)
    assert (table.columns[0].mean, table.columns[0].deviation) == (38.5, 5.5)


def test_records_handed_out_may_be_changed(tmp_path: Path) -> None:
    table = made(tmp_path / "t.csv", lines())
    table.train().inputs.zero_()
    assert table.train().inputs.abs().sum() > 0


def test_a_changed_file_is_another_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    first = made(path, lines())
    second = made(path, lines((2, "99,clerk,Bath,yes,good")))
    assert first.fingerprint() != second.fingerprint()
    assert 99 in torch.cat([second.train().inputs, second.held_out().inputs])[:, 0]
    with_other = made(path, lines(), auxiliary=str(_other(tmp_path)))
    assert with_other.fingerprint() not in (first.fingerprint(), second.fingerprint())
    assert made(path, lines()).fingerprint() == first.fingerprint()


def _other(folder: Path) -> Path:
    (folder / "other.csv").write_text(lines(count=79), encoding="utf-8")
    return folder / "other.csv"


# --- kinds ---


@pytest.mark.parametrize(
    ("repeated", "levels"),
    [
        (["0", "1"], ("0", "1")),
        (["1.0", "1", "02"], ("1", "2")),
        (["7", "8", "9"], None),
        (["1", "2", "many"], ("1", "2", "many")),
        ([" a", "a ", "b", "NA", "?", "n/a", "NULL"], ("a", "b")),
        (["None", "some"], ("None", "some")),
        (["-1.5", "+2e1", ".5", "3."], None),
        ([f"x{number}" for number in range(40)], tuple(f"x{number}" for number in range(40))),
    ],
)
def test_kinds_follow_from_the_cells(
    tmp_path: Path, repeated: list[str], levels: tuple[str, ...] | None
) -> None:
    table = made(tmp_path / "t.csv", with_column("extra", repeated))
    assert table.columns[column(table, "extra")].levels == levels


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("always", ["5"], "it is always '5' where it is known"),
        ("never", ["", "?"], "it is empty in every row"),
        ("name", [f"Ann {number}" for number in range(80)], "it has 80 different values in 80 rows"),
        ("key", [str(3 * number) for number in range(80)], "it has a whole number of its own in every row"),
        ("n", [str(number) for number in range(80)], "it has a whole number of its own in every row"),
        ("phone", [str(10**9 + 3 * number**2) for number in range(80)], "it has a whole number of its own"),
        ("", [str(7 * number) for number in range(80)], None),
        ("weight", [str(7 * number) for number in range(80)], None),
    ],
)
def test_columns_that_tell_nothing_or_name_people_are_ignored(
    tmp_path: Path, name: str, values: list[str], reason: str | None
) -> None:
    table = made(tmp_path / "t.csv", with_column(name, values))
    if reason is None:
        assert not table.notes and (name or "column 5") in [one.name for one in table.columns]
    else:
        assert len(table.columns) == 4 and table.notes[0].startswith(f"column {name!r} is ignored: {reason}")


def test_words_of_more_than_500_kinds_are_ignored(tmp_path: Path) -> None:
    rows = [f"{line},w{place % 600}" for place, line in enumerate(lines(count=1200).split()[1:])]
    table = made(tmp_path / "t.csv", "\n".join(["age,job,city,secret,outcome,word", *rows]))
    assert table.notes == (
        "column 'word' is ignored: it takes 600 values, more than the 500 a model is given",
    )


def test_corrections_are_followed(tmp_path: Path) -> None:
    text = with_column("grade", ["1", "2", "3"])
    assert made(tmp_path / "t.csv", text).columns[-1].levels is None
    table = made(tmp_path / "t.csv", text, types={"grade": "categorical", "city": "ignore"})
    assert table.columns[-1].levels == ("1", "2", "3") and "city" not in [one.name for one in table.columns]
    assert table.notes == ("column 'city' is ignored: it was set to ignore",)
    kept = made(
        tmp_path / "t.csv",
        with_column("key", [str(3 * number) for number in range(80)]),
        types={"key": "continuous"},
    )
    assert kept.columns[-1].name == "key" and not kept.notes


def test_an_odd_cell_does_not_matter_where_its_column_is_ignored(tmp_path: Path) -> None:
    text = lines((12, "thirty,clerk,Bath,yes,good"))
    assert len(made(tmp_path / "t.csv", text, types={"age": "ignore"}).columns) == 3


def test_few_numbers_are_levels_and_many_are_ranges(tmp_path: Path) -> None:
    text = with_column("grade", [str(number) for number in range(10)])
    table = made(tmp_path / "t.csv", text, sensitive="grade", positive="3")
    assert table.columns[table.sensitive].levels == tuple(map(str, range(10))) and table.positive == 3
    cut_up = made(tmp_path / "t.csv", text, sensitive="grade", types={"grade": "continuous"}, bins=2)
    assert len(cut_up.columns[cut_up.sensitive].levels or ()) == 2
    forced = made(tmp_path / "t.csv", lines(), sensitive="age", types={"age": "categorical"})
    assert len(forced.columns[0].levels or ()) == 50


def test_a_label_of_numbers_is_cut_on_request(tmp_path: Path) -> None:
    table = made(tmp_path / "t.csv", lines(), label="age", label_bins=3)
    assert len(table.classes) == 3 and table.train().labels.max() == 2
    assert made(tmp_path / "t.csv", with_column("mark", list("1234")), label="mark").classes == tuple("1234")


def test_missing_labels_and_secrets_are_left_out(tmp_path: Path) -> None:
    text = lines((3, "1,clerk,Bath,,good"), (4, "2,clerk,Bath,?,good"), (5, "3,clerk,Bath,yes,NA"))
    table = made(tmp_path / "t.csv", text)
    assert len(table.train()) + len(table.held_out()) == 77
    assert table.notes == ("3 rows without a label or a sensitive value are left out",)


def test_groups_can_be_chosen(tmp_path: Path) -> None:
    assert made(tmp_path / "t.csv", lines()).grouping == (1, 2)
    assert made(tmp_path / "t.csv", lines(), groups=("city",)).grouping == (2,)
    assert made(tmp_path / "t.csv", lines(), groups=()).grouping == ()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n\r\n"])
def test_separators_marks_and_empty_lines(tmp_path: Path, separator: str, start: str) -> None:
    plain = made(tmp_path / "plain.csv", lines())
    text = start + lines().replace(",", separator).replace("\n", "\r\n", 50)
    table = made(tmp_path / "t.csv", text)
    assert table.columns == plain.columns and torch.equal(table.train().inputs, plain.train().inputs)


def test_quoted_cells_hold_separators_lines_and_marks(tmp_path: Path) -> None:
    text = lines((2, '20,"a ""b"", c\nd",Bath,yes,good'))
    assert 'a "b", c\nd' in (made(tmp_path / "t.csv", text).columns[1].levels or ())


# --- ranges ---


@pytest.mark.parametrize(
    ("numbers", "bins", "edges", "names"),
    [
        (range(1, 101), 4, (25, 50, 75), ("25 or less", "26 to 50", "51 to 75", "76 or more")),
        ([0] * 90 + [1, 2, 3], 4, (0,), ("0 or less", "1 or more")),
        ([1, 2, 3, 4], 4, (1, 2, 3), ("1 or less", "2", "3", "4 or more")),
        (np.linspace(0, 1, 1001), 4, (0.25, 0.5, 0.75), None),
        ([-1.5, -0.5, 0.5, 1.5], 2, (0.0,), ("up to 0", "over 0")),
        ([5, 5, 5], 4, (), None),
    ],
)
def test_ranges(
    numbers: list[float], bins: int, edges: tuple[float, ...], names: tuple[str, ...] | None
) -> None:
    public = np.array(numbers, dtype=np.float64)
    found = quantile_edges(public, bins)
    assert found == pytest.approx(edges)
    if names is not None:
        assert range_names(found, whole=bool((public % 1 == 0).all())) == names
    if edges:
        codes = cut(np.array([*edges, edges[-1] + 0.01, math.nan]), found)
        # An edge belongs to the range it ends.
        assert codes[:-1].tolist() == list(range(len(edges) + 1)) and math.isnan(codes[-1])


# --- in a scenario ---


def test_a_scenario_names_a_table_and_tells_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(lines(), encoding="utf-8")
    given = {"target": {"name": "mlp"}, "attack": {"name": "mi-face"}}
    wrong = {"name": "table", "path": str(path), "options": ROLES | {"label": "x"}}
    told = problems(Scenario.model_validate({"dataset": wrong, **given}))
    assert told[0].startswith("dataset: label names a column of the table, 'x' is none")
    assert find("datasets", "table") is Table
