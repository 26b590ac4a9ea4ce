"""What a table run comes down to: a sentence, one number, the attack's bars over those of guessing."""

import streamlit as st

from inversion_core.metrics.verdict import verdict
from pages.ui import ghost, glossary, library, places, scores, words
from pages.ui.outcome import side
from pages.ui.table_shown import ShownTable, bars


def found(run: ShownTable) -> None:
    """Show verdict, headline and bars of a table run."""
    told = verdict(run.result)
    words.verdict(told.sentence, side=side(told.finding))
    residual, accuracy = run.scores[scores.TABLE_HEADLINE], run.scores["attribute-accuracy"]
    facts = {
        "given away by the model": scores.number(residual, residual["value"]),
        "95 % interval": scores.interval(residual),
        "attack right": scores.number(accuracy, accuracy["value"]),
        "without the model": scores.number(accuracy, accuracy["baseline"]),
        "n": f"{residual['n']:,}",
    }
    if (leak := library.planted(run.scenario)) is not None:
        facts["planted in these data"] = scores.number(residual, leak)
    words.facts(facts)
    ghost.bars(bars(run.result["scores"]))


def summary(run: ShownTable, *, key: str) -> None:
    """Show what was found and the ways on; `key` keeps two of them on a page apart."""
    found(run)
    told = verdict(run.result)
    with st.container(horizontal=True, vertical_alignment="center"):
        scores.not_shown(told.not_shown, key=f"{key}-limits")
        glossary.terms(
            "imputer", "residual", "interval", "unseen-records", "most-common", "precision", "recall",
            "g-mean", "mcc", "true-label", "marginals", "auxiliary", key=f"{key}-words",
        )  # fmt: skip
        query = {"run": run.record.id} if run.record else {"evidence": run.name}
        st.page_link(
            places.RUN,
            label="Everything about this run",
            icon=":material/description:",
            query_params=query,
        )
