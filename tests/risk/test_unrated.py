"""What no threshold is for: told with its own numbers, counted as run, cited, and never rated."""

import json
from dataclasses import replace

import pytest

from inversion_core import exhibits
from inversion_core.metrics.verdict import verdict
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.evidence import gather
from inversion_core.risk.gate import Exit, gate
from inversion_core.risk.policy import DEFAULT
from inversion_core.risk.roles import Role
from inversion_core.risk.unrated import NO_JUDGE, NO_LINE, Unrated, gather_unrated
from inversion_core.store.records import RunRecord
from inversion_core.values import State
from tests.risk.made import assessment, finished, runs, scenario, stored, unrated_runs

OPEN = {"target": {"name": "cnn"}, "exposure": {"access": "scores"}}
"""The system whose membership and theft ship with the product."""
ATTACKS = ("lira", "loss-threshold", "rmia", "knockoff")


def held(*others: RunRecord) -> tuple[Assessment, dict[str, RunRecord]]:
    """Return an assessment of the shipped runs and others, with its runs."""
    records = [*unrated_runs(), *others]
    return assessment([one.scenario for one in records], system=OPEN), dict(runs(*records))


def told(whole: Assessment, found: dict[str, RunRecord]) -> tuple[Unrated, ...]:
    """Return what is not rated."""
    return gather_unrated(whole, found, gather(whole, found))


def test_each_group_of_runs_has_its_own_score_as_it_was_stored() -> None:
    rows = {row.attack: row for row in told(*held())}
    assert set(rows) == set(ATTACKS)
    (lira,) = [one for one in unrated_runs() if one.scenario.attack.name == "lira"]
    assert lira.result is not None
    (score,) = [one for one in lira.result["scores"] if one["name"] == "membership-auc"]
    row = rows["lira"]
    assert row.measured is not None and row.score == "membership-auc"
    assert (row.measured.value, row.measured.low, row.measured.high) == (
        score["value"], score["low"], score["high"],
    )  # fmt: skip
    assert (row.measured.n, row.measured.seeds, row.baseline) == (score["n"], 1, 0.5)
    assert row.role is Role.DEPLOYED and row.why == NO_LINE
    assert row.verdict == verdict(lira.result).sentence


def test_seeds_are_one_row_with_an_interval_of_all() -> None:
    (row,) = [one for one in told(*held()) if one.attack == "knockoff"]
    assert row.measured is not None and row.measured.seeds == len(row.run_ids) == 3
    assert row.measured.low < row.measured.value < row.measured.high <= 1
    assert row.verdict.startswith("Seed 0: ") and "other seeds came to the same finding" in row.verdict


def test_seeds_that_count_other_numbers_of_records_stay_apart() -> None:
    whole, found = held()
    (key, *_) = [one.key for one in stored("extraction", "knockoff", queries=3000)]
    result = dict(found[key].result or {})
    result["scores"] = [{**one, "n": one["n"] - 1} for one in result["scores"]]
    found[key] = replace(found[key], result_json=json.dumps(result))
    sizes = sorted(len(one.run_ids) for one in told(whole, found) if one.attack == "knockoff")
    assert sizes == [1, 2]


def test_what_is_rated_and_what_did_not_end_is_not_among_them() -> None:
    whole, found = held(finished(scenario(), 3))
    assert {row.attack for row in told(whole, found)} == set(ATTACKS)
    key = unrated_runs()[0].key
    found[key] = replace(found[key], state=State.FAILED)
    assert "lira" not in {row.attack for row in told(whole, found)}


def test_a_run_without_a_judge_says_that_it_has_none() -> None:
    judged = finished(scenario(), 3)
    result = dict(judged.result or {})
    result["scores"] = [one | {"name": "target-top1"} for one in result["scores"][1:]]
    (row,) = told(
        assessment([judged.scenario]), {judged.key: replace(judged, result_json=json.dumps(result))}
    )
    assert row.why == NO_JUDGE and row.measured is None and row.score == ""
    assert row.verdict.startswith("No verdict")


def test_a_result_of_an_earlier_version_says_what_it_lacks() -> None:
    whole, found = held()
    key = unrated_runs()[0].key
    result = {**(found[key].result or {}), "target": {"sha256": "a" * 64}}
    found[key] = replace(found[key], result_json=json.dumps(result))
    (row,) = [one for one in told(whole, found) if one.attack == "lira"]
    assert row.measured is not None and "without 'input_shape'" in row.verdict


def test_the_gate_names_what_it_does_not_rate_and_assesses_nothing_by_it() -> None:
    whole, found = held()
    judged = gate(whole, found, DEFAULT)
    summary = judged.summary()
    assert judged.exit is Exit.UNKNOWN and summary["vulnerability"] == "NOT ASSESSED"
    assert "nothing that is rated was run" in judged.rating.residual.reason
    assert {one["attack"] for one in summary["not_rated"]} == set(ATTACKS)
    assert {run for one in summary["not_rated"] for run in one["runs"]} == {one.id for one in unrated_runs()}
    assert "6 of 6 scenarios have a run; 6 of these are not rated" in judged.conditions[0].told


def test_what_is_not_rated_changes_no_outcome() -> None:
    record = finished(scenario(), 3)
    alone = gate(assessment([record.scenario], system=OPEN), runs(record), DEFAULT)
    beside = gate(*held(record), DEFAULT)
    assert [one.outcome for one in beside.conditions] == [one.outcome for one in alone.conditions]
    assert beside.rating == alone.rating and not alone.unrated


@pytest.mark.parametrize("exhibit", exhibits.names())
def test_every_shipped_run_of_every_exhibit_can_be_told(exhibit: str) -> None:
    records = exhibits.stored(exhibit).runs()
    whole = assessment([one.scenario for one in records])
    found = dict(runs(*records))
    rated = gather(whole, found)
    rows = gather_unrated(whole, found, rated)
    assert {run for row in (*rated, *rows) for run in row.run_ids} == {one.id for one in records}
    for row in rows:
        assert row.verdict and row.measured is not None and row.measured.low <= row.measured.value
