"""The faces of a run as they form: truth, the attacker's picture and the difference, one column a person.

One piece of HTML, drawn once a key frame for all who watch. Nothing in it changes between two key frames, so
that a browser which has it is sent a reference of a few bytes instead.
"""

from collections.abc import Sequence
from html import escape

import streamlit as st

from inversion_core.trials.driver import SHOWN
from pages.ui import library, words
from pages.ui.drawn import Drawn
from pages.ui.pace import announced, doing
from pages.ui.picture import address, size
from pages.ui.snapshot import Snapshot

KEPT = 64
"""Sets of faces kept in memory, of all runs that are watched; one of 24 people takes about a megabyte."""
WAITING = "The faces appear here as soon as the attack begins."


def stage(seen: Snapshot, *, count: int, hidden: bool) -> Drawn:
    """Return the first `count` people of a run, blurred if `hidden`; of a table run, words to be read out."""
    record, frame, people = seen.record, seen.frame, seen.people
    if people is None or frame is None:
        said = announced(record)
        wait = words.quiet_html(WAITING) if people is not None and not record.state.final else ""
        return Drawn(_said(said) + wait)
    said = f"{doing(record)}, pictures of step {frame.step:,}."
    names = people.names[: min(SHOWN, count)]
    drawn = _faces(frame.sha256, seen.truth, hidden, frame.step, len(people.names), names)
    return Drawn(drawn if record.state.final else _said(said) + drawn)


def _said(text: str) -> str:
    """Return words for who listens instead of looking; read out when they change."""
    return f'<p class="lab-said" role="status">{escape(text)}</p>'


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _faces(frame: str, truth: str | None, hidden: bool, step: int, victims: int, names: Sequence[str]) -> str:
    """Draw `names`, the first of all `victims`; `frame` and `truth` are hashes."""
    legend = [
        words.TRUTH,
        ("attacker", f"step {step:,}: what the attacker has"),
        ("difference", "difference"),
    ]
    figures = "".join(
        _figure(
            library.column(frame, truth, victims, place, hidden=hidden),
            name,
            f"{name}: the truth, the attacker's picture at step {step}, and their difference.",
        )
        for place, name in enumerate(names)
    )
    return f'{words.legend_html(legend)}<div class="lab-faces">{figures}</div>'


def _figure(png: bytes, caption: str, alt: str) -> str:
    width, height = size(png)
    return (
        f'<figure><img src="{address(png)}" alt="{escape(alt)}" width="{width}" height="{height}" '
        f'decoding="sync"><figcaption>{escape(caption)}</figcaption></figure>'
    )
