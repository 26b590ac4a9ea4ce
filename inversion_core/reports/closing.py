"""Sections 8 to 11 and 13: what only people may state, what was decided, how to run it again, the limits."""

from collections.abc import Iterator, Mapping, Sequence

from inversion_core.metrics.verdict import INSIDERS, OTHERS, OUTSIDERS, REAL, SINGLE_RUN, verdict
from inversion_core.registry import find
from inversion_core.reports import words
from inversion_core.reports.blocks import Block, Code, Facts, Listing, Paragraph, Section, Table, ToComplete
from inversion_core.reports.dossier import Decision, Dossier
from inversion_core.risk.plan import reduced
from inversion_core.risk.reproduce import TOLERANCE
from inversion_core.risk.roles import AS_DEPLOYED
from inversion_core.risk.signoff import Trigger
from inversion_core.values import Access
from inversion_core.version import PRODUCT, SOURCES, release

TRIGGERS: Mapping[Trigger, str] = {
    Trigger.RETRAINED: "the model is trained anew",
    Trigger.OUTPUT: "what an answer gives away changes",
    Trigger.CHANNEL: "a new way of access is opened",
    Trigger.PUBLISHED: "a new attack of this kind is published",
    Trigger.REFERENCE: "a reference named here appears in a new version",
    Trigger.INCIDENT: "an incident",
    Trigger.YEARLY: "a year has passed",
}
"""What makes a review due."""
NOT_RECORDED = "not recorded"
OF_ONE_RUN = (OTHERS, INSIDERS, OUTSIDERS, REAL)
"""How limits begin that are told here about all runs together."""
FURTHER = (
    "The levels follow cut-offs of the organisation's policy; no standard names any.",
    "The data attacked are those named here, not what a production model may have learnt since.",
    "This report is no legal advice. It holds data on people itself and needs a date of deletion.",
)


def anonymity(_: Dossier) -> Section:
    """Section 8, which only people may write."""
    fields = ("Is it claimed that the model holds no personal data?", "Evidence relied on", "Gaps")
    return Section(
        "8",
        "Statement on personal data in the model",
        (
            Paragraph(
                "The runs in this report are evidence of resistance to the attacks listed, or of its lack. "
                "They support no statement about attacks that were not run.",
                small=True,
            ),
            ToComplete(fields),
        ),
        maps=("Opinion 28/2024 summary", "WP216"),
        human_only=True,
    )


def consultation(_: Dossier) -> Section:
    """Section 9, which only people may write."""
    fields = (
        "Advice of the data protection officer",
        "Views of the people concerned, or why they were not sought",
        "Security review",
    )
    return Section(
        "9",
        "Consultation and advice",
        (ToComplete(fields),),
        maps=("GDPR 35(2)", "GDPR 35(9)", "ICO 3"),
        human_only=True,
    )


def decision(dossier: Dossier) -> Section:
    """Section 10: what was recorded, or empty lines."""
    maps = ("EDPB decision", "ICO 7", "CNIL attestations", "GDPR 35(11)")
    if dossier.training:
        told = Paragraph("This is a training exercise. It cannot be signed off.")
        return Section("10", "Decision and sign-off", (told,), maps)
    blocks: list[Block] = [Facts(_facts(one)) for one in dossier.decisions]
    if not blocks:
        fields = (
            "Decision: approve, approve with conditions, reject, or refer to the authority",
            "Conditions",
            "Advice that was overruled, and why",
            "Prior consultation needed (GDPR Art. 36)",
            "Name",
            "Role",
            "Date",
            "Signature",
            "Next review",
        )
        blocks.append(ToComplete(fields))
    blocks.append(Paragraph("A new review is due when:"))
    blocks.append(Listing(tuple(TRIGGERS.values())))
    return Section("10", "Decision and sign-off", tuple(blocks), maps, human_only=not dossier.decisions)


def reproduction(dossier: Dossier) -> Section:
    """Section 11."""
    return Section("11", "How to run it again", tuple(_reproduction(dossier)))


def limits(dossier: Dossier) -> Section:
    """Section 13."""
    return Section(
        "13",
        "Limits",
        (
            Paragraph("What this evidence does not show:"),
            Listing(tuple(dict.fromkeys(_not_shown(dossier)))),
            Paragraph("What else a reader must know:"),
            Listing(FURTHER),
        ),
    )


def _facts(made: Decision) -> tuple[tuple[str, str], ...]:
    return (
        ("Decision", made.decision),
        ("By", f"{made.approver}, {made.role}"),
        ("Date", made.date),
        ("Conditions", made.conditions or "none"),
        ("Advice overruled", made.overruled or "none"),
        ("Next review", made.next_review),
        ("Also due when", "; ".join(made.triggers) or "none named"),
    )


