"""How a report says things: numbers with their interval, controls by name, and nothing that promises more."""

from collections.abc import Iterable

from inversion_core.choices import Choice, Exposure
from inversion_core.compare.pooling import Pooled
from inversion_core.registry import find
from inversion_core.reports.outward import outward
from inversion_core.risk.assessment import Audience, Release, System
from inversion_core.risk.evidence import Evidence, Told
from inversion_core.risk.roles import Role
from inversion_core.values import Access, Modality

ACCESS = {
    Access.WHITE_BOX: "the model itself (its weights)",
    Access.SCORES: "the scores of every class",
    Access.LABELS: "the label alone",
    Access.GRADIENTS: "the gradients of training",
    Access.TEMPLATES: "stored templates",
}
AUDIENCES = {
    Audience.INSIDERS: "insiders only",
    Audience.AUTHENTICATED: "callers who have an account",
    Audience.PARTNERS: "partners",
    Audience.PUBLIC: "everybody",
}
RELEASES = {
    Release.INTERNAL: "inside the organisation",
    Release.SERVICE: "behind a service",
    Release.DEVICE: "on devices of others",
    Release.PUBLISHED: "published",
}
ROLES = {
    Role.DEPLOYED: "as deployed",
    Role.STRONGER: "with more access than deployed",
    Role.BARE: "without the controls",
    Role.CONTROL: "people it never learnt",
    Role.OTHER: "in another setting",
}
SHARES = ("evaluator-top1", "extraction-agreement", "identified-share", "extracted-share", "rows-exact")
"""Scores that are shares of people, photos or rows."""
UNBROKEN = "\N{NO-BREAK SPACE}"


def percent(share: float) -> str:
    """Return a share in per cent, with a decimal where it would read as none or all."""
    decimals = 1 if 0 < share < 0.01 or 0.99 < share < 1 else 0
    return f"{100 * share:.{decimals}f}{UNBROKEN}%"


def interval(found: Pooled) -> str:
    """Return a 95 % interval in words."""
    return f"{percent(found.low)} to {percent(found.high)}"


def measured(found: Pooled) -> str:
    """Return a value with its interval."""
    return f"{percent(found.value)} ({interval(found)})"


def number(score: str, value: float) -> str:
    """Return a value of a score that is not rated, in per cent where it is a share."""
    return percent(value) if score in SHARES else f"{value:.3g}"


def counted(row: Evidence) -> str:
    """Return how many were recovered of how many, over all seeds on average."""
    hits = row.success.value * row.success.n
    told = f"{hits:.0f}" if row.success.seeds == 1 or hits == round(hits) else f"on average {hits:.1f}"
    return f"{told} of {row.success.n:,} {whom(row)}"


def whom(row: Evidence) -> str:
    """Return what was attacked: people, or records of a table."""
    return "people" if row.scenario.modality() is Modality.IMAGE else "records"


def title_of(row: Told) -> str:
    """Return the title of the attack of a row, and whether it knows the controls."""
    return find("attacks", row.attack).title + (" (knows the controls)" if row.adaptive else "")


def controls(system: System) -> list[str]:
    """Return the controls of a deployed system in words, none for none."""
    exposure = system.exposure
    found = [defence(one) for one in (*system.target.defences, *exposure.defences)]
    found += [f"a budget of {exposure.query_budget:,} rows a caller"] if exposure.query_budget else []
    found += ["a monitor that blocks a caller at its first alarm"] if exposure.monitor else []
    found += (
        [f"questions hidden from the server ({exposure.channel.value})"] if exposure.channel.hides else []
    )
    return found


def answer(system: System) -> str:
    """Return what an answer of the deployed model gives away."""
    return given(system.exposure)


def given(exposure: Exposure) -> str:
    """Return what an attacker gets through an exposure."""
    if not exposure.defences:
        return ACCESS[exposure.access]
    left = "scores" if exposure.access is Access.SCORES else ACCESS[exposure.access]
    return f"{left}, reduced by {listed(defence(one).lower() for one in exposure.defences)}"


def accuracy(row: Evidence) -> str:
    """Return how often the answers an attacker met are right on unseen data."""
    return "not measured" if row.accuracy is None else percent(row.accuracy.value)


def added(row: Evidence) -> str:
    """Return what the model adds to guessing or to the control group, with the upper end of its interval; ""
    for the control group itself.
    """
    if row.role is Role.CONTROL:
        return ""
    if row.residual.high == 0:
        return "no more than guessing was seen"
    return f"{percent(row.residual.value)}, up to {percent(row.residual.high)}"


def settings(row: Told) -> str:
    """Return the settings of an attack that differ from its defaults, each beside the default."""
    usual = find("attacks", row.attack)().params
    own = row.scenario.make_attack().params.model_dump()
    changed = [
        f"{name.replace('_', ' ')} {outward(value, name)} (default {getattr(usual, name)})"
        for name, value in own.items()
        if value != getattr(usual, name)
    ]
    return ", ".join(changed) or "defaults"


def defence(choice: Choice) -> str:
    """Return a defence by its title, with the parameters that were set."""
    params = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in choice.params.items())
    return find("defences", choice.name).title + (f" ({params})" if params else "")


def listed(words: Iterable[str], none: str = "none") -> str:
    """Return words in a row, with "and" before the last."""
    found = list(words)
    if len(found) < 2:
        return found[0] if found else none
    return f"{', '.join(found[:-1])} and {found[-1]}"
