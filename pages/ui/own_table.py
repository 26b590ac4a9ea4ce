"""A visitor's own CSV on the Attributes page: what is asked about it, and its columns to be corrected.

State lives in the session, so that a bad file, a refresh of the page's parts or another page loses nothing.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from inversion_core.choices import DatasetChoice
from inversion_core.datasets.base import TableDataset
from inversion_core.datasets.coding import FEW_NUMBERS
from inversion_core.datasets.column_kinds import FEW, ColumnFacts, Kind
from inversion_core.datasets.table_facts import TableFacts, inspect_table
from inversion_core.errors import InversionError
from pages.ui import upload_field, uploads, words
from pages.ui.uploads import Upload

DRAWN = ("label", "sensitive", "positive", "types", "bins", "label_bins", "header", "skip_rows", "auxiliary")
"""Options drawn here; the others have defaults and are folded away."""
FILES = {"path": "own-upload", "auxiliary": "own-auxiliary"}
ALIKE = "all values count alike"
KINDS = {Kind.CATEGORICAL: "categories", Kind.CONTINUOUS: "numbers", Kind.IGNORE: "left out"}
RANGES = 4


def prefill(choice: DatasetChoice) -> None:
    """Set the widgets to a stored choice, before they are drawn."""
    given = choice.options
    for field, path in (("path", choice.path), ("auxiliary", given.get("auxiliary"))):
        st.session_state[FILES[field]] = uploads.again(path) if path else None
    for name in ("label", "sensitive", "positive", "bins", "label_bins", "header", "skip_rows"):
        if name in given:
            st.session_state[f"own-{name}"] = given[name]
    st.session_state["own-types"] = dict(given.get("types", {}))


def told(sentence: str) -> str:
    """Return a sentence with the files under the names their visitor knows."""
    for key in FILES.values():
        if (upload := st.session_state.get(key)) is not None:
            sentence = upload.told(sentence)
    return sentence


def card(chosen: dict[str, Any]) -> str:
    """Ask for the file and its columns; fill in the choice and return what is still to be done."""
    upload = upload_field.ask("Your table, a CSV file", FILES["path"])
    if upload is None:
        return "Upload a table to go on."
    chosen["path"] = str(upload.path)
    given: dict[str, Any] = chosen["options"]
    if not _value("header", True):
        given["header"] = False
    if skip := _value("skip_rows", 0):
        given["skip_rows"] = skip
    try:
        facts = _facts(str(upload.path), _value("header", True), skip)
    except InversionError as error:
        st.error(upload.told(str(error)), icon=":material/error:")
        return "Correct the table or upload another."
    types = {**_kinds_of(facts), **_value("types", {})}
    _roles(given, facts, types)
    if corrected := {name: kind for name, kind in _value("types", {}).items() if name in _kinds_of(facts)}:
        given["types"] = corrected
    if auxiliary := st.session_state.get(FILES["auxiliary"]):
        given["auxiliary"] = str(auxiliary.path)
    if "label" not in given or "sensitive" not in given:
        return "Choose what the model predicts and what the attack guesses."
    return ""


def positive(chosen: dict[str, Any], dataset: TableDataset) -> None:
    """Ask which value of the sensitive column precision and recall are about."""
    levels = dataset.columns[dataset.sensitive].levels or ()
    if st.session_state.get("own-positive") not in levels:
        st.session_state["own-positive"] = ALIKE
    value = st.selectbox(
        "Positive value",
        [ALIKE, *levels],
        key="own-positive",
        persist_state="session",
        help="The value that precision and recall are about.",
    )
    if value != ALIKE:
        chosen["options"]["positive"] = value


def columns() -> None:
    """Show what each column of the uploaded table was taken for, to be corrected."""
    upload = st.session_state.get(FILES["path"])
    if upload is None:
        return
    watched = "run" in st.query_params  # a run on the page comes first
    with st.expander(
        "What the columns hold",
        icon=":material/table_chart:",
        expanded=not watched,
        key=f"own-columns-{'folded' if watched else 'open'}",
    ):
        header, skip = _layout()
        try:
            _facts_shown(upload, _facts(str(upload.path), header, skip), layout=f"{header}-{skip}")
        except InversionError:
            words.quiet("The table cannot be read yet; what is wrong stands beside the file.")
        upload_field.ask("Other people's records: a CSV of the same columns (optional)", FILES["auxiliary"])


def _facts_shown(upload: Upload, facts: TableFacts, *, layout: str) -> None:
    """Show what was seen of a file, its columns to be corrected."""
    rows = f"{facts.rows:,} rows" if facts.whole else f"the first {facts.rows:,} rows"
    words.quiet(f"{upload.called}: {rows}, {len(facts.columns)} columns. Correct what was mistaken.")
    _editor(facts, key=f"own-columns-{upload.path.stem[:16]}-{layout}")
    for hint in facts.hints:
        st.info(hint, icon=":material/lightbulb:")


def _layout() -> tuple[bool, int]:
    """Ask how records lie in the file."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        header = st.toggle(
            "Header: the first line names the columns", value=True, key="own-header", persist_state="session"
        )
        skip = st.number_input(
            "Skip rows: lines below it that are no records",
            0,
            100,
            0,
            key="own-skip_rows",
            persist_state="session",
        )
    return bool(header), int(skip)


