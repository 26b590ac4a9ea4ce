"""The Exhibits page: which system, what is claimed of it, choices and run, and what the stored runs say."""

from typing import Any

import streamlit as st

from inversion_core import exhibits as kept
from inversion_core.errors import InversionError
from inversion_core.store.runs import RunRecord
from inversion_core.values import State
from pages.ui import address, badges, cards, exhibit, exhibits, launch, library, live, places, words
from pages.ui.exhibit import Exhibit

CHOSEN = "exhibit"


def show() -> None:
    """Draw the chooser, both halves of the chosen exhibit, and its stored runs below."""
    _follow_the_run()
    one = _choose()
    before = _prefill()
    _card(one)
    with st.container(key=f"{one.name}-halves"):
        left, right = st.columns([1, 2], gap="medium")
    with left:
        _choices(one, before)
    with right:
        try:
            _run(one)
        except InversionError as error:
            st.error(str(error), icon=":material/error:")
    st.header("What the stored runs say", anchor=False)
    try:
        runs = kept.stored(one.name).runs()
    except InversionError as error:
        st.error(str(error), icon=":material/error:")
        return
    one.measured(runs)
    words.quiet(
        f"{len(runs)} runs ship with the product; python -m inversion_core.shipping {one.name} makes them "
        "again."
    )


def _choose() -> Exhibit:
    every = exhibits.every()
    address.restore(CHOSEN, list(every), next(iter(every)))
    chosen = st.segmented_control(
        "System",
        list(every),
        format_func=lambda name: every[name].title,
        required=True,
        wrap=True,
        label_visibility="collapsed",
        key=CHOSEN,
        on_change=_other,
    )
    return every[str(chosen)]


def _other() -> None:
    """Keep the choice in the address, and leave the run of the exhibit before."""
    st.query_params.clear()
    address.keep(CHOSEN)


def _follow_the_run() -> None:
    """Choose the exhibit of the run in the address, so that a link to a run needs no more."""
    named = st.query_params.get("run") or st.query_params.get("from")
    if not named:
        return
    try:
        owner = exhibits.of(library.store().get(named).scenario)
    except InversionError:
        return
    if owner is not None:
        st.session_state[CHOSEN] = owner.name


def _prefill() -> dict[str, Any]:
    """Return the scenario of the run in `?from=`, kept for this visit; empty where there is none."""
    earlier = st.query_params.get("from")
    if earlier is not None:
        chosen = str(st.session_state[CHOSEN])
        st.query_params.clear()
        address.keep(CHOSEN)
        try:
            scenario = library.store().get(earlier).scenario
            st.session_state[f"{chosen}-prefilled"] = scenario.model_dump(mode="json")
            cards.follow_anew()
        except InversionError as error:
            st.error(str(error), icon=":material/error:")
    found: dict[str, Any] = st.session_state.get(f"{st.session_state[CHOSEN]}-prefilled", {})
    return found


def _card(one: Exhibit) -> None:
    words.question(one.question)
    words.facts({"what is claimed": one.claim, "what the attacker has": one.access, "cost": one.cost})


def _choices(one: Exhibit, before: dict[str, Any]) -> None:
    try:
        with st.container(gap="xsmall"):
            draft = one.form(before)
    except InversionError as error:
        st.error(str(error), icon=":material/error:")
        return
    launch.button(*cards.complete(draft))


def _run(one: Exhibit) -> None:
    """Show the run of the address, else this browser's latest, else the first that ships."""
    record = _chosen(one)
    if record is None:
        _stored(one)
        return
    live.header(record)
    live.follow(record.id)
    if record.state is not State.DONE:
        return
    faces = bool(st.session_state.get(f"faces-{record.id}", False))
    exhibits.finished(exhibit.of_record(record, faces=faces), one, key=one.name)
    st.page_link(
        places.RUN,
        label="Everything about this run",
        icon=":material/description:",
        query_params={"run": record.id},
    )


def _chosen(one: Exhibit) -> RunRecord | None:
    """Return the run to show; one that another page shows sends the visitor there."""
    if one.family in library.PAGES and "run" not in st.query_params:
        return None
    return live.chosen(one.family)


def _stored(one: Exhibit) -> None:
    """Show a run that ships, so that nobody faces an empty page."""
    run = exhibit.of_shipped(one.name)
    st.header(library.title(run.scenario), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        badges.origin(synthetic=run.synthetic, modality=library.modality(run.scenario))
        st.badge("stored evidence: your own runs appear here", icon=":material/inventory_2:", color="gray")
    exhibits.finished(run, one, key=f"{one.name}-stored")
