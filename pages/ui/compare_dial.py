"""The dial: rows that differ in one number, turned over stored evidence; and the exact setting run now."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from inversion_core import jobs
from inversion_core.errors import InversionError
from inversion_core.scenario import Scenario
from pages.ui import compare_matrix, library, words
from pages.ui.comparison import Comparison, Dial
from pages.ui.owner import owner

BUDGET = "Rows a victim"
_ERROR = "compare_error"


def dial(kept: Comparison) -> None:
    """Draw the dial in a fragment of its own, so that turning it redraws nothing else."""
    st.fragment(_dial, key="dial")(kept)


def settings(kept: Comparison) -> list[str]:
    """Return the titles of the dials that have something to turn."""
    budget = [BUDGET] if len(budgets(kept)) > 1 else []
    return [*(one.title for one in kept.dials if len(one.stops) > 1), *budget]


def budgets(kept: Comparison) -> list[int]:
    """Return the numbers of rows a victim at which the undefended target was measured in several columns."""
    row = kept.matrix.undefended
    return sorted(
        {
            point["queries"]
            for (name, _, attacker), curve in kept.curves.items()
            if name == row and attacker == "naive"
            for point in curve
        }
    )


def at_budget(kept: Comparison, rows: int) -> dict[str, Mapping[str, Any] | None]:
    """Return for each column its last point up to so many rows a victim, None before its first."""
    found: dict[str, Mapping[str, Any] | None] = {}
    for column in kept.matrix.columns:
        curve = kept.curves.get((kept.matrix.undefended or "", column, "naive"), [])
        found[column] = max(
            (point for point in curve if point["queries"] <= rows),
            key=lambda point: point["queries"],
            default=None,
        )
    return found


def _dial(kept: Comparison) -> None:
    titles = settings(kept)
    if not titles:
        return
    st.header("Turn one number", anchor=False)
    chosen = st.segmented_control(
        "What is turned", titles, default=titles[0], required=True, wrap=True, key="dial-title"
    )
    if chosen == BUDGET:
        _budget(kept)
        return
    turned = next(one for one in kept.dials if one.title == chosen)
    row = _stop(turned)
    words.quiet(kept.rows.get(row, ""))
    with st.container(key="dial-facts"):
        words.facts({column: _standing(kept, row, column) for column in kept.matrix.columns})
    _run_now(kept, row)


def _stop(turned: Dial) -> str:
    labels = {stop.label: stop.row for stop in turned.stops}
    label = st.select_slider(turned.title, list(labels), key=f"dial-{turned.title}")
    return labels[str(label)]


def _budget(kept: Comparison) -> None:
    rows = st.select_slider(BUDGET, budgets(kept), format_func=lambda rows: f"{rows:,}", key="dial-budget")
    points = at_budget(kept, int(rows))
    words.quiet("The undefended model, by how many rows an attacker may ask for each victim.")
    words.facts({column: _point(point) for column, point in points.items()})


def _point(point: Mapping[str, Any] | None) -> str:
    if point is None:
        return "not measured there"
    low, high = words.percent(point["low"]), words.percent(point["high"])
    return f"{words.percent(point['value'])} ({low} to {high}) at {point['queries']:,}"


def _standing(kept: Comparison, row: str, column: str) -> str:
    """Return what both attackers get, in words."""
    naive, adaptive = (kept.best.get((row, column, attacker)) for attacker in compare_matrix.ATTACKERS)
    said = f"{compare_matrix.told(naive)} {_in_brackets(compare_matrix.interval(naive))}".strip()
    if adaptive is not None and adaptive.pooled is not None:
        told = f"{compare_matrix.told(adaptive)} {_in_brackets(compare_matrix.interval(adaptive))}"
        said += f"; knowing the defence {told}"
    return said


def _in_brackets(text: str) -> str:
    return f"({text})" if text else ""


def _run_now(kept: Comparison, row: str) -> None:
    """Offer to run the exact setting again, watched on the Attack page."""
    stored = {
        column: found
        for column in kept.matrix.columns
        if (found := kept.scenarios.get((row, column, "naive"))) is not None
    }
    if not stored:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox("Attack", list(stored), key=f"now-column-{row}", width=260)
        st.button(
            "Run it now",
            icon=":material/play_arrow:",
            key=f"now-{row}",
            on_click=_launch,
            args=(stored[str(column)],),
        )
    if error := st.session_state.pop(_ERROR, None):
        st.error(error, icon=":material/error:")
    if (started := st.session_state.pop("compare_started", None)) is not None:
        st.switch_page(library.watched_at(started[0]), query_params={"run": started[1]})


def _launch(stored: Mapping[str, Any]) -> None:
    scenario = Scenario.model_validate(stored)
    try:
        st.session_state["compare_started"] = (scenario, jobs.submit(scenario, owner()))
    except InversionError as error:
        st.session_state[_ERROR] = str(error)
