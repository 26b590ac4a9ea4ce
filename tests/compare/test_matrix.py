"""The matrix of stored results: pooled cells, what may not stand side by side, masking, and its JSON."""

import copy
import time
from typing import Any

import pytest

from inversion_core.compare.matrix import Cell, CellRuns, Matrix, Run, build
from inversion_core.compare.terms import Change, read_terms, unlike
from inversion_core.compare.verdict import Verdict
from inversion_core.metrics.intervals import wilson

TERMS = {"data_version": 2, "metric_version": 1, "dataset": "d", "victims": "v", "evaluator": "e"}


def result(hits: int, n: int = 100, score: str = "evaluator-top1", **terms: Any) -> dict[str, Any]:
    low, high = wilson(hits, n)
    headline = {"name": score, "value": hits / n, "low": low, "high": high, "n": n, "baseline": 0.01}
    other = {"name": "target-top1", "value": 1.0, "low": 0.9, "high": 1.0, "n": n, "baseline": 0.01}
    return {
        "terms": TERMS | terms,
        "scores": [other, headline],
        "target": {"test_accuracy": 0.9, "epsilon": None},
        "queries": 700,
    }


def run(hits: int, seed: int = 0, budget: int | None = None, target: str = "cnn", **parts: Any) -> Run:
    access = parts.pop("access", "white-box")
    scenario = {
        "target": {"name": target},
        "exposure": {"access": access, "query_budget": budget},
        "seed": seed,
    }
    return Run(run_id=f"run-{seed}", state="done", scenario=scenario, result=result(hits, **parts))


def cell(row: str, *runs: Run, column: str = "attack", **parts: Any) -> CellRuns:
    return CellRuns(row=row, column=column, undefended=row == "none", runs=runs, **parts)


def built(*parts: CellRuns) -> list[Cell]:
    return list(build("test", parts).cells)


def test_a_cell_pools_its_seeds_and_keeps_each() -> None:
    (found,) = built(cell("none", *(run(hits, seed) for seed, hits in enumerate((90, 94, 92)))))
    assert (found.state, found.score, found.n) == ("done", "evaluator-top1", 100)
    assert found.value == pytest.approx(0.92) and found.low < 0.92 < found.high
    assert [(one.seed, one.run_id, one.value) for one in found.seeds] == [
        (0, "run-0", 0.9), (1, "run-1", 0.94), (2, "run-2", 0.92)
    ]  # fmt: skip
    assert (found.accuracy, found.queries, found.baseline) == (0.9, 700, 0.01)


def test_tables_are_told_by_what_they_add_to_guessing() -> None:
    (found,) = built(cell("none", run(20, score="residual-over-imputation")))
    assert found.score == "residual-over-imputation" and found.value == 0.2


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["done", "done"], "done"), (["done", "running"], "partly"), (["queued", "waiting"], "waiting"),
        (["done", "failed"], "failed"), (["lost", "queued"], "failed"), (["cancelled", "done"], "cancelled"),
    ],
)  # fmt: skip
def test_a_cell_says_how_far_it_is(states: list[str], state: str) -> None:
    runs = [
        run(50, seed) if one == "done" else Run(state=one, scenario={}, error="boom" * (one == "failed"))
        for seed, one in enumerate(states)
    ]
    (found,) = built(cell("none", *runs))
    assert found.state == state and len(found.seeds) == states.count("done")
    assert ("boom" in found.reason) == ("failed" in states)


def test_a_cell_that_does_not_apply_says_why() -> None:
    first, second = built(cell("none", run(90)), cell("labels", reason="needs scores"))
    assert (second.state, second.reason, second.value) == ("does not apply", "needs scores", None)
    assert first.state == "done"


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (run(50, target="mlp"), "the target architecture differs: cnn there, mlp here"),
        (run(50, dataset="x"), "the dataset differs: d there, x here"),
        (run(50, victims="x"), "the set of victims differs"),
        (run(50, evaluator="x"), "the evaluator differs: e there, x here"),
        (run(50, metric_version=2), "the version of the metrics differs: 1 there, 2 here"),
        (run(50, data_version=3), "the version of the data differs: 2 there, 3 here"),
        (run(50, budget=100), "the query budget differs: none there, 100 here"),
        (run(50, access="scores"), "the access level differs: white-box there, scores here"),
        (run(50, score="residual-over-imputation"), "the headline score differs: evaluator-top1 there"),
        (run(50, metric_version=None), "a result does not say its version of the metrics; run its scenario"),
    ],
)  # fmt: skip
def test_what_is_unlike_the_undefended_cell_is_refused_in_a_sentence(other: Run, told: str) -> None:
    for parts in ((cell("none", run(90)), cell("row", other)), (cell("row", other), cell("none", run(90)))):
        matrix = build("test", parts)
        found = {one.row: one for one in matrix.cells}
        assert found["none"].state == "done"
        assert found["row"].state == "refused" and found["row"].reason.startswith(told)
        assert found["row"].reason.count(";") == 1, "one sentence"
        assert found["row"].pooled is None and [one.row for one in matrix.points()] == ["none"]
        assert found["row"].verdict is None


