"""The stored comparisons are what their sweeps give: complete, and one cell computed anew."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inversion_core import pictures
from inversion_core.compare.matrix import Matrix
from inversion_core.execute import execute
from inversion_core.metrics.intervals import wilson
from inversion_core.scenario import Scenario
from inversion_core.shipping import SHIPPED_EVIDENCE, SWEEPS
from inversion_core.store.runs import RunStore
from inversion_core.sweeps.bundle import PEOPLE
from inversion_core.sweeps.cells import expand
from inversion_core.sweeps.spec import read_sweep
from inversion_core.values import State

FOLDER = SHIPPED_EVIDENCE / "compare"
NAMES = sorted(path.stem for path in SWEEPS.glob("*.json"))
CELL = ("Rounding, 1 decimal", "Evolution strategy", "naive")
"""The cell that is computed anew: an attack through a defended interface, a few seconds."""


def kept(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name / "comparison.json").read_text())
    return found


def test_every_sweep_has_a_comparison_and_the_other_way_round() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == NAMES and "people-cnn" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_comparison_holds_every_cell_of_its_sweep_with_every_seed(name: str) -> None:
    sweep = read_sweep((SWEEPS / f"{name}.json").read_text())
    matrix = Matrix.model_validate(kept(name)["matrix"])
    stored = {(one.row, one.column, one.attacker, one.variant): one for one in matrix.cells}
    cells = expand(sweep)
    assert {(one.row, one.column, one.attacker, one.variant) for one in cells} == set(stored)
    for cell in cells:
        found = stored[cell.row, cell.column, cell.attacker, cell.variant]
        assert found.state == ("done" if cell.scenarios else "does not apply"), found
        assert [one.seed for one in found.seeds] == [one.seed for one in cell.scenarios]
    assert len(sweep.seeds) >= 3


def test_a_cell_computed_anew_gives_the_stored_people(tmp_path: Path) -> None:
    comparison = kept("people-cnn")
    entry = next(one for one in comparison["cells"] if (one["row"], one["column"], one["attacker"]) == CELL)
    stored = next(
        one for one in comparison["matrix"]["cells"] if (one["row"], one["column"], one["attacker"]) == CELL
    )
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts"))
    scenario = Scenario.model_validate(entry["scenario"])
    run_id, _ = store.create(scenario, "test")
    record = execute(run_id, store)
    assert record.state is State.DONE and record.result is not None, record.error
    score = next(one for one in record.result["scores"] if one["name"] == stored["score"])
    value = stored["seeds"][0]
    # Another processor sums in another order: the search may then end elsewhere for a person or two.
    assert score["n"] == value["n"] and abs(score["value"] - value["value"]) <= 2 / value["n"]
    assert (value["low"], value["high"]) == wilson(round(value["value"] * value["n"]), value["n"])
    sheet = next(one for one in store.artifacts(run_id) if one.name == "reconstruction-sheet.png")
    anew = pictures.cut(pictures.read_png(store.artifact(sheet.sha256)), value["n"]).float().numpy()
    sprite = np.asarray(Image.open(io.BytesIO((FOLDER / "people-cnn" / entry["sprite"]).read_bytes())))
    side = comparison["side"]
    names = [one["name"] for one in record.result["victims"]]
    assert len(comparison["people"]) == PEOPLE
    for place, name in enumerate(comparison["people"]):
        last = sprite[place * side : (place + 1) * side, -side:].astype(float).transpose(2, 0, 1)
        apart = [np.abs(last - one).mean() for one in anew]
        assert int(np.argmin(apart)) == names.index(name) and min(apart) < 12
