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
    """Draw the claims that were measured, surprises first, and name the others on request; or nothing."""
    if not findings:
        return
    st.header(TITLE, anchor=False)
    words.quiet(summary(tuple(findings)))
    measured = [one for one in findings if one.seen is not Seen.NOT_MEASURED]
    st.html(_list(measured))
    if others := [one for one in findings if one.seen is Seen.NOT_MEASURED]:
        with st.expander(f"Not measured here: {len(others)}"):
            st.html(_list(others))
    words.quiet(RULE)


def _list(findings: Iterable[Finding]) -> str:
    return f'<ul class="lab-claims">{"".join(_item(one) for one in findings)}</ul>'


def _item(finding: Finding) -> str:
    values = "".join(
        f"<span>{escape(side(one))}</span>" for one in (finding.here, finding.there) if one is not None
    )
    return (
        f'<li><b class="{finding.seen.name.lower()}"><i aria-hidden="true">{MARKS[finding.seen]}</i> '
        f"{escape(finding.seen)}</b><div><p>{escape(finding.claim.text)}</p>{values}"
        f"<small>{escape('; '.join(filter(None, [finding.claim.source, basis(finding)])))}</small></div></li>"
    )
