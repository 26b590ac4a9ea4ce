"""Privacy against utility: held-out accuracy of the defended model, and what the strongest attacker gets."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.compare.matrix import Matrix, UtilityPoint
from pages.ui import words

ATTACKER, TRUTH = "#d55e00", "#6b7280"
_FILLED = (
    "circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x", "star", "pentagon",
    "hexagon", "hourglass", "bowtie", "triangle-left", "triangle-right", "star-triangle-up", "star-square",
)  # fmt: skip
SYMBOLS = (*_FILLED, *(f"{symbol}-open" for symbol in _FILLED))


def strongest(shown: Matrix, column: str) -> list[UtilityPoint]:
    """Return for each row the point of the attacker who gets most in this column."""
    points = [one for one in shown.points() if one.column == column]
    rows = dict.fromkeys(one.row for one in points)
    return [max((one for one in points if one.row == row), key=lambda one: one.value) for row in rows]


def plot(shown: Matrix, column: str) -> None:
    """Draw the points with their intervals; the table behind them."""
    points = strongest(shown, column)
    if not points:
        return
    words.quiet(
        f"{column}: each defence by how often the defended model is right on unseen data, and how many "
        "people the stronger of both attackers recovers. Down and to the right is better."
    )
    st.plotly_chart(
        figure(shown, points),
        key="utility",
        config={"displayModeBar": False},
        alt="; ".join(
            f"{one.row}: right {words.percent(one.accuracy)}, recovered {words.percent(one.value)}"
            for one in points
        ),
    )
    with st.expander("As a table", icon=":material/table_rows:"):
        st.table(table(points).set_index("defence"), alt="Accuracy and people recovered by defence.")


def figure(shown: Matrix, points: list[UtilityPoint]) -> go.Figure:
    """Return the plane; every row has a symbol of its own."""
    drawn = go.Figure()
    for place, one in enumerate(points):
        drawn.add_scatter(
            x=[one.accuracy],
            y=[one.value],
            name=one.row,
            mode="markers",
            marker={
                "symbol": SYMBOLS[place % len(SYMBOLS)],
                "size": 13,
                "color": TRUTH if one.row == shown.undefended else ATTACKER,
            },
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [one.high - one.value],
                "arrayminus": [one.value - one.low],
                "thickness": 1,
                "width": 3,
            },
            hovertemplate="right %{x:.1%}, recovered %{y:.0%}<extra>" + one.row + "</extra>",
        )
    drawn.update_layout(
        height=400 + 10 * len(points),
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"x": 0, "y": -0.2, "yanchor": "top", "orientation": "h", "entrywidth": 220},
        xaxis={"title": "right on unseen data", "tickformat": ".0%"},
        yaxis={"title": "people recovered", "tickformat": ".0%", "range": [-0.03, 1.05]},
    )
    return drawn


def table(points: list[UtilityPoint]) -> pd.DataFrame:
    """Return the numbers behind the points as words."""
    return pd.DataFrame(
        {
            "defence": one.row,
            "right on unseen data": words.percent(one.accuracy),
            "recovered": words.percent(one.value),
            "95 % interval": f"{words.percent(one.low)} to {words.percent(one.high)}",
            "attacker": "knowing the defence" if one.attacker == "adaptive" else "as published",
        }
        for one in points
    )
