"""Claims of the literature against matrices made by hand: every outcome, which rows, and what is noted."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from inversion_core.compare.expectations import (
    Claim,
    Direction,
    Finding,
    Measure,
    Seen,
    Side,
    Study,
    evaluate,
    judge,
)
from inversion_core.compare.literature import BY_CONSTRUCTION, CLAIMS, defended, exposed, undefended
from inversion_core.compare.matrix import Cell, Matrix, SeedValue
from inversion_core.compare.pooling import Pooled
from inversion_core.compare.telling import RULE, basis, number, side, summary
from inversion_core.compare.verdict import Point
from inversion_core.registry import every
from pages.ui import scores

BARE = "bare"
ATTACKS = {"weights": "plug-and-play", "scores": "nes-latent", "labels": "brep-mi"}


def around(value: float, margin: float) -> Pooled:
    return Pooled(value, value - margin, value + margin, 24, 3)


def cell(row: str, column: str, value: float, margin: float = 0.05, variant: str = "", **more: Any) -> Cell:
    given = {
        "row": row, "column": column, "attacker": "adaptive" if variant else "naive", "variant": variant,
        "state": "done", "score": "evaluator-top1", "value": value, "low": max(0, value - margin),
        "high": min(1, value + margin), "n": 24, "baseline": 0.01,
    }  # fmt: skip
    return Cell(**given | more)


def defence(name: str, changes: str = "training", **params: Any) -> dict[str, Any]:
    return {"name": name, "params": params, "changes": changes}


def row(*defences: Mapping[str, Any], target: str | None = None, **exposure: Any) -> dict[str, Any]:
    return {"defences": list(defences), "target": target, "exposure": exposure}


def study(
    cells: Sequence[Cell],
    rows: Mapping[str, Any],
    variants: Sequence[tuple[str, str, Mapping[str, Any]]] = (),
    accuracy: Mapping[str, float] | None = None,
) -> Study:
    """Return a study; `variants`: column, what the adaptive attacker is called, its parameters."""
    matrix = Matrix(
        name="made by hand", rows=(BARE, *rows), columns=tuple(ATTACKS), undefended=BARE, cells=tuple(cells)
    )
    attackers = [
        {"column": column, "attacker": "naive", "variant": "", "attack": {"name": name, "params": {}}}
        for column, name in ATTACKS.items()
    ]
    attackers += [
        {"column": column, "attacker": "adaptive", "variant": variant,
         "attack": {"name": ATTACKS[column], "params": params}}
        for column, variant, params in variants
    ]  # fmt: skip
    exact = {
        title: {"value": value, "low": value - 0.01, "high": value + 0.01, "n": 1000}
        for title, value in (accuracy or {}).items()
    }
    return Study(matrix, {BARE: row(), **rows}, attackers, exact)


def found(given: Study, start: str) -> Finding:
    """Return what came of the claim that starts like this."""
    (one,) = [one for one in evaluate(given, CLAIMS) if one.claim.text.startswith(start)]
    return one


@pytest.mark.parametrize(
    ("direction", "here", "there", "seen"),
    [
        (Direction.MORE, (0.9, 0.05), (0.5, 0.05), Seen.EXPECTED),
        (Direction.MORE, (0.5, 0.05), (0.9, 0.05), Seen.REVERSED),
        (Direction.MORE, (0.9, 0.2), (0.7, 0.05), Seen.NOT_SEEN),
        (Direction.LESS, (0.5, 0.05), (0.9, 0.05), Seen.EXPECTED),
        (Direction.LESS, (0.9, 0.05), (0.5, 0.05), Seen.REVERSED),
        (Direction.LESS, (0.7, 0.05), (0.9, 0.2), Seen.NOT_SEEN),
        (Direction.SAME, (0.9, 0.05), (0.88, 0.05), Seen.EXPECTED),
        (Direction.SAME, (0.9, 0.0), (0.9, 0.0), Seen.EXPECTED),
        (Direction.SAME, (0.9, 0.06), (0.8, 0.06), Seen.NOT_SEEN),
        (Direction.SAME, (0.9, 0.2), (0.8, 0.06), Seen.NOT_SEEN),
        (Direction.SAME, (0.9, 0.05), (0.5, 0.05), Seen.REVERSED),
        (Direction.SAME, (0.5, 0.05), (0.9, 0.05), Seen.REVERSED),
    ],
)  # fmt: skip
def test_intervals_decide(
    direction: Direction, here: tuple[float, float], there: tuple[float, float], seen: Seen
) -> None:
    assert judge(direction, around(*here), around(*there)) is seen


def test_intervals_that_touch_are_not_apart() -> None:
    assert judge(Direction.MORE, around(0.75, 0.125), around(0.5, 0.125)) is Seen.NOT_SEEN


def test_much_is_asked_for_where_a_claim_says_much() -> None:
    small, large = Point(0.95), Point(0.8)
    assert judge(Direction.LESS, small, Point(0.99), least=0.1) is Seen.NOT_SEEN
    assert judge(Direction.LESS, large, Point(0.99), least=0.1) is Seen.EXPECTED
    assert judge(Direction.LESS, Point(1.0), Point(0.99), least=0.1) is Seen.REVERSED


SMOOTHED = {
    "up": row(defence("label-smoothing", alpha=0.1)),
    "down": row(defence("label-smoothing", alpha=-0.05)),
}


def test_rows_are_known_by_their_defence_and_its_sign_not_by_their_title() -> None:
    given = study(
        [cell(BARE, "weights", 0.5), cell("up", "weights", 0.9), cell("down", "weights", 0.8)], SMOOTHED
    )
    positive, negative = found(given, "Positive label"), found(given, "Negative label")
    assert (positive.seen, positive.here and positive.here.row) == (Seen.EXPECTED, "up")
    assert (negative.seen, negative.here and negative.here.row) == (Seen.REVERSED, "down")
    assert negative.there is not None and (negative.there.row, negative.there.value) == (BARE, 0.5)
    assert (negative.here.value, negative.here.low, negative.here.n) == (0.8, pytest.approx(0.75), 24)


def test_a_row_with_a_second_defence_or_an_operator_is_another_row() -> None:
    rows = {
        "two": row(defence("dp-sgd", epsilon=1), defence("frozen-layers")),
        "tier": row(defence("dp-sgd", epsilon=1), query_budget=5),
        "eight": row(defence("dp-sgd", epsilon=8)),
        "three": row(defence("dp-sgd", epsilon=3)),
    }
    assert defended("dp-sgd", "epsilon")(study([], rows)) == ["three"]
    assert defended("dp-sgd")(study([], rows)) == ["eight", "three"]
    assert exposed("query_budget", strictest=True)(study([], rows)) == []


def test_what_surprises_comes_first_and_what_is_missing_last() -> None:
    given = study(
        [
            cell(BARE, "weights", 0.5), cell("up", "weights", 0.9), cell("down", "weights", 0.8),
            cell("mid", "weights", 0.52),
        ],
        {**SMOOTHED, "mid": row(defence("mid"))},
    )  # fmt: skip
    seen = [one.seen for one in evaluate(given, CLAIMS)]
    assert seen[:3] == [Seen.REVERSED, Seen.NOT_SEEN, Seen.EXPECTED]
    assert set(seen[3:]) == {Seen.NOT_MEASURED}
    assert summary(evaluate(given, CLAIMS)) == (
        "Claims measured here: 3. As expected: 1, not seen here: 1, the other way round: 1."
    )


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_a_side_that_may_not_stand_is_not_measured(state: str) -> None:
    bare = cell(BARE, "weights", 0.5)
    other = cell("up", "weights", 0.9).model_copy(update={"state": state})
    if state == "waiting":
        other = other.model_copy(update={"value": None, "low": None, "high": None})
    assert found(study([bare, other], SMOOTHED), "Positive label").seen is Seen.NOT_MEASURED


def test_without_an_undefended_row_nothing_is_held_against_it() -> None:
    given = study([cell("up", "weights", 0.9)], SMOOTHED)
    bare = Study(given.matrix.model_copy(update={"undefended": None}), given.rows, given.attackers, {})
    assert undefended(bare) == [] and found(bare, "Positive label").seen is Seen.NOT_MEASURED


def test_of_several_rows_the_one_that_speaks_most_against_the_claim_decides() -> None:
    rows = {
        "rounded": row(defence("rounding", "outputs", decimals=3)),
        "cut": row(defence("top-k", "outputs", k=3)),
        "trained": row(defence("mid")),
    }
    cells = [cell(BARE, "weights", 0.9), cell("rounded", "weights", 0.9), cell("trained", "weights", 0.1)]
    told = "What a service does"
    assert found(study([*cells, cell("cut", "weights", 0.89)], rows), told).seen is Seen.EXPECTED
    against = found(study([*cells, cell("cut", "weights", 0.2)], rows), told)
    assert against.seen is Seen.REVERSED and against.here is not None and against.here.row == "cut"


FRESH, KEPT = (
    row(defence("output-noise", "outputs", fresh=True)),
    row(defence("output-noise", "outputs", fresh=False)),
)
AGAIN, COPIES = (
    ("scores", "again", {"repeats": 2, "jitter": 0}),
    ("scores", "copies", {"repeats": 2, "jitter": 1}),
)


def test_an_attacker_who_knows_is_known_by_parameters_and_held_against_the_same_row() -> None:
    cells = [
        cell(BARE, "scores", 0.9), cell("noise", "scores", 0.3),
        cell("noise", "scores", 0.7, variant="again"),
        cell("noise", "scores", 0.8, variant="other"),
    ]  # fmt: skip
    given = study(cells, {"noise": FRESH}, [AGAIN, ("scores", "other", {"repeats": 1, "jitter": 0})])
    undone = found(given, "Noise drawn anew")
    assert undone.seen is Seen.EXPECTED and undone.notes == ()
    assert undone.here is not None and undone.there is not None
    assert (undone.here.variant, undone.there.row, undone.there.value) == ("again", "noise", 0.3)
    assert side(undone.here) == "noise, again: 70 % (65 % to 75 %)"


def test_noise_decided_by_the_picture_has_two_claims() -> None:
    cells = [
        cell(BARE, "scores", 0.9), cell("noise", "scores", 0.3),
        cell("noise", "scores", 0.3, variant="again"),
        cell("noise", "scores", 0.7, variant="copies"),
    ]  # fmt: skip
    given = study(cells, {"noise": KEPT}, [AGAIN, COPIES])
    assert found(given, "Noise decided by the picture is not undone").seen is Seen.EXPECTED
    assert found(given, "Noise decided by the picture is undone").seen is Seen.EXPECTED
    assert found(given, "Noise drawn anew").seen is Seen.NOT_MEASURED


def test_there_is_nothing_to_undo_where_the_defence_holds_nothing_back() -> None:
    cells = [
        cell(BARE, "scores", 0.7),
        cell("noise", "scores", 0.7),
        cell("noise", "scores", 0.7, variant="again"),
    ]
    undone = found(study(cells, {"noise": FRESH}, [AGAIN]), "Noise drawn anew")
    assert undone.seen is Seen.NOT_SEEN
    assert undone.notes == ("the defence itself is not seen to hold anything back",)


def test_pseudonyms_are_held_against_names_and_the_same_runs_are_told() -> None:
    same = (SeedValue(seed=0, run_id="a run", value=0.9, low=0.8, high=1, n=24),)
    cells = [
        cell(BARE, "weights", 0.9, seeds=same), cell("renamed", "weights", 0.9, variant="looks", seeds=same),
        Cell(row="renamed", column="weights", attacker="naive", variant="", state="does not apply"),
    ]  # fmt: skip
    rows = {"renamed": row(pseudonyms=True)}
    shown = found(study(cells, rows, [("weights", "looks", {})]), "Pseudonyms")
    assert shown.seen is Seen.EXPECTED and "same runs" in shown.notes[0]
    other = (same[0].model_copy(update={"run_id": "another"}),)
    cells[1] = cells[1].model_copy(update={"seeds": other})
    assert found(study(cells, rows, [("weights", "looks", {})]), "Pseudonyms").notes == ()


def test_no_room_above_and_below_is_told() -> None:
    cells = [cell(BARE, "weights", 0.99), cell("up", "weights", 0.98)]
    assert found(study(cells, SMOOTHED), "Positive label").notes == ("there is hardly room for more",)
    cells = [cell(BARE, "weights", 0.03), cell("down", "weights", 0.02)]
    assert found(study(cells, SMOOTHED), "Negative label").notes == ("there is hardly room for less",)


def test_privacy_is_told_with_its_price_and_another_network_is_told() -> None:
    rows = {"private": row(defence("dp-sgd", epsilon=1), target="cnn-gn")}
    cells = [cell(BARE, "weights", 0.9), cell("private", "weights", 0.1)]
    given = study(cells, rows, accuracy={BARE: 0.99, "private": 0.5})
    less, price = (
        found(given, f"Differentially private training with a small epsilon {what}")
        for what in ("makes", "costs")
    )
    assert less.seen is price.seen is Seen.EXPECTED
    assert (
        basis(less) == "weights, n = 24, 0 seeds; accuracy 50.0 % and 99.0 %; the network is another one too"
    )
    assert price.claim.measure is Measure.ACCURACY and price.here is not None
    assert side(price.here) == "private: 50.0 % (49.0 % to 51.0 %)"
    assert basis(price).startswith("accuracy on held-out data, n = 1,000")
    cheap = study(cells, rows, accuracy={BARE: 0.99, "private": 0.93})
    assert found(cheap, "Differentially private training with a small epsilon costs").seen is Seen.NOT_SEEN
    assert (
        found(study(cells, rows), "Differentially private training with a small epsilon costs").here is None
    )


def test_the_most_accurate_is_held_against_the_least_where_they_differ() -> None:
    cells = [cell(BARE, "weights", 0.4), cell("up", "weights", 0.5), cell("down", "weights", 0.9)]
    given = study(cells, SMOOTHED, accuracy={BARE: 0.9, "up": 0.95, "down": 0.6})
    shown = found(given, "The more accurate")
    assert shown.here is not None and shown.there is not None
    assert (shown.here.row, shown.there.row, shown.seen) == ("up", "down", Seen.REVERSED)
    alike = study(cells, SMOOTHED, accuracy={BARE: 0.9, "up": 0.9, "down": 0.9})
    assert found(alike, "The more accurate").seen is Seen.NOT_MEASURED


def test_the_smallest_budget_is_meant_and_a_monitor_is_expected_to_change_nothing() -> None:
    rows = {
        "much": row(query_budget=900), "little": row(query_budget=90), "watched": row(monitor=True),
        "both": row(query_budget=9, access="labels"),
    }  # fmt: skip
    values = {BARE: 0.9, "much": 0.9, "little": 0.2, "watched": 0.1, "both": 0.9}
    given = study([cell(title, "scores", value) for title, value in values.items()], rows)
    budget, monitor = found(given, "A small query budget"), found(given, "A monitor blocks too late")
    assert (budget.seen, budget.here and budget.here.row) == (Seen.EXPECTED, "little")
    assert monitor.seen is Seen.REVERSED


def test_tables_are_told_in_points() -> None:
    gain = cell("up", "weights", -0.071, score="residual-over-imputation", low=-0.077, high=-0.066)
    bare = cell(BARE, "weights", 0.0, score="residual-over-imputation")
    shown = found(study([bare, gain], SMOOTHED), "Positive label")
    assert shown.here is not None
    assert side(shown.here).replace("\N{MINUS SIGN}", "-") == "up: -7.1 points (-7.7 points to -6.6 points)"


@pytest.mark.parametrize("value", [-0.0712, -0.0001, 0.0, 0.25, 0.996, 1.0])
@pytest.mark.parametrize("score", ["evaluator-top1", "residual-over-imputation"])
def test_numbers_are_told_as_elsewhere_on_the_page(score: str, value: float) -> None:
    assert number(score, value) == scores.number({"name": score}, value)


def test_claims_are_sentences_with_a_source_and_name_what_exists() -> None:
    attacks = {one.name for one in every("attacks")}
    assert len({one.text for one in CLAIMS}) == len(CLAIMS) > 20
    for claim in CLAIMS:
        assert claim.text[0].isupper() and claim.text.endswith(".") and len(claim.text) < 110
        assert re.search(r"\d{4}|GDPR", claim.source) or claim.source == BY_CONSTRUCTION
        assert {claim.here.attack, claim.there.attack} <= attacks
    assert "do not touch" in RULE


@pytest.mark.parametrize(
    ("start", "defence_name"),
    [
        ("Positive", "label-smoothing"), ("Negative", "label-smoothing"), ("An information", "mid"),
        ("Penalties", "bido"), ("Early layers", "frozen-layers"), ("Rounding", "rounding"),
        ("Labels alone stop", "label-only"), ("Fewer photos", "data-minimisation"),
    ],
)  # fmt: skip
def test_the_source_of_a_claim_is_that_of_the_defence(start: str, defence_name: str) -> None:
    (claim,) = [one for one in CLAIMS if one.text.startswith(start)]
    (kind,) = [one for one in every("defences") if one.name == defence_name]
    assert claim.source in kind.reference


def test_a_claim_of_ones_own_is_read_the_same_way() -> None:
    own = Claim(
        "Up is down.",
        "nobody",
        Direction.LESS,
        Side("brep-mi", defended("label-smoothing")),
        Side("brep-mi", undefended),
    )
    (only,) = evaluate(study([cell(BARE, "labels", 0.9), cell("up", "labels", 0.1)], SMOOTHED), [own])
    assert only.seen is Seen.EXPECTED and basis(only) == "labels, n = 24, 0 seeds"
