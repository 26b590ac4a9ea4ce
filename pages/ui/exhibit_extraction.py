"""The exhibit of extraction: an API is copied with a budget of questions, and the copy is searched."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.registry import attacks_of, targets_for
from inversion_core.store.runs import RunRecord
from inversion_core.values import Access, Family, Modality
from pages.ui import cards, scores, words
from pages.ui.cards import Draft
from pages.ui.exhibit import Exhibit, ShownRun
from pages.ui.picture import picture
from pages.ui.tiles import ATTACKER, TRUTH, strip

PREFIX = "extraction-"
ATTACK_COLOUR, DIRECT_COLOUR = "#d55e00", "#2b8fd0"
SHOWN = 6
"""People drawn of a run."""
EXPOSURES = {
    Access.SCORES.value: ("Scores", "The service answers with a score for every person."),
    Access.LABELS.value: ("Labels", "The service answers with a name and nothing else."),
}


TITLES = {Access.SCORES.value: "From scores", Access.LABELS.value: "From labels alone"}


def form(before: Mapping[str, Any]) -> Draft:
    """Draw the choices, filled in from the scenario `before`, and return the draft."""
    if before:
        cards.follow(before, PREFIX, _chosen(before))
    target = cards.component(
        "Target", f"{PREFIX}target", targets_for(Family.EXTRACTION, modality=Modality.IMAGE), default="cnn"
    )
    access = cards.exposure(f"{PREFIX}exposure", EXPOSURES, default=Access.SCORES.value)
    attack = cards.component("Attack", f"{PREFIX}attack", attacks_of(Family.EXTRACTION), default="knockoff")
    draft: Draft = {
        "dataset": cards.dataset(before),
        "target": {"name": target, "params": {}, "defences": []},
        "exposure": {"access": access, "query_budget": None, "defences": []},
        "attack": {"name": attack, "params": {}},
    }
    cards.defend(draft, cards.first_defence(before), before)
    with st.expander("Advanced settings", icon=":material/tune:", key=f"{PREFIX}advanced"):
        cards.parameters(draft, before, Modality.IMAGE, prefix=PREFIX)
        cards.limits(
            draft,
            before,
            whom="People read off the copy, counted from the first; the copy itself costs the same.",
            prefix=PREFIX,
        )
    return draft


def _chosen(before: Mapping[str, Any]) -> dict[str, str]:
    return {
        "target": before["target"]["name"],
        "exposure": before["exposure"]["access"],
        "attack": before["attack"]["name"],
    }


def finished(run: ShownRun) -> None:
    """Draw one run: what the copy is worth, and the people read off it beside the truth."""
    stored = run.result["scores"]
    agreement = scores.find(stored, "extraction-agreement")
    judged = scores.find(stored, "evaluator-top1")
    told = {
        "questions asked of the model": f"{run.result['queries']:,}",
        "asked of the copy": "as many as liked",
    }
    for title, score in (("copy and model agree", agreement), ("people recognised", judged)):
        if score is not None:
            told[title] = f"{words.percent(score['value'])} ({_interval(score)})"
    words.facts(told)
    count = len(run.result["victims"])
    truth, found = run.pictures("original-sheet", count), run.pictures("reconstruction-sheet", count)
    if truth and found:
        words.legend([words.TRUTH, ("attacker", "read off the stolen copy")])
        with st.grid(3, min_column_width=150, gap="small"):
            for row, true, drawn in list(zip(run.result["victims"], truth, found, strict=True))[:SHOWN]:
                picture(
                    strip([(true, TRUTH), (drawn, ATTACKER)]),
                    alt=f"{row['name']}: the person, and what was read off the copy; the judge ranks the "
                    f"person {words.ordinal(row['evaluator_rank'])}.",
                )


def measured(runs: Sequence[RunRecord]) -> None:
    """Draw agreement and people recognised against the budget, the direct attack beside it."""
    found = table(runs)
    if found.empty:
        return
    columns = iter(st.columns(found["answers"].nunique(), gap="medium"))
    for answers, part in found.groupby("answers", sort=False):
        with next(columns):
            st.subheader(TITLES[str(answers)], anchor=False)
            st.plotly_chart(
                figure(part),
                key=f"{PREFIX}curve-{answers}",
                config={"displayModeBar": False},
                alt=f"Where {answers} are answered: people recognised and agreement of the copy, by "
                "questions asked. All values in the table.",
            )
    words.quiet("Lines are of seed 0, with their intervals; small points are runs of other seeds.")
    with st.expander("As a table", icon=":material/table_rows:"):
        st.table(_readable(found).set_index("attack"), alt="Every run with budget, seed, shares, intervals.")


def table(runs: Sequence[RunRecord]) -> pd.DataFrame:
    """Return one row for each score of each run: attack, answers, rows, seed, what, value, low, high, n."""
    rows = []
    for run in runs:
        stored = (run.result or {}).get("scores", [])
        for name, what in (("extraction-agreement", "copy agrees"), ("evaluator-top1", "people recognised")):
            if (score := scores.find(stored, name)) is not None:
                rows.append(
                    {
                        "attack": run.scenario.attack.name,
                        "answers": run.scenario.exposure.access.value,
                        "rows": run.scenario.exposure.query_budget,
                        "seed": run.scenario.seed,
                        "what": what,
                        **{key: score[key] for key in ("value", "low", "high", "n", "baseline")},
                    }
                )
    return pd.DataFrame(rows)


def figure(found: pd.DataFrame) -> go.Figure:
    """Return one line for each attack and score, on a logarithmic axis of rows asked; the lines stand a
    little apart, so that none hides another.
    """
    drawn = go.Figure()
    apart = iter((0.955, 1.0, 1.045))
    for (attack, what), part in found.groupby(["attack", "what"], sort=False):
        stolen, people = attack == "knockoff", what == "people recognised"
        colour, beside = ATTACK_COLOUR if stolen else DIRECT_COLOUR, next(apart)
        first, others = part[part["seed"] == 0], part[part["seed"] != 0]
        look = {"color": colour, "symbol": ("circle" if stolen else "square") if people else "diamond-open"}
        how = "read off the copy" if stolen else f"{attack}, directly"
        told = f"{how}: {what}" if people else what
        drawn.add_scatter(
            x=first["rows"] * beside,
            y=first["value"],
            name=told,
            mode="lines+markers",
            line={"color": colour, "width": 3 if people else 1.5, "dash": "solid" if people else "dot"},
            marker={"size": 11, **look},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": first["high"] - first["value"],
                "arrayminus": first["value"] - first["low"],
                "thickness": 1.5,
            },
            customdata=first["rows"],
            hovertemplate="after %{customdata:,} rows: %{y:.0%}<extra>" + told + "</extra>",
        )
        drawn.add_scatter(
            x=others["rows"] * beside,
            y=others["value"],
            mode="markers",
            marker={"size": 6, "opacity": 0.6, **look},
            customdata=others[["rows", "seed"]],
            hovertemplate="seed %{customdata[1]}, %{customdata[0]:,} rows: %{y:.0%}<extra>"
            + told
            + "</extra>",
            showlegend=False,
        )
    drawn.update_layout(
        showlegend=True,
        height=400,
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"x": 0, "y": -0.2, "yanchor": "top", "title": None},
        xaxis={
            "type": "log",
            "title": "rows asked, for all victims together",
            "tickvals": sorted(set(found["rows"])),
            "ticktext": [f"{rows:,}" for rows in sorted(set(found["rows"]))],
        },
        yaxis={"title": "share", "tickformat": ".0%", "range": [0, 1.03]},
    )
    return drawn


def _readable(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "attack": found["attack"],
            "answers": found["answers"],
            "rows": found["rows"].map("{:,}".format),
            "seed": found["seed"],
            "what": found["what"],
            "share": found["value"].map(words.percent),
            "95 % interval": [_interval(row) for row in found.to_dict("records")],
            "n": found["n"],
            "guessing": found["baseline"].map(words.percent),
        }
    )


def _interval(score: Mapping[str, Any]) -> str:
    return f"{words.percent(score['low'])} to {words.percent(score['high'])}"


EXHIBIT = Exhibit(
    name="extraction",
    family=Family.EXTRACTION,
    title="Stolen copies",
    question="Can somebody who may only ask a model make a copy of it, and read people off the copy?",
    claim="a copy that answers as the model does, and likenesses read off it",
    access="scores or labels, public photos and a prior learnt from public people",
    cost="a thousand questions or more, for all people together; a minute of training",
    lesson=(
        "Keeping the weights secret does not help where answers are free: a budget and coarse "
        "answers decide what a copy is worth."
    ),
    form=form,
    finished=finished,
    measured=measured,
)
