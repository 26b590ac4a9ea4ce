"""The exhibit of generative models: photos that a generator draws from memory, secrets that a model
writes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from inversion_core.registry import attacks_of
from inversion_core.store.runs import RunRecord
from inversion_core.values import Access, Family
from pages.ui import cards, interval_chart, system_form, tiles, words
from pages.ui.cards import Draft
from pages.ui.exhibit import Exhibit, ShownRun
from pages.ui.interval_chart import Bar
from pages.ui.picture import picture

PREFIX = "generation-"
SYSTEMS = {"generator-extraction": "A generator of photos", "canary-exposure": "A model of text"}
SHOWN = 8


def form(before: Mapping[str, Any]) -> Draft:
    """Draw the choices for photos or for text."""
    if before:
        cards.follow(before, PREFIX, {"system": before["attack"]["name"]})
    chosen = st.segmented_control(
        "System",
        list(SYSTEMS),
        format_func=SYSTEMS.__getitem__,
        default=next(iter(SYSTEMS)),
        key=f"{PREFIX}system",
    )
    name = str(chosen or next(iter(SYSTEMS)))
    photos = name == "generator-extraction"
    levels = (
        system_form.only(Access.LABELS, "What it draws", "The attacker sees samples and nothing else.")
        if photos
        else system_form.only(
            Access.SCORES, "Probabilities", "The attacker is told how likely each next character is."
        )
    )
    return system_form.form(
        before,
        Family.GENERATION,
        attacks_of(Family.GENERATION)[name],
        datasets=("people",) if photos else ("notes",),
        defences=("deduplication", "dp-sgd"),
        levels=levels,
    )


def finished(run: ShownRun) -> None:
    """Draw what was taken beside what it is a copy of, or the secrets and what the model makes of them."""
    if "secrets" in run.result:
        _secrets(run.result)
    else:
        _candidates(run)


def measured(runs: Sequence[RunRecord]) -> None:
    """Draw what the shipped runs say together: copies and exposure, by what was done in the training."""
    for name, measure, baseline in (
        (
            "extracted-share",
            "share of pictures that are copies of a training photo",
            "photos never trained on",
        ),
        ("canary-exposure", "exposure of secrets written 16 times, bits", "a random rank"),
    ):
        bars = [bar for run in runs if (bar := _bar(run, name)) is not None]
        if bars:
            st.subheader(measure[:1].upper() + measure[1:], anchor=False)
            interval_chart.chart(bars, measure=measure, baseline=baseline, key=f"generation-{name}")


def _bar(run: RunRecord, name: str) -> Bar | None:
    score = next((one for one in (run.result or {}).get("scores", []) if one["name"] == name), None)
    if score is None:
        return None
    defences = ", ".join(one.name for one in run.scenario.target.defences) or "as gathered"
    label = f"{defences}, seed {run.scenario.seed}"
    return Bar(label, score["value"], score["low"], score["high"], score["n"], score["baseline"])


def _candidates(run: ShownRun) -> None:
    rows = run.result["candidates"]
    sheets = [run.pictures(f"{name}-sheet", len(rows)) for name in ("candidate", "nearest", "control")]
    if not all(sheets):
        words.quiet("This run kept no pictures.")
        return
    words.legend(
        [
            ("attacker", "taken from what it draws"),
            ("truth", "nearest photo it was trained on"),
            ("difference", "nearest photo it was never trained on"),
        ]
    )
    columns = st.columns(4)
    for place, row in enumerate(rows[:SHOWN]):
        parts = [
            (sheet[place], colour)
            for sheet, colour in zip(sheets, (tiles.ATTACKER, tiles.TRUTH, tiles.DIFFERENCE), strict=True)
        ]
        told = "a copy" if row["copy"] else "no copy"
        often = "gathered repeatedly" if row["repeated"] else "gathered once"
        with columns[place % len(columns)]:
            picture(
                tiles.strip(parts, side=96),
                alt=f"Candidate {place + 1}, {told}: taken, nearest training photo, nearest other photo.",
                caption=f"{told}; the photo was {often}" if row["copy"] else told,
            )
    with st.expander("All candidates", icon=":material/table_rows:"):
        st.table(pd.DataFrame(rows), alt="Each candidate: copy, photo, repeated, ratio, confidence.")


def _secrets(result: Mapping[str, Any]) -> None:
    rows = result["by_copies"]
    bars = [
        Bar(
            "never written" if row["copies"] == 0 else f"written {row['copies']} times",
            row["value"],
            row["low"],
            row["high"],
            row["n"],
            result["scores"][0]["baseline"],
        )
        for row in rows
    ]
    interval_chart.chart(bars, measure="exposure, bits", baseline="a random rank", key="generation-copies")
    with st.expander("Each secret", icon=":material/table_rows:"):
        st.table(pd.DataFrame(result["secrets"]), alt="Each secret: what precedes it, true, likeliest, bits.")


EXHIBIT = Exhibit(
    name="generation",
    family=Family.GENERATION,
    title="Generators",
    question="Does a model that draws or writes give back what it was trained on?",
    claim="photos or secrets of the training data themselves",
    access="what it draws, or how likely it finds each next character",
    cost="a thousand samples or contexts; a minute or two",
    lesson=(
        "What was gathered many times is drawn again. Removing duplicates before training is the "
        "cheapest defence there is."
    ),
    form=form,
    finished=finished,
    measured=measured,
)
