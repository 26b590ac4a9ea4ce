"""Policies for governance: statements in groups, how each is checked, and what it rests on."""

from html import escape

import streamlit as st

from inversion_core.risk.checkable import Statement, statements
from pages.ui import words
from pages.ui.controls_references import listing, short

BY_CODE, BY_PERSON = "checked against a review", "for a person to say"


def policies(version: str) -> None:
    """Draw every statement; whether it is met is told in a review of one system, not here."""
    known = statements()
    st.header("Policies that can be checked", anchor=False)
    words.quiet(
        "Whether a statement is met depends on one system, so a risk review tells it. Here is what each "
        "asks, and how evidence supports it."
    )
    for group, title in known.groups.items():
        mine = [one for one in known.statements if one.group == group]
        st.subheader(title, anchor=False)
        st.html(f'<ul class="lab-claims lab-policies">{"".join(_item(one) for one in mine)}</ul>')
        cited = dict.fromkeys(ref for one in mine for ref in one.refs)
        with st.expander(f"References: {len(cited)}", key=f"policies-{group}"):
            st.html(listing(cited, version, {}))


def _item(one: Statement) -> str:
    how = BY_CODE if one.checks else BY_PERSON
    return (
        f"<li><b>{how}</b><div><p>{escape(one.text)}</p><span>{escape(one.how)}</span>"
        f"<small>{escape(short(one.refs))}</small></div></li>"
    )
