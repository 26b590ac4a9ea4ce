"""The history: state, search, notes and one line a run that opens it."""

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.metrics.victims import median
from inversion_core.store.runs import RunRecord
from inversion_core.values import Modality, State
from pages.ui import library, places, scores, words
from pages.ui.library import STATE_WORDS
from pages.ui.owner import owner
from pages.ui.picture import picture
from pages.ui.tiles import ATTACKER, TRUTH, strip

PER_PAGE = 10
MOST = 500
"""Runs looked through at most; older ones are found by search."""
GROUPS = {
    "all": tuple(State),
    "open": tuple(state for state in State if not state.final),
    "done": (State.DONE,),
    "ended early": (State.CANCELLED, State.FAILED, State.LOST),
}


def show() -> None:
    """Draw filter and list."""
    try:
        found = _filtered()
    except InversionError as error:
        st.error(str(error), icon=":material/error:")
        return
    if not found:
        words.quiet("No run fits. Launch one, or look at the stored evidence.")
        with st.container(horizontal=True):
            st.page_link(places.ATTACK, label="Attack a model", icon=":material/target:")
            st.page_link(places.ATTRIBUTES, label="Guess attributes", icon=":material/table_chart:")
            st.page_link(
                places.RUN,
                label="Stored evidence",
                icon=":material/inventory_2:",
                query_params={"evidence": "undefended"},
            )
        return
    pages = -(-len(found) // PER_PAGE)
    place = st.container()
    page = st.pagination(pages, key="runs-page") if pages > 1 else 1
    with place:
        for record in found[(page - 1) * PER_PAGE : page * PER_PAGE]:
            _line(record)


def _filtered() -> list[RunRecord]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            placeholder="attack, target, note, id",
            key="search",
            type="search",
            live="300ms",
            bind="query-params",
        )
        group = st.segmented_control(
            "State", list(GROUPS), default="all", required=True, key="state", wrap=True
        )
        mine = st.toggle("Only mine", key="mine", help="Runs launched from this browser.")
    return library.store().runs(
        owner=owner() if mine else None, states=GROUPS[str(group)], text=str(text or "").strip(), limit=MOST
    )


def _line(record: RunRecord) -> None:
    word, icon, colour = STATE_WORDS[record.state]
    with st.container(border=True, key=f"line-{record.id}"):
        picture, told, door = st.columns([2, 9, 2], vertical_alignment="center")
        with picture:
            _thumbnail(record)
        with told:
            st.markdown(f"**{library.title(record.scenario)}**")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge(word, icon=icon, color=colour)
                words.quiet(" · ".join(_facts(record)))
            if record.label:
                words.quiet(f"Note: {record.label}")
            if record.error:
                words.quiet(record.error)
        with door:
            watched = not record.state.final
            st.page_link(
                library.watched_at(record.scenario) if watched else places.RUN,
                label="Watch" if watched else "Open",
                icon=":material/visibility:" if watched else ":material/arrow_forward:",
                query_params={"run": record.id},
            )


def _facts(record: RunRecord) -> list[str]:
    facts = [words.ago(record.created)]
    if owner() in record.owners:
        facts.append("yours")
    if record.result and (told := scores.in_short(record.result)):
        facts.append(told)
    return facts


def _thumbnail(record: RunRecord) -> None:
    """Show the median person, true and recovered; nothing of real people, and of a table only its sign."""
    if library.modality(record.scenario) is Modality.TABLE:
        st.markdown(":material/table_chart: table")
        return
    if record.result is None or not library.synthetic(record.scenario):
        return
    if not (rows := record.result["victims"]):
        st.markdown(":material/category: numbers")
        return
    place = rows.index(median(rows))
    try:
        recovered = library.pictures(record, "reconstruction-sheet", len(rows))[place]
        original = library.pictures(record, "original-sheet", len(rows))[place]
    except InversionError:
        words.quiet("pictures are gone")
        return
    picture(
        strip([(original, TRUTH), (recovered, ATTACKER)], side=64),
        width=132,
        alt=f"{rows[place]['name']}, the median person: true and recovered.",
    )
