"""Privacy against utility: held-out accuracy of the defended model, and what the strongest attacker gets."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.compare.matrix import Matrix, UtilityPoint
from pages.ui import words
from pages.ui.compare_matrix import in_shares, scale
from pages.ui.differences import points as points_of

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
    gets = "how many people the stronger of both attackers recovers"
    if not in_shares(shown):
        gets = "how far the stronger of both attackers gets beyond guessing without the model"
    words.quiet(
        f"{column}: each defence by how often the defended model is right on unseen data, and {gets}. "
        "Down and to the right is better."
    )
    st.plotly_chart(
        figure(shown, points),
        key="utility",
        config={"displayModeBar": False},
        alt="; ".join(
            f"{one.row}: right {words.percent(one.accuracy)}, {heads(shown)[0]} {reached(shown, one.value)}"
            for one in points
        ),
    )
    with st.expander("As a table", icon=":material/table_rows:"):
        st.table(table(shown, points).set_index("defence"), alt="Accuracy and success by defence.")


def heads(shown: Matrix) -> tuple[str, str]:
    """Return what the attacker reaches, as the head of a column and as the title of an axis."""
    if in_shares(shown):
        return "recovered", "people recovered"
    return "over guessing", "over guessing without the model"


def reached(shown: Matrix, value: float) -> str:
    """Return a success as the matrix tells it."""
    return words.percent(value) if in_shares(shown) else f"{points_of(value)} points"


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
            hovertemplate=f"right %{{x:.1%}}, {heads(shown)[0]} {reached(shown, one.value)}"
            f"<extra>{one.row}</extra>",
        )
    low, high = scale(shown)
    edge = 0.04 * (high - low)
    drawn.update_layout(
        height=400 + 10 * len(points),
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"x": 0, "y": -0.2, "yanchor": "top", "orientation": "h", "entrywidth": 220},
        xaxis={"title": "right on unseen data", "tickformat": ".0%"},
        yaxis={"title": heads(shown)[1], "tickformat": ".0%", "range": [low - edge, high + edge]},
    )
    return drawn


def table(shown: Matrix, points: list[UtilityPoint]) -> pd.DataFrame:
    """Return the numbers behind the points as words."""
    return pd.DataFrame(
        {
            "defence": one.row,
            "right on unseen data": words.percent(one.accuracy),
            heads(shown)[0]: reached(shown, one.value),
            "95 % interval": f"{reached(shown, one.low)} to {reached(shown, one.high)}",
            "attacker": "knowing the defence" if one.attacker == "adaptive" else "as published",
        }
        for one in points
    )
