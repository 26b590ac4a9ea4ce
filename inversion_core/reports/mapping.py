"""Section 4, section 12 and the statements of section 7: coverage, references, policies for governance."""

from collections.abc import Iterable, Iterator, Sequence

from inversion_core.registry import find
from inversion_core.reports import words
from inversion_core.reports.blocks import Block, Listing, Paragraph, Section, Table
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.claims import Saying, saying
from inversion_core.risk.coverage import Covered
from inversion_core.risk.crosswalk import Cited, Union, crosswalk, references
from inversion_core.risk.evidence import Evidence
from inversion_core.risk.product import access_level, attack_class, control_id, controls_of
from inversion_core.risk.roles import Role
from inversion_core.risk.statements import Judged

HEADS = ("reference", "name and version", "in our words", "known from")
NOT_CHECKED = "never checked"


def coverage(dossier: Dossier) -> Section:
    """Section 4."""
    return Section("4", "Test coverage", tuple(_coverage(dossier)), maps=("Opinion 28/2024 para 55",))


def annex(dossier: Dossier) -> Section:
    """Section 12."""
    return Section("12", "References", tuple(_annex(dossier)))


def claims(dossier: Dossier) -> Listing:
    """Return what each kind of result lets one say, and what not."""
    person = dossier.assessment.context.class_is_person
    by_saying: dict[Saying, list[Evidence]] = {}
    for row in dossier.rows:
        if row.role is not Role.CONTROL:
            by_saying.setdefault(saying(row.claim, class_is_person=person), []).append(row)
    ordered = sorted(by_saying.items(), key=lambda one: one[0].title)
    return Listing(tuple(f"{one.title}. {_shown(one, rows)} {one.not_says}" for one, rows in ordered))


def _shown(one: Saying, rows: Sequence[Evidence]) -> str:
    """Return what a claim says where a row lies above chance with its whole interval, and where that was."""
    above = [row.role for row in rows if row.residual.low > 0]
    if Role.DEPLOYED in above:
        return one.says
    lowered = f"{one.says[0].lower()}{one.says[1:]}"
    if not above:
        return f"No attack did better than guessing here. A success would mean: {lowered}"
    where = words.listed(words.ROLES[role] for role in Role if role in above)
    return f"Not seen as deployed, only {where}: {lowered}"


def statements(judged: Iterable[Judged]) -> Table:
    """Return the policies for governance with what is known of each."""
    rows = tuple(
        (
            one.statement.text,
            f"{one.status}{' (a person says so)' if one.overruled else ''}",
            one.reason if one.overruled else " ".join(one.why),
            one.owner or "nobody yet",
        )
        for one in judged
    )
    return Table("Policies, checked against this assessment", ("policy", "status", "why", "owner"), rows)


def _coverage(dossier: Dossier) -> Iterator[Block]:
    yield Paragraph(
        "Passing a test is evidence against the attacks that were run, and no other. What was not run is "
        "told with the reason."
    )
    found = dossier.coverage
    heads = ("class", "state", "attacks", "access", "knows the controls", "runs", "why not")
    yield Table(
        "The classes of Opinion 28/2024, paragraph 55", heads, tuple(_line(one) for one in found.tested)
    )
    yield Table("Classes of attacks", heads, tuple(_line(one) for one in found.attacks))
    in_force = set(controls_of(dossier.assessment.system.target.defences, dossier.assessment.system.exposure))
    mine = tuple(_line(one) for one in found.controls if one.id in in_force)
    if mine:
        yield Table("Controls in force", heads, mine)


def _line(one: Covered) -> tuple[str, ...]:
    return (
        one.title,
        one.word,
        words.listed((find("attacks", name).title for name in one.attacks), ""),
        "; ".join(crosswalk().level(level).name.lower() for level in one.access),
        ("yes" if one.adaptive else "no") if one.run else "",
        str(len(one.records)),
        one.reason,
    )


def _annex(dossier: Dossier) -> Iterator[Block]:
    unions = list(_unions(dossier))
    yield Paragraph(
        f"Which id belongs to which attack, access, data and control is a {crosswalk().mapping}: no body "
        f"publishes it. Version of the references: {dossier.reference}."
    )
    cited = dict.fromkeys(one for union in unions for one in (*union.taxonomy, *union.law, *union.further))
    if cited:
        yield Table(
            "What the attacks that were run are called, and who asks for the tests", HEADS, _rows(cited)
        )
    missing = {f"{body}: {told}" for union in unions for body, told in union.no_entry.items()}
    if missing:
        yield Listing(tuple(sorted(missing)))
    own = dict.fromkeys(one for row in _controls(dossier) for one in crosswalk().control(row).refs)
    if own:
        yield Table("Controls in force", HEADS, _rows(own))


def _unions(dossier: Dossier) -> Iterator[Union]:
    data = dossier.assessment.context.data.value
    places = {(attack_class(row.attack).id, access_level(row.scenario.exposure).id) for row in dossier.told}
    for attack, access in sorted(places):
        yield references(attack, access, data)


def _controls(dossier: Dossier) -> list[str]:
    system, context = dossier.assessment.system, dossier.assessment.context
    found = list(controls_of(system.target.defences, system.exposure))
    found += [control_id("rate-limit")] if context.rate_limited else []
    found += [control_id("query-log")] if context.logged else []
    return list(dict.fromkeys(found))


def _rows(cited: Iterable[Cited]) -> tuple[tuple[str, ...], ...]:
    by_row: dict[str, list[str]] = {}
    for one in cited:
        by_row.setdefault(one.ref, []).append(one.when)
    return tuple(_row(ref, when) for ref, when in by_row.items())


def _row(ref: str, when: Sequence[str]) -> tuple[str, ...]:
    row = Cited(ref=ref).row
    condition = "; ".join(one for one in dict.fromkeys(when) if one)
    return (
        f"{row.framework}: {row.id}" + (f" ({condition})" if condition else ""),
        f"{row.name}, {row.version}",
        row.paraphrase or "see the source",
        f"{row.confidence.words}: {row.source}; "
        + (f"checked {row.checked_on}" if row.checked_on else NOT_CHECKED),
    )
