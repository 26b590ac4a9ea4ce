"""The shipped evidence is whole, and Start casts by a rule and not by looks."""

from pathlib import Path

import numpy as np
import pytest

from inversion_core.errors import StoreUnavailable, UnknownName
from inversion_core.metrics.victims import median, ordered
from inversion_core.scenario import Scenario, problems
from pages.ui import evidence, table_shown


@pytest.mark.parametrize("stop", evidence.DIAL, ids=lambda stop: stop.name)
def test_a_bundle_is_a_valid_scenario_with_a_picture_of_everybody(stop: evidence.Stop) -> None:
    shown = evidence.load(stop)
    assert problems(Scenario.model_validate(shown.scenario)) == []
    assert len(shown.recovered) == len(shown.originals) == len(shown.result["victims"])
    assert {"evaluator-top1", "target-top1"} <= {score["name"] for score in shown.result["scores"]}


@pytest.mark.parametrize("name", evidence.TABLES)
def test_a_stored_table_run_is_a_valid_scenario_with_a_guess_about_every_record(name: str) -> None:
    shown = table_shown.of_evidence(name)
    assert problems(shown.scenario) == [] and shown.synthetic
    assert len(shown.guesses()) == shown.scores["residual-over-imputation"]["n"]
    share = (shown.guesses()["right"] == 1).mean()
    assert share == pytest.approx(shown.scores["attribute-accuracy"]["value"])


def test_the_stops_of_the_dial_show_the_same_people() -> None:
    first, *others = [evidence.load(stop) for stop in evidence.DIAL]
    for other in others:
        assert [row["name"] for row in other.result["victims"]] == [
            row["name"] for row in first.result["victims"]
        ]
        assert np.array_equal(other.originals, first.originals)


def test_start_shows_the_median_person_and_well_recovered_ones_in_the_line_up() -> None:
    rows = evidence.load(evidence.DIAL[0]).result["victims"]
    cast = evidence.casting()
    assert rows[cast.person] == median(rows)
    better = [row["class"] for row in ordered(rows)[: len(rows) // 2]]
    assert all(rows[person]["class"] in better for person in cast.lineups)
    assert 5 * len(cast.lineups) <= len(evidence.bystanders())


def test_bystanders_are_nobody_of_the_training_data() -> None:
    originals = evidence.load(evidence.DIAL[0]).originals
    for stranger in evidence.bystanders():
        assert min(np.abs(stranger.astype(int) - photo).mean() for photo in originals) > 1


def test_missing_and_damaged_evidence_is_told_in_a_sentence(tmp_path: Path) -> None:
    told = "stored evidence is read from assets/evidence/.*missing or damaged.*restore it from the repository"
    with pytest.raises(StoreUnavailable, match=told):
        evidence.load(evidence.DIAL[0], tmp_path)
    (tmp_path / "undefended").mkdir()
    (tmp_path / "undefended" / "result.json").write_text("{")
    with pytest.raises(StoreUnavailable, match=told):
        evidence.load(evidence.DIAL[0], tmp_path)
    with pytest.raises(StoreUnavailable, match=told):
        evidence.bystanders(tmp_path)
    with pytest.raises(UnknownName, match="'nothing' is none of it; use one of undefended"):
        evidence.stop("nothing")
    with pytest.raises(UnknownName, match=r"use one of undefended, .*attributes-clinic"):
        evidence.table("nothing")
    with pytest.raises(StoreUnavailable, match=told):
        evidence.table(evidence.TABLES[0], tmp_path)
