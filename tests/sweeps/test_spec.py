"""SWEEP.json as people write it, right and wrong."""

import json
import re
from typing import Any

import pytest

from inversion_core.errors import ScenarioInvalid
from inversion_core.sweeps.spec import canonical, read_sweep
from tests.sweeps.specs import COLUMNS, ROWS, grid

LISTED = {"target": {"name": "cnn"}, "attack": {"name": "mi-face"}}


def test_a_grid_and_a_list_are_read() -> None:
    assert len(read_sweep(json.dumps(grid())).rows) == 4
    assert len(read_sweep(json.dumps({"name": "list", "scenarios": [LISTED]})).scenarios) == 1


def test_seeds_are_three_unless_given() -> None:
    spec = grid()
    del spec["seeds"]
    assert read_sweep(json.dumps(spec)).seeds == (0, 1, 2)


def test_the_same_sweep_written_otherwise_is_the_same() -> None:
    spec = grid()
    spelled = grid(retrain=False, rows=[{"group": ""} | ROWS[0], *ROWS[1:]])
    turned = dict(reversed(spelled.items()))
    assert canonical(read_sweep(json.dumps(spec))) == canonical(read_sweep(json.dumps(turned, indent=2)))
    assert canonical(read_sweep(canonical(read_sweep(json.dumps(spec))))) == canonical(
        read_sweep(json.dumps(spec))
    )


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (grid(nmae="x"), "sweep.nmae is no known key"),
        (grid(rows=[{"title": "x", "defence": []}]), "sweep.rows.0.defence is no known key"),
        (grid(columns=[{"title": "x"}]), "sweep.columns.0.attack is missing"),
        (grid(columns=[COLUMNS[0] | {"attacker": "clever"}]), "sweep.columns.0.attacker: .*'clever'"),
        (grid(columns=[COLUMNS[0] | {"access": "telepathy"}]), "sweep.columns.0.access: .*telepathy"),
        (grid(rows=[{"title": ""}]), "sweep.rows.0.title: "),
        (grid(name=""), "sweep.name: "),
        (grid(seeds=[]), "sweep.seeds is empty"),
        (grid(seeds=[-1]), "sweep.seeds are whole numbers from 0, -1 was given"),
        (grid(seeds=[0, 0]), "sweep.seeds names a seed twice"),
        (grid(seeds=[0.5]), "sweep.seeds.0: "),
        (grid(rows=[ROWS[0], ROWS[0]], columns=COLUMNS[:1]), "sweep.rows: 'none' is the title of two rows"),
        (grid(columns=[COLUMNS[2], COLUMNS[2]]), "sweep.columns: two adaptive attackers are titled 'api'"),
        (
            grid(columns=[COLUMNS[0], COLUMNS[0] | {"variant": "b"}]),
            "sweep.columns: 'weights' has two naive attackers",
        ),
        (grid(columns=[COLUMNS[0] | {"against": ["nobody"]}]), "sweep.columns.0.against .*'nobody' is none"),
        (grid(rows=[]), "a sweep needs base, rows and columns, or a list of scenarios"),
        (grid(base=None), "a sweep needs base, rows and columns, or a list of scenarios"),
        ({"name": "x"}, "a sweep needs base, rows and columns, or a list of scenarios"),
        (grid(scenarios=[LISTED]), "a sweep has either scenarios, or base, rows and columns, both"),
        (grid(seeds=list(range(1000))), "a sweep has at most 5,000 runs, this one has 12,000"),
    ],
)
def test_every_wrong_sweep_is_one_sentence(spec: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioInvalid) as refusal:
        read_sweep(json.dumps(spec))
    (sentence,) = refusal.value.problems
    assert re.match(told, sentence), sentence


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"name": 3}'])
def test_what_is_no_sweep_is_told_in_sentences(text: str) -> None:
    with pytest.raises(ScenarioInvalid) as refusal:
        read_sweep(text)
    assert all(one.startswith("sweep") for one in refusal.value.problems)
