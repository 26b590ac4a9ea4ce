"""The policies for governance of one assessment: what the checks found, and what a person says of each."""

from collections import Counter
from functools import lru_cache
from html import escape

import streamlit as st
from pydantic import ValidationError

from inversion_core.errors import InversionError
from inversion_core.registry import find
from inversion_core.reports import words as told
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.audit import Actor
from inversion_core.risk.checkable import Status, statements
from inversion_core.risk.statements import Judged, Override
from inversion_core.scenario import sentences
from pages.ui import library, words
from pages.ui.controls_references import short
from pages.ui.review_case import Case, dossier

SIGNS = {
    Status.MET: ("met", "\N{CHECK MARK}"),
    Status.NOT_MET: ("unmet", "\N{MULTIPLICATION SIGN}"),
    Status.NO_EVIDENCE: ("unknown", "?"),
    Status.PERSON: ("person", "\N{BLACK RIGHT-POINTING TRIANGLE}"),
}
"""Style and sign of a status; the word stands beside the sign."""
COUNTED = {
    Status.MET: "met",
    Status.NOT_MET: "not met",
    Status.NO_EVIDENCE: "without evidence",
    Status.PERSON: "for a person to say",
}
AS_CHECKED = "as the checks found"
SAYABLE = (Status.MET, Status.NOT_MET)
WHO = "review_who"
"""Name and role given last in this tab, so that nobody types them for each policy."""


def governed(case: Case) -> None:
    """Draw every policy in its group, with its status and who answers for it."""
    found = dossier(case)
    words.verdict(_counted(found.statements), side="neither")
    words.quiet(
        "What runs and the description can show is checked by itself; the rest is for a person to say. A "
        "person may also overrule a check, with a reason: both stay visible, here and in the report."
    )
    labels = _labels(found)
    for group, title in statements().groups.items():
        st.header(title, anchor=False)
        for one in found.statements:
            if one.statement.group == group:
                _policy(case, one, labels)


def _counted(judged: tuple[Judged, ...]) -> str:
    count = Counter(one.status for one in judged)
    parts = [f"{count[status]} {word}" for status, word in COUNTED.items() if count[status]]
    return f"Of {len(judged)} policies: {told.listed(parts)}."


def _policy(case: Case, one: Judged, labels: dict[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="top", key=f"governed-{one.statement.id}"):
        st.html(_item(case, one, labels), width="stretch")
        if case.record is not None:
            st.button(
                "Owner and status", icon=":material/edit:", key=f"say-{one.statement.id}-{case.id}",
                on_click=_ask, args=(case, one), help=words.plain(one.statement.text),
            )  # fmt: skip


def _item(case: Case, one: Judged, labels: dict[str, str]) -> str:
    style, sign = SIGNS[one.status]
    overruled = (
        f"<span><strong>A person says {one.status}:</strong> {escape(one.reason)} "
        f"<i>The checks found: {one.found}.</i></span>"
        if one.overruled
        else f"<span>{escape(one.reason)}</span>"
        if one.reason
        else ""
    )
    owner = escape(one.owner) if one.owner else "<i>nobody yet</i>"
    return (
        f'<ul class="lab-claims lab-governed"><li><b class="{style}"><i aria-hidden="true">{sign}</i> '
        f"{one.status}</b><div><p>{escape(one.statement.text)}</p>{overruled}"
        f"<span>{escape(' '.join(one.why))}</span>{_runs(case, one, labels)}"
        f"<span>Owner: {owner}</span><small>{escape(short(one.statement.refs))}</small></div></li></ul>"
    )


def _runs(case: Case, one: Judged, labels: dict[str, str]) -> str:
    """Return the runs a policy rests on; those of the example are no pages of their own."""
    if not one.runs:
        return ""
    count = f"Rests on {len(one.runs)} {'run' if len(one.runs) == 1 else 'runs'}"
    if case.record is None:
        return f"<span>{count}.</span>"
    rows = "".join(f'<li><a href="run?run={run}">{escape(labels[run])}</a></li>' for run in one.runs)
    return f"<details><summary>{count}</summary><ul>{rows}</ul></details>"


def _labels(found: Dossier) -> dict[str, str]:
    """Return id of a run -> what it is, in words."""
    return {
        run: f"{_title(row.attack)}, {told.ROLES[row.role]}, seed {scenario.seed}"
        for row in found.rows
        for run, scenario in zip(row.run_ids, row.scenarios, strict=True)
    }


@lru_cache(maxsize=64)
def _title(attack: str) -> str:
    return find("attacks", attack).title


def _ask(case: Case, one: Judged) -> None:
    st.dialog("Owner and status", width="medium")(_form)(case, one)


def _form(case: Case, one: Judged) -> None:
    """Ask who answers for a policy, and what a person says of it; a refusal leaves all that was typed."""
    key = f"{one.statement.id}-{case.id}"
    st.markdown(f"**{words.plain(one.statement.text)}**")
    words.quiet(f"The checks found: {one.found}. {' '.join(one.why)}")
    before = library.store().overrides(case.id).get(one.statement.id)
    with st.form(f"say-form-{key}", border=False):
        owner = st.text_input(
            "Who answers for it", value=before.owner if before else "", max_chars=128, key=f"said-owner-{key}"
        )
        status = st.selectbox(
            "Status", [AS_CHECKED, *SAYABLE], key=f"said-status-{key}",
            index=1 + SAYABLE.index(Status(before.status)) if before and before.status in SAYABLE else 0,
        )  # fmt: skip
        reason = st.text_area(
            "Why (needed where you say something else than the checks)",
            value=before.note if before else "", max_chars=4000, key=f"said-why-{key}",
        )  # fmt: skip
        last = st.session_state.get(WHO, ("", ""))
        name = st.text_input("Your name", value=last[0], max_chars=128, key=f"said-name-{key}")
        role = st.text_input("Your role", value=last[1], max_chars=128, key=f"said-role-{key}")
        if st.form_submit_button("Keep", type="primary", icon=":material/save:"):
            stated = None if status == AS_CHECKED else Status(status)
            if problem := _keep(case, one, owner.strip(), stated, reason.strip(), (name, role)):
                st.error(words.plain(problem), icon=":material/error:")
            else:
                st.rerun()


def _keep(
    case: Case, one: Judged, owner: str, status: Status | None, reason: str, who: tuple[str, str]
) -> str:
    """Keep what was said and return "", or return why it is refused."""
    name, role = (part.strip() for part in who)
    if not name or not role:
        return "What a person says of a policy is kept under a name and a role, one is empty; fill it in."
    store, actor = library.store(), Actor(name, role)
    try:
        Override(owner=owner, status=status, reason=reason)
        if owner or status or reason:
            store.set_override(
                case.id, one.statement.id, owner=owner, status=status or "", note=reason, actor=actor
            )
        else:
            store.clear_override(case.id, one.statement.id, actor)
    except ValidationError as error:
        return " ".join(sentences(error, "policy"))
    except InversionError as error:
        return str(error)
    st.session_state[WHO] = (name, role)
    return ""
