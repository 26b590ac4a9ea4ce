"""References as a list: id, name in a version, what it says, where from, and how sure we are of it."""

from collections.abc import Iterable, Mapping
from html import escape

import streamlit as st

from inversion_core.risk.claims import saying
from inversion_core.risk.crosswalk import Cited, Union, crosswalk, references
from inversion_core.risk.references import ATLAS, Reference
from pages.ui import words


def case(version: str) -> None:
    """Draw the references of one case: an attack, an access level and a kind of data."""
    known = crosswalk()
    st.header("References for a case", anchor=False)
    words.quiet(
        "Choose an attack, what the attacker has, and the data: what frameworks and law say of it together. "
        f"How they belong together is a {known.mapping}; no body publishes it by id."
    )
    with st.container(horizontal=True):
        attack = st.selectbox(
            "Attack", [one.id for one in known.attacks], format_func=lambda one: known.attack(one).name,
            key="case-attack",
        )  # fmt: skip
        level = st.selectbox(
            "The attacker has", [one.id for one in known.access],
            format_func=lambda one: known.level(one).name, key="case-access",
        )  # fmt: skip
        data = st.selectbox(
            "Data",
            [one.id for one in known.data],
            format_func=lambda one: known.kind(one).name,
            key="case-data",
        )
    found = references(str(attack), str(level), str(data))
    told = saying(known.attack(str(attack)).claim)
    words.quiet(f"What a success would show: {told.says} {told.not_says}")
    words.facts(_facts(found))
    st.subheader("What the attack is called", anchor=False)
    st.html(listing(found.taxonomy, version, found.no_entry))
    for title, cited, nothing in (
        ("Law", found.law, "no people in the data"),
        ("Guidance", found.further, "none"),
        ("What MITRE ATLAS would do against this access", found.controls, "none"),
    ):
        with st.expander(f"{title}: {len(cited) or nothing}"):
            st.html(listing(cited, version, {}) if cited else words.quiet_html("Nothing to list."))
    for note in found.notes:
        words.quiet(f"Note: {note}.")


def listing(cited: Iterable[Cited], version: str, gaps: Mapping[str, str]) -> str:
    """Return references as HTML, and for each framework without an entry that it has none."""
    items = "".join(_item(one, version) for one in cited)
    items += "".join(
        f'<li class="gap"><p><b>{escape(framework)}</b> {escape(gap)}</p></li>'
        for framework, gap in gaps.items()
    )
    return f'<ul class="lab-refs">{items}</ul>'


def short(cited: Iterable[Cited]) -> str:
    """Return ids alone, those from memory marked."""
    return ", ".join(
        one.ref if one.row.verified else f"{one.ref} ({one.row.confidence.words})" for one in cited
    )


def _item(one: Cited, version: str) -> str:
    row = one.row
    name = row.name_in(version) if row.framework == ATLAS else row.name
    when = f" <i>{escape(one.when)}</i>" if one.when else ""
    gone = "" if row.framework != ATLAS or row.exists_in(version) else f" Not yet in ATLAS {version}."
    link = (
        f' <a href="{escape(row.link)}" target="_blank" rel="noopener">Read it there</a>.' if row.link else ""
    )
    return (
        f"<li><p><b>{escape(row.id)}</b> {escape(name)}{when}</p>"
        f"<span>{escape(row.paraphrase + gone)}{link}</span>"
        f"<small>{escape(f'{row.framework}, {row.version}. From: {row.source}.')} {_sure(row)}</small></li>"
    )


def _sure(row: Reference) -> str:
    """Return how sure we are; what is from memory cannot be overlooked."""
    told = row.confidence.words[0].upper() + row.confidence.words[1:]
    if not row.verified:
        return f'<em class="memory">{escape(told)}.</em>'
    assert row.checked_on is not None
    year, month = row.checked_on.split("-")
    return escape(f"{told}; checked {month}/{year}.")


def _facts(found: Union) -> dict[str, str]:
    floor = "no people, none" if found.severity_floor is None else f"{found.severity_floor} of 4"
    return {
        "How exposed (1 to 4)": found.exposure,
        "Least severity": floor,
        "One class is one person": found.class_is_person,
    }
