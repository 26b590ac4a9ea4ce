"""The Risk review page: the example first, an assessment that saves itself, a report, decision and policy."""

from datetime import date, timedelta
from threading import Event

import pytest

from inversion_core.errors import InversionError
from inversion_core.metrics.verdict import verdict
from inversion_core.reports import job as jobs
from inversion_core.reports import summary
from inversion_core.reports.beside import CAPTION
from inversion_core.risk.assessment import Mode
from inversion_core.risk.audit import Actor
from inversion_core.risk.checkable import Status, statements
from inversion_core.risk.policy import Policy
from inversion_core.risk.signoff import Decision
from inversion_core.store.runs import RunStore, open_store
from inversion_core.values import State
from pages.ui import review_case, review_reports
from pages.ui.review_case import EXAMPLE, Case
from pages.ui.review_describe import STEPS
from tests.pages.conftest import Visit
from tests.risk.made import assessment, finished, unrated_runs
from tests.risk.test_review_cli import BARE, KNOWING, NAIVE
from tests.store.test_audit import altered

DECIDE, DESCRIBE, RUNS = "Report and decision", "System and context", "Runs"
GOVERNED, RATED = "Policies", "Rating policy"


@pytest.fixture
def store() -> RunStore:
    """Return the store that the pages see."""
    return open_store()


def begun(visit: Visit, mode: Mode = Mode.ASSESSMENT, **parts: object) -> str:
    """Let this visitor begin an assessment with three finished runs and return its id."""
    visit.open("review/review")
    visit.app.text_input(key="new-name").set_value("Door")
    visit.app.radio(key="new-mode").set_value(mode)
    visit.again()
    visit.click("new-begin")
    opened = open_store()
    (record,) = opened.assessments(limit=1)
    document = assessment([NAIVE, KNOWING, BARE], mode=mode, **parts).model_dump_json()
    opened.save_assessment(record.id, document, record.owner, record.revision)
    for one, hits in zip((NAIVE, KNOWING, BARE), (0, 2, 30), strict=True):
        run_id, new = opened.create(one, "test")
        if new:
            opened.begin(run_id)
            opened.finish(run_id, State.DONE, result=finished(one, hits).result)
    visit.again()
    return record.id


def approve(visit: Visit, version: int = 1) -> None:
    """Approve a version of the policy, on its view."""
    visit.app.text_input(key=f"approve-name-{version}").set_value("B. Oard")
    visit.app.text_input(key=f"approve-role-{version}").set_value("board")
    visit.again()
    visit.click(f"approve-{version}")


def reported(visit: Visit, case: str) -> None:
    """Make the report on its view, and wait for it."""
    visit.click(f"make-{case}")
    job = jobs.of(case)
    assert job is not None and job.ended.wait(30) and not job.error, job.log
    visit.again()


def given(visit: Visit, case: str, decision: Decision) -> None:
    """Fill in a decision and submit it."""
    visit.app.selectbox(key=f"made-{case}").set_value(decision)
    visit.app.text_input(key=f"name-{case}").set_value("A. Body")
    visit.app.text_input(key=f"role-{case}").set_value("controller")
    visit.app.date_input(key=f"review-{case}").set_value(date.today() + timedelta(days=30))
    submit(visit)


def view(visit: Visit, case: str, name: str) -> None:
    """Open one of the views of an assessment."""
    visit.app.segmented_control(key=f"view-{case}").set_value(name)
    visit.again()


def test_the_example_is_there_before_anybody_did_anything(visit: Visit) -> None:
    visit.open("review/review")
    dossier = review_case.dossier(Case(EXAMPLE, review_case.shipped.example()[0], None))
    assert summary.sentence(dossier) in visit.text
    assert "NOT RUN" in visit.text and "Illustrative" in visit.text


