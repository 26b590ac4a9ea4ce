"""The exhibit of database reconstruction: all rows but one and a published model give the last row."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from inversion_core.registry import attacks_of
from inversion_core.store.runs import RunRecord
from inversion_core.values import Access, Family
from pages.ui import interval_chart, system_form, words
from pages.ui.cards import Draft
from pages.ui.exhibit import Exhibit, ShownRun
from pages.ui.interval_chart import Bar

NAME = "database-reconstruction"


def form(before: Mapping[str, Any]) -> Draft:
    """Draw the choices."""
    return system_form.form(
        before,
        Family.RECONSTRUCTION,
        attacks_of(Family.RECONSTRUCTION)[NAME],
        datasets=("clinic", "credit", "diabetes"),
        defences=("gaussian-mechanism",),
        levels=system_form.only(
            Access.WHITE_BOX, "The published model", "Its numbers are public, and all rows but one are known."
        ),
    )


def finished(run: ShownRun) -> None:
    """Draw a rebuilt row beside the true one and the guess without the model."""
    rows = run.result["rows"]
    place = st.selectbox(
        "Row",
        range(len(rows)),
        format_func=lambda one: f"row {rows[one]['row']}",
        key=f"reconstruction-row-{run.scenario.seed}",
    )
    row = rows[place or 0]
    words.quiet("Each column of one person: true, rebuilt from the model and the others, guessed without it.")
    told = {name: row[name] for name in ("columns", "truth", "rebuilt", "guess")}
    st.table(pd.DataFrame(told).set_index("columns"), alt="One row, true, rebuilt and guessed.")


def measured(runs: Sequence[RunRecord]) -> None:
    """Draw the error against epsilon, and the tables without noise."""
    bars = [_bar(run) for run in runs if run.result]
    interval_chart.chart(
        bars, measure="error of the rebuilt row", baseline="guessing without the model", key="reconstruction"
    )


def _bar(run: RunRecord) -> Bar:
    score = next(one for one in (run.result or {})["scores"] if one["name"] == "row-error")
    chosen = run.scenario.target.defences
    noise = f"epsilon {chosen[0].params.get('epsilon', 1):g}" if chosen else "no noise"
    label = f"{run.scenario.target.name} of {run.scenario.dataset.name}, {noise}"
    return Bar(label, score["value"], score["low"], score["high"], score["n"], score["baseline"])


EXHIBIT = Exhibit(
    name="reconstruction",
    family=Family.RECONSTRUCTION,
    title="The last row",
    question="If somebody knows everybody's record but yours, does the published model give them yours?",
    claim="the very record, column by column",
    access="the published numbers, and all other rows of the table",
    cost="one look at the model; less than a second a row",
    lesson=(
        "Published numbers about all can be numbers about one. Noise that is calibrated to a "
        "single row is what the claim of privacy rests on."
    ),
    form=form,
    finished=finished,
    measured=measured,
)
