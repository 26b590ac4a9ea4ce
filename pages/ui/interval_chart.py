"""A chart of measured values, each with its interval beside its baseline, and the table behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

ATTACK_COLOUR, GHOST_COLOUR = "#d55e00", "#8a929c"


@dataclass(frozen=True)
class Bar:
    """One measured value: `name` says of what."""

    name: str
    value: float
    low: float
    high: float
    n: int
    baseline: float


def chart(bars: Sequence[Bar], *, measure: str, baseline: str, key: str) -> None:
    """Draw the values of a `measure`, the interval of each and its `baseline`, and the table behind them."""
    if not bars:
        return
    st.plotly_chart(
        figure(bars, measure=measure, baseline=baseline),
        key=f"chart-{key}",
        config={"displayModeBar": False},
        alt=f"{measure}: " + "; ".join(told(one, baseline) for one in bars) + ". All values in the table.",
    )
    with st.expander("As a table", icon=":material/table_rows:"):
        st.table(table(bars, baseline=baseline).set_index("of"), alt=f"{measure}, n and {baseline}.")


def table(bars: Sequence[Bar], *, baseline: str) -> pd.DataFrame:
    """Return the numbers behind the chart, one row a value."""
    return pd.DataFrame(
        [
            {
                "of": one.name,
                "value": f"{one.value:.3g}",
                "95 % interval": f"{one.low:.3g} to {one.high:.3g}",
                "n": f"{one.n:,}",
                baseline: f"{one.baseline:.3g}",
            }
            for one in bars
        ]
    )


def figure(bars: Sequence[Bar], *, measure: str, baseline: str) -> go.Figure:
    """Return a row for each value, the first on top."""
    names = [one.name for one in bars]
    drawn = go.Figure()
    drawn.add_scatter(
        x=[one.baseline for one in bars],
        y=names,
        name=baseline,
        mode="markers",
        marker={"color": GHOST_COLOUR, "symbol": "line-ns-open", "size": 18, "line": {"width": 3}},
    )
    drawn.add_scatter(
        x=[one.value for one in bars],
        y=names,
        name=measure,
        mode="markers",
        marker={"color": ATTACK_COLOUR, "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, one.high - one.value) for one in bars],
            "arrayminus": [max(0.0, one.value - one.low) for one in bars],
            "thickness": 2,
            "width": 5,
        },
        customdata=[(f"{one.low:.3g} to {one.high:.3g}", one.n) for one in bars],
        hovertemplate="%{y}: %{x:.3g}<br>95 % interval %{customdata[0]}, n = "
        "%{customdata[1]:,}<extra></extra>",
    )
    drawn.update_layout(
        showlegend=True,
        height=150 + 34 * len(bars),
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"x": 0, "y": -0.25, "yanchor": "top", "title": None},
        xaxis={"title": measure, "rangemode": "tozero"},
        yaxis={"autorange": "reversed", "title": None},
    )
    return drawn


def told(one: Bar, baseline: str) -> str:
    """Return one value in words."""
    return f"{one.name} {one.value:.3g} ({one.low:.3g} to {one.high:.3g}), {baseline} {one.baseline:.3g}"