def _reproduction(dossier: Dossier) -> Iterator[Block]:
    done = [(one, dossier.runs[one.key()]) for row in dossier.told for one in row.scenarios]
    products = _products(dossier)
    yield Paragraph(
        "One command runs every scenario that is rated anew and compares each share with the one reported. "
        "report.json is the file that lies beside this document."
    )
    yield Paragraph(
        f"In a folder of this product, {_wanted(products)}: make run once, which installs what is needed and "
        "starts the app (Ctrl-C stops it), then there, with report.json beside it:"
    )
    yield Code("make run\n.venv/bin/python -m inversion_core reproduce report.json --out again")
    yield Paragraph(f"Tolerance: {TOLERANCE}")
    if dossier.unrated:
        yield Paragraph(
            "What is not rated is not compared: each such scenario stands in report.json under not_rated, "
            "and runs by itself as .venv/bin/python -m inversion_core run SCENARIO.json --out again."
        )
    if done:
        yield Facts(
            (
                ("Version of this product, as the runs noted it", "; others with ".join(products)),
                ("Version of this product that wrote the report", release()),
                ("Other software, as the runs noted it", _software(dossier)),
                ("Machine", "the runs do not note it; another one may judge a few people otherwise"),
                ("Data and metrics", _terms(dossier)),
                ("Log, last line (sha256)", dossier.audit_head or "no log was kept"),
            )
        )
        yield Table(
            "Runs",
            ("scenario (sha256)", "run", "attack", "seed", "weights attacked (sha256)"),
            tuple(
                (
                    run.key[:16],
                    run.id[:12],
                    find("attacks", one.attack.name).title,
                    str(one.seed),
                    str((run.result or {})["target"].get("sha256") or "")[:16],
                )
                for one, run in done
            ),
        )
    if dossier.missing:
        yield Table(
            "Planned and without a result",
            ("attack", "access", "seed", "why"),
            tuple(
                (
                    find("attacks", one.attack.name).title,
                    words.ACCESS[one.exposure.access],
                    str(one.seed),
                    _why(dossier, one.key()),
                )
                for one in dossier.missing
            ),
        )


def _software(dossier: Dossier) -> str:
    """Return the versions of packages the runs were made with, each set of them once."""
    sets = dict.fromkeys(
        ", ".join(f"{name} {version}" for name, version in one.items() if name not in (PRODUCT, SOURCES))
        for one in _versions(dossier)
    )
    return "; others with ".join(sets)


def _products(dossier: Dossier) -> tuple[str, ...]:
    """Return the versions of this product that the runs noted, each once."""
    return tuple(dict.fromkeys(_product(one) for one in _versions(dossier)))


def _product(versions: Mapping[str, str]) -> str:
    if PRODUCT not in versions:
        return NOT_RECORDED
    return f"version {versions[PRODUCT]} (sources {versions.get(SOURCES, NOT_RECORDED)})"


def _wanted(products: Sequence[str]) -> str:
    """Return which version the recipe wants; where no run noted one, that which wrote the report."""
    noted = [one for one in products if one != NOT_RECORDED]
    if noted:
        return words.listed(noted)
    return f"version {release()} (which wrote this report; with which one the runs were made is not recorded)"


def _versions(dossier: Dossier) -> list[Mapping[str, str]]:
    results = [dossier.runs[one.key()].result or {} for row in dossier.told for one in row.scenarios]
    return [result.get("versions", {}) for result in results]


def _terms(dossier: Dossier) -> str:
    terms = dossier.result(dossier.told[0]).get("terms") or {}
    return ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in terms.items() if value is not None
    )


def _why(dossier: Dossier, key: str) -> str:
    run = dossier.runs.get(key)
    if run is None:
        return "nobody ran it"
    return f"{run.state}{': ' + run.error if run.error else ''}"


def _not_shown(dossier: Dossier) -> Iterator[str]:
    """Yield what this evidence does not show, the most important first."""
    yield "What other attacks would get: see the coverage. A calm result speaks of the attacks listed only."
    if dossier.card.synthetic:
        yield "How real people would fare: these are synthetic, and real photos and records vary more."
    row = dossier.deciding
    if row is not None:
        # What one run says of itself holds for all its seeds, but for what is about a single run.
        told = verdict(dossier.result(row)).not_shown
        yield from (one for one in told if one != SINGLE_RUN and not one.startswith(OF_ONE_RUN))
        yield (
            f"{OTHERS}: {row.success.n:,} {words.whom(row)} were attacked; for others the share may lie "
            f"anywhere from {words.interval(row.success)}."
        )
        yield from _of_the_whole(dossier)


def _of_the_whole(dossier: Dossier) -> Iterator[str]:
    """Yield the limits that follow from what was run and what was not."""
    held = dict.fromkeys(
        words.title_of(row) for row in dossier.of(*AS_DEPLOYED) if row.access is Access.WHITE_BOX
    )
    if held:
        yield f"{INSIDERS}: who holds the weights was sent with {words.listed(held)} alone."
    else:
        yield f"{INSIDERS}: nobody who holds the weights was sent; whoever does may recover more."
    short = dict.fromkeys(
        f"{words.title_of(row)}: {words.settings(row)}"
        for row in dossier.of(*AS_DEPLOYED)
        if reduced(row.scenario)
    )
    if short:
        yield (
            "How far a patient attacker gets: the plan's reduced settings let a run end within a minute, and "
            f"an attack that is given more may recover more ({'; '.join(short)})."
        )
    weights = [
        {str((dossier.runs[one.key()].result or {})["target"].get("sha256")) for one in row.scenarios}
        for row in dossier.rows
    ]
    if all(len(one) == 1 for one in weights):
        yield (
            "How another training of the same model would fare: the seeds of an attack differ in the attack, "
            "all of them met the same weights."
        )