@pytest.mark.parametrize(
    ("change", "other"),
    [
        (Change.TARGET, run(50, target="cnn-gn")), (Change.DATASET, run(50, dataset="x", victims="x")),
        (Change.BUDGET, run(50, budget=100)), (Change.ACCESS, run(50, access="labels")),
    ],
)  # fmt: skip
def test_what_a_row_means_to_change_is_no_reason_to_refuse(change: Change, other: Run) -> None:
    assert built(cell("none", run(90)), cell("row", other, changes=(change,)))[1].state == "done"


def test_no_row_may_bring_its_own_judge() -> None:
    other = cell("row", run(50, dataset="x", evaluator="x"), changes=tuple(Change))
    assert "the evaluator differs" in built(cell("none", run(90)), other)[1].reason


def test_columns_may_differ_in_access_and_budget_but_not_in_people() -> None:
    api = run(60, access="scores", budget=1000)
    first, second = built(cell("none", run(90)), cell("none", api, column="api"))
    assert first.state == second.state == "done"
    stranger = run(60, access="scores", victims="others")
    assert "set of victims" in built(cell("none", run(90)), cell("none", stranger, column="api"))[1].reason


def test_seeds_of_one_cell_must_be_alike_too() -> None:
    (found,) = built(cell("none", run(90), run(91, 1, evaluator="x")))
    assert found.state == "refused" and "the evaluator differs" in found.reason


def test_a_result_without_the_headline_is_refused() -> None:
    bare = run(90)
    assert bare.result is not None
    scores = [score for score in bare.result["scores"] if score["name"] == "target-top1"]
    (found,) = built(cell("none", bare.model_copy(update={"result": bare.result | {"scores": scores}})))
    assert found.state == "refused" and "no headline score" in found.reason


def test_a_defence_that_an_adaptive_attacker_undoes_is_masking() -> None:
    matrix = build(
        "test",
        [
            cell("none", run(95, access="scores")),
            cell("rounding", run(10, access="scores")),
            cell("rounding", run(80, access="scores"), attacker="adaptive", variant="averaging"),
            cell("rounding", run(90, access="labels"), attacker="adaptive", variant="labels"),
        ],
    )
    known = matrix.strongest()
    assert known["rounding", "attack", "naive"].verdict is Verdict.MASKING
    assert known["rounding", "attack", "adaptive"].variant == "labels"
    assert known["none", "attack", "naive"].verdict is None


def test_an_attack_shut_out_by_the_row_stands_at_guessing() -> None:
    bare = cell("none", run(95, access="scores"))
    shut = cell("labels", reason="needs scores", shut_out=True)
    other = cell("labels", run(70, access="labels"), attacker="adaptive", changes=(Change.ACCESS,))
    assert built(bare, shut, other)[1].verdict is Verdict.MASKING
    assert built(bare, shut)[1].verdict is Verdict.UNTESTED
    impossible = cell("labels", reason="this defence cannot protect it")
    assert built(bare, impossible, other)[1].verdict is None


def test_what_a_defence_does_not_touch_is_not_judged() -> None:
    bare, same = cell("none", run(95)), cell("rounding", run(95), untouched=True)
    found = built(bare, same)[1]
    assert found.untouched and found.verdict is None and found.value == 0.95
    assert built(bare, cell("rounding", run(95)))[1].verdict is Verdict.NONE


def test_an_attacker_who_stands_is_held_against_the_open_model_as_one_who_knows() -> None:
    bare = cell("none", run(95, access="scores"))
    low, high = cell("labels", run(10, access="scores")), cell("labels", run(94, access="scores"))
    assert built(bare, low)[1].verdict is Verdict.UNTESTED
    assert built(bare, low.model_copy(update={"stands": True}))[1].verdict is Verdict.PROTECTION
    assert built(bare, high.model_copy(update={"stands": True}))[1].verdict is Verdict.NONE


def test_other_query_budgets_of_the_two_attackers_give_no_verdict() -> None:
    parts = [
        cell("none", run(95, budget=100)),
        cell("rounding", run(10, budget=100)),
        cell("rounding", run(90, budget=900), attacker="adaptive"),
    ]
    found = built(*parts)[1]
    assert found.verdict is None and "different query budgets" in found.note


def test_points_pair_accuracy_with_what_is_recovered() -> None:
    (point,) = build(
        "test", [cell("none", run(95)), cell("later", Run(state="queued", scenario={}))]
    ).points()
    assert (point.row, point.accuracy, point.value) == ("none", 0.9, 0.95)


def test_terms_tell_defaults_of_a_sparse_scenario() -> None:
    terms = read_terms({"target": {"name": "cnn"}}, result(50))
    assert (terms.access, terms.query_budget, terms.metric) == ("white-box", None, "evaluator-top1")
    assert unlike(terms, copy.copy(terms)) == []


def test_a_large_stored_matrix_is_read_and_ordered_at_once() -> None:
    """25 defences against 24 attackers, three seeds each."""
    parts = [
        cell("none" if row == 0 else f"row {row}", *(run(50, seed) for seed in range(3)), column=f"{column}",
             attacker=attacker)
        for row in range(25) for column in range(12) for attacker in ("naive", "adaptive")
    ]  # fmt: skip
    text = build("large", parts).model_dump_json()
    began = time.process_time()
    again = Matrix.model_validate_json(text)
    assert len(again.strongest()) == len(again.points()) == 600
    assert time.process_time() - began < 0.3
    assert again.model_dump_json() == text
