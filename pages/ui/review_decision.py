"""The report of an assessment as a visible job, its versions, the decision about one, and who did what."""

import time
from datetime import date, timedelta

import streamlit as st

from inversion_core.errors import InversionError, ScenarioInvalid
from inversion_core.reports import job as jobs
from inversion_core.reports.blocks import Table
from inversion_core.reports.closing import TRIGGERS
from inversion_core.reports.content import TITLES, Layout
from inversion_core.risk import signoff
from inversion_core.risk.assessment import Mode
from inversion_core.risk.audit import Actor
from inversion_core.risk.data_files import reference_version
from inversion_core.risk.signoff import Decision, Facts, SignOff, Trigger
from inversion_core.store.decisions import Signed
from inversion_core.store.reports import ReportVersion
from inversion_core.store.texts import is_id
from inversion_core.values import Modality
from pages.ui import library, review_case, words
from pages.ui.owner import owner
from pages.ui.report_blocks import blocks
from pages.ui.review_case import Case
from pages.ui.review_save import ERROR
from pages.ui.share_link import share_link

SECONDS = 1.0
MIME = {"html": "text/html", "pdf": "application/pdf", "json": "application/json", "csv": "text/csv"}
YEAR = 365
LOG = ("when", "who", "what", "line")


def decide(case: Case) -> None:
    """Draw the reports, the decision form and the log."""
    st.header("Report", anchor=False)
    working = jobs.of(case.id)
    if working is not None and not working.ended.is_set():
        st.fragment(_progress, run_every=SECONDS, key=f"job-{case.id}")(case)
    else:
        _make(case)
        if working is not None and working.error:
            st.error(words.plain(working.error), icon=":material/error:")
            with st.expander("Log", icon=":material/terminal:"):
                st.code(working.log, language=None)
    versions = library.store().reports(case.id)
    for place, one in enumerate(versions):
        _version(case, one, latest=place == 0)
    _decision(case, versions)
    _log(case, versions)


def _make(case: Case) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layout = st.selectbox(
            "Layout", list(Layout), format_func=lambda one: TITLES[one][0].upper() + TITLES[one][1:],
            key=f"layout-{case.id}", width=460,
        )  # fmt: skip
        st.button(
            "Make the report", type="primary", icon=":material/description:", key=f"make-{case.id}",
            on_click=_begin, args=(case, layout, False),
        )  # fmt: skip
    if not _synthetic(case):
        _unlock(case, layout)


def _unlock(case: Case, layout: Layout) -> None:
    """Offer a version with faces of real people, to somebody who says who they are; it is logged."""
    with st.popover("With faces unblurred", icon=":material/visibility:"):
        words.quiet(
            "Faces of real people are blurred. A version without is made for a named person, and logged."
        )
        name = st.text_input("Your name", max_chars=128, key=f"unlock-name-{case.id}")
        role = st.text_input("Your role", max_chars=128, key=f"unlock-role-{case.id}")
        st.button(
            "Make it", key=f"unlock-{case.id}", disabled=not (name.strip() and role.strip()),
            on_click=_begin, args=(case, layout, True, name, role),
        )  # fmt: skip


def _begin(case: Case, layout: Layout, unlocked: bool, name: str = "", role: str = "") -> None:
    actor = Actor(name.strip() or owner(), role.strip() or "owner")
    try:
        store = library.store()
        if unlocked:
            store.note(actor, "faces unblurred in a report", case.id)
        jobs.start(
            case.id,
            store,
            lambda version: review_case.gathered(case, version),
            actor,
            Layout(layout),
            unlocked=unlocked,
        )
    except InversionError as error:
        st.session_state[ERROR] = str(error)


def _progress(case: Case) -> None:
    working = jobs.of(case.id)
    if working is None or working.ended.is_set():
        st.rerun()
    st.progress((working.step + 0.5) / len(jobs.STEPS), text=f"The report: {jobs.STEPS[working.step]}")


def _version(case: Case, one: ReportVersion, *, latest: bool) -> None:
    with st.container(border=True, key=f"report-{one.id}"):
        words.facts(
            {
                "version": str(one.version),
                "made": words.ago(one.made),
                "revision of the assessment": str(one.revision),
                "policy": str(one.policy),
                "references": one.reference,
                "sha256": one.sha256[:16],
            }
        )
        if latest and one.revision != case.revision:
            words.quiet("The assessment has changed since: make the report again before deciding.")
        with st.container(horizontal=True):
            for kind, mime in MIME.items():
                file = one.file(kind)
                if file is not None:
                    st.download_button(
                        kind.upper(), lambda sha=file.sha256: library.store().artifact(sha),
                        file_name=f"report-{one.version}.{kind}", mime=mime, icon=":material/download:",
                        on_click="ignore", key=f"{kind}-{one.id}",
                    )  # fmt: skip
            st.button("Check the files", icon=":material/verified:", key=f"verify-{one.id}",
                      on_click=_verify, args=(one.id,))  # fmt: skip
            share_link("report", one.id, key=f"share-{one.id}")
        if (found := st.session_state.pop(f"verified-{one.id}", None)) is not None:
            for problem in found:
                st.error(words.plain(problem), icon=":material/error:")
            if not found:
                words.quiet("Every file is what was made: the hashes agree.")


def _decision(case: Case, versions: list[ReportVersion]) -> None:
    st.header("Decision", anchor=False)
    store = library.store()
    signed = store.decisions(case.id)
    for place, one in enumerate(signed):
        _signed(case, one, counts=place == 0)
    if case.assessment.mode is Mode.TRAINING:
        words.quiet("This is a training exercise: it cannot be signed off.")
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


def _record(case: Case, report: ReportVersion, given: dict[str, object]) -> None:
    try:
        signed = SignOff.model_validate(given)
        actor = Actor(signed.approver, signed.role)
        library.store().decide(report.id, signed, facts_of(case), actor)
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
    policy, _ = review_case.in_force()
    results = {key: run.result for key, run in runs.items()}
    return signoff.facts(case.assessment, results, policy.version, reference_version())


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
        if not counts:
            words.quiet("Superseded by a later decision.")
            return
        for reason in signoff.due(one, facts_of(case)):
            st.warning(words.plain(f"A new review is due: {reason}."), icon=":material/event_busy:")


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
            words.quiet("Every line follows from the one before it.")


def _who(actor: str) -> str:
    """Return a name as it was given; the digest that stands for a browser by its start."""
    if actor == owner():
        return "this browser"
    return f"a browser ({actor[:8]})" if is_id(actor) else actor[:40]


def _audit(case: Case) -> None:
    try:
        st.session_state[f"audited-{case.id}"] = library.store().verify_audit()
    except InversionError as error:
        st.session_state[ERROR] = str(error)


def _verify(report_id: str) -> None:
    try:
        st.session_state[f"verified-{report_id}"] = library.store().verify_report(report_id)
    except InversionError as error:
        st.session_state[ERROR] = str(error)


def _synthetic(case: Case) -> bool:
    card = review_case.dossier(case).card
    return card.synthetic or card.modality is not Modality.IMAGE
