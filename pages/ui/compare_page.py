"""The Compare page: the stored matrix first, then the chosen cell, the cost, and one number to turn."""

import streamlit as st

from inversion_core.compare.matrix import Attacker
from inversion_core.compare.telling import sentence
from inversion_core.errors import StoreUnavailable
from pages.ui import address, comparison, glossary, scores, words
from pages.ui.compare_cost import costs
from pages.ui.compare_dial import dial
from pages.ui.compare_expectations import expectations
from pages.ui.compare_groups import groups
from pages.ui.compare_matrix import ATTACKERS, KNOWS, NONE_TRIED, interval, matrix, stands, told
from pages.ui.compare_plot import plot, strongest
from pages.ui.compare_strips import strips
from pages.ui.compare_sweeps import sweeps
from pages.ui.comparison import Comparison

LIMITS = (
    "Attacks nobody has tried here. A calm cell is a bound for these two attackers only.",
    "Defences combined, or set to other values than those in the rows.",
    "Other data. The target, who judges and how much data there is of each person decide much.",
    "Chance beyond the seeds: each interval is about the choice of victims and of seeds, the target was "
    "trained once.",
)


def show() -> None:
    """Draw the page from stored evidence."""
    try:
        names = {name: comparison.load(name).title for name in comparison.names()}
        if not names:
            raise StoreUnavailable(
                "stored comparisons are read from assets/evidence/compare, none is there; restore it from "
                "the repository"
            )
        address.restore("comparison", list(names), next(iter(names)))
        name = st.selectbox(
            "Model and data",
            list(names),
            format_func=names.__getitem__,
            key="comparison",
            width=460,
            on_change=address.keep,
            args=("comparison",),
        )
        _page(comparison.load(str(name)), str(name))
    except StoreUnavailable as error:
        st.error(str(error), icon=":material/error:")


def _page(kept: Comparison, name: str) -> None:
    shown = kept.matrix
    words.verdict(sentence(shown))
    words.legend([("attacker", "attack as published"), ("adaptive", "attacker who knows the defence")])
    key = f"matrix-{name}"
    chosen = matrix(shown, groups(kept), kept.columns, "0,0", key=key)
    if not stands(key):
        return  # a browser would draw the plot and a hundred pictures first, and take a second longer
    row, column = (
        axis[int(place)] for axis, place in zip((shown.rows, shown.columns), chosen.split(","), strict=True)
    )
    with st.container(horizontal=True):
        scores.not_shown(LIMITS, key=f"limits-{name}")
        glossary.terms("judge", "interval", key=f"words-{name}")
    _cell(kept, row, column)
    expectations(kept.findings)
    if strongest(shown, column) or kept.utility:
        st.header("What it costs", anchor=False)
    plot(shown, column)
    costs(kept)
    dial(kept)
    sweeps(name)


def _cell(kept: Comparison, row: str, column: str) -> None:
    """Say what stands in a cell, and show the same people under every defence."""
    st.header(f"{row} against {column}", anchor=False)
    for text in (kept.rows.get(row), kept.columns.get(column)):
        if text:
            words.quiet(text)
    facts, reasons = {}, []
    for attacker in ATTACKERS:
        cell = kept.best.get((row, column, attacker))
        if cell is None or told(cell) == NONE_TRIED:
            continue
        between = f", {interval(cell)}" if interval(cell) else ""
        of = f"; n = {cell.n}, {len(cell.seeds)} seeds" if cell.pooled is not None else ""
        facts[KNOWS[attacker]] = f"{told(cell)}{between}{of}"
        reasons += [text for text in (cell.reason, cell.note) if text]
        if attacker == "adaptive" and cell.variant:
            reasons.append(f"the attacker who knows the defence: {cell.variant}")
    words.facts(facts)
    for text in dict.fromkeys(reasons):
        words.quiet(text[0].upper() + text[1:] + ("" if text.endswith(".") else "."))
    if not kept.people:
        return  # a table has nothing to look at
    adaptive = any(attacker == "adaptive" and of == column for _, of, attacker in kept.sprites)
    attacker: Attacker = "naive"
    if adaptive:
        picked = st.segmented_control(
            "Attacker", ["naive", "adaptive"], default="naive", format_func=KNOWS.__getitem__, required=True,
            label_visibility="collapsed", key="compare-attacker",
        )  # fmt: skip
        attacker = "adaptive" if picked == "adaptive" else "naive"
    if without := strips(kept, column, attacker, first=row, key="strips"):
        words.quiet(f"No pictures, since the attack does not apply there: {', '.join(without)}.")
