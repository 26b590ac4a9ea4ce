"""The Risk review page: the example first, an assessment that saves itself, a report, decision and policy."""

from datetime import date, timedelta

import pytest

from inversion_core.reports import job as jobs
from inversion_core.reports import summary
from inversion_core.risk.assessment import Mode
from inversion_core.risk.audit import Actor
from inversion_core.risk.checkable import statements
from inversion_core.risk.policy import Policy
from inversion_core.risk.signoff import Decision
from inversion_core.store.runs import RunStore, open_store
from inversion_core.values import State
from pages.ui import review_case
from pages.ui.review_case import EXAMPLE, Case
from pages.ui.review_describe import STEPS
from tests.pages.conftest import Visit
from tests.risk.made import assessment, finished
from tests.risk.test_review_cli import BARE, KNOWING, NAIVE

DECIDE, DESCRIBE, RUNS = "Report and decision", "System and context", "Runs"
GOVERNED, RATED = "Policies", "Rating policy"


@pytest.fixture
def store() -> RunStore:
    """Return the store that the pages see."""
    return open_store()


def begun(visit: Visit, **parts: object) -> str:
    """Let this visitor begin an assessment with three finished runs and return its id."""
    visit.open("review/review")
    visit.app.text_input(key="new-name").set_value("Door")
    visit.click("new-begin")
    opened = open_store()
    (record,) = opened.assessments(limit=1)
    document = assessment([NAIVE, KNOWING, BARE], **parts).model_dump_json()
    opened.save_assessment(record.id, document, record.owner, record.revision)
    for one, hits in zip((NAIVE, KNOWING, BARE), (0, 2, 30), strict=True):
        run_id, new = opened.create(one, "test")
        if new:
            opened.begin(run_id)
            opened.finish(run_id, State.DONE, result=finished(one, hits).result)
    visit.again()
    return record.id


def view(visit: Visit, case: str, name: str) -> None:
    """Open one of the views of an assessment."""
    visit.app.segmented_control(key=f"view-{case}").set_value(name)
    visit.again()


def test_the_example_is_there_before_anybody_did_anything(visit: Visit) -> None:
    visit.open("review/review")
    dossier = review_case.dossier(Case(EXAMPLE, review_case.shipped.example()[0], None))
    assert summary.sentence(dossier) in visit.text
    assert "NOT RUN" in visit.text and "Illustrative" in visit.text


