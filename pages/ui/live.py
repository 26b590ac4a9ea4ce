"""The live area of a run: how far it is and, for pictures, how they form; asked for once a second."""

import streamlit as st

from inversion_core import jobs
from inversion_core.errors import InversionError
from inversion_core.store.runs import RunRecord
from inversion_core.trials.driver import SHOWN
from inversion_core.values import Family, Modality, State
from pages.ui import badges, library, words
from pages.ui.drawn import Drawn
from pages.ui.library import STATE_WORDS
from pages.ui.loss_line import loss_line
from pages.ui.owner import owner
from pages.ui.snapshot import Snapshot, snapshot
from pages.ui.stage import stage

SECONDS = 1.0
COLUMNS = 5
_WATCHED = "watched"


def chosen(wanted: Family) -> RunRecord | None:
    """Return the run of the address, else this browser's latest of such an attack: the menu drops the
    address.

    A run of another family is shown on its own page. Raises UnknownName, StoreUnavailable.
    """
    run_id = st.query_params.get("run")
    record = library.store().get(run_id) if run_id else library.latest(owner(), wanted)
    if record is not None and library.family(record.scenario) is not wanted:
        st.switch_page(library.watched_at(record.scenario), query_params={"run": record.id})
    return record


def follow(run_id: str) -> None:
    """Show a run and keep showing it until it is final; raises UnknownName, StoreUnavailable."""
    final = library.store().get(run_id).state.final
    if not final:
        st.session_state[_WATCHED] = run_id
    # A final run is not polled: with thirty viewers that matters. When it ends, `_live` reruns the page.
    st.fragment(_live, run_every=None if final else SECONDS, key="live")(run_id)


def _live(run_id: str) -> None:
    """Draw the run as HTML that is the same for everybody: thirty people ask for it once a second."""
    seen = snapshot(run_id)
    if seen.record.state.final:
        if st.session_state.pop(_WATCHED, None) == run_id:
            st.rerun()
        _ended(seen)
    else:
        st.html(seen.pace)
        st.html(_stage(seen))


def _ended(seen: Snapshot) -> None:
    """Show what a run left, and why it ended before it was done."""
    record = seen.record
    if record.state is not State.DONE:
        words.verdict(record.error or "Somebody asked for this run to stop.", side="neither")
    if seen.frame is None:
        return
    if record.state is not State.DONE:
        st.warning(
            "Partial, not evidence: this run did not end, so nothing was judged.", icon=":material/warning:"
        )
    st.html(_stage(seen))
    if line := loss_line(seen.losses):
        st.html(line)


def _stage(seen: Snapshot) -> Drawn:
    """Return the faces this viewer wants to see."""
    real = seen.people is not None and not seen.people.synthetic
    return stage(
        seen,
        count=int(st.session_state.get("shown") or COLUMNS),
        hidden=real and not st.session_state.get(f"faces-{seen.record.id}", False),
    )


def header(record: RunRecord) -> None:
    """Name the run, say how it stands, and offer to stop it."""
    name, action = st.columns([4, 1], vertical_alignment="center")
    with name:
        st.header(library.title(record.scenario), anchor=False)
    with action:
        if not record.state.final:
            mine = owner() in record.owners
            st.button(
                "Stopping" if record.cancelling else "Cancel",
                key="cancel",
                icon=":material/stop:",
                width="stretch",
                disabled=record.cancelling or not mine,
                help=None if mine else "Only who launched a run can cancel it.",
                on_click=_cancel,
                args=(record.id,),
            )
    if error := st.session_state.pop("cancel_error", None):
        st.error(error, icon=":material/error:")
    _badges(record)


def choose_count() -> None:
    """Let the viewer choose how many people are shown."""
    st.segmented_control(
        "People shown",
        [COLUMNS, 2 * COLUMNS, SHOWN],
        default=COLUMNS,
        required=True,
        key="shown",
        label_visibility="collapsed",
        format_func=lambda count: f"{count} people",
        wrap=True,
    )


def _badges(record: RunRecord) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        kind, synthetic = library.modality(record.scenario), library.synthetic(record.scenario)
        badges.origin(synthetic=synthetic, modality=kind)
        if kind is Modality.IMAGE and not synthetic:
            st.toggle("Show faces of real people", key=f"faces-{record.id}")
        if record.state.final:
            told, icon, colour = STATE_WORDS[record.state]
            took = (record.finished or 0) - (record.started or 0) if record.started else None
            st.badge(f"{told} after {words.duration(took)}" if took else told, icon=icon, color=colour)
            words.quiet(words.ago(record.finished or record.created))


def _cancel(run_id: str) -> None:
    try:
        jobs.cancel(run_id, owner())
    except InversionError as error:
        st.session_state["cancel_error"] = str(error)
