"""A dossier as a report, in the order that an authority's form asks for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from inversion_core.reports import closing, findings, mapping, summary, system
from inversion_core.reports.blocks import Report, Section
from inversion_core.reports.dossier import Dossier

Maker = Callable[[Dossier], Section]


class Layout(StrEnum):
    """Whose form the sections follow; all hold the same sections."""

    EDPB = "edpb"
    ICO = "ico"
    CNIL = "cnil"


MAKERS: Mapping[str, Maker] = {
    "identification": system.identification,
    "description": system.description,
    "lawfulness": system.lawfulness,
    "threats": system.threats,
    "coverage": mapping.coverage,
    "results": findings.results,
    "inherent": findings.inherent,
    "measures": findings.measures,
    "anonymity": closing.anonymity,
    "consultation": closing.consultation,
    "decision": closing.decision,
    "reproduction": closing.reproduction,
    "annex": mapping.annex,
    "limits": closing.limits,
}
"""Name of a section -> what writes it, in the order of the EDPB's template."""
ORDERS: Mapping[Layout, tuple[str, ...]] = {
    Layout.EDPB: tuple(MAKERS),
    Layout.ICO: (
        "identification", "description", "consultation", "lawfulness", "threats", "coverage", "results",
        "inherent", "measures", "anonymity", "decision", "reproduction", "annex", "limits",
    ),
    Layout.CNIL: (
        "identification", "description", "lawfulness", "measures", "threats", "coverage", "results",
        "inherent", "anonymity", "consultation", "decision", "reproduction", "annex", "limits",
    ),
}  # fmt: skip
TITLES = {
    Layout.EDPB: "after the template of the European Data Protection Board",
    Layout.ICO: "after the steps of the Information Commissioner's Office",
    Layout.CNIL: "after the sections of the CNIL's method",
}
WATERMARK = "synthetic"


def content(dossier: Dossier, layout: Layout = Layout.EDPB) -> Report:
    """Return the report of a dossier; sections are numbered as they come, the summary stands first."""
    sections = [MAKERS[name](dossier) for name in ORDERS[layout]]
    numbered = (
        sections
        if layout is Layout.EDPB
        else [replace(section, number=str(place)) for place, section in enumerate(sections)]
    )
    return Report(
        title=dossier.assessment.name,
        subtitle=f"What this model gives away about people: evidence for a decision, {TITLES[layout]}",
        version=dossier.version,
        made=dossier.made,
        sections=(summary.summary(dossier), *numbered),
        banner=tuple(_banner(dossier)),
        watermark=WATERMARK if dossier.card.synthetic else "",
    )


def _banner(dossier: Dossier) -> Iterator[str]:
    if dossier.training:
        yield "Training exercise: it cannot be signed off."
    if dossier.card.synthetic:
        yield "Illustrative: measured on synthetic data, no evidence about a production model."
