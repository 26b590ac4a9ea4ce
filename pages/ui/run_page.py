"""One run, from its sentence down to its log."""

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.metrics.verdict import verdict
from inversion_core.risk.claims import saying
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from inversion_core.values import Modality, State
from pages.ui import (
    address,
    badges,
    evidence,
    exhibit,
    exhibits,
    glossary,
    library,
    places,
    query_curve,
    run_numbers,
    run_pictures,
    scores,
    shown,
    table_details,
    table_outcome,
    table_shown,
    words,
)
from pages.ui.exhibit import Exhibit, ShownRun
from pages.ui.library import STATE_WORDS
from pages.ui.outcome import side
from pages.ui.run_numbers import Finished
from pages.ui.share_link import share_link
from pages.ui.shown import Shown
from pages.ui.table_shown import ShownTable


def show() -> None:
    """Draw the run of the address: `?run=ID`, or `?evidence=NAME` for one that ships with the product."""
    try:
        if (name := st.query_params.get("evidence")) in evidence.TABLES:
            _finished_table(table_shown.of_evidence(name))
        elif name:
            _finished(shown.of_evidence(name))
        elif run_id := st.query_params.get("run"):
            _stored(library.store().get(run_id))
        else:
            words.quiet("No run is named in the address. Open one from the list, or the stored evidence.")
            st.page_link(places.RUNS, label="All runs", icon=":material/history:")
    except InversionError as error:
        st.error(str(error), icon=":material/error:")
        st.page_link(places.RUNS, label="All runs", icon=":material/history:")


def _stored(record: RunRecord) -> None:
    if record.state is State.DONE and table_shown.is_table(record.scenario):
        _finished_table(table_shown.of_record(record))
        return
    if record.state is State.DONE:
        faces = bool(st.session_state.get(f"faces-{record.id}", False))
        if (one := exhibits.of(record.scenario)) is not None:
            _finished_exhibit(exhibit.of_record(record, faces=faces), one)
        else:
            _finished(shown.of_record(record, faces=faces))
        return
    _head(record.scenario, record, synthetic=library.synthetic(record.scenario))
    if record.state.final:
        words.verdict(
            record.error or "Somebody asked for this run to stop; nothing was judged.", side="neither"
        )
        if record.log:
            with st.expander("Log", icon=":material/terminal:"):
                st.code(record.log, language=None)
        _again(record)
    else:
        words.verdict("This run has not ended yet; there is nothing to judge.", side="neither")
        st.page_link(
            library.watched_at(record.scenario),
            label="Watch it",
            icon=":material/visibility:",
            query_params={"run": record.id},
        )


def _finished(run: Shown) -> None:
    told = verdict(run.result)
    _head(run.scenario, run.record, synthetic=run.synthetic)
    words.verdict(told.sentence, side=side(told.finding))
    _claim(run)
    scores.meter(run.result)
    with st.container(horizontal=True, vertical_alignment="center"):
        scores.not_shown(told.not_shown, key="run-limits")
        glossary.terms(
            "judge", "baseline", "control", "interval", "median", "difference", "prior", key="run-words"
        )
        _ways_on(run, run.record)
    st.space("small")
    run_pictures.best_and_median(run)
    run_pictures.replayed(run)
    run_numbers.all_scores(run)
    query_curve.curve(run.scenario, run.result, key=run.record.id if run.record else "evidence")
    run_numbers.people_apart(run)
    run_pictures.everybody(run)
    run_numbers.traits(run)
    run_numbers.ledger(run.result)
    run_numbers.recipe(run)
    if run.record is not None:
        _note(run.record)


def _finished_table(run: ShownTable) -> None:
    _head(run.scenario, run.record, synthetic=run.synthetic)
    table_outcome.summary(run, key="run")
    _claim(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        _ways_on(run, run.record)
    st.space("small")
    table_details.everything(run)
    run_numbers.score_table(run.result["scores"], Modality.TABLE)
    run_numbers.recipe(run)
    if run.record is not None:
        _note(run.record)


def _finished_exhibit(run: ShownRun, one: Exhibit) -> None:
    """Draw a run of an exhibit as its page does, with the numbers and the recipe below."""
    _head(run.scenario, run.record, synthetic=run.synthetic)
    exhibits.finished(run, one, key="run")
    _claim(run)
    with st.container(horizontal=True, vertical_alignment="center"):
        _ways_on(run, run.record)
    run_numbers.score_table(run.result["scores"], library.modality(run.scenario))
    run_numbers.ledger(run.result)
    run_numbers.recipe(run)
    if run.record is not None:
        _note(run.record)


def _claim(run: Finished) -> None:
    """Say which kind of claim the result supports, and which it does not."""
    try:
        person = run.scenario.make_dataset().card.class_is_person
    except InversionError:
        person = True  # the data is gone; a likeness then counts as one of somebody
    told = saying(run.scenario.make_attack().claim, class_is_person=person)
    words.quiet(f"What is claimed: {told.title[0].lower()}{told.title[1:]}. {told.not_says}")


def _ways_on(run: Finished, record: RunRecord | None) -> None:
    """Offer the result as a file, and the same again."""
    st.download_button(
        "Result as JSON",
        run_numbers.exported(run),
        file_name=f"{record.id if record else 'evidence'}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        key="export",
    )
    if record is not None:
        _again(record)
        share_link("run", record.id, key="share")


def _head(scenario: Scenario, record: RunRecord | None, *, synthetic: bool) -> None:
    kind = library.modality(scenario)
    st.header(library.title(scenario), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        badges.origin(synthetic=synthetic, modality=kind)
        if record is None:
            st.badge("stored evidence", icon=":material/inventory_2:", color="gray")
            if kind is Modality.IMAGE:
                _other_evidence()
            return
        word, icon, colour = STATE_WORDS[record.state]
        st.badge(word, icon=icon, color=colour)
        words.quiet(f"{words.ago(record.finished or record.created)}, run {record.id[:8]}")
        if kind is Modality.IMAGE and not synthetic:
            st.toggle("Show faces of real people", key=f"faces-{record.id}")


def _other_evidence() -> None:
    stops = {stop.name: stop.label for stop in evidence.DIAL}
    st.session_state["evidence"] = st.query_params["evidence"]  # also after the browser's back button
    st.segmented_control(
        "Stored run",
        list(stops),
        format_func=stops.__getitem__,
        required=True,
        wrap=True,
        label_visibility="collapsed",
        key="evidence",
        on_change=address.keep,
        args=("evidence",),
    )


def _again(record: RunRecord) -> None:
    st.page_link(
        library.watched_at(record.scenario),
        label="Again with one change",
        icon=":material/replay:",
        query_params={"from": record.id},
    )


def _note(record: RunRecord) -> None:
    st.header("Note", anchor=False)
    st.text_area(
        "What you want to remember about this run",
        value=record.label,
        max_chars=2000,
        key=f"note-{record.id}",
        on_change=_keep_note,
        args=(record.id,),
    )


def _keep_note(run_id: str) -> None:
    library.store().annotate(run_id, str(st.session_state[f"note-{run_id}"]))
