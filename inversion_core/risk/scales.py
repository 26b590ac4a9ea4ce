"""The scales of others as views of the same two levels; converting adds no knowledge."""

from dataclasses import dataclass

CNIL = ("negligible", "limited", "significant", "maximum")
EXPERTS_LIKELIHOOD = ("unlikely", "low", "high", "very high")
EXPERTS_SEVERITY = ("very limited", "limited", "significant", "very significant")
ICO_LIKELIHOOD = ("remote", "possible", "possible", "probable")
ICO_SEVERITY = ("minimal", "significant", "significant", "severe")
NONE = "n/a (demo)"


@dataclass(frozen=True)
class View:
    """Likelihood and severity in the words of a scale; `own`: the conversion is ours, not the authority's;
    `checked`: the words were read at their source and not taken from memory.
    """

    scale: str
    likelihood: str
    severity: str
    own: bool
    checked: bool


def views(likelihood: int | None, severity: int | None) -> tuple[View, ...]:
    """Return the levels on each scale; NOT ASSESSED and no person concerned stay what they are."""
    return tuple(
        View(scale, _word(likely, likelihood, "not assessed"), _word(severe, severity, NONE), own, checked)
        for scale, likely, severe, own, checked in (
            ("CNIL", CNIL, CNIL, False, True),
            ("EDPB support pool of experts", EXPERTS_LIKELIHOOD, EXPERTS_SEVERITY, False, False),
            ("ICO", ICO_LIKELIHOOD, ICO_SEVERITY, True, False),
        )
    )


def _word(words: tuple[str, ...], level: int | None, none: str) -> str:
    return none if level is None else words[level - 1]
