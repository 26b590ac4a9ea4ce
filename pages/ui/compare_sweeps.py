"""Sweeps on this machine: start one, see how far it is and its matrix as it fills, stop it, go on."""

from functools import lru_cache

import streamlit as st

from inversion_core import jobs
from inversion_core.compare.matrix import Matrix
from inversion_core.errors import InversionError
from inversion_core.settings import ASSETS
from inversion_core.store.sweeps import SweepRecord
from inversion_core.sweeps import desk
from inversion_core.sweeps.spec import read_sweep
from inversion_core.values import State
from pages.ui import library, words
from pages.ui.compare_matrix import matrix
from pages.ui.owner import owner

SECONDS = 2.0
LATEST = 5
LARGEST = 1_000_000
"""Bytes of a sweep file that is read."""
_ERROR = "sweep_errors"


def sweeps(name: str) -> None:
    """Offer to measure the comparison `name` again, or a sweep of one's own, and show what goes on."""
    st.header("Measure it here", anchor=False)
    words.quiet(
        "A sweep runs every cell with every seed, in turn with other runs; minutes to hours. It goes on when "
        "this page is closed, and what is measured already is not measured again."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given = st.file_uploader("A sweep of your own", type="json", key="sweep-file", width=360)
        stored = (ASSETS / "sweeps" / f"{name}.json").read_text()
        st.button(
            "Measure the matrix above again" if given is None else "Run this sweep",
            icon=":material/play_arrow:",
            key="sweep-start",
            on_click=_start,
            args=(stored if given is None else given.getvalue()[:LARGEST],),
        )
    for problem in st.session_state.pop(_ERROR, []):
        st.error(problem, icon=":material/error:")
    for record in library.store().sweeps(owner(), limit=LATEST):
        final = desk.status(record.id, library.store()).state.final
        st.fragment(_one, run_every=None if final else SECONDS, key=f"sweep-{record.id}")(record)


def sentence(now: desk.SweepStatus) -> str:
    """Return how far a sweep is."""
    failed = sum(now.counts[state] for state in desk.ENDED_BADLY)
    parts = [f"{now.finished:,} of {now.total:,} runs ended"]
    parts += [f"{failed:,} of them badly"] if failed else []
    if not now.state.final and now.eta_seconds is not None:
        parts.append(f"about {words.duration(now.eta_seconds)} left")
    return ", ".join(parts)


def _one(record: SweepRecord) -> None:
    """Draw one sweep; when it ends while it is watched, the page is drawn anew and stops asking."""
    now, watched = desk.status(record.id, library.store()), f"watched-{record.id}"
    if now.state.final and st.session_state.pop(watched, False):
        st.rerun()
    st.session_state[watched] = not now.state.final
    word, icon, colour = library.STATE_WORDS[now.state]
    with st.container(border=True, key=f"sweep-card-{record.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{record.name}**")
            st.badge(word, icon=icon, color=colour)
            words.quiet(words.ago(record.created))
        st.progress(now.finished / max(1, now.total), text=sentence(now))
        with st.container(horizontal=True):
            shown = st.toggle("Show its matrix", key=f"shown-{record.id}")
            if not now.state.final:
                _button("Stop it", ":material/stop:", f"stop-{record.id}", _stop, record.id)
            elif now.state is not State.DONE:
                _button("Go on", ":material/resume:", f"resume-{record.id}", _start, record.spec)
        if shown:
            _matrix(record, now.finished)


def _matrix(record: SweepRecord, finished: int) -> None:
    found = _measured(record.spec, finished)
    matrix(found, {}, {}, "", key=f"sweep-matrix-{record.id}")
    for reason in dict.fromkeys(cell.reason for cell in found.cells if cell.state == "refused"):
        words.quiet(f"Left out: {reason}.")


@lru_cache(maxsize=8)
def _measured(spec: str, finished: int) -> Matrix:
    """Return the matrix of a sweep; it takes a second of a long one, and changes when a run ends."""
    return desk.matrix(read_sweep(spec), library.store())


def _button(label: str, icon: str, key: str, act: object, argument: str) -> None:
    st.button(label, icon=icon, key=key, on_click=act, args=(argument,))  # type: ignore[arg-type]


def _start(text: str | bytes) -> None:
    try:
        spec = text if isinstance(text, str) else text.decode("utf-8", errors="replace")
        desk.submit(read_sweep(spec), owner(), jobs.engine())
    except InversionError as error:
        st.session_state[_ERROR] = getattr(error, "problems", None) or [str(error)]


def _stop(sweep_id: str) -> None:
    try:
        desk.cancel(sweep_id, owner(), jobs.engine())
    except InversionError as error:
        st.session_state[_ERROR] = [str(error)]
