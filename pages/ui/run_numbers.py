"""The numbers of a finished run: scores, people apart, traits, what the attacker used, how to repeat it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.metrics.input_verdict import claims_input
from inversion_core.scenario import Scenario
from inversion_core.values import Modality
from pages.ui import scores
from pages.ui.shown import Row, Shown

RECOGNISED = {True: "recognised", False: "not recognised"}
NO_FAMILY = "no look-alikes"


class Finished(Protocol):
    """A finished run of any kind."""

    @property
    def scenario(self) -> Scenario:
        """What was run."""

    @property
    def result(self) -> dict[str, Any]:
        """What came of it."""


def all_scores(shown: Shown) -> None:
    """Draw every score on its scale, with the table behind the drawing and what each does not show."""
    st.header("Scores", anchor=False)
    scores.rulers(scores.ordered(shown.result["scores"]))
    score_table(shown.result["scores"])


def score_table(stored: Sequence[scores.Score], of: Modality = Modality.IMAGE) -> None:
    """Offer every score as a table, and what each means and does not show."""
    found = scores.ordered(stored)
    with st.expander("Every score as a table", icon=":material/table_rows:"):
        st.table(
            pd.DataFrame(scores.table(found, of)).set_index("score"),
            alt="Every score with interval and baseline.",
        )
        if beside := scores.further_values(found, of):
            st.table(pd.DataFrame(beside).set_index("score"), alt="Further values beside the scores.")
    with st.expander("What each score means, and what it does not show", icon=":material/help:"):
        scores.meanings(found, of)


def people_apart(shown: Shown) -> None:
    """Draw one dot a person, families apart: a likeness of the family is not yet one of the person."""
    rows = [row for row in shown.rows if row["ssim"] is not None]
    if not rows:
        return
    st.header("Person by person", anchor=False)
    figure = go.Figure()
    for recognised in (True, False):
        part = [row for row in rows if (row["evaluator_rank"] == 1) is recognised]
        figure.add_scatter(
            x=[row["ssim"] for row in part],
            y=[_group(row) for row in part],
            text=[row["name"] for row in part],
            name=RECOGNISED[recognised],
            mode="markers",
            marker={
                "size": 11,
                "symbol": "circle" if recognised else "x-thin-open",
                "color": "#d55e00" if recognised else "#6b7280",
                "line": {"width": 0 if recognised else 2},
            },
            hovertemplate="%{text}, similarity %{x:.2f}<extra>" + RECOGNISED[recognised] + "</extra>",
        )
    groups = sorted({_group(row) for row in rows}, key=lambda group: (group != NO_FAMILY, group))
    figure.update_layout(
        showlegend=True,
        height=110 + 46 * len(groups),
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        legend={"orientation": "h", "y": -0.35, "title": None},
        xaxis={"title": f"structural similarity to the {_held_against(shown.result)}"},
        yaxis={"categoryorder": "array", "categoryarray": groups[::-1]},
    )
    known = sum(row["evaluator_rank"] == 1 for row in rows)
    st.plotly_chart(
        figure,
        key="people-apart",
        config={"displayModeBar": False},
        alt=f"One dot a person by similarity; the judge recognises {known} of {len(rows)}. All in the table.",
    )
    with st.expander("As a table", icon=":material/table_rows:"):
        st.dataframe(
            people_table(shown.rows), hide_index=True, alt="Every person with family, rank and similarity."
        )


def people_table(rows: Sequence[Row]) -> pd.DataFrame:
    """Return one row a person for reading and for export."""
    return pd.DataFrame(
        [
            {
                "person": row["name"],
                "family": row["family"] or "",
                "judge's rank": row["evaluator_rank"],
                "judge's belief": row["evaluator_probability"],
                "model's belief": row["target_probability"],
                "similarity": row["ssim"],
            }
            for row in rows
        ]
    )


def traits(shown: Shown) -> None:
    """Compare the traits read off one person's picture with the truth."""
    if not any(row["attributes"] for row in shown.rows):
        return
    st.header("Traits, guessed and true", anchor=False)
    place = st.selectbox(
        "Person",
        range(len(shown.rows)),
        index=shown.median(),
        format_func=lambda place: shown.rows[place]["name"],
        key="traits-of",
    )
    compared = [
        {
            "trait": name.replace("_", " "),
            "read off the recovered picture": value["guess"],
            "truth": value["truth"],
            "agree": "✓ right" if value["right"] else "✗ wrong",
        }
        for name, value in shown.rows[place]["attributes"].items()
    ]
    st.table(pd.DataFrame(compared).set_index("trait"), alt="Traits of this person, guessed and true.")


def ledger(result: Mapping[str, Any]) -> None:
    """List what the attacker used."""
    st.header("What the attacker used", anchor=False)
    st.table(
        pd.DataFrame(result["ledger"]).set_index("used"),
        alt="What the attacker used, and how much of it.",
    )


def recipe(shown: Finished) -> None:
    """Tell how to get the same result again, and on what it depends."""
    st.header("Recipe", anchor=False)
    with st.expander("Scenario", icon=":material/data_object:"):
        st.caption(
            "The same scenario and versions give the same result: "
            "python -m inversion_core run scenario.json --out folder"
        )
        st.json(shown.scenario.model_dump(mode="json"))
    with st.expander("The attacked model", icon=":material/badge:"):
        st.table(pd.DataFrame(_facts(shown.result["target"]), columns=["fact", "value"]).set_index("fact"))
    with st.expander("Versions and times", icon=":material/schedule:"):
        times = {f"seconds, {name}": f"{seconds:.1f}" for name, seconds in shown.result["seconds"].items()}
        parts = {**shown.result["versions"], **times, "queries": f"{shown.result['queries']:,}"}
        st.table(pd.DataFrame(parts.items(), columns=["part", "value"]).set_index("part"))


def exported(shown: Finished) -> str:
    """Return scenario and result as JSON, without any picture or record."""
    result = {name: value for name, value in shown.result.items() if name != "preview"}
    return json.dumps({"scenario": shown.scenario.model_dump(mode="json"), **result}, indent=2)


def _held_against(result: Mapping[str, Any]) -> str:
    return "very photo" if claims_input(result) else "closest training photo"


def _group(row: Row) -> str:
    return str(row["family"] or NO_FAMILY)


def _facts(card: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a target's card as words; nested values as JSON."""
    return [
        (name.replace("_", " "), value if isinstance(value, str) else json.dumps(value))
        for name, value in card.items()
        if value not in (None, "", [], {})
    ]
