"""The Compare page: what a cell says, what the dial turns, what is refused, and what is stored."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inversion_core.compare.matrix import CellRuns, Matrix, Run, build
from inversion_core.errors import StoreUnavailable
from inversion_core.scenario import Scenario, problems
from pages.ui import compare_dial, compare_page, compare_plot, comparison
from pages.ui.compare_expectations import TITLE
from pages.ui.compare_groups import ANSWERS, OPERATION, TRAINING, groups
from pages.ui.compare_matrix import drawing, interval, told
from pages.ui.comparison import Comparison
from tests.pages import large as big
from tests.pages.conftest import Visit

BARE, HIDES, LABELS = "no defence", "rounding", "labels only"


def ended(value: float, seed: int, accuracy: float = 0.9) -> Run:
    """Return a finished run that recovered this share of 100 people."""
    score = {"name": "evaluator-top1", "value": value, "n": 100, "baseline": 0.01}
    score |= {"low": max(0.0, value - 0.05), "high": min(1.0, value + 0.05)}
    terms = {"metric_version": 1, "data_version": 1, "dataset": "d", "victims": "v", "evaluator": "e"}
    return Run(
        state="done",
        scenario={"target": {"name": "cnn"}, "attack": {"name": "nes-latent"}, "seed": seed},
        result={"scores": [score], "target": {"test_accuracy": accuracy}, "queries": 9, "terms": terms},
    )


@pytest.fixture
def small() -> Matrix:
    """Return a matrix in which rounding masks and labels shut the attack out."""
    parts = [
        CellRuns(row=BARE, column="search", undefended=True, runs=(ended(0.9, 0), ended(0.9, 1))),
        CellRuns(row=HIDES, column="search", runs=(ended(0.1, 0), ended(0.1, 1))),
        CellRuns(
            row=HIDES,
            column="search",
            attacker="adaptive",
            variant="labels",
            runs=(ended(0.85, 0, 0.8), ended(0.85, 1, 0.8)),
        ),
        CellRuns(row=LABELS, column="search", reason="it needs scores; choose another", shut_out=True),
    ]
    return build("small", parts)


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    """Let the app read a comparison of 28 rows and 6 columns, and return it."""
    monkeypatch.setattr(comparison, "FOLDER", big.write_large(tmp_path / "compare"))
    return comparison.load("people-cnn")


def test_a_cell_tells_both_attackers_and_the_verdict(small: Matrix) -> None:
    shown = drawing(small, {}, {"search": "scores"}, "1,0")
    masked = shown["groups"][0]["rows"][1]["cells"][0]
    assert [line["text"] for line in masked["lines"]] == ["10 %", "85 %"]
    assert masked["verdict"] == "masking, not protection" and masked["tone"] == "alarm"
    assert masked["said"].startswith("rounding against search: as published 10 %, 5 % to 15 %; knowing the")
    assert (shown["chosen"], shown["columns"][0]["sub"]) == ("1,0", "scores")


def test_a_place_on_the_ruler_is_a_share_of_its_length(small: Matrix) -> None:
    line = drawing(small, {}, {}, "0,0")["groups"][0]["rows"][0]["cells"][0]["lines"][0]
    assert (line["at"], line["low"], line["high"]) == pytest.approx((0.9, 0.85, 0.95))
    assert drawing(small, {}, {}, "0,0")["baseline"] == pytest.approx(0.01)


def test_the_undefended_row_has_one_attacker_and_no_verdict(small: Matrix) -> None:
    bare = drawing(small, {}, {}, "0,0")["groups"][0]["rows"][0]["cells"][0]
    assert len(bare["lines"]) == 1 and bare["verdict"] == "" and bare["tone"] == "open"


def test_a_repeat_of_the_undefended_run_is_quieter_than_what_was_measured() -> None:
    ran = (ended(0.9, 0), ended(0.9, 1))
    parts = [
        CellRuns(row=BARE, column="weights", undefended=True, runs=ran),
        CellRuns(row=HIDES, column="weights", untouched=True, runs=ran),
        CellRuns(row="smoothing", column="weights", runs=ran),
    ]
    rows = drawing(build("small", parts), {}, {}, "0,0")["groups"][0]["rows"]
    bare, past, measured = (row["cells"][0] for row in rows)
    assert (past["tone"], past["verdict"]) == ("past", "not touched")
    assert past["said"].endswith("90 %, 85 % to 95 %; not touched") and bare["tone"] == "open"
    assert (measured["tone"], measured["verdict"]) == ("open", "no protection seen")


def test_rows_stand_by_what_they_defend_and_keep_their_numbers(large: Comparison) -> None:
    found = groups(large)
    by_group = {
        title: tuple(row for row in found if found[row] == title) for title in (TRAINING, ANSWERS, OPERATION)
    }
    assert by_group == {TRAINING: big.TRAINING, ANSWERS: big.ANSWERS, OPERATION: big.OPERATION}
    shown = drawing(large.matrix, found, {}, "0,0")["groups"]
    assert [one["title"] for one in shown] == ["", TRAINING, ANSWERS, OPERATION]
    drawn = [row for one in shown for row in one["rows"]]
    assert len(drawn) == 28 and drawn[0]["title"] == big.BARE
    assert all(large.matrix.rows[row["place"]] == row["title"] for row in drawn)


def test_a_large_comparison_is_drawn_whole(large: Comparison, visit: Visit) -> None:
    visit.compare("people-cnn")
    assert compare_page.sentence(large.matrix) in visit.text
    points = compare_plot.strongest(large.matrix, "Plug & Play")
    symbols = {one.marker.symbol for one in compare_plot.figure(large.matrix, points).data}
    assert len(symbols) == len(points) == 28


def test_an_attack_that_is_shut_out_says_so(small: Matrix) -> None:
    cell = small.strongest()[LABELS, "search", "naive"]
    assert told(cell) == "does not apply" and interval(cell) == "" and told(None) == "none tried"


def test_the_sentence_counts_what_was_tried(small: Matrix) -> None:
    assert "1 only mask" in compare_page.sentence(small)


def test_the_plane_shows_the_stronger_attacker(small: Matrix) -> None:
    points = {one.row: one for one in compare_plot.strongest(small, "search")}
    assert points[HIDES].attacker == "adaptive" and points[HIDES].accuracy == pytest.approx(0.8)
    assert len(compare_plot.figure(small, list(points.values())).data) == len(points) == 2
    row = compare_plot.table(small, list(points.values())).set_index("defence").loc[HIDES]
    assert row["recovered"] == "85 %" and row["attacker"] == "knowing the defence"


@pytest.mark.parametrize("name", comparison.names())
def test_the_plane_holds_every_point_that_ships(name: str) -> None:
    shown = comparison.load(name).matrix
    for column in shown.columns:
        points = compare_plot.strongest(shown, column)
        low, high = compare_plot.figure(shown, points).layout.yaxis.range
        assert points and all(low <= one.low and one.high <= high for one in points)


def test_success_beyond_guessing_is_told_in_points() -> None:
    shown = comparison.load("table-adult").matrix
    (first, *_) = compare_plot.strongest(shown, shown.columns[0])
    assert compare_plot.heads(shown)[0] == "over guessing"
    cell = shown.strongest()[first.row, first.column, "naive"]
    assert compare_plot.reached(shown, first.value) == told(cell)


def test_a_missing_and_a_damaged_comparison_are_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "FOLDER", tmp_path)
    with pytest.raises(StoreUnavailable, match="missing or damaged"):
        comparison.load("nobody")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "comparison.json").write_text(json.dumps({"cells": []}))
    with pytest.raises(StoreUnavailable, match="restore it from the repository"):
        comparison.load("odd")


@pytest.mark.parametrize("name", comparison.names())
def test_a_shipped_comparison_is_whole(name: str) -> None:
    kept = comparison.load(name)
    measured = [one for one in kept.matrix.cells if one.pooled is not None]
    assert measured and all(len(one.seeds) >= 3 for one in measured)
    assert not [one for one in kept.matrix.cells if one.state in ("waiting", "partly", "failed", "refused")]
    for place, stored in kept.scenarios.items():
        assert problems(Scenario.model_validate(stored)) == [], place
    assert all((kept.folder / file).stat().st_size > 500 for file in kept.sprites.values())
    assert {path.name for path in kept.folder.glob("*.webp")} == {
        *kept.sprites.values(),
        *(["truth.webp"] if kept.people else []),
    }
    stops = {stop.row for dial in kept.dials for stop in dial.stops}
    assert stops <= set(kept.matrix.rows) and (len(kept.people) > 1) == bool(kept.sprites)


def test_something_is_shipped() -> None:
    assert "people-cnn" in comparison.names()


def test_the_budget_dial_takes_the_last_point_that_was_paid_for() -> None:
    stored = comparison.load("people-cnn")
    points = [{"queries": rows, "value": rows / 1000, "low": 0.0, "high": 1.0} for rows in (100, 300, 900)]
    bare = str(stored.matrix.undefended)
    kept = replace(stored, curves={(bare, "Evolution strategy", "naive"): points})
    least, *_, most = compare_dial.budgets(kept)
    assert compare_dial.BUDGET in compare_dial.settings(kept)
    few = replace(stored, curves={(bare, "Evolution strategy", "naive"): points[:1]})
    assert compare_dial.BUDGET not in compare_dial.settings(few)
    assert least < most
    for column, point in compare_dial.at_budget(kept, least).items():
        assert point is None or point["queries"] <= least, column
    assert any(point is not None for point in compare_dial.at_budget(kept, most).values())
    assert all(point is None for point in compare_dial.at_budget(kept, 1).values())


def test_what_is_below_the_matrix_waits_until_it_is_on_the_screen(visit: Visit) -> None:
    visit.open("lab/compare")
    assert compare_page.sentence(comparison.load("people-cnn").matrix) in visit.text
    assert "What it costs" not in visit.text
    assert "What it costs" in visit.compare("people-cnn").text


def test_the_page_paints_the_matrix_and_turns_the_dial(visit: Visit) -> None:
    visit.compare("people-cnn")
    kept = comparison.load("people-cnn")
    assert compare_page.sentence(kept.matrix) in visit.text
    assert TITLE in visit.text and kept.findings[0].claim.text in visit.text
    assert f"{kept.matrix.rows[0]} against {kept.matrix.columns[0]}" in visit.text
    turned = next(dial for dial in kept.dials if len(dial.stops) > 2)
    visit.app.segmented_control(key="dial-title").set_value(turned.title)
    visit.again()
    visit.app.select_slider(key=f"dial-{turned.title}").set_value(turned.stops[-1].label)
    visit.again()
    cell = kept.best[turned.stops[-1].row, kept.matrix.columns[-1], "naive"]
    assert f"{told(cell)} ({interval(cell)})" in visit.text
