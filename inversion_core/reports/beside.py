"""What was run and is not rated, for section 5: each attack with its number, its chance and its sentence."""

from collections.abc import Iterator

from inversion_core.registry import find
from inversion_core.reports import words
from inversion_core.reports.blocks import Block, Listing, Table
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.claims import saying
from inversion_core.risk.unrated import NO_JUDGE, NO_LINE, Unrated
from inversion_core.values import Claim

CAPTION = "Also run, and not rated"
HEADS = ("attack", "as", "access", "about", "measured", "without the model", "n, seeds", "what came of it")
REASONS = {
    NO_LINE: "These results do not enter the rating, because the policy has thresholds for inversion (who is "
    "recovered) and attributes (whose sensitive value is guessed) only. They make it neither better nor "
    "worse: read them beside it.",
    NO_JUDGE: "Where no independent judge says who was recovered, there is no share that could be rated.",
}
"""Why something is not rated -> how a report says it."""


def beside(dossier: Dossier) -> Iterator[Block]:
    """Yield the table of what is not rated and how it is to be read; nothing where all is rated."""
    if not dossier.unrated:
        return
    yield Table(CAPTION, HEADS, tuple(_line(dossier, row) for row in dossier.unrated), frozenset({4, 5, 6}))
    yield Listing(tuple(_reading(dossier)))


def _line(dossier: Dossier, row: Unrated) -> tuple[str, ...]:
    said = saying(row.claim, class_is_person=dossier.assessment.context.class_is_person)
    found = row.measured
    return (
        words.title_of(row),
        words.ROLES[row.role],
        words.given(row.scenario.exposure),
        said.title,
        measured(row),
        "" if row.baseline is None else words.number(row.score, row.baseline),
        "" if found is None else f"{found.n:,}, {found.seeds}",
        row.verdict,
    )


def measured(row: Unrated) -> str:
    """Return the number of a row by its name, with its 95 % interval."""
    found = row.measured
    if found is None:
        return "not measured"
    value, low, high = (words.number(row.score, one) for one in (found.value, found.low, found.high))
    return f"{find('metrics', row.score).title}: {value} ({low} to {high})"


def _reading(dossier: Dossier) -> Iterator[str]:
    yield from (REASONS[why] for why in dict.fromkeys(row.why for row in dossier.unrated))
    yield (
        "Each number has its 95 % interval and stands beside what needs no model"
        + ("; of errors, less is more for the attacker" if _errors(dossier) else "")
        + "."
    )
    if any(row.claim is Claim.MEMBERSHIP for row in dossier.unrated):
        yield (
            "An attack that tells members from others needs others: where the data have none like them, it "
            "meets a model that was trained on half of the records by the same recipe, not the deployed "
            "weights."
        )
    person = dossier.assessment.context.class_is_person
    for said in dict.fromkeys(saying(row.claim, class_is_person=person) for row in dossier.unrated):
        yield f"{said.title}: {said.not_says}"


def _errors(dossier: Dossier) -> bool:
    return any(row.better == "lower" for row in dossier.unrated)
