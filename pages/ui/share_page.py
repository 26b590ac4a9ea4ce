"""What a shared link shows: stored data only, nothing to change, no way on into the lab."""

import time

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.metrics.verdict import verdict
from inversion_core.store.runs import RunRecord
from inversion_core.store.shares import Share
from inversion_core.values import State
from pages.ui import (
    badges,
    exhibit,
    exhibits,
    library,
    run_numbers,
    run_pictures,
    scores,
    shown,
    table_outcome,
    table_shown,
    words,
)
from pages.ui.library import STATE_WORDS
from pages.ui.outcome import side
from pages.ui.share_report import report

OPENED = "_shares_opened"
"""Links that this visit has counted: turning a page is no second view."""


def show() -> None:
    """Draw what the link of the address (`?id=ID`) shows, or why it shows nothing."""
    share_id = str(st.query_params.get("id", ""))
    counted: set[str] = st.session_state.setdefault(OPENED, set())
    try:
        if not share_id:
            words.quiet("No link is named in the address. Ask for the link again, and copy all of it.")
            return
        found = library.store().open_share(share_id, count=share_id not in counted)
        counted.add(share_id)
        _draw(found)
        words.quiet(f"Read only. This link is open until {_day(found.expires)}.")
    except InversionError as error:
        st.error(str(error), icon=":material/link_off:")


def _draw(found: Share) -> None:
    if found.kind == "report":
        report(found.subject)
    else:
        _run(library.store().get(found.subject))


def _run(record: RunRecord) -> None:
    st.header(library.title(record.scenario), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = library.modality(record.scenario)
        badges.origin(synthetic=library.synthetic(record.scenario), modality=kind)
        word, icon, colour = STATE_WORDS[record.state]
        st.badge(word, icon=icon, color=colour)
        words.quiet(_day(record.finished or record.created))
    if record.state is not State.DONE:
        words.verdict(record.error or "This run was stopped; nothing was judged.", side="neither")
    elif table_shown.is_table(record.scenario):
        table = table_shown.of_record(record)
        table_outcome.found(table)
        scores.not_shown(verdict(table.result).not_shown, key="share-limits")
        run_numbers.score_table(table.result["scores"], kind)
    elif (one := exhibits.of(record.scenario)) is not None:
        exhibits.finished(exhibit.of_record(record), one, key="share")
        run_numbers.score_table(record.result["scores"] if record.result else [], kind)
    else:
        # Faces of real people stay blurred: whoever opens a link can unlock nothing.
        run = shown.of_record(record, faces=False)
        told = verdict(run.result)
        words.verdict(told.sentence, side=side(told.finding))
        scores.meter(run.result)
        scores.not_shown(told.not_shown, key="share-limits")
        st.space("small")
        run_pictures.best_and_median(run)
        run_numbers.score_table(run.result["scores"], kind)
        run_pictures.everybody(run)


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))