def test_what_is_not_rated_is_shown_with_the_result(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    record, lira = store.assessment(case), unrated_runs()[0]
    whole = record.assessment.model_copy(update={"scenarios": (*record.assessment.scenarios, lira.scenario)})
    store.save_assessment(case, whole.model_dump_json(), record.owner, record.revision)
    run_id, _ = store.create(lira.scenario, "test")
    store.begin(run_id)
    store.finish(run_id, State.DONE, result=lira.result)
    visit.again()
    assert CAPTION in visit.text and verdict(lira.result or {}).sentence in visit.text
    assert "do not enter the rating" in visit.text


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
    view(visit, case, RATED)
    approve(visit)
    view(visit, case, DECIDE)
    reported(visit, case)
    (report,) = store.reports(case)
    assert store.verify_report(report.id) == [] and report.sha256[:16] in visit.text
    given(visit, case, Decision.CONDITIONS)
    assert any("conditions" in error.value for error in visit.app.error) and not store.decisions(case)
    visit.app.text_area(key=f"conditions-{case}").set_value("Fewer answers, by March.")
    submit(visit)
    (signed,) = store.decisions(case)
    assert signed.report_id == report.id and signed.signoff.conditions == "Fewer answers, by March."
    assert "A. Body, controller" in visit.text and store.verify_all() == []
    assert signed.facts.revision == store.assessment(case).revision
    assert store.receipt(signed).hash in visit.text
    given(visit, case, Decision.REJECT)
    assert [one.number for one in store.decisions(case)] == [2, 1], [one.value for one in visit.app.error]


def test_without_an_approved_policy_the_page_says_what_to_do_and_leads_there(
    visit: Visit, store: RunStore
) -> None:
    case = begun(visit)
    view(visit, case, DECIDE)
    reported(visit, case)
    assert "nobody here has approved one: approve it, then make the report again" in visit.text
    visit.click(f"rate-{case}")
    assert "An assessment can be signed once your organisation has approved the policy" in visit.text
    approve(visit)
    record = store.policy_in_force()
    assert record is not None and (record.version, record.approved_by) == (1, "B. Oard")
    view(visit, case, DECIDE)
    given(visit, case, Decision.APPROVE)
    assert any("a policy was approved" in error.value for error in visit.app.error)
    reported(visit, case)
    given(visit, case, Decision.APPROVE)
    assert len(store.decisions(case)) == 1


def test_an_assessment_is_rated_by_the_version_it_names(visit: Visit, store: RunStore) -> None:
    case = begun(visit, policy=1)
    store.approve_policy(1, Actor("B"), Policy().model_dump_json())
    strict = Policy(title="Strict", vulnerability=(0.001, 0.002, 0.003))
    draft = store.draft_policy(strict.model_dump_json(), Actor("B"))
    store.approve_policy(draft, Actor("B"))
    view(visit, case, RATED)
    assert "In force: Strict, version 2" in visit.text and "rated by version 1, and is" in visit.text
    view(visit, case, DECIDE)
    reported(visit, case)
    (report,) = store.reports(case)
    assert report.policy == 1 and "Rate it by the one in force" in visit.text
    assert f"made-{case}" not in [one.key for one in visit.app.selectbox]
    visit.click(f"unpin-{case}")
    assert store.assessment(case).assessment.policy is None
    reported(visit, case)
    given(visit, case, Decision.APPROVE)
    assert [one.facts.policy for one in store.decisions(case)] == [2]


def test_a_new_policy_makes_a_decision_due_also_where_a_version_is_named(
    visit: Visit, store: RunStore
) -> None:
    case = begun(visit, policy=1)
    store.approve_policy(1, Actor("B"), Policy().model_dump_json())
    view(visit, case, DECIDE)
    reported(visit, case)
    given(visit, case, Decision.APPROVE)
    assert len(store.decisions(case)) == 1 and "A new review is due" not in visit.text
    store.approve_policy(store.draft_policy(Policy(title="New").model_dump_json(), Actor("B")), Actor("B"))
    visit.again()
    assert "the rating policy has version 2, it was 1" in " ".join(one.value for one in visit.app.warning)


@pytest.mark.parametrize("drafted", [False, True], ids=["unknown", "draft"])
def test_a_version_that_rates_nothing_does_not_take_the_page_away(
    visit: Visit, store: RunStore, drafted: bool
) -> None:
    case = begun(visit, policy=2)
    if drafted:
        store.draft_policy(Policy(title="New").model_dump_json(), Actor("B"))
        visit.again()
    assert len(visit.app.error) == 1 and visit.app.selectbox(key="review-choice").value == case
    visit.click(f"unpin-{case}")
    assert not visit.app.error and visit.app.segmented_control(key=f"view-{case}").value == "Result"


def test_what_changed_since_the_report_is_not_signed(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    store.approve_policy(1, Actor("B"), Policy().model_dump_json())
    view(visit, case, DECIDE)
    reported(visit, case)
    store.set_override(case, "lawful", owner="Legal", status="not met", note="No basis.", actor=Actor("G"))
    given(visit, case, Decision.APPROVE)
    assert any("somebody said something" in error.value for error in visit.app.error)
    assert not store.decisions(case)


def test_an_edited_decision_is_found_by_the_button_and_by_the_statement(
    visit: Visit, store: RunStore
) -> None:
    case = begun(visit)
    store.approve_policy(1, Actor("B"), Policy().model_dump_json())
    view(visit, case, DECIDE)
    reported(visit, case)
    given(visit, case, Decision.APPROVE)
    (signed,) = store.decisions(case)
    altered(
        store, "UPDATE decisions SET signoff = replace(signoff, 'A. Body', 'E. Body')", trigger="decisions"
    )
    visit.click(f"audit-{case}")
    assert any(f"decision {signed.id} was changed" in error.value for error in visit.app.error)
    record = store.assessment(case)
    whole = review_case.gathered(Case(case, record.assessment, record), 2)
    (chain,) = [one for one in whole.statements if "audit-chain" in str(one.statement.checks)]
    assert chain.found is Status.NOT_MET


def test_a_report_with_faces_is_shared_by_no_link_and_each_download_is_logged(
    visit: Visit, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_reports, "_synthetic", lambda case: False)
    case = begun(visit)
    view(visit, case, DECIDE)
    for part, said in (("name", "A. Body"), ("role", "reviewer")):
        visit.app.text_input(key=f"unlock-{part}-{case}").set_value(said)
    visit.again()
    visit.click(f"unlock-{case}")
    job = jobs.of(case)
    assert job is not None and job.ended.wait(30) and not job.error, job.log
    visit.again()
    (report,) = store.reports(case)
    assert report.unlocked and "no link shows it" in visit.text
    assert not [one for one in visit.app.button if (one.key or "").startswith(f"share-{report.id}")]
    file = report.file("pdf")
    assert file is not None
    review_reports.served(report, file, Actor("A. Body", "reviewer"))
    (line,) = store.audit_log(report.id, limit=1)
    assert (line.actor, line.role, line.details["kind"]) == ("A. Body", "reviewer", "pdf")
    with pytest.raises(InversionError, match="the name of who does it"):
        review_reports.served(report, file, Actor("", ""))


def test_a_report_with_faces_is_a_job_of_its_own(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    went_on = Event()
    monkeypatch.setattr(jobs, "make", lambda *_, **__: went_on.wait(30))
    blurred, faces = (
        jobs.start("a", store, lambda _: None, Actor("A"), unlocked=unlocked) for unlocked in (False, True)
    )
    assert blurred is not faces and jobs.of("a") is faces
    assert jobs.start("a", store, lambda _: None, Actor("A"), unlocked=True) is faces
    went_on.set()
    assert blurred.ended.wait(30) and faces.ended.wait(30)


def test_an_equal_report_is_no_new_version(visit: Visit, store: RunStore) -> None:
    case = begun(visit)
    view(visit, case, DECIDE)
    for _ in range(2):
        reported(visit, case)
    assert len(store.reports(case)) == 1


def test_training_is_never_signed(visit: Visit) -> None:
    case = begun(visit, mode=Mode.TRAINING)
    view(visit, case, DECIDE)
    assert "cannot be signed off" in visit.text
    assert not [one for one in visit.app.text_input if one.key == f"name-{case}"]


def test_a_copy_of_an_exercise_takes_no_runs_along(visit: Visit, store: RunStore) -> None:
    begun(visit, mode=Mode.TRAINING)
    visit.app.checkbox(key="new-copy").set_value(True)
    visit.app.radio(key="new-mode").set_value(Mode.ASSESSMENT)
    visit.again()
    assert "A copy of an exercise takes none of its runs along: propose the runs again." in visit.text
    visit.click("new-begin")
    record = store.assessments(limit=1)[0]
    assert record.mode == Mode.ASSESSMENT and record.assessment.scenarios == ()


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
    approve(visit, 2)
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