def _editor(facts: TableFacts, *, key: str) -> None:
    if key not in st.session_state:
        # What was corrected before the visitor went to another page, which forgets the widget.
        st.session_state["own-first"] = dict(_value("types", {}))
    first: dict[str, str] = st.session_state["own-first"]
    frame = pd.DataFrame([_row(column, first) for column in facts.columns])
    edited = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        disabled=[name for name in frame.columns if name != "holds"],
        column_config={
            "column": st.column_config.TextColumn(pinned=True),
            "holds": st.column_config.SelectboxColumn(options=list(KINDS.values()), required=True),
            "remarks": st.column_config.TextColumn(width="large"),
        },
        alt="Every column of the table: what it holds, how many values, how many cells are empty.",
    )
    kind_of = {word: kind.value for kind, word in KINDS.items()}
    inferred = _kinds_of(facts)
    chosen = {row["column"]: kind_of[row["holds"]] for row in edited.to_dict("records")}
    types = {name: kind for name, kind in chosen.items() if kind != inferred[name]}
    if types != _value("types", {}):
        st.session_state["own-types"] = types
        st.rerun()  # the card was drawn from the kinds as they were
    if types:
        words.quiet(f"Corrected by you: {', '.join(types)}.")


def _row(column: ColumnFacts, corrected: dict[str, str]) -> dict[str, Any]:
    kind = Kind(corrected.get(column.name, column.kind.value))
    return {
        "column": column.name,
        "holds": KINDS[kind],
        "values": column.values,
        "empty": column.missing,
        "example": column.example,
        "remarks": column.problem or (f"left out: {column.reason}" if column.reason else ""),
    }


def _roles(given: dict[str, Any], facts: TableFacts, types: dict[str, str]) -> None:
    """Ask which column is the label and which the sensitive one, and into how many ranges numbers are cut."""
    names = [column.name for column in facts.columns]
    values = {column.name: column.values for column in facts.columns}
    # A sensitive column that looks like an identifier is used all the same, and cut if it holds numbers.
    for role, title, bins, cut_kinds, most in (
        ("label", "The model predicts", "label_bins", (Kind.CONTINUOUS,), FEW),
        ("sensitive", "The attack guesses", "bins", (Kind.CONTINUOUS, Kind.IGNORE), FEW_NUMBERS),
    ):
        chosen = _column(title, f"own-{role}", names)
        if chosen is None:
            continue
        given[role] = chosen
        if types[chosen] in cut_kinds and values[chosen] > most:
            given[bins] = st.number_input(
                f"Ranges that {chosen!r} is cut into",
                2,
                20,
                RANGES,
                key=f"own-{bins}",
                persist_state="session",
            )


def _column(title: str, key: str, names: Sequence[str]) -> str | None:
    if st.session_state.get(key) not in names:
        st.session_state[key] = None
    chosen: str | None = st.selectbox(
        title, names, index=None, key=key, placeholder="choose a column", persist_state="session"
    )
    return chosen


def _value(name: str, default: Any) -> Any:
    return st.session_state.get(f"own-{name}", default)


def _kinds_of(facts: TableFacts) -> dict[str, str]:
    return {column.name: column.kind.value for column in facts.columns}


@lru_cache(maxsize=32)
def _facts(path: str, header: bool, skip_rows: int) -> TableFacts:
    return inspect_table(path, header=header, skip_rows=skip_rows)
