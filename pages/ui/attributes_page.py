"""The Attributes page: choices on the left, what the attack comes to on the right, the details below."""

from typing import Any

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.values import Family, Modality, State
from pages.ui import (
    badges,
    cards,
    launch,
    library,
    live,
    own_table,
    table_choices,
    table_data,
    table_details,
    table_outcome,
    table_shown,
)
from pages.ui.table_shown import ShownTable


def show() -> None:
    """Draw both halves, the result first on a narrow screen, and the details of the result."""
    _prefill()
    with st.container(key="attributes-halves"):
        left, right = st.columns([1, 2], gap="medium")
    below = st.container()
    with left:
        _choices()
    with right:
        if st.session_state.get(table_data.DATASET) == table_data.OWN:
            own_table.columns()
        try:
            finished = _run()
        except InversionError as error:
            st.error(str(error), icon=":material/error:")
            finished = None
    if finished is not None:
        with below:
            table_details.everything(finished)


def _choices() -> None:
    before: dict[str, Any] = st.session_state.get("table-prefilled", {})
    try:
        with st.container(gap="xsmall"):
            chosen, draft = table_choices.all_cards(before)
        place = st.container(key="launch-place", gap="xsmall")
        scenario, found = cards.complete(table_choices.advanced(draft, before))
    except InversionError as error:
        st.error(str(error), icon=":material/error:")
        return
    with place:
        if chosen.waits or chosen.problem:
            launch.waiting(chosen.waits or "The table cannot be used yet; the reason stands with it.")
        else:
            launch.button(scenario, found)


def _prefill() -> None:
    """Take over the scenario of the run in `?from=`, once."""
    earlier = st.query_params.get("from")
    if earlier is None:
        return
    st.query_params.clear()
    try:
        table_choices.prefill(library.store().get(earlier).scenario)
    except InversionError as error:
        st.error(str(error), icon=":material/error:")


def _run() -> ShownTable | None:
    """Show the run of the address, this browser's latest or a stored one; return it where it is finished."""
    record = live.chosen(Family.ATTRIBUTES)
    if record is None:
        return _stored()
    live.header(record)
    finished = table_shown.of_record(record) if record.state is State.DONE else None
    if finished is not None:
        table_outcome.summary(finished, key="run")
    live.follow(record.id)
    return finished


def _stored() -> ShownTable:
    """Show a run that ships with the product, so that nobody faces an empty page."""
    run = table_shown.of_evidence()
    st.header(library.title(run.scenario), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        badges.origin(synthetic=run.synthetic, modality=Modality.TABLE)
        st.badge("stored evidence: your own runs appear here", icon=":material/inventory_2:", color="gray")
    table_outcome.summary(run, key="stored")
    return run
