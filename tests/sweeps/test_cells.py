"""What a sweep expands into: who runs against whom, what is shut out, what is never dropped."""

import json
from typing import Any

import pytest

from inversion_core.compare.terms import Change
from inversion_core.errors import ScenarioInvalid
from inversion_core.scenario import problems
from inversion_core.sweeps.cell import UNTOUCHED, Cell
from inversion_core.sweeps.cells import expand, scenarios_of
from inversion_core.sweeps.spec import read_sweep
from inversion_core.values import Access
from tests.sweeps.specs import COLUMNS, ROWS, grid


def cells(spec: dict[str, Any]) -> dict[tuple[str, str, str], Cell]:
    found = expand(read_sweep(json.dumps(spec)))
    return {(cell.row, cell.column, cell.attacker): cell for cell in found}


def test_every_combination_is_a_cell_and_those_that_run_have_every_seed() -> None:
    found = cells(grid())
    assert len(found) == len(ROWS) * len(COLUMNS)
    for cell in found.values():
        assert bool(cell.scenarios) != bool(cell.reason)
        assert [one.seed for one in cell.scenarios] == ([] if cell.reason else [0, 1])
        assert all(problems(one) == [] for one in cell.scenarios)


def test_defences_go_where_they_belong() -> None:
    found = cells(grid())
    (rounding,) = found["one decimal", "api", "naive"].scenarios[0].exposure.defences
    assert (rounding.name, rounding.params) == ("rounding", {"decimals": 1})
    (smoothing,) = found["smoothing", "api", "naive"].scenarios[0].target.defences
    assert smoothing.name == "label-smoothing"


def test_an_attack_gets_the_access_it_needs_unless_the_column_says_more() -> None:
    found = cells(grid())
    assert found["none", "api", "naive"].scenarios[0].exposure.access is Access.SCORES
    assert found["none", "weights", "naive"].scenarios[0].exposure.access is Access.WHITE_BOX
    more = cells(grid(columns=[COLUMNS[1] | {"access": "white-box"}]))
    assert more["none", "api", "naive"].scenarios[0].exposure.access is Access.WHITE_BOX


def test_what_a_service_releases_does_not_touch_who_holds_the_weights() -> None:
    found = cells(grid())
    bare = found["none", "weights", "naive"]
    for row in ("one decimal", "labels only"):
        cell = found[row, "weights", "naive"]
        assert cell.scenarios == bare.scenarios and cell.untouched and cell.note == UNTOUCHED
    assert found["smoothing", "weights", "naive"].scenarios != bare.scenarios and not bare.untouched


def test_a_row_that_caps_the_access_shuts_attacks_out_and_says_so() -> None:
    found = cells(grid())
    shut = found["labels only", "api", "naive"]
    assert shut.shut_out and shut.reason.startswith("attack 'nes-latent' needs scores access, the exposure")
    answer = found["labels only", "api", "adaptive"]
    assert answer.scenarios[0].exposure.access is Access.LABELS and Change.ACCESS in answer.changes


def test_whoever_knows_that_only_labels_are_left_asks_for_labels() -> None:
    columns = [{"title": "api", "attack": {"name": "nes-latent"}, "adapts": True}]
    found = cells(grid(columns=columns))
    assert found["labels only", "api", "naive"].shut_out
    answer = found["labels only", "api", "adaptive"]
    assert answer.scenarios[0].attack.name == "brep-mi" and not answer.reason
    assert answer.scenarios[0].exposure.access is Access.LABELS and not answer.scenarios[0].exposure.defences


def test_what_cannot_be_combined_is_no_shutting_out() -> None:
    private = {
        "title": "private", "defences": [{"name": "dp-sgd"}], "exposure": {"access": "labels"}
    }  # fmt: skip
    cell = cells(grid(rows=[ROWS[0], private], columns=COLUMNS[:2]))["private", "api", "naive"]
    assert "dp-sgd" in cell.reason and not cell.shut_out and cell.scenarios == ()


def test_an_attacker_meant_for_other_rows_does_not_apply() -> None:
    assert cells(grid())["none", "api", "adaptive"].reason == "this attacker is meant for labels only"


