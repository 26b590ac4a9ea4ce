"""A matrix and its findings in words: the same on the page and in the document."""

from collections import Counter

from inversion_core.compare.expectations import Finding, Found, Measure, Seen
from inversion_core.compare.matrix import Matrix
from inversion_core.compare.verdict import Verdict

MINUS = "\N{MINUS SIGN}"
GAIN = "residual-over-imputation"
RULE = (
    "Two values count as different where their 95 % intervals do not touch. Seen or not is said of these "
    "people, this network and this setting of each defence; a difference too small for so few people goes "
    "unseen, and that none is seen does not prove that there is none."
)


def sentence(shown: Matrix) -> str:
    """Return what the matrix comes to."""
    found = Counter(one.verdict for one in shown.cells if one.verdict is not None)
    calm = found.total() - found[Verdict.NONE] - found[Verdict.NOTHING]
    told = f"In {found[Verdict.NONE]} of {found.total()} cells that a defence touches no protection is seen"
    if found[Verdict.NOTHING]:
        told += (
            f", in {found[Verdict.NOTHING]} the attack does no better than guessing even without a defence"
        )
    if not calm:
        return f"{told}."
    return (
        f"{told}. Of the {calm} that look calm under the attack as published, {found[Verdict.MASKING]} only "
        f"mask, {found[Verdict.PARTLY]} protect less than they seem and {found[Verdict.PROTECTION]} hold "
        f"against an attacker who knows the defence; {found[Verdict.UNTESTED] + found[Verdict.UNCLEAR]} are "
        "open."
    )


def summary(findings: tuple[Finding, ...]) -> str:
    """Return how many claims came out which way."""
    count = Counter(one.seen for one in findings)
    measured = len(findings) - count[Seen.NOT_MEASURED]
    told = ", ".join(f"{seen}: {count[seen]}" for seen in (Seen.EXPECTED, Seen.NOT_SEEN, Seen.REVERSED))
    return f"Claims measured here: {measured}. {told[0].upper()}{told[1:]}."


def number(score: str, value: float) -> str:
    """Return a headline or an accuracy as people read it.

    Shares of people in per cent, accuracies to the tenth; what is gained over guessing in points, with its
    sign.
    """
    if score != GAIN:
        return f"{100 * value:.{1 if score == Measure.ACCURACY else 0}f} %"
    told = f"{abs(100 * value):.1f}"
    sign = "" if float(told) == 0 else MINUS if value < 0 else "+"
    return f"{sign}{told} points"


def estimate(score: str, value: float, low: float, high: float) -> str:
    """Return a value with its interval."""
    return f"{number(score, value)} ({number(score, low)} to {number(score, high)})"


def side(found: Found) -> str:
    """Return one side of a finding: whose it is, the value and its interval."""
    who = f"{found.row}, {found.variant}" if found.variant else found.row
    return f"{who}: {estimate(found.score, found.value, found.low, found.high)}"


def basis(finding: Finding) -> str:
    """Return what the two sides of a finding rest on, and what bears on reading them."""
    here = finding.here
    if here is None:
        return ""
    told = [f"{here.column}, n = {here.n:,}, {here.seeds} seeds"]
    if finding.claim.measure is Measure.ACCURACY:
        told = [f"accuracy on held-out data, n = {here.n:,}, each target trained once"]
    if finding.accuracies is not None:
        one, other = (number(Measure.ACCURACY, value) for value in finding.accuracies)
        told.append(f"accuracy {one} and {other}")
    return "; ".join([*told, *finding.notes])
