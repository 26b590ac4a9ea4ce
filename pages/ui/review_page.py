"""The Risk review page: the result first; describing, running, deciding are views beside it."""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.reports import closing, findings, mapping, summary, system
from inversion_core.reports.blocks import Section, Verdict
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.assessment import Mode
from pages.ui import review_case, words
from pages.ui.report_blocks import blocks, section
from pages.ui.review_case import ADDRESS, RATED, Case
from pages.ui.review_decision import decide, rate_by_the_one_in_force
from pages.ui.review_describe import describe
from pages.ui.review_policy import policy
from pages.ui.review_runs import planned
from pages.ui.review_save import ERROR
from pages.ui.review_start import begin
from pages.ui.review_statements import governed

RESULT, DESCRIBE, RUNS, GOVERNED, DECIDE = (
    "Result", "System and context", "Runs", "Policies", "Report and decision",
)  # fmt: skip
VIEWS: dict[str, Callable[[Case], None]] = {
    DESCRIBE: describe, RUNS: planned, GOVERNED: governed, DECIDE: decide, RATED: policy,
}  # fmt: skip
REST = (
    system.description, system.threats, findings.inherent, closing.anonymity, closing.consultation,
    closing.decision, closing.reproduction, mapping.annex,
)  # fmt: skip
"""Sections that are folded away, in the order of the report."""
EXAMPLES = (RESULT, GOVERNED)
"""Views of the example, which nobody can change."""


def show() -> None:
    """Draw the assessment of the address: what came of it, then the choice of what else to look at."""
    try:
        case = review_case.chosen()
        try:
            dossier = review_case.dossier(case)
        except InversionError as error:
            # Also where it cannot be told what came of this one, another can be opened and this one mended.
            words.named(case.assessment.name)
            st.error(words.plain(str(error)), icon=":material/error:")
            _choose(case)
            if case.mine and case.assessment.policy is not None:
                rate_by_the_one_in_force(case)
            return
        _head(case, dossier)
        if error := st.session_state.pop(ERROR, None):
            st.error(words.plain(error), icon=":material/error:")
        _choose(case)
        view = st.segmented_control(
            "View",
            EXAMPLES if case.record is None else [RESULT, *VIEWS],
            default=RESULT,
            required=True,
            wrap=True,
            label_visibility="collapsed",
            key=f"view-{case.id}",
        )
        if view == RESULT:
            _result(dossier)
        else:
            VIEWS[str(view)](case)
    except InversionError as error:
        st.error(words.plain(str(error)), icon=":material/error:")


def _choose(case: Case) -> None:
    """Let the visitor open another assessment, or begin one."""
    titles = told_apart(review_case.titles() | {case.id: case.assessment.name})
    st.session_state["review-choice"] = case.id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Assessment", list(titles), format_func=titles.__getitem__, key="review-choice", width=460,
            on_change=_open,
        )  # fmt: skip
        begin(case)


def told_apart(titles: dict[str, str]) -> dict[str, str]:
    """Return the names, those that are there twice with the start of their id: the list goes by its words."""
    count = Counter(titles.values())
    return {one: name if count[name] == 1 else f"{name} ({one[:8]})" for one, name in titles.items()}


def _open() -> None:
    st.query_params[ADDRESS] = str(st.session_state["review-choice"])


def _head(case: Case, dossier: Dossier) -> None:
    """Say what this is about, what came of it and what was decided."""
    words.named(case.assessment.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        if case.assessment.mode is Mode.TRAINING:
            st.badge("training: cannot be signed off", icon=":material/school:", color="orange")
        else:
            st.badge("assessment", icon=":material/gavel:", color="blue")
        if case.record is None:
            st.badge("example that ships", icon=":material/inventory_2:", color="gray")
        if case.record is not None and not case.mine:
            st.badge("begun by somebody else: its description is read only", icon=":material/visibility:",
                     color="gray")  # fmt: skip
    blocks(one for one in _sections(dossier)[0].blocks if isinstance(one, Verdict))
    told = [_decided(dossier)]
    if dossier.card.synthetic:
        told.append("Illustrative: measured on synthetic data, no evidence about a production model.")
    words.quiet(" ".join(told))


def _decided(dossier: Dossier) -> str:
    if dossier.training:
        return "An exercise: nothing is decided on it."
    if not dossier.decisions:
        return "Nothing has been decided yet."
    last = dossier.decisions[0]
    return (
        f"Decided: {last.decision}, by {last.approver}, {last.role}, on {last.date}; next review "
        f"{last.next_review}."
    )


def _result(dossier: Dossier) -> None:
    first, *others = _sections(dossier)
    blocks(one for one in first.blocks if not isinstance(one, Verdict))
    for one in others[: -len(REST)]:
        section(one)
    st.header("The rest of the report", anchor=False)
    for one in others[-len(REST) :]:
        with st.expander(one.title):
            blocks(one.blocks)


@lru_cache(maxsize=16)
def _sections(dossier: Dossier) -> tuple[Section, ...]:
    """Return the summary, the sections that are open and those of REST; a dossier never changes, so they are
    written once, pictures included.
    """
    measures = findings.measures(dossier, policies=False)
    shown = (findings.results(dossier), mapping.coverage(dossier), measures, closing.limits(dossier))
    return (summary.summary(dossier), *shown, *(made(dossier) for made in REST))
