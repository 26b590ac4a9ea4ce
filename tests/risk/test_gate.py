"""The gate: what passes, what fails, and what nobody can say."""

from typing import Any

import pytest

from inversion_core.risk.assessment import Mode
from inversion_core.risk.gate import Exit, Gate, Outcome, gate
from inversion_core.risk.policy import Policy, Thresholds
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from tests.risk.made import ROUNDED, assessment, finished, runs, scenario

AS_DEPLOYED = {"exposure": {"access": "scores", "defences": ROUNDED}}
NAIVE, KNOWING, BARE = scenario(**AS_DEPLOYED), scenario("brep-mi", **AS_DEPLOYED), scenario()
SEEDS = (0, 1, 2)


def seeded(*of: Scenario) -> list[Scenario]:
    """Return the scenarios with each seed."""
    return [one.model_copy(update={"seed": seed}) for one in of for seed in SEEDS]


def ended(of: Scenario, hits: int, **parts: Any) -> list[RunRecord]:
    """Return a run of each seed in which so many were recovered."""
    return [finished(one, hits, **parts) for one in seeded(of)]


def passed(*ran: list[RunRecord], **thresholds: Any) -> Gate:
    """Return the gate of an assessment of three scenarios, of which these have run."""
    policy = Policy(thresholds=Thresholds(**thresholds))
    return gate(
        assessment(seeded(NAIVE, KNOWING, BARE)), runs(*(one for each in ran for one in each)), policy
    )


def outcome(of: Gate, name: str) -> Outcome:
    """Return how one condition came out."""
    return next(one.outcome for one in of.conditions if one.name == name)


def test_everything_within_the_thresholds_passes() -> None:
    found = passed(ended(NAIVE, 0), ended(KNOWING, 0), ended(BARE, 30))
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
    found = passed(ended(NAIVE, 30))
    assert found.exit is Exit.FAILED
    assert outcome(found, "vulnerability") is Outcome.FAILED
    assert outcome(found, "every run has ended well") is Outcome.UNKNOWN


def test_a_missing_run_cannot_be_assessed() -> None:
    found = passed(ended(NAIVE, 0), ended(KNOWING, 0))
    assert found.exit is Exit.UNKNOWN and "6 of 9" in found.conditions[0].told


def test_nothing_run_at_all_is_not_assessed() -> None:
    found = passed()
    assert found.exit is Exit.UNKNOWN and found.summary()["vulnerability"] == "NOT ASSESSED"


def test_an_attacker_who_knows_the_controls_is_asked_for() -> None:
    three, ran = assessment(seeded(NAIVE, BARE)), runs(*ended(NAIVE, 0), *ended(BARE, 30))
    found = gate(three, ran, Policy())
    assert found.exit is Exit.UNKNOWN
    assert outcome(found, "an attacker who knows the controls") is Outcome.UNKNOWN
    careless = Policy(thresholds=Thresholds(adaptive=False))
    assert gate(three, ran, careless).exit is Exit.PASSED


@pytest.mark.parametrize(
    ("thresholds", "name"),
    [({"people": 41}, "enough people"), ({"seeds": 4}, "enough seeds")],
)
def test_thin_evidence_cannot_be_assessed(thresholds: dict[str, int], name: str) -> None:
    found = passed(ended(NAIVE, 0), ended(KNOWING, 0), ended(BARE, 30), **thresholds)
    assert found.exit is Exit.UNKNOWN and outcome(found, name) is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("thresholds", "name"),
    [
        ({"likelihood": 1}, "likelihood"),
        ({"upper_bound": 0.05}, "upper bound of what the model adds"),
    ],
)
def test_every_limit_can_fail(thresholds: dict[str, float], name: str) -> None:
    found = passed(ended(NAIVE, 0), ended(KNOWING, 0), ended(BARE, 30), **thresholds)
    assert found.exit is Exit.FAILED and outcome(found, name) is Outcome.FAILED


def test_one_seed_gives_no_calm_answer() -> None:
    """One person of 40 recovered every time: with three seeds it fails, with one nobody can say."""
    found = {
        count: gate(
            assessment(seeded(KNOWING)[:count]),
            runs(*(finished(one, 0, recovered=[7]) for one in seeded(KNOWING)[:count])),
            Policy(),
        )
        for count in (1, 3)
    }
    assert found[3].exit is Exit.FAILED and found[1].exit is Exit.UNKNOWN
    assert outcome(found[1], "enough seeds") is Outcome.UNKNOWN
    assert outcome(found[1], "whoever fares worst") is Outcome.UNKNOWN
    assert "not assessable" in " ".join(found[1].rating.residual.remarks)


def test_more_access_alone_is_no_attack_on_what_is_deployed() -> None:
    held = scenario("plug-and-play", exposure={"access": "white-box"})
    found = gate(assessment(seeded(held)), runs(*ended(held, 0)), Policy())
    assert found.exit is Exit.UNKNOWN
    assert outcome(found, "attacked as deployed") is Outcome.UNKNOWN
    assert outcome(found, "an attacker who knows the controls") is Outcome.UNKNOWN


def cost(defences: list[dict[str, object]], exposure: dict[str, object], after: float) -> Outcome:
    """Return how the cost in accuracy comes out, 0.95 without the controls."""
    target = {"name": "cnn", "defences": defences}
    deployed, bare = scenario(target=target, exposure=exposure), scenario()
    whole = assessment([deployed, bare], system={"target": target, "exposure": exposure})
    found = runs(finished(deployed, 0, accuracy=after), finished(bare, 30, accuracy=0.95))
    policy = Policy(thresholds=Thresholds(accuracy_lost=0.1))
    return outcome(gate(whole, found, policy), "accuracy the controls cost")


def test_accuracy_is_judged_where_it_was_measured() -> None:
    smoothed, bare = [{"name": "label-smoothing"}], {"access": "scores"}
    assert cost(smoothed, bare, 0.9) is Outcome.PASSED
    assert cost(smoothed, bare, 0.8) is Outcome.FAILED
    assert cost([], {"access": "scores", "defences": ROUNDED}, 0.95) is Outcome.UNKNOWN
    assert cost([], bare, 0.95) is Outcome.PASSED, "without controls nothing can be lost"