def test_rows_change_target_data_and_budget_and_say_that_they_do() -> None:
    rows = [
        *ROWS[:1],
        {"title": "private", "target": {"name": "cnn-gn"}, "defences": [{"name": "dp-sgd"}]},
        {"title": "short", "target": {"params": {"epochs": 3}}},
        {"title": "budget", "exposure": {"query_budget": 50}},
    ]
    base = {"target": {"name": "cnn", "params": {"batch_size": 32}}, "exposure": {"query_budget": 900}}
    found = cells(grid(rows=rows, columns=[COLUMNS[1] | {"query_budget": 70}], base=base))
    parts = {row: found[row, "api", "naive"] for row in ("none", "private", "short", "budget")}
    target = {row: cell.scenarios[0].target for row, cell in parts.items()}
    assert (target["private"].name, target["private"].params) == ("cnn-gn", {})
    assert target["short"].params == {"batch_size": 32, "epochs": 3}
    budgets = {row: cell.scenarios[0].exposure.query_budget for row, cell in parts.items()}
    assert budgets == {"none": 70, "private": 70, "short": 70, "budget": 50}
    assert [parts[row].changes for row in parts] == [(), (Change.TARGET,), (), (Change.BUDGET,)]
    assert [parts[row].undefended for row in parts] == [True, False, False, False]


def test_an_operator_does_not_reach_who_holds_the_weights_and_a_budget_is_planned_for() -> None:
    rows = [
        ROWS[0],
        {"title": "budget", "exposure": {"query_budget": 50}},
        {"title": "watched", "exposure": {"monitor": True}},
    ]
    found = cells(grid(rows=rows, columns=COLUMNS[:2]))
    for row in ("budget", "watched"):
        held = found[row, "weights", "naive"]
        assert held.scenarios == found["none", "weights", "naive"].scenarios and held.note == UNTOUCHED
    planned = found["budget", "api", "naive"]
    assert planned.stands and planned.scenarios[0].exposure.query_budget == 50 and planned.note
    assert not found["none", "api", "naive"].stands


def test_whoever_takes_new_keys_meets_no_monitor() -> None:
    rows = [ROWS[0], {"title": "watched", "exposure": {"monitor": True}}]
    found = cells(grid(rows=rows, columns=COLUMNS[1:2]))
    assert all(one.exposure.monitor for one in found["watched", "api", "naive"].scenarios)
    assert found["watched", "api", "adaptive"].scenarios == found["none", "api", "naive"].scenarios


def test_pseudonyms_leave_guessing_until_somebody_looks_at_every_class() -> None:
    rows = [ROWS[0], {"title": "nameless", "exposure": {"pseudonyms": True}}]
    columns = [*COLUMNS[:2], {"title": "answer", "attack": {"name": "inversion-network"}, "access": "scores"}]
    found = cells(grid(rows=rows, columns=columns))
    for column in ("weights", "api"):
        shut, looks = found["nameless", column, "naive"], found["nameless", column, "adaptive"]
        assert shut.shut_out and not shut.scenarios and shut.reason.startswith("no class has a name")
        assert looks.scenarios == found["none", column, "naive"].scenarios and not looks.note
    # Whoever starts from a person's own answer needs no name of a class.
    assert found["nameless", "answer", "naive"].scenarios == found["none", "answer", "naive"].scenarios
    assert ("nameless", "answer", "adaptive") not in found


def test_a_column_that_adapts_adds_who_knows_the_defence_or_says_why_nobody_is_added() -> None:
    rows = [ROWS[0], ROWS[1], {"title": "label", "defences": [{"name": "label-only"}]}]
    columns = [
        {"title": "scores", "attack": {"name": "nes-latent", "params": {"queries": 40}}, "adapts": True},
        {"title": "labels", "attack": {"name": "brep-mi", "params": {"queries": 40}}, "adapts": True},
    ]
    found = cells(grid(rows=rows, columns=columns))
    knows = found["one decimal", "scores", "adaptive"]
    assert [one.seed for one in knows.scenarios] == [0, 1]
    assert knows.scenarios[0].attack.name == "brep-mi" and knows.scenarios[0].attack.params["queries"] == 40
    # Asked for no more than it needs, it is the very run of the column of labels.
    assert found["one decimal", "labels", "naive"].scenarios[0].exposure == knows.scenarios[0].exposure
    bare = found["none", "labels", "naive"]
    same = found["label", "labels", "naive"]
    assert same.scenarios == bare.scenarios and same.note == UNTOUCHED
    stands = found["one decimal", "labels", "naive"]
    assert stands.stands and "asks for labels alone" in stands.note
    assert ("label", "labels", "adaptive") not in found and ("none", "scores", "adaptive") not in found


