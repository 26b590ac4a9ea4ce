"""Sections 0 to 3: what the system is, what people say of it, and who could attack it with what."""

from collections.abc import Iterator

from inversion_core.registry import find
from inversion_core.reports import words
from inversion_core.reports.blocks import Block, Facts, Paragraph, Section, Table, ToComplete
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.assessment import Aggravation
from inversion_core.risk.evidence import Evidence, Told

KNOWLEDGE = "What the attackers brought along and used, as the runs noted it"


def identification(dossier: Dossier) -> Section:
    """Section 0."""
    context, system = dossier.assessment.context, dossier.assessment.system
    facts = (
        ("System", dossier.assessment.name),
        ("Mode", f"{dossier.assessment.mode}{': cannot be signed off' if dossier.training else ''}"),
        ("Model", find("targets", system.target.name, dossier.card.modality).title),
        ("Weights attacked (sha256)", _hashes(dossier)),
        ("Controller", context.owner),
        ("Report made", dossier.made),
        ("Report version", f"{dossier.version}, of revision {dossier.revision} of the assessment"),
    )
    open_ = ToComplete(
        (
            "Processors",
            "Why a data protection impact assessment is made (GDPR Art. 35(3), criteria of WP248)",
            "Assessment team",
            "Date of approval",
        )
    )
    return Section("0", "Identification", (Facts(facts), open_), maps=("EDPB 0", "ICO 1", "CNIL context"))


def description(dossier: Dossier) -> Section:
    """Section 1."""
    return Section(
        "1",
        "Systematic description",
        tuple(_description(dossier)),
        maps=("GDPR 35(7)(a)", "EDPB 1", "Opinion 28/2024 para 46, 58", "ICO 2", "AI Act Annex IV"),
    )


def lawfulness(_: Dossier) -> Section:
    """Section 2, which only people may write."""
    fields = (
        "Legal basis",
        "Condition for special categories (GDPR Art. 9)",
        "Minimisation",
        "Retention",
        "Rights of the people concerned",
        "Processors",
        "Transfers",
    )
    return Section(
        "2",
        "Lawfulness, necessity, proportionality, rights",
        (ToComplete(fields),),
        maps=("GDPR 35(7)(b)", "EDPB", "ICO 4", "CNIL fundamental principles"),
        human_only=True,
    )


def threats(dossier: Dossier) -> Section:
    """Section 3."""
    return Section(
        "3",
        "Threat model",
        tuple(_threats(dossier)),
        maps=("Opinion 28/2024 para 58(c)", "NIST AI 100-2", "MITRE ATLAS"),
    )


def _description(dossier: Dossier) -> Iterator[Block]:
    context, system, card = dossier.assessment.context, dossier.assessment.system, dossier.card
    yield Facts(
        (
            ("Purpose", context.purpose),
            ("Kind of data, as declared", context.data.value.replace("_", " ")),
            ("People in the training data", "" if context.people is None else f"{context.people:,}"),
            ("One class is one person", "yes" if context.class_is_person else "no"),
            (
                "What makes harm worse",
                words.listed(
                    (one.value for one in Aggravation if one in context.aggravations), "nothing declared"
                ),
            ),
            ("Who may ask it", words.AUDIENCES[context.audience]),
            ("Where the model is", words.RELEASES[context.release]),
            ("What an answer gives away", words.answer(system)),
            ("Controls in force", words.listed(words.controls(system))),
            ("Queries are logged and the log is read", "yes" if context.logged else "no"),
            *([("Why no control group was run", context.no_control)] if context.no_control.strip() else []),
        )
    )
    if context.notes.strip():
        yield Paragraph(context.notes)
    yield Paragraph("The data that was attacked")
    yield Facts(
        (
            ("Dataset", find("datasets", system.dataset.name).title),
            ("Kind", card.category),
            ("Origin", card.origin),
            ("Licence", card.licence),
            *_sizes(dossier),
        )
    )


def _sizes(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """Yield how much was learnt by how large a model: the ratio that Opinion 28/2024 para 58(e) asks for."""
    if not dossier.rows:
        return
    target = dossier.result(dossier.deciding or dossier.rows[0])["target"]
    records, parameters = target.get("train_photos"), target.get("parameters")
    if records:
        yield "Training records", f"{records:,}"
    if records and parameters:
        yield "Training records to parameters", f"{records:,} to {parameters:,}, {records / parameters:.4f}"
    if target.get("epsilon") is not None:
        yield "Differential privacy of the training", f"epsilon {target['epsilon']:.2f} a record"


def _hashes(dossier: Dossier) -> str:
    found = dict.fromkeys(row.target_sha256 for row in dossier.rows if row is dossier.deciding)
    return ", ".join(found)


def _threats(dossier: Dossier) -> Iterator[Block]:
    context, system = dossier.assessment.context, dossier.assessment.system
    yield Facts(
        (
            ("Who could attack", words.AUDIENCES[context.audience]),
            ("Where the model is", words.RELEASES[context.release]),
            ("What they get", words.answer(system)),
            ("How many rows they may ask", _budget(dossier)),
            ("What stands in their way", words.listed(words.controls(system))),
        )
    )
    rows = tuple(
        (
            words.title_of(row),
            words.ROLES[row.role],
            words.given(row.scenario.exposure),
            words.settings(row),
            row.claim.value,
            f"{row.rows:,.0f}",
            _each(row),
        )
        for row in dossier.told
    )
    if rows:
        heads = (
            "attack", "as", "what it was given", "settings", "what counts as success", "rows asked",
            "a victim",
        )  # fmt: skip
        yield Table("Attackers that were sent", heads, rows, numeric=frozenset({5, 6}))
    row = dossier.deciding
    if row is not None:
        used = tuple((one["used"], str(one["amount"])) for one in dossier.result(row)["ledger"])
        yield Table(f"{KNOWLEDGE}: {words.title_of(row)}", ("used", "how much"), used)


def _each(row: Told) -> str:
    """Return the rows asked for each victim; "" where a score does not count victims."""
    return f"{row.rows / max(1, row.success.n):,.0f}" if isinstance(row, Evidence) else ""


def _budget(dossier: Dossier) -> str:
    exposure, context = dossier.assessment.system.exposure, dossier.assessment.context
    if exposure.query_budget is not None:
        return f"{exposure.query_budget:,} in all"
    return "limited in rate, not in number" if context.rate_limited else "as many as they like"
