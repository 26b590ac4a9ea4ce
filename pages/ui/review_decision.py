"""The report of an assessment, the decision about one of its versions, and who did what."""

import json
import time
from datetime import date, timedelta

import streamlit as st

from inversion_core.errors import InversionError, ScenarioInvalid
from inversion_core.reports import job as jobs
from inversion_core.reports.blocks import Table
from inversion_core.reports.closing import TRIGGERS
from inversion_core.risk import signoff
from inversion_core.risk.assessment import Mode
from inversion_core.risk.audit import Actor
from inversion_core.risk.data_files import reference_version
from inversion_core.risk.in_force import in_force
from inversion_core.risk.signoff import Decision, Facts, SignOff, Trigger
from inversion_core.store.decisions import Signed
from inversion_core.store.reports import ReportVersion
from inversion_core.store.texts import is_id
from pages.ui import library, review_case, words
from pages.ui.owner import owner
from pages.ui.report_blocks import blocks
from pages.ui.review_case import RATED, Case
from pages.ui.review_reports import reports
from pages.ui.review_save import ERROR, save

YEAR = 365
LOG = ("when", "who", "what", "line")


def decide(case: Case) -> None:
    """Draw the reports, the decision form and the log."""
    versions = library.store().reports(case.id)
    reports(case, versions)
    _decision(case, versions)
    _log(case, versions)


def _decision(case: Case, versions: list[ReportVersion]) -> None:
    st.header("Decision", anchor=False)
    store = library.store()
    signed = store.decisions(case.id)
    for place, one in enumerate(signed):
        _signed(case, one, counts=place == 0)
    if case.assessment.mode is Mode.TRAINING:
        words.quiet("This is a training exercise: it cannot be signed off.")
        return
    current = store.policy_in_force()
    if current is not None and case.assessment.policy not in (None, current.version):
        words.quiet(
            f"A decision is made under the rating policy in force, version {current.version}; this "
            f"assessment asks to be rated by version {case.assessment.policy}. Rate it by the one in force, "
            "then make the report again and decide on that version."
        )
        if case.mine:
            rate_by_the_one_in_force(case)
        return
    if current is None:
        words.quiet(
            "A decision is made under a rating policy that your organisation approved, and nobody here has "
            "approved one: approve it, then make the report again and decide on that version."
        )
        st.button(
            "Open the rating policy", icon=":material/rule:", key=f"rate-{case.id}",
            on_click=review_case.show, args=(case, RATED),
        )  # fmt: skip
        return
    if not versions:
        words.quiet("A decision is about a version of the report: make one first, and read it.")
        return
    with st.form(f"sign-{case.id}", border=True):
        words.quiet(
            f"About version {versions[0].version} of the report. Nobody can change a decision later; a new "
            "one supersedes it."
        )
        made = st.selectbox(
            "Decision", list(Decision), index=None, placeholder="choose", key=f"made-{case.id}"
        )
        name = st.text_input("Name", max_chars=128, key=f"name-{case.id}")
        role = st.text_input("Role", max_chars=128, key=f"role-{case.id}")
        conditions = st.text_area("Conditions", max_chars=4000, key=f"conditions-{case.id}")
        overruled = st.text_area(
            "Advice that is overruled, and why", max_chars=4000, key=f"overruled-{case.id}"
        )
        review = st.date_input(
            "Next review", value=date.today() + timedelta(days=YEAR), key=f"review-{case.id}"
        )
        triggers = st.multiselect(
            "Also due when", list(Trigger), default=list(Trigger),
            format_func=TRIGGERS.__getitem__, key=f"triggers-{case.id}",
        )  # fmt: skip
        if st.form_submit_button("Record the decision", icon=":material/gavel:"):
            given = {"decision": made, "approver": name, "role": role, "conditions": conditions,
                     "overruled": overruled, "next_review": review, "triggers": triggers}  # fmt: skip
            _record(case, versions[0], given)


def rate_by_the_one_in_force(case: Case) -> None:
    """Offer to rate an assessment that names a policy by the one in force."""
    st.button(
        "Rate by the policy in force",
        icon=":material/rule:",
        key=f"unpin-{case.id}",
        on_click=save,
        args=(case, _unpin),
    )


