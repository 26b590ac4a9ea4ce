"""What one membership run came to: the ROC curve as far as the sample goes, and whom it is surest of."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.membership import Privacy
from inversion_core.metrics.membership_curve import most_detected
from pages.ui import scores, words
from pages.ui.exhibit import ShownRun
from pages.ui.picture import picture
from pages.ui.run_numbers import score_table
from pages.ui.tiles import TRUTH, strip

ATTACK_COLOUR, GHOST_COLOUR, BOUND_COLOUR = "#d55e00", "#8a929c", "#2b8fd0"
TRAINED = {True: "trained on", False: "not trained on"}
MARKS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5)
"""Rates of the table behind the curve."""


def finished(run: ShownRun) -> None:
    """Draw the curve, the scores, and the records the attack is surest of, below the verdict."""
    curve = run.result["curve"]
    key = run.record.id if run.record else "stored"
    st.header("Members named against false alarms", anchor=False)
    words.quiet(
        f"Both axes are logarithmic: what harms is at the left, where hardly anybody is named wrongly. With "
        f"{curve['others']:,} records that were not trained on, nothing can be said below "
        f"{rate(curve['finest'])}; the grey part is drawn but proves nothing."
    )
    st.plotly_chart(
        figure(curve),
        key=f"membership-curve-{key}",
        config={"displayModeBar": False},
        alt=_told(curve),
    )
    if promise(curve) is not None:
        words.quiet(
            "The bound of differential privacy is that for two records: the promise is about one added or "
            "removed, and here one that is not trained on makes room for another."
        )
    with st.expander("As a table", icon=":material/table_rows:"):
        st.table(table(curve).set_index("false alarms"), alt="Members named at growing false alarm rates.")
    st.header("Scores", anchor=False)
    scores.rulers(scores.ordered(run.result["scores"]))
    score_table(run.result["scores"])
    _surest(run)
    _models(run.result)


def figure(curve: Mapping[str, Any]) -> go.Figure:
    """Return the curve on logarithmic axes, with the diagonal, the supported end and, where the training
    promised one, the bound of differential privacy. Points at zero have no place there.
    """
    least = 1 / max(curve["others"], curve["members"]) / 1.5
    drawn = go.Figure()
    drawn.add_vrect(x0=least, x1=curve["finest"], fillcolor=GHOST_COLOUR, opacity=0.18, line_width=0)
    drawn.add_vline(x=curve["finest"], line={"color": GHOST_COLOUR, "width": 2})
    drawn.add_annotation(
        x=math.log10(curve["finest"]),
        y=0.02,
        xref="x",
        yref="paper",
        text=f" from {rate(curve['finest'])}",
        showarrow=False,
        xanchor="left",
    )
    grid = [least ** (1 - step / 60) for step in range(61)]
    drawn.add_scatter(
        x=grid,
        y=grid,
        name="guessing",
        mode="lines",
        line={"color": GHOST_COLOUR, "width": 2, "dash": "dot"},
        hoverinfo="skip",
    )
    if (privacy := promise(curve)) is not None:
        drawn.add_scatter(
            x=grid,
            y=[most_detected(privacy, one) for one in grid],
            name=f"allowed by differential privacy, epsilon {privacy.epsilon:.2g}",
            mode="lines",
            line={"color": BOUND_COLOUR, "width": 2, "dash": "dash"},
            hovertemplate="at %{x:.2%} at most %{y:.2%}<extra>allowed</extra>",
        )
    points = [(x, y) for x, y in zip(curve["fpr"], curve["tpr"], strict=True) if x > 0 and y > 0]
    drawn.add_scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        name="this attack",
        mode="lines",
        line={"color": ATTACK_COLOUR, "width": 4},
        hovertemplate="%{x:.2%} false alarms: %{y:.2%} of the members named<extra>this attack</extra>",
    )
    axis = {"type": "log", "range": [math.log10(least), 0.02], "tickformat": "~%", "dtick": 1}
    drawn.update_layout(
        showlegend=True,
        height=430,
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"x": 0, "y": -0.2, "yanchor": "top", "title": None},
        xaxis={**axis, "title": "others named wrongly (false alarms)"},
        yaxis={**axis, "title": "members named"},
    )
    return drawn


def table(curve: Mapping[str, Any]) -> pd.DataFrame:
    """Return the share of members named at some false alarm rates, none finer than the sample supports."""
    privacy = promise(curve)
    rows = []
    for mark in dict.fromkeys((curve["finest"], *(one for one in MARKS if one > curve["finest"]))):
        row = {
            "false alarms": rate(mark),
            "members named": rate(at(curve, mark)),
            "guessing": rate(mark),
        }
        if privacy is not None:
            row["allowed by differential privacy"] = rate(most_detected(privacy, mark))
        rows.append(row)
    return pd.DataFrame(rows)


def at(curve: Mapping[str, Any], wanted: float) -> float:
    """Return the highest stored share of members at no more false alarms than wanted."""
    pairs = zip(curve["fpr"], curve["tpr"], strict=True)
    return max((named for alarms, named in pairs if alarms <= wanted), default=0.0)


def promise(curve: Mapping[str, Any]) -> Privacy | None:
    """Return what the training promised, None where it promised nothing."""
    return None if curve["epsilon"] is None else Privacy(curve["epsilon"], curve["delta"])


def rate(share: float) -> str:
    """Return a rate with the digits it needs: 12 %, 1 %, 0.1 %."""
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.2g} %"


def _surest(run: ShownRun) -> None:
    """Show the records the attack believes most, and who of them was trained on."""
    rows = run.result["surest"]
    st.header("Of whom the attack is surest", anchor=False)
    found = run.pictures("surest-sheet", len(rows))
    words.quiet(counted(rows, run.result["curve"]["others"]))
    if found:
        with st.grid(6, min_column_width=96, gap="small"):
            for tile, row in zip(found, rows, strict=True):
                told = f"{row['name']}: {TRAINED[row['member']]}"
                with st.container(gap="xsmall"):
                    picture(strip([(tile, TRUTH)], side=96), alt=told)
                    words.quiet(told)
    listed = [
        {
            "candidate": f"no. {row['candidate'] + 1}",
            "class": row["name"],
            "it was": TRAINED[row["member"]],
            "belief": f"{row['belief']:.3g}",
            "others believed as much": rate(row["others_above"]) if row["others_above"] else "none",
        }
        for row in rows
    ]
    st.table(
        pd.DataFrame(listed).set_index("candidate"),
        alt="The records the attack is surest of, the surest first.",
    )


def counted(rows: Sequence[Mapping[str, Any]], others: int) -> str:
    """Return how many of the surest were trained on, or that chance chose them: where records not trained on
    are believed as much as the last one shown and are left out, a count would say nothing.
    """
    last = rows[-1]
    unseen = round(last["others_above"] * others) - sum(not row["member"] for row in rows)
    if unseen <= 0:
        right = sum(row["member"] for row in rows)
        return f"{right} of these {len(rows)} were trained on; guessing gives half."
    alike = sum(row["belief"] == last["belief"] for row in rows)
    which = f"these {len(rows)}" if alike == len(rows) else f"the last {alike} of these {len(rows)}"
    return (
        f"The attack believes {which} exactly as much as records that are not shown, {unseen:,} of them not "
        "trained on: which are shown is chance."
    )


def _models(result: Mapping[str, Any]) -> None:
    """Say what the attacker's own models were."""
    own, target = result["shadows"], result["target"]
    told = f"The target is right about {_share(target['train_accuracy'])} of its own records and "
    told += f"{_share(target['test_accuracy'])} of others."
    if own["count"]:
        told += (
            f" The attacker trained {own['count']} models on {own['records']:,} records each, right about "
            f"{_share(own['train_accuracy'])} and {_share(own['test_accuracy'])}, in "
            f"{words.duration(own['seconds'])}."
        )
    words.quiet(told)
    for remark in result["remarks"]:
        words.quiet(f"About the data: {remark}.")


def _share(value: float | None) -> str:
    return "an unknown share" if value is None else words.percent(value)


def _told(curve: Mapping[str, Any]) -> str:
    """Return the curve in words."""
    finest = curve["finest"]
    told = (
        f"Members named against false alarms: at {rate(finest)}, the least these records support, the attack "
        f"names {rate(at(curve, finest))} of the members; at 10 % {rate(at(curve, 0.1))}; guessing names as "
        "many members as others."
    )
    if (privacy := promise(curve)) is not None:
        told += f" Differential privacy allows {rate(most_detected(privacy, finest))} at {rate(finest)}."
    return f"{told} Values in the table."
