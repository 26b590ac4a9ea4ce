"""The two halves of the Attack page: the scenario on the left, the run on the right."""

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.values import Family, State
from pages.ui import cards, choices, launch, library, live, welcome
from pages.ui.outcome import outcome


def show() -> None:
    """Draw both halves; the run first on a narrow screen."""
    _prefill()
    with st.container(key="attack-halves"):
        left, right = st.columns([1, 2], gap="medium")
    with left:
        with st.container(gap="xsmall"):
            draft = choices.four_cards()
        place = st.container()
        scenario, found = cards.complete(choices.advanced(draft))
        with place:
            launch.button(scenario, found)
    with right:
        try:
            _run()
        except InversionError as error:
            st.error(str(error), icon=":material/error:")


def _prefill() -> None:
    """Take over the scenario of the run in `?from=`, once."""
    earlier = st.query_params.get("from")
    if earlier is None:
        return
    st.query_params.clear()
    try:
        choices.prefill(library.store().get(earlier).scenario)
    except InversionError as error:
        st.error(str(error), icon=":material/error:")


def _run() -> None:
    """Show the run of the address, else this browser's latest, else what is to be expected."""
    record = live.chosen(Family.INVERSION)
    if record is None:
        welcome.expect()
        return
    live.header(record)
    if record.state is State.DONE:
        outcome(record)
    live.follow(record.id)
    live.choose_count()
