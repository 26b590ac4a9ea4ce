"""Differences around nothing: how far an attack gets beyond guessing, with the line where it gets nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Ends of the scale, as shares; the least that holds everything is taken."""
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Difference:
    """A difference of two shares with its 95 % interval, and in small what it is."""

    title: str
    value: float
    low: float
    high: float
    note: str = ""


def points(share: float) -> str:
    """Return a difference of shares in percentage points, always with its sign."""
    told = f"{abs(100 * share):.1f}"
    if float(told) == 0:
        return "0.0"
    return f"{MINUS if share < 0 else '+'}{told}"


def differences(rows: Sequence[Difference], *, better: str, worse: str) -> None:
    """Draw differences on one scale around zero; `better` and `worse` name the sides."""
    reach = next(
        (step for step in STEPS if all(max(abs(row.low), abs(row.high)) <= step for row in rows)), 1.0
    )
    drawn = "".join(_row(row, reach) for row in rows)
    ticks = "".join(
        f'<span style="left:{_place(tick, reach):.2f}%">{points(tick).removesuffix(".0")}</span>'
        for tick in (-reach, 0.0, reach)
    )
    sides = f"<span>← {escape(worse)}</span><span>{escape(better)} →</span>"
    st.html(
        f'<div class="lab-bars">{drawn}<div class="lab-bar axis" aria-hidden="true">'
        f'<div class="ticks">{ticks}</div><div class="sides">{sides}</div></div></div>'
    )


def _place(value: float, reach: float) -> float:
    """Return where a value lies on a scale from -reach to reach, in per cent of its length."""
    return 50 + 50 * max(-1.0, min(1.0, value / reach))


def _row(row: Difference, reach: float) -> str:
    start, end = _place(row.low, reach), _place(row.high, reach)
    told = f"{points(row.low)} to {points(row.high)}"
    sentence = f"{row.title}: {points(row.value)} percentage points, 95 % interval {told}"
    return (
        f'<div class="lab-bar"><div class="name">{escape(row.title)}<small>{escape(row.note)}</small></div>'
        f'<div class="track" role="img" aria-label="{escape(sentence)}"><i class="zero"></i>'
        f'<i class="whisker" style="left:{start:.2f}%;width:{end - start:.2f}%"></i>'
        f'<i class="dot" style="left:{_place(row.value, reach):.2f}%"></i></div>'
        f'<div class="number"><b>{points(row.value)}</b> <small>points</small><span>{told}</span></div></div>'
    )
