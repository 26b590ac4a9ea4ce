"""A run as its viewers see it for half a second: thirty people who watch one attack ask the store once."""

from dataclasses import dataclass

import streamlit as st

from inversion_core.store.runs import Frame, RunRecord
from inversion_core.values import Modality
from pages.ui import library
from pages.ui.drawn import Drawn
from pages.ui.pace import pace

FRESH = 0.5
"""Seconds a snapshot is shared."""
POINTS = 120
"""Points of the loss line that a screen can show apart."""


@dataclass(frozen=True)
class Snapshot:
    """What the live area shows; `frame` is the latest key frame, `truth` the sheet of originals, by hash.

    `people` are those on the pictures, None where the run attacks a table. `pace` says how far the run is.
    """

    record: RunRecord
    people: library.People | None
    frame: Frame | None
    truth: str | None
    losses: tuple[tuple[int, float], ...]
    pace: Drawn


@st.cache_resource(ttl=FRESH, max_entries=100, show_spinner=False)
def snapshot(run_id: str) -> Snapshot:
    """Return the run as it was at most FRESH seconds ago; raises UnknownName, StoreUnavailable."""
    store = library.store()
    record = store.get(run_id)
    pictures = library.modality(record.scenario) is Modality.IMAGE
    frames = store.frames(run_id) if pictures else []
    points = store.points(run_id, "attack") if pictures else []
    losses = tuple(thinned([(point.step, point.loss) for point in points]))
    return Snapshot(
        record=record,
        people=library.people(record.scenario) if pictures else None,
        frame=frames[-1] if frames else None,
        truth=library.reference(record, "original-sheet") if pictures else None,
        losses=losses,
        pace=pace(record, losses, remaining=store.eta_seconds(run_id), position=store.position(run_id)),
    )


def thinned(losses: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return at most about POINTS of the losses, evenly, always the last."""
    stride = max(1, len(losses) // POINTS)
    kept = losses[::stride]
    return kept if not losses or kept[-1] == losses[-1] else [*kept, losses[-1]]
