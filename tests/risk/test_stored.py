"""Stored comparisons as evidence of coverage: their numbers are the matrix's own."""

import json
from pathlib import Path

import pytest

from inversion_core.errors import DataUnusable
from inversion_core.registry import components
from inversion_core.risk.coverage import coverage
from inversion_core.risk.crosswalk import crosswalk
from inversion_core.risk.stored import FOLDER, comparisons, measured, of_comparisons


def test_what_ships_covers_inversion_and_not_extraction() -> None:
    found = coverage(of_comparisons(comparisons()))
    by_id = {one.id: one for one in (*found.tested, *found.attacks)}
    assert by_id["EDPB 55(iv)"].word == "RUN" and by_id["EDPB 55(iv)"].adaptive
    assert by_id["EDPB 55(ii)"].word == by_id["EDPB 55(iii)"].word == "NOT RUN"
    assert set(by_id["mi_class_rep"].attacks) <= set(components("attacks"))
    ids = {
        seed["run_id"]
        for path in FOLDER.glob("*/comparison.json")
        for cell in json.loads(path.read_text())["matrix"]["cells"]
        for seed in cell["seeds"]
    }
    assert set(by_id["mi_class_rep"].records) <= ids


def test_each_row_of_a_comparison_is_told_under_its_controls() -> None:
    said = measured(comparisons())
    assert set(said) <= {one.id for one in crosswalk().controls if not one.untested}
    private = [one for one in said["dp_training"] if one.row == "Differential privacy, epsilon 1"]
    assert {one.comparison for one in private} >= {"people-cnn-gn", "table-clinic"}
    for one in private:
        stored = next(each for each in comparisons() if each.name == one.comparison)
        cells = [cell for cell in stored.best.values() if cell.row == one.row and cell.value is not None]
        assert one.strongest is not None
        assert one.strongest.value == max(cell.value or 0 for cell in cells if not cell.untouched)
        assert sum(one.verdicts.values()) == sum(
            cell.verdict is not None for cell in cells if not cell.untouched
        )


def test_a_sentence_has_interval_control_guessing_and_cost() -> None:
    told = next(one for one in measured(comparisons())["rate_limit"]).sentence
    for part in (" to ", "without it", "by guessing", "n = ", "seeds", "The model is right in"):
        assert part in told


def test_the_undefended_row_stands_under_no_control() -> None:
    rows = {one.row for said in measured(comparisons()).values() for one in said}
    assert rows and not rows & {one.matrix.undefended for one in comparisons()}


def test_a_damaged_comparison_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "comparison.json").write_text("{}")
    with pytest.raises(DataUnusable, match="which is damaged or of an earlier version"):
        comparisons(tmp_path)