def test_an_assessment_saves_every_change_at_once(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    before = store.assessment(case).revision
    view(visit, case, DESCRIBE)
    visit.app.segmented_control(key=f"step-{case}").set_value("2 Data and people")
    visit.again()
    visit.app.number_input(key=f"people-{case}").set_value(123)
    visit.again()
    record = store.assessment(case)
    assert record.assessment.context.people == 123 and record.revision == before + 1
    assert f"Saved: revision {record.revision}." in visit.text


def test_a_change_over_a_newer_revision_is_refused_and_loses_nothing(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    view(visit, case, DESCRIBE)
    record = store.assessment(case)
    other = record.assessment.model_copy(update={"name": "Renamed elsewhere"})
    store.save_assessment(case, other.model_dump_json(), record.owner, record.revision)
    visit.app.text_input(key=f"Name-{case}").set_value("Mine")
    visit.again()
    assert store.assessment(case).name == "Renamed elsewhere"
    assert any("revision" in error.value for error in visit.app.error)


def test_a_proposal_fills_the_plan(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    view(visit, case, DESCRIBE)
    visit.app.segmented_control(key=f"step-{case}").set_value("4 Runs")
    visit.again()
    visit.click(f"plan-{case}")
    assert len(store.assessment(case).assessment.scenarios) > 10
    view(visit, case, RUNS)
    assert "runs are done" in str(visit.app.get("progress")[0].proto.text)


def test_a_report_is_made_as_a_job_and_a_decision_is_about_it(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    view(visit, case, DECIDE)
    visit.click(f"make-{case}")
    job = jobs.of(case)
    assert job is not None and job.ended.wait(30) and not job.error, job.log
    visit.again()
    (report,) = store.reports(case)
    assert store.verify_report(report.id) == [] and report.sha256[:16] in visit.text
    visit.app.selectbox(key=f"made-{case}").set_value(Decision.CONDITIONS)
    visit.app.text_input(key=f"name-{case}").set_value("A. Body")
    visit.app.text_input(key=f"role-{case}").set_value("controller")
    visit.app.date_input(key=f"review-{case}").set_value(date.today() + timedelta(days=30))
    submit(visit)
    assert any("conditions" in error.value for error in visit.app.error) and not store.decisions(case)
    visit.app.text_area(key=f"conditions-{case}").set_value("Fewer answers, by March.")
    submit(visit)
    (signed,) = store.decisions(case)
    assert signed.report_id == report.id and signed.signoff.conditions == "Fewer answers, by March."
    assert "A. Body, controller" in visit.text and store.verify_audit() == []


def test_an_equal_report_is_no_new_version(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    view(visit, case, DECIDE)
    for _ in range(2):
        visit.click(f"make-{case}")
        job = jobs.of(case)
        assert job is not None and job.ended.wait(30) and not job.error, job.log
        visit.again()
    assert len(store.reports(case)) == 1


def test_training_is_never_signed(visit: Visit) -> None:
    case = begun(visit, mode=Mode.TRAINING)
    view(visit, case, DECIDE)
    assert "cannot be signed off" in visit.text
    assert not [one for one in visit.app.text_input if one.key == f"name-{case}"]


def test_a_policy_is_drafted_then_approved_by_name(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    view(visit, case, RATED)
    assert "which nobody here has approved" in visit.text
    visit.app.text_input(key="policy-title").set_value("Ours")
    visit.app.number_input(key="policy-cut-1 ends below").set_value(1.0)
    visit.app.text_input(key="policy-name").set_value("B. Oard")
    visit.again()
    visit.click("policy-keep")
    assert store.policy_in_force() is None
    visit.app.text_input(key="approve-name-2").set_value("B. Oard")
    visit.app.text_input(key="approve-role-2").set_value("board")
    visit.again()
    visit.click("approve-2")
    record = store.policy_in_force()
    assert record is not None and record.approved_by == "B. Oard"
    assert Policy.model_validate_json(record.document).vulnerability[0] == pytest.approx(0.01)
    assert "In force: Ours, version 2, approved by B. Oard." in visit.text


def test_a_policy_says_what_was_found_and_what_a_person_says(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    view(visit, case, GOVERNED)
    assert f"Of {len(statements().statements)} policies" in visit.text and "Attacked so by" in visit.text
    assert not [name for name in ("nes-latent", "brep-mi", "rate_limited") if name in visit.text]
    links = [told["href"] for tag, told in visit.tags if tag == "a" and "href" in told]
    assert {f"run?run={run.id}" for run in store.runs()} <= set(links)
    visit.click(f"say-lawful-{case}")
    assert visit.app.text_input(key=f"said-owner-lawful-{case}").value == ""
    store.set_override(case, "lawful", owner="Legal", status="met", note="Consent, file 7.", actor=Actor("G"))
    visit.again()
    assert "A person says met:" in visit.text and "Consent, file 7." in visit.text


def test_every_step_of_the_description_is_drawn(visit: Visit) -> None:
    case = begun(visit)
    view(visit, case, DESCRIBE)
    for step in STEPS:
        visit.app.segmented_control(key=f"step-{case}").set_value(step)
        visit.again()
        assert "Saved: revision" in visit.text


def test_the_policies_of_the_example_are_shown_and_cannot_be_changed(visit: Visit) -> None:
    visit.open("review/review")
    view(visit, EXAMPLE, GOVERNED)
    assert f"Of {len(statements().statements)} policies" in visit.text
    assert not [one for one in visit.app.button if (one.key or "").startswith("say-")]


def test_assessments_of_one_name_are_told_apart(visit: Visit, store: RunStore) -> None:
    case = begun(visit, name=review_case.shipped.example()[0].name)
    view(visit, case, RUNS)
    options = visit.app.selectbox(key="review-choice").options
    assert len(options) == len(set(options)) == 2
    assert any(case[:8] in one for one in options)


def test_an_unknown_assessment_is_told_in_a_sentence(visit: Visit) -> None:
    visit.open("review/review", assessment="0" * 32)
    assert visit.app.error and "Traceback" not in visit.app.error[0].value


def test_hostile_names_come_out_as_text(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    record = store.assessment(case)
    odd = record.assessment.model_copy(update={"name": "<img src=x onerror=alert(1)> [a](http://x) :red[b]"})
    store.save_assessment(case, odd.model_dump_json(), record.owner, record.revision)
    visit.again()
    assert not [told for tag, told in visit.tags if tag in ("img", "script", "a") and told.get("src") == "x"]
    (heading,) = [told for tag, told in visit.tags if tag == "h2" and told.get("class") == "lab-name"]
    assert heading and "<img src=x onerror=alert(1)> [a](http://x) :red[b]" in visit.text


def submit(visit: Visit) -> None:
    """Press the button of the form."""
    (button,) = [one for one in visit.app.button if one.label == "Record the decision"]
    button.click()
    visit.again()
