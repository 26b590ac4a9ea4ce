"""What the stored membership runs say together: the area under each curve, by system and attack."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.metrics.membership_tpr import RATE
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from inversion_core.values import Modality
from pages.ui import library, scores, words
from pages.ui.membership_curve import ATTACK_COLOUR, GHOST_COLOUR, rate

AUC, FEW = "membership-auc", "membership-tpr-at-fpr"
SYMBOLS = {"lira": "circle", "rmia": "diamond", "loss-threshold": "x"}
LIMITS = (
    "Differences between rows of different data: the records differ, and so do their numbers.",
    "That a low row is safe: each is one attack with a few models of the attacker's own.",
    "How another training would fare: the interval of a run is about other records, not about another model; "
    "runs of several seeds are drawn as points of their own.",
)


def measured(runs: Sequence[RunRecord]) -> None:
    """Draw the area of every run with its interval, and the table behind it."""
    rows = [_row(run.scenario, run.result) for run in runs if run.result is not None]
    if not rows:
        return
    words.quiet(
        "Each point is one run: how often the attack ranks a record that was trained on above one that was "
        "not. The grey band needs no model."
    )
    st.plotly_chart(
        figure(rows),
        key="membership-measured",
        config={"displayModeBar": False},
        alt="; ".join(f"{row['system']}, {row['attack']}: {row['AUC']}" for row in rows[:12])
        + ". All values in the table.",
    )
    with st.expander("As a table", icon=":material/table_rows:"):
        shown = pd.DataFrame(rows)[
            ["system", "attack", "seed", "AUC", "without the model", "members named", "at false alarms", "n"]
        ]
        st.table(shown.set_index("system"), alt="Area and members named, of every stored run.")
        st.download_button(
            "Membership runs as CSV",
            pd.DataFrame(rows).to_csv(index=False),
            file_name="membership.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="membership-file",
        )
    scores.not_shown(LIMITS, key="membership-limits")


def figure(rows: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Return one line a system, one symbol an attack, one point a run with its interval."""
    drawn = go.Figure()
    drawn.add_vrect(x0=0, x1=0.5, fillcolor=GHOST_COLOUR, opacity=0.18, line_width=0)
    for name in dict.fromkeys(row["attack"] for row in rows):
        part = [row for row in rows if row["attack"] == name]
        drawn.add_scatter(
            x=[row["value"] for row in part],
            y=[row["system"] for row in part],
            name=name,
            mode="markers",
            marker={"color": ATTACK_COLOUR, "size": 10, "symbol": SYMBOLS.get(part[0]["name"], "circle")},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [row["high"] - row["value"] for row in part],
                "arrayminus": [row["value"] - row["low"] for row in part],
                "thickness": 1.5,
                "width": 4,
            },
            customdata=[(row["AUC"], row["seed"]) for row in part],
            hovertemplate="%{y}<br>%{customdata[0]}, seed %{customdata[1]}<extra>" + name + "</extra>",
        )
    systems = list(dict.fromkeys(row["system"] for row in rows))
    drawn.update_layout(
        showlegend=True,
        scattermode="group",
        height=140 + 64 * len(systems),
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"x": 0, "y": -0.15, "yanchor": "top", "title": None},
        xaxis={"title": "members ranked before others (AUC)", "range": [0.4, 1.0]},
        yaxis={"title": None, "automargin": True, "categoryorder": "array", "categoryarray": systems[::-1]},
    )
    return drawn


def _row(scenario: Scenario, result: Mapping[str, Any]) -> dict[str, Any]:
    area, few = (scores.find(result["scores"], name) for name in (AUC, FEW))
    assert area is not None and few is not None, "a membership run has both"
    variant = f", {scenario.attack.params['variant']}" if "variant" in scenario.attack.params else ""
    return {
        "system": _system(scenario, result),
        "name": scenario.attack.name,
        "attack": library.component_title("attacks", scenario.attack.name).split(",")[0] + variant,
        "seed": scenario.seed,
        "value": area["value"],
        "low": area["low"],
        "high": area["high"],
        "AUC": f"{area['value']:.3f} ({area['low']:.3f} to {area['high']:.3f})",
        "without the model": f"{area['baseline']:.3f}",
        "members named": f"{rate(few['value'])} ({rate(few['low'])} to {rate(few['high'])})",
        "at false alarms": rate(few["rulers"][RATE]),
        "n": f"{area['n']:,}",
    }


def _system(scenario: Scenario, result: Mapping[str, Any]) -> str:
    """Return data, target and defences in a few words."""
    modality = Modality.IMAGE if len(result["target"]["input_shape"]) == 3 else Modality.TABLE
    dataset = library.component_title("datasets", scenario.dataset.name).split(" (")[0]
    target = library.component_title("targets", scenario.target.name, modality)
    target += "".join(f", {value} {name}" for name, value in scenario.target.params.items())
    defences = [one.name for one in (*scenario.target.defences, *scenario.exposure.defences)]
    epsilon = result["target"]["epsilon"]
    private = f", epsilon {epsilon:.2g}" if epsilon is not None else ""
    return f"{dataset}: {target}" + (f" with {' and '.join(defences)}{private}" if defences else "")