def test_options_of_the_dataset_are_a_row_too() -> None:
    base = {
        "dataset": {"name": "clinic", "options": {"seed": 3}}, "target": {"name": "mlp"},
        "exposure": {"knowledge": {"clues": ["true-label", "marginals", "auxiliary"]}},
    }  # fmt: skip
    rows = [{"title": "none"}, {"title": "no leak", "options": {"memorised": 0.0}}]
    columns = [{"title": "csmia", "attack": {"name": "csmia"}}]
    found = cells(grid(base=base, rows=rows, columns=columns))
    cell = found["no leak", "csmia", "naive"]
    assert cell.scenarios[0].dataset.options == {"seed": 3, "memorised": 0.0}
    assert cell.changes == (Change.DATASET,)


def test_retraining_gives_each_seed_a_target_of_its_own() -> None:
    plain, retrained = (
        cells(grid(retrain=choice))["none", "api", "naive"].scenarios for choice in (False, True)
    )
    assert [one.target.params for one in plain] == [{}, {}]
    assert [one.target.params for one in retrained] == [{"seed": 0}, {"seed": 1}]


def test_first_seeds_of_all_cells_come_first() -> None:
    found = expand(read_sweep(json.dumps(grid())))
    seeds = [one.seed for one in scenarios_of(found)]
    assert seeds == sorted(seeds) and len(seeds) == sum(len(cell.scenarios) for cell in found)


def test_wrong_names_and_parameters_are_told_once_each_with_their_place() -> None:
    rows = [
        *ROWS,
        {"title": "typo", "defences": [{"name": "ruonding"}, {"name": "top-k", "params": {"l": 3}}]},
    ]
    columns = [*COLUMNS, {"title": "spell", "attack": {"name": "spell"}}]
    with pytest.raises(ScenarioInvalid) as refusal:
        cells(grid(rows=rows, columns=columns))
    told = refusal.value.problems
    assert len(told) == 3
    assert [place for place in ("'spell'", "'ruonding'", "params.l is no known key") if place in str(told)]
    assert all("(row '" in one for one in told)


def test_a_sweep_in_which_nothing_can_run_is_refused() -> None:
    with pytest.raises(
        ScenarioInvalid, match="no cell of this sweep can run; the first says: attack 'nes-la"
    ):
        cells(grid(rows=ROWS[3:], columns=COLUMNS[1:2]))


def test_a_list_becomes_cells_of_scenarios_that_differ_in_the_seed_only() -> None:
    parts: dict[str, Any] = {"target": {"name": "cnn"}, "attack": {"name": "mi-face"}}
    listed = [
        parts | {"seed": 0},
        parts | {"seed": 1},
        parts | {"seed": 1},
        parts | {"target": {"name": "cnn", "params": {"epochs": 3}}, "exposure": {"query_budget": 5000}},
        parts | {"victims": [0]},
        parts | {"exposure": {"access": "scores"}},
    ]
    found = expand(read_sweep(json.dumps({"name": "list", "scenarios": listed})))
    assert [(cell.row, cell.column, len(cell.scenarios)) for cell in found] == [
        ("cnn, people", "mi-face, white-box", 2),
        ("cnn (epochs 3), budget 5,000, people", "mi-face, white-box", 1),
        ("cnn, people (2)", "mi-face, white-box", 1),
        ("cnn, people", "mi-face, scores", 0),
    ]
    assert found[-1].reason.startswith("attack 'mi-face' needs white-box access")
