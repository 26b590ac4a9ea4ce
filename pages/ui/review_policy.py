"""The policy that assessments are rated by: where levels lie, what the gate lets through, who approved it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError

from inversion_core.errors import InversionError
from inversion_core.risk.audit import Actor
from inversion_core.risk.in_force import in_force
from inversion_core.risk.policy import DEFAULT, Policy, Thresholds
from inversion_core.scenario import sentences
from inversion_core.store.policies import PolicyRecord
from pages.ui import library, words
from pages.ui.params_form import params_form
from pages.ui.review_case import Case
from pages.ui.review_save import ERROR

LEVELS = ("1 ends below", "2 ends below", "3 ends below")


def policy(case: Case) -> None:
    """Draw the policy in force, a form for a new version, and the versions there are."""
    now, approved = in_force(library.store())
    words.verdict(
        f"In force: {now.title}, version {now.version}, "
        + (f"approved by {approved}." if approved else "which nobody here has approved."),
        side="neither",
    )
    if case.assessment.policy not in (None, now.version):
        words.quiet(f"This assessment asks to be rated by version {case.assessment.policy}, and is.")
    if not approved:
        words.quiet(
            "An assessment can be signed once your organisation has approved the policy it is rated by."
        )
        _approval(now.version)
    words.quiet(
        "No standard names a number for how much an inversion may recover. These are decisions of your "
        "organisation: each version stays, and every report names the one it was rated by."
    )
    shares = [f"{100 * cut:.0f} %" for cut in now.vulnerability]
    words.facts(dict(zip([f"vulnerability {level}" for level in LEVELS], shares, strict=True)))
    with st.expander("A new version", icon=":material/edit:"):
        _draft(now)
    _versions(library.store().policies(), asked=now.version if not approved else None)


def _draft(now: Policy) -> None:
    title = st.text_input("Title", value=now.title, max_chars=128, key="policy-title")
    columns = st.columns(3)
    cuts = [
        column.number_input(
            f"Vulnerability {level}, per cent", min_value=0.1, max_value=100.0, value=100 * cut, step=1.0,
            key=f"policy-cut-{level}",
        )
        / 100
        for column, level, cut in zip(columns, LEVELS, now.vulnerability, strict=True)
    ]  # fmt: skip
    floor = st.number_input(
        "Least vulnerability without a control group, unless somebody says why there is none",
        min_value=1, max_value=4, value=now.uncontrolled, key="policy-floor",
    )  # fmt: skip
    limits = params_form(Thresholds, key="policy-limits", initial=now.thresholds.model_dump())
    note = st.text_area("Why", value="", max_chars=4000, key="policy-note")
    name = st.text_input("Your name", max_chars=128, key="policy-name")
    st.button(
        "Keep as a draft", icon=":material/save:", key="policy-keep", disabled=not name.strip(),
        on_click=_keep, args=(now, title, cuts, floor, limits, note, name),
    )  # fmt: skip


def _versions(records: Sequence[PolicyRecord], asked: int | None) -> None:
    """Draw the versions; the approval of `asked` is offered above already."""
    st.header("Versions", anchor=False)
    known = {one.version: one for one in records}
    for version in sorted({1, *known}, reverse=True):
        record = known.get(version)
        whole = DEFAULT if record is None else Policy.model_validate_json(record.document)
        with st.container(border=True, key=f"policy-{version}"):
            by = "" if record is None else f", drafted by {record.created_by} {words.ago(record.created)}"
            st.markdown(f"**Version {version}: {words.plain(whole.title)}**")
            words.quiet(f"{whole.note or 'No reason is given'}{by}.")
            if record is not None and record.approved_at is not None:
                words.quiet(f"Approved by {record.approved_by}, {words.ago(record.approved_at)}.")
                continue
            if version != asked:
                with st.popover("Approve", icon=":material/check:"):
                    _approval(version)


def _approval(version: int) -> None:
    """Ask who approves a version, and in which role."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Your name", max_chars=128, key=f"approve-name-{version}", width=240)
        role = st.text_input("Your role", max_chars=128, key=f"approve-role-{version}", width=240)
        st.button(
            f"Approve version {version}", icon=":material/check:", key=f"approve-{version}",
            disabled=not (name.strip() and role.strip()), on_click=_approve, args=(version, name, role),
        )  # fmt: skip


def _keep(
    now: Policy, title: str, cuts: list[float], floor: float, limits: dict[str, Any], note: str, name: str
) -> None:
    changed = now.model_dump(mode="json") | {
        "title": title,
        "note": note,
        "vulnerability": cuts,
        "uncontrolled": floor,
        "thresholds": limits,
    }
    try:
        whole = Policy.model_validate(changed)
        library.store().draft_policy(whole.model_dump_json(), Actor(name.strip()))
    except ValidationError as error:
        st.session_state[ERROR] = " ".join(sentences(error, "policy"))
    except InversionError as error:
        st.session_state[ERROR] = str(error)


def _approve(version: int, name: str, role: str) -> None:
    try:
        shipped = DEFAULT.model_dump_json() if version == DEFAULT.version else None
        library.store().approve_policy(version, Actor(name.strip(), role.strip()), shipped)
    except InversionError as error:
        st.session_state[ERROR] = str(error)
