"""Governance statements: judged from what was run and said, overruled only with a reason, and visibly."""

from typing import Any

import pytest
from pydantic import ValidationError

from inversion_core.errors import ScenarioInvalid
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.checkable import Check, Status, statements
from inversion_core.risk.evidence import gather
from inversion_core.risk.statements import Judged, Override, evaluate
from inversion_core.scenario import Scenario
from tests.risk.made import CONTEXT, ROUNDED, assessment, finished, runs, scenario

EXPOSED = {"access": "scores", "defences": ROUNDED}
DEPLOYED = scenario(exposure=EXPOSED)
BARE = scenario()


def judged(made: Assessment, *done: Scenario, **more: Any) -> dict[str, Judged]:
    rows = gather(made, runs(*(finished(one, 20) for one in done)))
    return {one.statement.id: one for one in evaluate(made, rows, **more)}


def status(found: dict[str, Judged], *ids: str) -> list[Status]:
    return [found[one].status for one in ids]


def test_four_groups_have_statements_each_with_references_and_a_how() -> None:
    known = statements()
    assert len(known.groups) == 4 and {one.group for one in known.statements} == set(known.groups)
    assert all(one.refs and one.how.endswith(".") and one.text.endswith(".") for one in known.statements)
    assert len({one.id for one in known.statements}) == len(known.statements)


def test_what_the_assessment_says_is_met_or_not() -> None:
    whole = judged(assessment([]))
    assert status(whole, "purpose", "people", "callers", "limits", "logged") == [Status.MET] * 5
    context = {"data": "face", "audience": "public", "release": "published"}
    empty = judged(assessment([], context=context))
    ids = ("purpose", "people", "callers", "limits", "logged", "weights")
    assert status(empty, *ids) == [Status.NOT_MET] * 6


def test_without_runs_there_is_no_evidence() -> None:
    found = judged(assessment([]))
    ids = ("attacked", "known-controls", "compared", "decisions", "limits-measured", "monitor-measured")
    assert status(found, *ids) == [Status.NO_EVIDENCE] * 6
    assert all(found[one].runs == () for one in ids)


def test_runs_support_a_statement_and_are_named() -> None:
    found = judged(assessment([DEPLOYED, BARE]), DEPLOYED, BARE)
    assert status(found, "attacked", "compared") == [Status.MET] * 2
    assert found["attacked"].scenarios[0] == DEPLOYED.key()
    assert set(found["compared"].scenarios) == {DEPLOYED.key(), BARE.key()}
    assert found["attacked"].runs[0] == DEPLOYED.key()[:32]


def test_a_run_without_the_controls_alone_does_not_test_what_is_deployed() -> None:
    weaker = scenario("brep-mi", exposure={"access": "labels"})
    found = judged(assessment([weaker]), weaker)
    assert found["attacked"].status is Status.NO_EVIDENCE


def test_only_an_attacker_who_knows_the_controls_settles_whether_they_hold() -> None:
    assert judged(assessment([DEPLOYED]), DEPLOYED)["known-controls"].status is Status.NO_EVIDENCE
    standing = scenario("brep-mi", exposure=EXPOSED)
    settled = judged(assessment([standing]), standing)["known-controls"]
    assert settled.status is Status.MET and "nothing in them can be adapted" in settled.why[0]
    no_control = {"target": {"name": "cnn"}, "exposure": {"access": "scores"}}
    assert judged(assessment([BARE], system=no_control), BARE)["known-controls"].status is Status.MET


def test_limits_count_as_measured_only_where_runs_met_them() -> None:
    budget = {"access": "scores", "query_budget": 9000}
    system = {"target": {"name": "cnn"}, "exposure": budget}
    within = scenario(exposure=budget)
    found = judged(assessment([within], system=system), within)
    assert status(found, "limits", "limits-measured", "known-controls") == [Status.MET] * 3
    assert judged(assessment([], system=system))["limits-measured"].status is Status.NO_EVIDENCE


def test_more_than_the_user_needs_is_for_a_person_to_say() -> None:
    assert judged(assessment([]))["answers"].status is Status.MET
    open_scores = {"target": {"name": "cnn"}, "exposure": {"access": "scores"}}
    found = judged(assessment([], system=open_scores))
    assert status(found, "answers", "sparing", "lawful", "taught") == [Status.PERSON] * 4


def test_a_control_group_is_evidence_and_a_reason_for_none_is_not() -> None:
    people = list(range(40))
    without = {"name": "data-minimisation", "params": {"photos_per_person": 20, "without": people}}
    group = scenario(target={"name": "cnn", "defences": [without]})
    assert judged(assessment([group]), group)["control-group"].status is Status.MET
    assert judged(assessment([DEPLOYED]), DEPLOYED)["control-group"].status is Status.PERSON
    silent = assessment([DEPLOYED], context=CONTEXT | {"no_control": ""})
    assert judged(silent, DEPLOYED)["control-group"].status is Status.NO_EVIDENCE


@pytest.mark.parametrize(("whole", "expected"), [(True, Status.MET), (False, Status.NOT_MET)])
def test_what_the_installation_found_out_counts(whole: bool, expected: Status) -> None:
    found = judged(assessment([]), facts={"audit-chain": whole})
    assert found["decisions"].status is expected


def test_a_person_may_overrule_and_both_stay_visible() -> None:
    said = {"attacked": Override(owner="J. Doe", status=Status.MET, reason="tested by a laboratory")}
    found = judged(assessment([]), overrides=said)["attacked"]
    assert (found.status, found.found) == (Status.MET, Status.NO_EVIDENCE)
    assert found.overruled and found.owner == "J. Doe" and found.reason == "tested by a laboratory"
    named = judged(assessment([]), overrides={"people": Override(owner="J. Doe")})["people"]
    assert named.owner == "J. Doe" and not named.overruled


def test_an_override_without_a_reason_or_a_statement_is_refused() -> None:
    with pytest.raises(ValidationError, match="who overrules a check says why"):
        Override(status=Status.MET, reason=" ")
    with pytest.raises(ScenarioInvalid, match="'prayer' is none"):
        judged(assessment([]), overrides={"prayer": Override(owner="x")})


def test_a_check_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match="has no 'colour'"):
        Check(kind="context", field="colour")
    with pytest.raises(ValidationError, match="prayer is no control"):
        Check(kind="control", controls=("prayer",))
