"""The Risk review page: the result first; describing, running, deciding are views beside it."""

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.reports import closing, findings, mapping, summary, system
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.assessment import Mode
from pages.ui import review_case, words
from pages.ui.report_blocks import blocks, section
from pages.ui.review_case import ADDRESS, Case
from pages.ui.review_decision import decide
from pages.ui.review_describe import describe
from pages.ui.review_policy import policy
from pages.ui.review_runs import planned
from pages.ui.review_save import ERROR
from pages.ui.review_start import begin

RESULT, DESCRIBE, RUNS, DECIDE, POLICY = (
    "Result", "System and context", "Runs", "Report and decision", "Policy",
)  # fmt: skip


def show() -> None:
    """Draw the assessment of the address."""
    try:
        case = review_case.chosen()
        _choose(case)
        if error := st.session_state.pop(ERROR, None):
            st.error(error, icon=":material/error:")
        _head(case)
        view = RESULT
        if case.record is not None:
            view = str(
                st.segmented_control(
                    "View",
                    [RESULT, DESCRIBE, RUNS, DECIDE, POLICY],
                    default=RESULT,
                    required=True,
                    wrap=True,
                    label_visibility="collapsed",
                    key=f"view-{case.id}",
                )
            )
        {RESULT: _result, DESCRIBE: describe, RUNS: planned, DECIDE: decide, POLICY: policy}[view](case)
    except InversionError as error:
        st.error(str(error), icon=":material/error:")


def _choose(case: Case) -> None:
    """Let the visitor open another assessment, or begin one."""
    titles = review_case.titles() | {case.id: case.assessment.name}
    st.session_state["review-choice"] = case.id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Assessment", list(titles), format_func=titles.__getitem__, key="review-choice", width=460,
            on_change=_open,
        )  # fmt: skip
        begin(case)


def _open() -> None:
    st.query_params[ADDRESS] = str(st.session_state["review-choice"])


def _head(case: Case) -> None:
    st.header(words.plain(case.assessment.name), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        if case.assessment.mode is Mode.TRAINING:
            st.badge("training: cannot be signed off", icon=":material/school:", color="orange")
        else:
            st.badge("assessment", icon=":material/gavel:", color="blue")
        if case.record is None:
            st.badge("example that ships", icon=":material/inventory_2:", color="gray")
        if case.record is not None and not case.mine:
            st.badge("begun by somebody else: read only", icon=":material/visibility:", color="gray")


def _result(case: Case) -> None:
    dossier = review_case.dossier(case)
    for told in _banner(dossier):
        words.quiet(told)
    blocks(summary.summary(dossier).blocks)
    for made in (findings.results, mapping.coverage, findings.measures, closing.limits):
        section(made(dossier))
    st.header("The rest of the report", anchor=False)
    for made in (system.description, system.threats, findings.inherent, mapping.annex, closing.reproduction):
        one = made(dossier)
        with st.expander(one.title):
            blocks(one.blocks)


def _banner(dossier: Dossier) -> list[str]:
    told = []
    if dossier.card.synthetic:
        told.append("Illustrative: measured on synthetic data, no evidence about a production model.")
    return told
