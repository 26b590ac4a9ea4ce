"""The report of an assessment: made as a visible job, its versions, their files and links."""

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.reports import job as jobs
from inversion_core.reports.content import TITLES, Layout
from inversion_core.risk.audit import Act, Actor
from inversion_core.store.reports import ReportFile, ReportVersion
from inversion_core.values import Modality
from pages.ui import library, review_case, words
from pages.ui.owner import owner
from pages.ui.review_case import Case
from pages.ui.review_save import ERROR
from pages.ui.share_link import share_link

SECONDS = 1.0
MIME = {"html": "text/html", "pdf": "application/pdf", "json": "application/json", "csv": "text/csv"}


def reports(case: Case, versions: list[ReportVersion]) -> None:
    """Draw the job that makes a version, and the versions there are."""
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
    for place, one in enumerate(versions):
        _version(case, one, latest=place == 0)


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
            store.note(actor, Act.UNBLURRED, case.id)
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
        if one.unlocked:
            words.quiet("Real faces stand in this version unblurred: no link shows it, downloads are logged.")
        with st.container(horizontal=True):
            if one.unlocked:
                _with_faces(one)
            else:
                _downloads(one, None)
                share_link("report", one.id, key=f"share-{one.id}")
            st.button("Check the files", icon=":material/verified:", key=f"verify-{one.id}",
                      on_click=_verify, args=(one.id,))  # fmt: skip
        if (found := st.session_state.pop(f"verified-{one.id}", None)) is not None:
            for problem in found:
                st.error(words.plain(problem), icon=":material/error:")
            if not found:
                words.quiet("Every file is what was made: the hashes agree.")


def _with_faces(one: ReportVersion) -> None:
    """Offer the files to somebody who says who they are."""
    with st.popover("Download, faces unblurred", icon=":material/visibility:"):
        name = st.text_input("Your name", max_chars=128, key=f"download-name-{one.id}")
        role = st.text_input("Your role", max_chars=128, key=f"download-role-{one.id}")
        _downloads(one, Actor(name.strip(), role.strip()))


def _downloads(one: ReportVersion, actor: Actor | None) -> None:
    """Offer the files of a version; `actor`: who downloads, where that has to be known."""
    for kind, mime in MIME.items():
        file = one.file(kind)
        if file is not None:
            st.download_button(
                kind.upper(), lambda file=file: served(one, file, actor),
                file_name=f"report-{one.version}.{kind}", mime=mime, icon=":material/download:",
                on_click="ignore", key=f"{kind}-{one.id}",
                disabled=actor is not None and not (actor.name and actor.role),
            )  # fmt: skip


def served(one: ReportVersion, file: ReportFile, actor: Actor | None) -> bytes:
    """Return a file of a version; with an actor a line of the log comes first, or there is no file."""
    store = library.store()
    if actor is not None:
        told = {"kind": file.kind, "version": one.version}
        store.note(actor, "report with unblurred faces downloaded", one.id, told)
    return store.artifact(file.sha256)


def _verify(report_id: str) -> None:
    try:
        st.session_state[f"verified-{report_id}"] = library.store().verify_report(report_id)
    except InversionError as error:
        st.session_state[ERROR] = str(error)


def _synthetic(case: Case) -> bool:
    card = review_case.dossier(case).card
    return card.synthetic or card.modality is not Modality.IMAGE
