"""What stands below the bars of a table run: memory, the surest guesses, cases, groups, records."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.metrics.residual_over_imputation import CONTROL, MEMORY
from pages.ui import ghost, run_numbers, scores, words
from pages.ui.differences import Difference, differences
from pages.ui.ghost import Bar
from pages.ui.table_records import record_by_record
from pages.ui.table_shown import ShownTable

ATTACK_COLOUR, GHOST_COLOUR = "#d55e00", "#8a929c"


def everything(run: ShownTable) -> None:
    """Show everything about a table run that is not on its first screen."""
    memory(run)
    left, right = st.columns(2, gap="large")
    with left:
        surest(run)
    with right:
        cases(run)
        groups(run)
    record_by_record(run)
    run_numbers.ledger(run.result)


def memory(run: ShownTable) -> None:
    """Compare people the model was trained on with people it never saw: memory apart from correlation."""
    residual = run.scores[scores.TABLE_HEADLINE]
    told = residual["rulers"]
    st.header("Remembered, or merely guessable?", anchor=False)
    words.quiet(
        "The same attack, with the same knowledge, on records the model was never trained on. What it gains "
        "there is a correlation the model carries; only what it gains beyond that is memory of its people."
    )
    rows = [
        Difference(
            "Trained on", residual["value"], residual["low"], residual["high"], f"n = {residual['n']:,}"
        ),
        _difference("Never seen", told, CONTROL),
        _difference("Memory", told, MEMORY),
    ]
    differences(
        [row for row in rows if row is not None],
        better="more right than guessing",
        worse="guessing is better",
    )
    if risk := run.result["residual_risk"]:
        st.caption(
            f"Residual risk: {100 * risk['value']:.1f} % of those whom the attack would have missed among "
            f"people never seen (95 % interval {100 * risk['low']:.1f} to {100 * risk['high']:.1f} %)."
        )


def _difference(title: str, told: dict[str, float], name: str) -> Difference | None:
    if name not in told:
        return None
    return Difference(title, told[name], told[f"{name}, low"], told[f"{name}, high"])


def surest(run: ShownTable) -> None:
    """Draw how often the surest guesses are right, for the attack and for mere guessing."""
    points = run.result["ppv"]
    if len(points) < 2:
        return
    st.header("When the attacker is surest", anchor=False)
    words.quiet(
        "Guesses in order of how sure each side is of them: the share that is right among the first k. "
        "Whoever acts on guesses acts on these."
    )
    figure = go.Figure()
    for name, field, colour, dash in (
        ("without the model", "imputer", GHOST_COLOUR, "dot"),
        ("the attack", "attack", ATTACK_COLOUR, "solid"),
    ):
        figure.add_scatter(
            x=[point["k"] for point in points],
            y=[point[field] for point in points],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 3, "dash": dash},
            hovertemplate=f"first %{{x:,}}: %{{y:.0%}} right<extra>{name}</extra>",
        )
    figure.update_layout(
        height=320,
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"orientation": "h", "y": 1.12, "title": None},
        xaxis={"type": "log", "title": "the k surest guesses", "tickformat": ",", "dtick": 1},
        yaxis={"title": "share right", "tickformat": ".0%", "rangemode": "tozero", "range": [0, 1.03]},
    )
    first, last = points[0], points[-1]
    st.plotly_chart(
        figure,
        key=f"surest-{run.name}",
        config={"displayModeBar": False},
        alt=(
            f"Share right among the surest guesses: of the first {first['k']} the attack "
            f"{first['attack']:.0%}, without the model {first['imputer']:.0%}; of all {last['k']:,} "
            f"{last['attack']:.0%} and "
            f"{last['imputer']:.0%}. All values in the table."
        ),
    )
    with st.expander("As a table", icon=":material/table_rows:"):
        shown = pd.DataFrame(points).rename(columns={"k": "surest", "imputer": "without the model"})
        st.table(shown.set_index("surest").map("{:.0%}".format), alt="Share right among the surest guesses.")


def cases(run: ShownTable) -> None:
    """Draw how each case of the attack's rule fares."""
    if not run.result["cases"]:
        return
    st.header("Case by case", anchor=False)
    words.quiet(
        "The attack asks the model about every possible value. Case 1: exactly one makes it answer with the "
        "true label. Case 2: several do. Case 3: none does."
    )
    ghost.bars([_bar(f"Case {row['case']}", row) for row in run.result["cases"]], legend=False)


def groups(run: ShownTable) -> None:
    """Draw how subgroups fare: a mean of nothing may hide a group that is given away."""
    found = {column: rows for column, rows in run.result["groups"].items() if rows}
    if not found:
        return
    st.header("Who is hit harder", anchor=False)
    chosen = str(
        st.segmented_control(
            "By", list(found), default=next(iter(found)), required=True, key=f"groups-{run.name}", wrap=True
        )
        if len(found) > 1
        else next(iter(found))
    )
    words.quiet(f"Share of right guesses by {chosen}, each group beside what anyone could guess about it.")
    ghost.bars([_bar(str(row["level"]), row) for row in found[chosen]], legend=False)


def _bar(title: str, row: dict[str, Any]) -> Bar:
    return Bar(
        title=title,
        value=row["attack"],
        low=row["attack_low"],
        high=row["attack_high"],
        ghost=row["imputer"],
        n=row["n"],
    )
