"""What papers lead one to expect of defences, and what a stored comparison says of it."""

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from inversion_core.compare.expectations import Finding, Seen
from inversion_core.compare.telling import RULE, basis, side, summary
from pages.ui import words

TITLE = "What the literature leads one to expect, and what was found here"
MARKS = {
    Seen.REVERSED: "\N{RIGHTWARDS ARROW OVER LEFTWARDS ARROW}",
    Seen.NOT_SEEN: "\N{ALMOST EQUAL TO}",
    Seen.EXPECTED: "\N{CHECK MARK}",
    Seen.NOT_MEASURED: "\N{EN DASH}",
}
"""A sign before each word, for whoever scans the list."""


def expectations(findings: Sequence[Finding]) -> None:
    """Draw the claims that did not come out as expected, and the others on request; or nothing."""
    if not findings:
        return
    st.header(TITLE, anchor=False)
    words.quiet(summary(tuple(findings)))
    by_word = {seen: [one for one in findings if one.seen is seen] for seen in Seen}
    if surprises := [*by_word[Seen.REVERSED], *by_word[Seen.NOT_SEEN]]:
        st.html(_list(surprises))
    for seen in (Seen.EXPECTED, Seen.NOT_MEASURED):
        if others := by_word[seen]:
            with st.expander(f"{seen.capitalize()}: {len(others)}"):
                st.html(_list(others))
    words.quiet(RULE)


def _list(findings: Iterable[Finding]) -> str:
    return f'<ul class="lab-claims">{"".join(_item(one) for one in findings)}</ul>'


def _item(finding: Finding) -> str:
    values = "".join(
        f"<span>{escape(_unbroken(side(one)))}</span>"
        for one in (finding.here, finding.there)
        if one is not None
    )
    return (
        f'<li><b class="{finding.seen.name.lower()}"><i aria-hidden="true">{MARKS[finding.seen]}</i> '
        f"{escape(finding.seen)}</b><div><p>{escape(finding.claim.text)}</p>{values}"
        f"<small>{escape('; '.join(filter(None, [finding.claim.source, basis(finding)])))}</small></div></li>"
    )


def _unbroken(text: str) -> str:
    """Return text whose numbers keep their unit when a line ends."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")
