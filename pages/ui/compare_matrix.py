"""The defence by attack matrix on the screen: each cell two rulers and a verdict in words."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from inversion_core.compare.matrix import Attacker, Cell, Matrix
from inversion_core.compare.verdict import Verdict
from inversion_core.settings import ASSETS
from pages.ui import scores

ATTACKERS: tuple[Attacker, ...] = ("naive", "adaptive")
NONE_TRIED = "none tried"
PAST = "not touched"
KNOWS = {"naive": "as published", "adaptive": "knowing the defence"}
TONES = {
    Verdict.NOTHING: "plain",
    Verdict.NONE: "open",
    Verdict.UNTESTED: "plain",
    Verdict.MASKING: "alarm",
    Verdict.PARTLY: "alarm",
    Verdict.PROTECTION: "calm",
    Verdict.UNCLEAR: "plain",
}
_component = st.components.v2.component(
    "inversion_matrix",
    html='<div class="matrix" role="group" tabindex="0"></div>',
    css=(ASSETS / "theme" / "matrix.css").read_text(),
    js=(ASSETS / "theme" / "matrix.js").read_text(),
)


def matrix(
    shown: Matrix, groups: Mapping[str, str], columns: Mapping[str, str], chosen: str, key: str
) -> str:
    """Draw the matrix, rows by group, and return the chosen cell as "row,column" by number, `chosen` before
    any is. Once it is on the screen the script runs again, and `stands` says so.
    """
    before = st.session_state.get(key)
    pressed = getattr(before, "cell", None) or chosen
    result = _component(
        key=key,
        data=drawing(shown, groups, columns, pressed),
        default={"cell": chosen, "stands": False},
        on_cell_change=lambda: None,
        on_stands_change=lambda: None,
    )
    return str(result.cell or chosen)


def stands(key: str) -> bool:
    """Return whether the matrix of that key is on the visitor's screen."""
    return bool(getattr(st.session_state.get(key), "stands", False))


def drawing(
    shown: Matrix, groups: Mapping[str, str], columns: Mapping[str, str], pressed: str
) -> dict[str, Any]:
    """Return what the table is drawn from; places on the scale are shares of its length. Rows without a group
    come first, then the groups in their order.
    """
    low, high = scale(shown)
    best = shown.strongest()
    baselines = {one.baseline for one in shown.cells if one.baseline is not None}
    shared = baselines.pop() if len(baselines) == 1 else None
    return {
        "caption": f"Defences by attacks: {shown.name}. Each cell tells the attack as published, then the "
        "attacker who knows the defence.",
        "chosen": pressed,
        "baseline": None if shared is None else (shared - low) / (high - low),
        "columns": [{"title": title, "sub": columns.get(title, "")} for title in shown.columns],
        "groups": [
            {
                "title": group,
                "rows": [
                    {
                        "title": row,
                        "place": shown.rows.index(row),
                        "cells": [
                            _cell(best, row, column, (low, high), undefended=row == shown.undefended)
                            for column in shown.columns
                        ],
                    }
                    for row in shown.rows
                    if groups.get(row, "") == group
                ],
            }
            for group in dict.fromkeys(["", *groups.values()])
        ],
    }


def scale(shown: Matrix) -> tuple[float, float]:
    """Return the ends of the scale all cells share: those of shares, else as far as the values reach."""
    if in_shares(shown):
        return 0.0, 1.0
    measured = [one for one in shown.cells if one.pooled is not None]
    ends = [end for one in measured for end in (one.low, one.high) if end is not None]
    return min(0.0, *ends), max(0.05, *ends)


def in_shares(shown: Matrix) -> bool:
    """Return whether all that was measured are shares of people, and no differences."""
    return all(one.score in scores.SHARES for one in shown.cells if one.pooled is not None)


def told(cell: Cell | None) -> str:
    """Return what a cell says of one attacker, short."""
    if cell is None or (cell.attacker == "adaptive" and cell.state == "does not apply"):
        return NONE_TRIED
    if cell.pooled is None or cell.score is None:
        return cell.state
    return scores.number({"name": cell.score}, cell.pooled.value)


def interval(cell: Cell | None) -> str:
    """Return the interval of a cell in words, empty where there is none."""
    if cell is None or cell.pooled is None or cell.score is None:
        return ""
    return scores.interval({"name": cell.score, "low": cell.pooled.low, "high": cell.pooled.high})


def _cell(
    best: Mapping[tuple[str, str, Attacker], Cell],
    row: str,
    column: str,
    ends: tuple[float, float],
    *,
    undefended: bool,
) -> dict[str, Any]:
    pair = {attacker: best.get((row, column, attacker)) for attacker in ATTACKERS}
    naive = pair["naive"]
    # Such a run is the one without the defence: measured protection must not be lost among its repeats.
    past = naive is not None and naive.pooled is not None and naive.untouched
    found = naive.verdict if naive is not None else None
    verdict = PAST if past else "" if found is None else found.value
    # An adaptive attacker nobody sent has no line; the verdict says where that matters.
    told_of = [one for one in ATTACKERS if one == "naive" or told(pair[one]) != NONE_TRIED]
    return {
        "lines": [_line(attacker, pair[attacker], ends) for attacker in told_of],
        "verdict": verdict,
        "tone": "past" if past else "open" if undefended else TONES[found] if found else "plain",
        "said": f"{row} against {column}: "
        + "; ".join(
            f"{KNOWS[attacker]} {told(pair[attacker])}{_between(interval(pair[attacker]))}"
            for attacker in told_of
        )
        + (f"; {verdict}" if verdict else ""),
    }


def _line(attacker: str, cell: Cell | None, ends: tuple[float, float]) -> dict[str, Any]:
    low, high = ends
    pooled = cell.pooled if cell is not None else None
    made: dict[str, Any] = {"attacker": attacker, "text": told(cell), "at": None, "low": None, "high": None}
    if pooled is not None:
        places = {"at": pooled.value, "low": pooled.low, "high": pooled.high}
        made |= {name: min(1.0, max(0.0, (value - low) / (high - low))) for name, value in places.items()}
    return made


def _between(words: str) -> str:
    return f", {words}" if words else ""
