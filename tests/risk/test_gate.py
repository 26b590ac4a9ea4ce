"""The gate: what passes, what fails, and what nobody can say."""

from typing import Any

import pytest

from inversion_core.risk.assessment import Mode
from inversion_core.risk.gate import Exit, Gate, Outcome, gate
from inversion_core.risk.policy import Policy, Thresholds
from inversion_core.store.runs import RunRecord
from tests.risk.made import ROUNDED, assessment, finished, runs, scenario

AS_DEPLOYED = {"exposure": {"access": "scores", "defences": ROUNDED}}
NAIVE, KNOWING, BARE = scenario(**AS_DEPLOYED), scenario("brep-mi", **AS_DEPLOYED), scenario()


def passed(*records: RunRecord, **thresholds: Any) -> Gate:
    """Return the gate of an assessment of three scenarios, of which these have run."""
    policy = Policy(thresholds=Thresholds(**thresholds))
    return gate(assessment([NAIVE, KNOWING, BARE]), runs(*records), policy)


def outcome(of: Gate, name: str) -> Outcome:
    """Return how one condition came out."""
    return next(one.outcome for one in of.conditions if one.name == name)


def test_everything_within_the_thresholds_passes() -> None:
    found = passed(
        finished(NAIVE, 0), finished(KNOWING, 0), finished(BARE, 30, accuracy=0.95), accuracy_lost=0.1
    )
    assert found.exit is Exit.PASSED and found.summary()["outcome"] == "passed"
    assert {one.outcome for one in found.conditions} == {Outcome.PASSED}


def test_an_exercise_lets_nothing_through() -> None:
    exercise = assessment([NAIVE, KNOWING, BARE], mode=Mode.TRAINING)
    found = gate(
        exercise, runs(*(finished(*one) for one in ((NAIVE, 0), (KNOWING, 0), (BARE, 30)))), Policy()
    )
    assert found.exit is Exit.UNKNOWN
    assert outcome(found, "an assessment, not an exercise") is Outcome.UNKNOWN


def test_a_threshold_that_is_passed_fails_whatever_else_is_missing() -> None:
    found = passed(finished(NAIVE, 30))
    assert found.exit is Exit.FAILED
    assert outcome(found, "vulnerability") is Outcome.FAILED
    assert outcome(found, "every run has ended well") is Outcome.UNKNOWN


def test_a_missing_run_cannot_be_assessed() -> None:
    found = passed(finished(NAIVE, 0), finished(KNOWING, 0))
    assert found.exit is Exit.UNKNOWN and "2 of 3" in found.conditions[0].told


def test_nothing_run_at_all_is_not_assessed() -> None:
    found = passed()
    assert found.exit is Exit.UNKNOWN and found.summary()["vulnerability"] == "NOT ASSESSED"


def test_an_attacker_who_knows_the_controls_is_asked_for() -> None:
    three = assessment([NAIVE, BARE])
    found = gate(three, runs(finished(NAIVE, 0), finished(BARE, 30)), Policy())
    assert found.exit is Exit.UNKNOWN
    assert outcome(found, "an attacker who knows the controls") is Outcome.UNKNOWN
    careless = Policy(thresholds=Thresholds(adaptive=False))
    assert gate(three, runs(finished(NAIVE, 0), finished(BARE, 30)), careless).exit is Exit.PASSED


@pytest.mark.parametrize(
    ("thresholds", "name"),
    [({"people": 41}, "enough people"), ({"seeds": 2}, "enough seeds")],
)
def test_thin_evidence_cannot_be_assessed(thresholds: dict[str, int], name: str) -> None:
    found = passed(finished(NAIVE, 0), finished(KNOWING, 0), finished(BARE, 30), **thresholds)
    assert found.exit is Exit.UNKNOWN and outcome(found, name) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("thresholds", "name"),
    [
        ({"likelihood": 1}, "likelihood"),
        ({"upper_bound": 0.05}, "upper bound of what the model adds"),
        ({"accuracy_lost": 0.01}, "accuracy the controls cost"),
    ],
)
def test_every_limit_can_fail(thresholds: dict[str, float], name: str) -> None:
    records = finished(NAIVE, 0, accuracy=0.8), finished(KNOWING, 0, accuracy=0.8), finished(BARE, 30)
    found = passed(*records, **thresholds)
    assert found.exit is Exit.FAILED and outcome(found, name) is Outcome.FAILED
