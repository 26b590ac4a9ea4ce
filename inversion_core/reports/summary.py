"""The first page: what an attacker got as deployed, what the controls changed and cost, what is asked."""

from collections.abc import Iterator

from inversion_core.reports import words
from inversion_core.reports.blocks import Bar, Bars, Block, Facts, Listing, Paragraph, Section, Tone, Verdict
from inversion_core.reports.dossier import Dossier
from inversion_core.risk.evidence import Evidence
from inversion_core.risk.rating import NOT_ASSESSED, Grade, Level
from inversion_core.risk.roles import Role
from inversion_core.risk.unrated import named

MOST_BARS = 8
KINDS = {
    "evaluator-top1": "recognisably",
    "match-same-photo": "so that another recogniser takes the picture for the one enrolled",
}
"""Score -> how it counts as recovered."""
WORDS: dict[Tone, str] = {
    "alarm": "decide before use",
    "calm": "resisted the attacks listed",
    "open": "not assessed",
    "plain": "for information",
}


def summary(dossier: Dossier) -> Section:
    """Return the page for whoever has ten minutes."""
    return Section("", "Summary for the decision", tuple(_blocks(dossier)))


def tone(dossier: Dossier) -> Tone:
    """Return how the residual result is marked."""
    level = dossier.rating.residual.vulnerability
    if level is None:
        return "open"
    return "alarm" if level.value >= 3 else "calm"


def sentence(dossier: Dossier) -> str:
    """Return in a few sentences what an attacker got from the system as deployed, and without controls."""
    row = dossier.deciding
    if row is None:
        return f"{NOT_ASSESSED}: {dossier.rating.residual.reason}. No statement about this system follows."
    kind = KINDS.get(row.score, "with the right sensitive value")
    beside = f"guessing gives {words.percent(row.baseline)}"
    if row.control is not None:
        beside += (
            f", and {words.percent(row.control.value)} came back of {row.control.n:,} the model never met"
        )
    told = f"{_through(dossier, row)}, an attacker recovered {_got(row)} {kind}; {beside}."
    bare = [one for one in dossier.of(Role.BARE) if one.attack == row.attack] or dossier.of(Role.BARE)
    if bare and words.controls(dossier.assessment.system):
        told += f" Without the controls: {_got(bare[0])}. {cost(dossier)}"
    return told.strip()


def cost(dossier: Dossier) -> str:
    """Return what the controls cost in accuracy, "" where one side was not run."""
    deployed, bare = dossier.of(Role.DEPLOYED), dossier.of(Role.BARE)
    if not deployed or not bare:
        return ""
    before, after = bare[0].accuracy, deployed[0].accuracy
    if before is None or after is None:
        told = "What the controls cost in accuracy was not measured"
        if before is None:
            return f"{told}."
        return f"{told}; without them the model is right in {words.percent(before.value)} of new cases."
    lost = before.value - after.value
    if round(abs(lost), 3) == 0:
        return f"The controls cost no accuracy ({words.percent(after.value)} on data it never saw)."
    return (
        f"The controls {'cost' if lost > 0 else 'gain'} {100 * abs(lost):.1f} points of accuracy on data it "
        f"never saw ({words.percent(before.value)} before, {words.percent(after.value)} after)."
    )


def _blocks(dossier: Dossier) -> Iterator[Block]:
    mark = tone(dossier)
    yield Verdict(sentence(dossier), mark, WORDS[mark])
    rating = dossier.rating
    yield Facts(
        (
            (
                "Vulnerability, from measured success",
                _change(rating.inherent, rating.residual, "vulnerability"),
            ),
            (
                "Exposure, from the deployed surface",
                f"{rating.exposure.value} of 4: {rating.exposure.because}",
            ),
            ("Likelihood", _change(rating.inherent, rating.residual, "likelihood")),
            (
                "Severity, from data and people",
                f"{rating.severity} of 4: {rating.severity_because}"
                if rating.severity
                else f"not applicable: {rating.severity_because}",
            ),
        )
    )
    if bars := _bars(dossier):
        yield bars
    yield Paragraph(
        "Levels run from 1 (lowest) to 4. They order risks, they are no probabilities, and they speak of the "
        "tested attacks only. The cut-offs are those of the policy "
        f"\N{LEFT DOUBLE QUOTATION MARK}{dossier.policy.title}\N{RIGHT DOUBLE QUOTATION MARK}, version "
        f"{dossier.policy.version}, {_approved(dossier)}.",
        small=True,
    )
    if points := tuple(_open(dossier)):
        yield Listing(points)
    yield Paragraph(_asked(dossier))


def _open(dossier: Dossier) -> Iterator[str]:
    """Yield what the rating does not rest on: what was not run, and what no threshold is for."""
    if dossier.missing:
        yield f"{len(dossier.missing)} of {len(dossier.assessment.scenarios)} planned runs have no result."
    if dossier.unrated:
        count = sum(len(row.run_ids) for row in dossier.unrated)
        yield (
            f"{count} finished {'run is' if count == 1 else 'runs are'} told under Results and not rated: "
            f"{named(dossier.unrated)}."
        )


def _approved(dossier: Dossier) -> str:
    return f"approved by {dossier.approved}" if dossier.approved else "which nobody has approved yet"


def _asked(dossier: Dossier) -> str:
    if dossier.training:
        return "This is a training exercise: no decision is asked, and none can be recorded."
    return (
        "Decision asked: approve, approve with conditions, reject, or refer to the supervisory authority. "
        "What was decided stands under Decision and sign-off."
    )


def _change(inherent: Grade, residual: Grade, name: str) -> str:
    after = getattr(residual, name)
    before = getattr(inherent, name)
    told = f"{after.value} of 4: {after.because}" if after else f"{NOT_ASSESSED}: {residual.reason}"
    if before is None:
        return f"{told} (without the controls: {NOT_ASSESSED})"
    return told if _same(before, after) else f"{told} (without the controls: {before.value})"


def _same(before: Level, after: Level | None) -> bool:
    return after is not None and before.value == after.value


def _got(row: Evidence) -> str:
    return f"{words.counted(row)} ({words.interval(row.success)})"


def _through(dossier: Dossier, row: Evidence) -> str:
    if row.role is Role.DEPLOYED:
        return f"As deployed, through {words.answer(dossier.assessment.system)}"
    return f"With more than is deployed, {words.ACCESS[row.access]}"


def _bars(dossier: Dossier) -> Bars | None:
    wanted = (Role.DEPLOYED, Role.STRONGER, Role.BARE)
    rows = [row for role in wanted for row in dossier.of(role)][:MOST_BARS]
    if not rows:
        return None
    bars = tuple(
        Bar(
            label=f"{words.title_of(row)}, {words.ROLES[row.role]}",
            value=row.success.value,
            low=row.success.low,
            high=row.success.high,
            baseline=row.baseline,
            said=f"{words.percent(row.success.value)}, {words.interval(row.success)}",
        )
        for row in rows
    )
    alt = "; ".join(f"{bar.label}: {bar.said}" for bar in bars)
    return Bars("Share recovered by each attack, with its 95 % interval; the tick is guessing", bars, alt)