def _unpin(document: dict[str, object]) -> None:
    """Have an assessment rated by the policy in force."""
    document["policy"] = None


def _record(case: Case, report: ReportVersion, given: dict[str, object]) -> None:
    try:
        signed = SignOff.model_validate(given)
        actor = Actor(signed.approver, signed.role)
        content = jobs.content_now(review_case.gathered(case, report.version, report.made), report)
        library.store().decide(report.id, signed, facts_of(case), actor, content=content)
    except ScenarioInvalid as error:
        for problem in error.problems:
            st.error(words.plain(problem), icon=":material/error:")
        return
    except InversionError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    except ValueError:
        st.error("A decision needs what was decided, a name and a role, one of them is empty; fill it in.",
                 icon=":material/error:")  # fmt: skip
        return
    st.rerun()


def facts_of(case: Case) -> Facts:
    """Return what a decision of now rests on."""
    assert case.record is not None, "the example is never signed"
    runs = library.store().runs_of_keys(review_case.keys(case.record.document))
    policy, _ = in_force(library.store())  # what decisions are made under, whatever a case is rated by
    results = {key: run.result for key, run in runs.items()}
    return signoff.facts(case.assessment, results, policy.version, reference_version(), case.revision)


def _signed(case: Case, one: Signed, *, counts: bool) -> None:
    told = review_case.told(one)
    with st.container(border=True, key=f"signed-{one.id}"):
        words.facts(
            {
                "decision": told.decision,
                "by": f"{told.approver}, {told.role}",
                "on": told.date,
                "about version": str(one.report_version),
                "next review": told.next_review,
            }
        )
        for text in (told.conditions, told.overruled):
            if text:
                words.quiet(text)
        _receipt(one)
        if not counts:
            words.quiet("Superseded by a later decision.")
            return
        for reason in signoff.due(one, facts_of(case)):
            st.warning(words.plain(f"A new review is due: {reason}."), icon=":material/event_busy:")


def _receipt(one: Signed) -> None:
    """Show the hash that covers a decision, and offer it as a file to keep elsewhere."""
    try:
        line = library.store().receipt(one)
    except InversionError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    words.quiet(f"Line {line.seq} of the log. Kept elsewhere, its hash finds a log cut off or written anew:")
    st.code(line.hash, language=None, wrap_lines=True)
    st.download_button(
        "Receipt",
        json.dumps(signoff.receipt(one, line), indent=1),
        file_name=f"decision-{one.number}.json",
        mime="application/json",
        icon=":material/receipt_long:",
        on_click="ignore",
        key=f"receipt-{one.id}",
    )


def _log(case: Case, versions: list[ReportVersion]) -> None:
    st.header("Who did what", anchor=False)
    store = library.store()
    subjects = {case.id, *(one.id for one in versions)}
    lines = [one for one in store.audit_log(limit=500) if one.subject in subjects]
    rows = tuple(
        (
            time.strftime("%Y-%m-%d %H:%M", time.gmtime(one.time)),
            f"{_who(one.actor)}, {one.role}",
            one.action,
            one.hash[:16],
        )
        for one in lines[:50]
    )
    blocks([Table("What was done with this assessment and its reports, in UTC", LOG, rows)])
    st.button(
        "Check the whole log",
        icon=":material/verified:",
        key=f"audit-{case.id}",
        on_click=_audit,
        args=(case,),
    )
    if (found := st.session_state.pop(f"audited-{case.id}", None)) is not None:
        for problem in found:
            st.error(words.plain(problem), icon=":material/error:")
        if not found:
            words.quiet(
                "Every line follows from the one before it, and what is stored is what the log tells."
            )


def _who(actor: str) -> str:
    """Return a name as it was given; the digest that stands for a browser by its start."""
    if actor == owner():
        return "this browser"
    return f"a browser ({actor[:8]})" if is_id(actor) else actor[:40]


def _audit(case: Case) -> None:
    try:
        st.session_state[f"audited-{case.id}"] = library.store().verify_all()
    except InversionError as error:
        st.session_state[ERROR] = str(error)
