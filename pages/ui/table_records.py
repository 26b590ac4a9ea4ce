"""The guesses of a table run, record by record: guess beside truth, who was right, how sure."""

import pandas as pd
import streamlit as st

from inversion_core.errors import InversionError
from pages.ui import words
from pages.ui.table_shown import ShownTable

MOST = 1000
"""Records listed at a time; the download has all."""
JUDGED = {1: "✓ right", 0: "✗ wrong"}
UNKNOWN = "truth unknown"


def record_by_record(run: ShownTable) -> None:
    """List the guesses, narrowed to what the visitor asks for, and offer all of them."""
    st.header("Record by record", anchor=False)
    try:
        found = run.guesses()
    except InversionError as error:
        st.error(str(error), icon=":material/error:")
        return
    parts = narrowed(found)
    chosen = st.segmented_control(
        "Show",
        list(parts),
        default=next(iter(parts)),
        required=True,
        wrap=True,
        key=f"records-{run.name}",
        label_visibility="collapsed",
        format_func=lambda name: f"{name} ({int(parts[name].sum()):,})",
    )
    part = found[parts[str(chosen)]]
    words.quiet(
        "Where the attack alone is right as often as guessing alone, the model gave nothing away: the two "
        "cancel out, and being right about one person proves nothing."
    )
    shown = table(part.head(MOST))
    st.dataframe(
        shown,
        hide_index=True,
        column_config={"how sure": st.column_config.NumberColumn(format="%.2f")},
        alt="Guess and truth of each record, and how sure the attack was.",
    )
    if len(part) > MOST:
        words.quiet(f"The first {MOST:,} of {len(part):,}; the download has all.")
    st.download_button(
        "All guesses as CSV",
        run.file,
        file_name=f"records-{run.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"records-file-{run.name}",
    )


def narrowed(found: pd.DataFrame) -> dict[str, "pd.Series[bool]"]:
    """Return which records belong to each choice: by who was right about them."""
    attack, guess, known = found["right"] == 1, found["imputer_right"] == 1, found["right"].notna()
    return {
        "all": known | True,
        "only the attack right": attack & ~guess,
        "only guessing right": ~attack & guess & known,
        "both right": attack & guess,
        "both wrong": ~attack & ~guess & known,
    }


def table(found: pd.DataFrame) -> pd.DataFrame:
    """Return records as people read them, in words and not by colour."""
    columns = {
        "record": found["record"],
        "truth": found["truth"],
        "the attack says": found["guess"],
        "attack": found["right"].map(JUDGED).fillna(UNKNOWN),
        "how sure": found["confidence"],
        "guess without the model": found["imputer_guess"],
        "guessing": found["imputer_right"].map(JUDGED).fillna(UNKNOWN),
    }
    if found["case"].notna().any():
        columns["case"] = found["case"]
    groups = {name.removeprefix("group: "): found[name] for name in found if name.startswith("group: ")}
    return pd.DataFrame(columns | groups)
