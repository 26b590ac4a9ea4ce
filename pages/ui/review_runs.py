"""The runs of an assessment: what is planned, how far it is, and the button that runs what is missing."""

from collections import Counter
from functools import lru_cache

import streamlit as st

from inversion_core import jobs
from inversion_core.errors import InversionError
from inversion_core.registry import find
from inversion_core.reports import words as told
from inversion_core.reports.blocks import Table
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.roles import role
from inversion_core.store.runs import RunRecord
from inversion_core.sweeps import desk
from inversion_core.sweeps.spec import Sweep
from inversion_core.values import State
from pages.ui import library, places, words
from pages.ui.owner import owner
from pages.ui.report_blocks import blocks
from pages.ui.review_case import Case, keys
from pages.ui.review_save import ERROR

SECONDS = 2.0
MOST = 60
"""Rows that are listed; more would be scrolled past."""


def planned(case: Case) -> None:
    """Draw the runs in a fragment that looks again while any of them is at work."""
    if not case.assessment.scenarios:
        words.quiet("No run is planned. Let the fourth step of the description propose some.")
        return
    assert case.record is not None, "the example has no view of its runs"
    states = library.store().states_of_keys(keys(case.record.document))
    at_work = any(not state.final for state in states.values())
    st.fragment(_runs, run_every=SECONDS if at_work else None, key=f"runs-{case.id}")(case, at_work)


def _runs(case: Case, watched: bool) -> None:
    assert case.record is not None, "checked by the caller"
    wanted = keys(case.record.document)
    found = library.store().runs_of_keys(wanted)
    done = sum(run.state is State.DONE for run in found.values())
    at_work = sum(not run.state.final for run in found.values())
    if watched and not at_work:
        st.rerun()
    total = len(dict.fromkeys(wanted))
    st.progress(done / max(1, total), text=f"{done} of {total} runs are done, {at_work} wait or work")
    with st.container(horizontal=True):
        st.button(
            "Run what is missing",
            type="primary",
            icon=":material/play_arrow:",
            key=f"run-missing-{case.id}",
            disabled=not case.mine or done + at_work == total,
            on_click=_start,
            args=(case.assessment, wanted),
        )
        if at_work:
            st.button("Stop", icon=":material/stop:", key=f"stop-runs-{case.id}", on_click=_stop,
                      args=(case.assessment, wanted))  # fmt: skip
    titles = _titles(case.record.document)
    counts: Counter[tuple[str, str]] = Counter()
    for key in dict.fromkeys(wanted):
        run = found.get(key)
        counts[titles[key], "not begun" if run is None else library.STATE_WORDS[run.state][0]] += 1
    rows = tuple((what, state, str(n)) for (what, state), n in counts.items())[:MOST]
    blocks([Table("What is planned, and how far it is", ("what is run", "state", "runs"), rows)])
    for reason in dict.fromkeys(run.error for run in found.values() if run.error):
        st.error(words.plain(reason), icon=":material/error:")
    ended = [run for run in found.values() if run.state is State.DONE]
    if ended:
        _links(ended)


def _links(ended: list[RunRecord]) -> None:
    with st.expander(f"Open one of {len(ended)} finished runs"):
        for run in ended[:MOST]:
            st.page_link(
                places.RUN,
                label=words.plain(
                    f"{find('attacks', run.scenario.attack.name).title}, seed {run.scenario.seed}"
                ),
                query_params={"run": run.id},
            )


@lru_cache(maxsize=64)
def _titles(document: str) -> dict[str, str]:
    """Return key of a scenario -> what it is, in words."""
    whole = Assessment.model_validate_json(document)
    return {
        key: f"{find('attacks', one.attack.name).title}, {told.ROLES[role(whole.system, one)]}"
        for key, one in zip(keys(document), whole.scenarios, strict=True)
    }


def _lacking(assessment: Assessment, wanted: tuple[str, ...]) -> Sweep:
    states = library.store().states_of_keys(wanted)
    scenarios = [
        one
        for key, one in dict(zip(wanted, assessment.scenarios, strict=True)).items()
        if states.get(key) is not State.DONE
    ]
    return Sweep(name=assessment.name, scenarios=tuple(scenarios))


def _start(assessment: Assessment, wanted: tuple[str, ...]) -> None:
    try:
        desk.submit(_lacking(assessment, wanted), owner(), jobs.engine())
    except InversionError as error:
        st.session_state[ERROR] = str(error)


def _stop(assessment: Assessment, wanted: tuple[str, ...]) -> None:
    try:
        found = library.store().runs_of_keys(wanted)
        for run in found.values():
            if not run.state.final:
                jobs.cancel(run.id, owner())
    except InversionError as error:
        st.session_state[ERROR] = str(error)
