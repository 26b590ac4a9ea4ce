"""A stored report as a link shows it: what it comes down to, what was decided, and its files."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from inversion_core.errors import StoreUnavailable
from inversion_core.reports.blocks import Facts
from inversion_core.risk.assessment import Mode
from inversion_core.store.reports import ReportVersion
from pages.ui import library, words
from pages.ui.report_blocks import SIDES, blocks

OFFERED = {"pdf": ("Report as PDF", "application/pdf"), "html": ("Report as HTML", "text/html")}
EXERCISE = "An exercise, made in training mode: it is no evidence about a system, and nobody can sign it."


def report(report_id: str) -> None:
    """Draw a version of a report; raises UnknownName, StoreUnavailable."""
    store = library.store()
    found = store.report(report_id)
    record = store.assessment(found.assessment_id)
    told = _numbers(found)
    words.named(_name(told) or record.name)
    words.quiet(f"Version {found.version} of the report, made {found.made_on:%Y-%m-%d}.")
    if record.mode == Mode.TRAINING.value:
        words.verdict(EXERCISE, side="neither")
    summary = told.get("summary", {})
    if sentence := str(summary.get("sentence", "")):
        words.verdict(sentence, side=SIDES.get(summary.get("tone"), "neither"))
    if conditions := told.get("conditions", []):
        st.header("Thresholds of the organisation", anchor=False)
        blocks([Facts(tuple((str(one["name"]), f"{one['outcome']}: {one['told']}") for one in conditions))])
    _coverage(told.get("coverage", []))
    _decision(found)
    _files(found)


def _numbers(found: ReportVersion) -> dict[str, Any]:
    """Return what the report says as values, empty where it was made without."""
    file = found.file("json")
    if file is None:
        return {}
    try:
        told: dict[str, Any] = json.loads(library.store().artifact(file.sha256))
    except ValueError as error:
        raise StoreUnavailable(
            "a report carries its numbers as JSON, this one's cannot be read; ask for a new version of it"
        ) from error
    return told


def _name(told: Mapping[str, Any]) -> str:
    return str(told.get("assessment", {}).get("name", ""))


def _coverage(classes: list[Mapping[str, Any]]) -> None:
    if classes:
        st.header("What was tested, and what was not", anchor=False)
        blocks([Facts(tuple((str(one["title"]), str(one["state"])) for one in classes))])


def _decision(found: ReportVersion) -> None:
    mine = [one for one in library.store().decisions(found.assessment_id) if one.report_id == found.id]
    st.header("Decision", anchor=False)
    if not mine:
        words.quiet("Nobody has decided on this version.")
        return
    signed = mine[0]
    facts = {
        "decision": signed.signoff.decision.value,
        "by": f"{signed.signoff.approver}, {signed.signoff.role}",
        "on": f"{signed.day:%Y-%m-%d}",
        "next review": f"{signed.signoff.next_review:%Y-%m-%d}",
    }
    if signed.signoff.conditions:
        facts["conditions"] = signed.signoff.conditions
    blocks([Facts(tuple(facts.items()))])


def _files(found: ReportVersion) -> None:
    st.header("The whole report", anchor=False)
    with st.container(horizontal=True):
        for kind, (label, mime) in OFFERED.items():
            if (file := found.file(kind)) is not None:
                st.download_button(
                    label,
                    library.store().artifact(file.sha256),
                    file_name=f"report-{found.id[:8]}-{found.version}.{kind}",
                    mime=mime,
                    icon=":material/download:",
                    on_click="ignore",
                    key=f"share-{kind}",
                )
    words.quiet("sha256 over the hashes of all its files, to compare with the log and with a copy:")
    st.code(found.sha256, language=None, wrap_lines=True)
