"""Success against the number of queries: how soon an attack has what it gets, here and elsewhere."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.scenario import Scenario
from pages.ui import query_runs, scores, words
from pages.ui.query_runs import Curve, Row

ATTACK_COLOUR, GHOST_COLOUR = "#d55e00", "#8a929c"
BLUE, PINK = "#2b8fd0", "#cc79a7"
"""Seen on white and on dark: at least 3 to 1 against both."""
LOOKS = (
    (BLUE, "solid", "square"),
    (PINK, "solid", "diamond"),
    (BLUE, "dash", "triangle-up"),
    (PINK, "dash", "triangle-down"),
    (BLUE, "dot", "cross"),
    (PINK, "dot", "x"),
)
"""Colour, dash and marker of the other runs: no two alike where colours cannot be told apart."""
FIRST, LAST = 1, 2000
"""Ranks in the legend; the other runs have plotly's 1000."""
TICKS = tuple(lead * 10**power for power in range(7) for lead in (1, 3))
LIMITS = (
    "What happened between the points: nothing was measured there, the lines only join them.",
    "Chance in the search: each line is one run with one seed, and the intervals are about the choice of "
    "victims. The points of a line are about the same victims, so they do not vary apart from each other.",
    "What a query costs, how long the answers take, and whether somebody who watches the queries would have "
    "stopped the attack before.",
    "How far a better attack would get with as many queries: a low line is a bound for this attack only.",
)


def curve(scenario: Scenario, result: Mapping[str, Any], *, key: str) -> None:
    """Draw success against queries with the table behind it, and what the attack remarks on its search.

    A run that kept nothing on its way has no chart. Raises StoreUnavailable.
    """
    here = query_runs.own(scenario, result)
    remarks = result.get("remarks", [])
    if not (here.rows or remarks):
        return
    st.header("Success against queries" if here.rows else "Remarks on the search", anchor=False)
    if here.rows:
        words.quiet(
            "How often does the attacker have to ask? Each point is the share of victims whom the "
            "independent judge would have recognised, had the attack stopped there."
        )
        beside = query_runs.others(scenario)
        _chart(here, beside, key=key)
        _table(here, beside, key=key)
    for remark in remarks:
        words.quiet(f"The attack remarks: {remark}.")
    if here.rows:
        scores.not_shown(LIMITS, key=f"limits-{key}")


def table(here: Curve, beside: Sequence[Curve]) -> pd.DataFrame:
    """Return the numbers behind the lines, one row a point; shares as numbers from 0 to 1."""
    return pd.DataFrame(
        [
            {
                "run": name,
                "rows a victim": row["queries"],
                "recognised": row["value"],
                "95 % low": row["low"],
                "95 % high": row["high"],
                "n": row["n"],
                "guessing": row["baseline"],
            }
            for name, one in [(f"this run: {here.label}", here), *((one.label, one) for one in beside)]
            for row in one.rows
        ]
    )


def figure(here: Curve, beside: Sequence[Curve]) -> go.Figure:
    """Return the lines on a logarithmic axis of rows a victim; a point before the first row has no place."""
    asked = sorted({row["queries"] for one in (here, *beside) for row in _placed(one)})
    ends = (asked[0] * 0.85, asked[-1] / 0.85) if asked else (1, 10)
    baseline = here.rows[0]["baseline"]
    drawn = go.Figure()
    drawn.add_scatter(
        x=ends,
        y=[baseline, baseline],
        name=f"guessing without the model, {_percent(baseline)}",
        legendrank=LAST,
        mode="lines",
        line={"color": GHOST_COLOUR, "width": 2, "dash": "dot"},
        fill="tozeroy",
        fillcolor="rgba(138, 146, 156, 0.25)",
        hoverinfo="skip",
    )
    for one, (colour, dash, symbol) in zip(beside, LOOKS, strict=False):
        _line(drawn, one, {"color": colour, "dash": dash, "width": 1.5}, {"symbol": symbol, "size": 8})
    _line(drawn, here, {"color": ATTACK_COLOUR, "width": 4}, {"symbol": "circle", "size": 11})
    drawn.data[-1].update(name=f"this run: {here.label}", legendrank=FIRST)
    ticks = [tick for tick in TICKS if ends[0] <= tick <= ends[1]] or asked
    drawn.update_layout(
        showlegend=True,
        height=330 + 22 * len(drawn.data),
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"x": 0, "y": -0.2, "yanchor": "top", "title": None},
        xaxis={
            "type": "log",
            "title": "rows a victim",
            "range": [math.log10(end) for end in ends],
            "tickvals": ticks,
            "ticktext": [f"{tick:,}" for tick in ticks],
        },
        yaxis={"title": "victims recognised", "tickformat": ".0%", "range": [0, 1.03]},
    )
    return drawn


def _line(drawn: go.Figure, one: Curve, line: Row, marker: Row) -> None:
    """Add the points of a run with their intervals."""
    rows = _placed(one)
    drawn.add_scatter(
        x=[row["queries"] for row in rows],
        y=[row["value"] for row in rows],
        name=one.label,
        mode="lines+markers",
        line=line,
        marker=marker,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [row["high"] - row["value"] for row in rows],
            "arrayminus": [row["value"] - row["low"] for row in rows],
            "thickness": line["width"] / 2,
            "width": line["width"],
        },
        customdata=[(_interval(row), row["n"]) for row in rows],
        hovertemplate=(
            "after %{x:,} rows a victim: %{y:.0%}<br>95 % interval %{customdata[0]}, n = %{customdata[1]:,}"
            f"<extra>{one.label}</extra>"
        ),
    )


def _chart(here: Curve, beside: Sequence[Curve], *, key: str) -> None:
    first, last = here.rows[0], here.rows[-1]
    st.plotly_chart(
        figure(here, beside),
        key=f"curve-{key}",
        config={"displayModeBar": False},
        alt=(
            f"Share of victims the judge recognises: {_told(first)}; {_told(last)}; guessing "
            f"{_percent(last['baseline'])}. {len(beside)} other runs beside it. All values in the table."
        ),
    )


def _table(here: Curve, beside: Sequence[Curve], *, key: str) -> None:
    found = table(here, beside)
    with st.expander("As a table", icon=":material/table_rows:"):
        st.table(
            _readable(found).set_index("run"),
            alt="Share of victims recognised by rows a victim, with interval, n and guessing.",
        )
        st.download_button(
            "Success against queries as CSV",
            found.to_csv(index=False),
            file_name=f"queries-{key}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"curve-file-{key}",
        )


def _readable(found: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers as people read them."""
    ends = zip(found["95 % low"], found["95 % high"], strict=True)
    return pd.DataFrame(
        {
            "run": found["run"],
            "rows a victim": found["rows a victim"].map("{:,}".format),
            "recognised": found["recognised"].map(_percent),
            "95 % interval": [f"{_percent(low)} to {_percent(high)}" for low, high in ends],
            "n": found["n"].map("{:,}".format),
            "guessing": found["guessing"].map(_percent),
        }
    )


def _placed(one: Curve) -> list[Row]:
    """Return the rows that a logarithmic axis has a place for."""
    return [row for row in one.rows if row["queries"] > 0]


def _told(row: Row) -> str:
    return f"after {row['queries']:,} rows a victim {_percent(row['value'])} ({_interval(row)})"


def _interval(row: Row) -> str:
    return f"{_percent(row['low'])} to {_percent(row['high'])}"


def _percent(share: float) -> str:
    """Return a share as people read it: whole per cent, and two figures where that is little."""
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"
