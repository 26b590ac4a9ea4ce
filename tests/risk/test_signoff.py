"""Decisions: what can be signed, and when one has to be looked at again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.risk.assessment import Assessment, Audience, Context, Mode, System
from inversion_core.risk.signoff import Decision, Facts, Signed, SignOff, Trigger, due, facts, problems
from inversion_core.values import Access

TODAY = date(2030, 3, 1)
SYSTEM = System(target=TargetChoice(name="cnn"), exposure=Exposure(access=Access.SCORES))
DOOR = Assessment(name="Door", system=SYSTEM)
RESULTS = {"a": {"target": {"sha256": "1" * 64}}, "b": None}
THEN = facts(DOOR, RESULTS, policy=1, reference="2030-01", revision=3)


def signoff(**changes: object) -> SignOff:
    values = {"decision": Decision.APPROVE, "approver": "Ada", "role": "DPO", "next_review": date(2030, 9, 1)}
    return SignOff.model_validate(values | changes)


def signed(**changes: object) -> Signed:
    moment = datetime(2030, 2, 1, tzinfo=UTC).timestamp()
    return Signed("1", "2", "3", 1, "4", 1, signoff(**changes), THEN, moment)


def now(assessment: Assessment = DOOR, results: object = None, **versions: object) -> Facts:
    given = {"policy": 1, "reference": "2030-01", "revision": 3, **versions}
    return facts(assessment, results or RESULTS, **given)


def test_a_complete_decision_about_an_assessment_can_be_taken() -> None:
    assert problems(signoff(), Mode.ASSESSMENT, TODAY) == []


def test_an_exercise_is_never_signed() -> None:
    (told,) = problems(signoff(), Mode.TRAINING, TODAY)
    assert "this one is an exercise" in told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"decision": Decision.CONDITIONS}, "none were given"),
        ({"decision": Decision.CONDITIONS, "conditions": "  "}, "none were given"),
        ({"approver": " "}, "one of them is empty"),
        ({"role": " "}, "one of them is empty"),
        ({"next_review": TODAY}, "2030-03-01 was given"),
    ],
)
def test_an_incomplete_decision_is_refused(changes: dict[str, object], told: str) -> None:
    (found,) = problems(signoff(**changes), Mode.ASSESSMENT, TODAY)
    assert told in found


def test_texts_of_a_decision_are_limited() -> None:
    with pytest.raises(ValidationError):
        signoff(conditions="x" * 4001)


def test_a_decision_stands_while_nothing_changes() -> None:
    assert due(signed(), now(), today=TODAY) == []


def test_a_decision_is_due_on_its_date() -> None:
    assert due(signed(), now(), today=date(2030, 8, 31)) == []
    (told,) = due(signed(), now(), today=date(2030, 9, 1))
    assert "2030-09-01" in told


def test_a_decision_is_due_after_a_year_whatever_its_date_says() -> None:
    late = signed(next_review=date(2040, 1, 1))
    assert due(late, now(), today=late.day + timedelta(days=364)) == []
    assert len(due(late, now(), today=late.day + timedelta(days=365))) == 1


def changed(**system: object) -> Assessment:
    return DOOR.model_copy(update={"system": SYSTEM.model_copy(update=system)})


def exposed(**exposure: object) -> Assessment:
    return changed(exposure=SYSTEM.exposure.model_copy(update=exposure))


@pytest.mark.parametrize(
    ("after", "told", "trigger"),
    [
        (now(policy=2), "rating policy has version 2, it was 1", Trigger.REFERENCE),
        (now(reference="2030-02"), "list of references has version 2030-02", Trigger.REFERENCE),
        (now(results={"a": {"target": {"sha256": "9" * 64}}}), "1 of 1 runs", Trigger.RETRAINED),
        (now(DOOR.model_copy(update={"context": Context(people=7)})), "other data", Trigger.RETRAINED),
        (now(exposed(access=Access.WHITE_BOX)), "scores then, white-box now", Trigger.CHANNEL),
        (now(exposed(query_budget=7)), "reached in another way", Trigger.CHANNEL),
        (
            now(DOOR.model_copy(update={"context": Context(audience=Audience.PUBLIC)})),
            "reached in another way",
            Trigger.CHANNEL,
        ),
        (now(exposed(defences=(Choice(name="rounding"),))), "other defences", Trigger.OUTPUT),
        (now(changed(target=TargetChoice(name="resnet18"))), "another model", Trigger.RETRAINED),
        (
            now(changed(target=TargetChoice(name="cnn", defences=(Choice(name="bido"),)))),
            "other controls in its training",
            Trigger.RETRAINED,
        ),
    ],
)
def test_a_change_makes_a_decision_due_if_it_is_among_its_triggers(
    after: Facts, told: str, trigger: Trigger
) -> None:
    (found,) = due(signed(), after, today=TODAY)
    assert told in found
    others = tuple(one for one in Trigger if one is not trigger)
    assert due(signed(triggers=others), after, today=TODAY) == []


def test_a_changed_assessment_makes_a_decision_due_whatever_its_triggers() -> None:
    (told,) = due(signed(triggers=()), now(revision=5), today=TODAY)
    assert told == "the assessment was changed: it is at revision 5, this was signed at 3"
    rewritten = DOOR.model_copy(update={"context": Context(purpose="a line-up of the police")})
    (told,) = due(signed(triggers=()), now(rewritten, revision=4), today=TODAY)
    assert "other things are said of the system and its people" in told


def test_a_decision_that_noted_no_revision_is_not_due_for_that() -> None:
    gone = {"target", "context", "revision"}
    earlier = Facts.model_validate_json(THEN.model_dump_json(exclude=gone))
    assert due(replace(signed(), facts=earlier), now(), today=TODAY) == []


def test_people_report_what_no_stored_fact_shows() -> None:
    told = due(signed(), now(), told=(Trigger.INCIDENT, Trigger.PUBLISHED), today=TODAY)
    assert len(told) == 2 and "incident" in told[1]


def test_a_run_that_was_added_later_does_not_say_that_the_model_was_trained_anew() -> None:
    assert due(signed(), now(results=RESULTS | {"c": {"target": {"sha256": "7" * 64}}}), today=TODAY) == []
