"""Begin an assessment: empty, as a copy of the one on the screen, or from a file."""

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.risk.assessment import Assessment, Mode, System, read_assessment
from pages.ui import library, words
from pages.ui.owner import owner
from pages.ui.review_case import ADDRESS, Case
from pages.ui.review_save import ERROR

LARGEST = 2_000_000
"""Bytes of an assessment file that is read."""
FRESH = {"target": {"name": "cnn"}, "exposure": {"access": "scores"}}


def begin(case: Case) -> None:
    """Offer to begin one."""
    with st.popover("New assessment", icon=":material/add:"):
        name = st.text_input("Name", value="", max_chars=128, placeholder="What is looked at", key="new-name")
        mode = st.radio(
            "What it is for",
            [Mode.ASSESSMENT, Mode.TRAINING],
            format_func={
                Mode.ASSESSMENT: "Assessment: evidence for a decision",
                Mode.TRAINING: "Training: an exercise, never signed off",
            }.__getitem__,
            key="new-mode",
        )
        copied = st.checkbox(
            f"As a copy of: {words.plain(case.assessment.name)}",
            key="new-copy",
        )
        if copied and _leaves_runs(case.assessment, Mode(mode)):
            words.quiet("A copy of an exercise takes none of its runs along: propose the runs again.")
        given = st.file_uploader("Or from a file, ASSESSMENT.json", type="json", key="new-file")
        st.button(
            "Begin",
            type="primary",
            key="new-begin",
            on_click=_begin,
            args=(
                case.assessment if copied else None,
                name,
                mode,
                None if given is None else given.getvalue(),
            ),
        )


def _begin(base: Assessment | None, name: str, mode: Mode, given: bytes | None) -> None:
    try:
        if given is not None:
            made = read_assessment(given[:LARGEST].decode("utf-8", errors="replace"))
        else:
            whole = Assessment(name="unnamed", system=System.model_validate(FRESH)) if base is None else base
            made = whole.model_copy(update={"name": name.strip() or "unnamed", "mode": Mode(mode)})
            if _leaves_runs(whole, made.mode):
                made = made.model_copy(update={"scenarios": ()})
        new, _ = library.store().save_assessment(None, made.model_dump_json(), owner())
        st.query_params[ADDRESS] = new
    except InversionError as error:
        st.session_state[ERROR] = str(error)


def _leaves_runs(base: Assessment, mode: Mode) -> bool:
    """Say whether an exercise becomes evidence: what was run to learn decides nothing."""
    return base.mode is Mode.TRAINING and mode is Mode.ASSESSMENT
