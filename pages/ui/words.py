"""Words and small pieces of HTML that several pages share; what comes from data is escaped here."""

import time
from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

TRUTH = ("truth", "truth (the attacker never sees this)")
"""The entry of a legend that is the same everywhere."""

MARKS = frozenset(r"\`*_{}[]()#+-.!|<>$:~")
"""Characters that Markdown, or Streamlit's own marks in labels, may read as more than text."""


def question(text: str) -> None:
    """Write the sentence that says what question the page answers."""
    st.html(f'<p class="lab-question">{escape(text)}</p>')


def named(text: str) -> None:
    """Write a name that somebody typed as a heading; Streamlit's own would read it as Markdown."""
    st.html(f'<h2 class="lab-name">{escape(text)}</h2>')


def beat(text: str) -> None:
    """Write a sentence of a story."""
    st.html(f'<p class="lab-beat">{escape(text)}</p>')


def journey(name: str) -> None:
    """Write the name of a section of the menu."""
    st.html(f'<p class="lab-journey">{escape(name)}</p>')


def verdict(text: str, *, side: str = "attacker") -> None:
    """Write the sentence a result comes down to; `side` is whose colour: attacker, defender or neither."""
    st.html(f'<p class="lab-verdict {escape(side)}">{escape(text)}</p>')


def quiet(text: str) -> None:
    """Write a remark that is there for whoever looks for it."""
    st.html(quiet_html(text))


def quiet_html(text: str) -> str:
    """Return such a remark as a part of larger HTML."""
    return f'<p class="lab-quiet">{escape(text)}</p>'


def legend(items: Sequence[tuple[str, str]]) -> None:
    """Say which colour is who: pairs of role (truth, attacker, difference) and words."""
    st.html(legend_html(items))


def legend_html(items: Sequence[tuple[str, str]]) -> str:
    """Return such a legend as a part of larger HTML."""
    rows = "".join(f'<li class="{escape(role)}"><span>{escape(words)}</span></li>' for role, words in items)
    return f'<ul class="lab-legend">{rows}</ul>'


def facts(items: Mapping[str, str]) -> None:
    """Show a few named values in a row."""
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in items.items()
    )
    st.html(f'<dl class="lab-facts">{cells}</dl>')


def duration(seconds: float) -> str:
    """Return seconds as people say them: 0.4 s, 12 s, 3 min, 2 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


def ago(moment: float, now: float | None = None) -> str:
    """Return how long ago a moment was, in words; both are seconds since 1970."""
    seconds = (time.time() if now is None else now) - moment
    if seconds < 45:
        return "just now"
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size * 0.75:
            count = max(1, round(seconds / size))
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def plain(text: str) -> str:
    """Return text whose characters mean nothing to Markdown, for labels and the like."""
    return "".join(f"\\{one}" if one in MARKS else one for one in text)


def percent(share: float) -> str:
    """Tell a share from 0 to 1 in whole percent, in tenths where it would round to all or nothing."""
    whole = f"{100 * share:.0f} %"
    return f"{100 * share:.1f} %" if whole in ("0 %", "100 %") and share not in (0, 1) else whole
