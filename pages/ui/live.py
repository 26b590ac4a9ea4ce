"""The live area of a run: how far it is and, for pictures, how they form; asked for once a second."""

import streamlit as st

from inversion_core import jobs
from inversion_core.errors import InversionError
from inversion_core.store.runs import RunRecord
from inversion_core.trials.driver import SHOWN
from inversion_core.values import Modality, State
from pages.ui import badges, library, words
from pages.ui.library import STATE_WORDS
from pages.ui.loss_line import loss_line
from pages.ui.owner import owner
from pages.ui.picture import picture
from pages.ui.snapshot import Snapshot, snapshot

SECONDS = 1.0
COLUMNS = 5
DOING = {
    "target": "Preparing the model",
    "public": "Collecting public photos",
    "attack": "Attacking",
    "metrics": "Judging",
}
"""What a run does in each phase, in words."""
STEADY = 3
"""Steps before the pace of a run says anything about its end."""
_WATCHED = "watched"


def chosen(wanted: Modality) -> RunRecord | None:
    """Return the run of the address, else this browser's latest on such data: the menu drops the address.

    A run on other data is shown on its own page. Raises UnknownName, StoreUnavailable.
    """
    run_id = st.query_params.get("run")
    record = library.store().get(run_id) if run_id else library.latest(owner(), wanted)
    if record is not None and library.modality(record.scenario) is not wanted:
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
    seen = snapshot(run_id)
    if seen.record.state.final and st.session_state.pop(_WATCHED, None) == run_id:
        st.rerun()
    _progress(seen)
    if library.modality(seen.record.scenario) is Modality.IMAGE:
        _grid(seen)
        loss_line(seen.losses)


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


def _progress(seen: Snapshot) -> None:
    """Say in words where the run is, or why it ended before it was done."""
    record = seen.record
    if not record.state.final:
        share = record.step / record.total if record.state is State.RUNNING and record.total else 0.0
        st.progress(min(1.0, share), text=_sentence(seen))
    elif record.state is not State.DONE:
        words.verdict(record.error or "Somebody asked for this run to stop.", side="neither")


def _sentence(seen: Snapshot) -> str:
    record = seen.record
    about = f", about {words.duration(seen.remaining)}" if seen.remaining else ""
    if record.state is State.QUEUED:
        return f"Waiting, you are {words.ordinal(seen.position or 1)}{about}"
    doing = DOING.get(record.phase, "Starting")
    step = f": step {record.step:,} of {record.total:,}" if record.total > 1 else ""
    note = f" ({record.note})" if record.note else ""
    left = f"{about} left" if about and record.step >= STEADY else ""
    return f"{doing}{step}{note}{left}"


def _grid(seen: Snapshot) -> None:
    """Show truth, the attacker's picture and the difference, one column a person."""
    record, frame = seen.record, seen.frame
    if frame is None:
        if not record.state.final:
            words.quiet("The faces appear here as soon as the attack begins.")
        return
    if record.state.final and record.state is not State.DONE:
        st.warning(
            "Partial, not evidence: this run did not end, so nothing was judged.", icon=":material/warning:"
        )
    formed = f"step {frame.step:,}: what the attacker has"
    words.legend([words.TRUTH, ("attacker", formed), ("difference", "difference")])
    who = library.people(record.scenario)
    hidden = not who.synthetic and not st.session_state.get(f"faces-{record.id}", False)
    count = min(SHOWN, len(who.names), int(st.session_state.get("shown") or COLUMNS))
    with st.grid(COLUMNS, min_column_width=92, gap="xsmall"):
        for place, name in enumerate(who.names[:count]):
            picture(
                library.column(frame.sha256, seen.truth, len(who.names), place, hidden=hidden),
                caption=name,
                alt=f"{name}: the truth, the attacker's picture at step {frame.step}, and their difference.",
            )
