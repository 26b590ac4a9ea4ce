"""What a stored result says in one sentence, and what it does not show.

The sentence rests on the independent evaluator and its interval, never on the success with the attacked model
itself.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inversion_core.metrics import extraction_verdict, gradients_verdict
from inversion_core.metrics.explanation import Explanation
from inversion_core.metrics.finding import Finding, Verdict, source
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.input_verdict import claims_input, input_headline, input_verdict
from inversion_core.metrics.membership_verdict import HEADLINE as MEMBERSHIP_HEADLINE
from inversion_core.metrics.membership_verdict import membership_verdict
from inversion_core.metrics.system_verdict import (
    COPIES,
    GROUP,
    ROW,
    generation_verdict,
    property_verdict,
    reconstruction_verdict,
)
from inversion_core.metrics.table_verdict import HEADLINE, table_verdict
from inversion_core.values import Family

__all__ = ["Explanation", "Finding", "Verdict", "explain", "headline", "verdict"]

FAIR_JUDGE = 0.5
"""Share of real photos a judge must recognise before its silence about recovered ones means anything."""
GOOD_JUDGE = 0.9
FEW_PEOPLE = 30
SYNTHETIC = "people"
OTHERS = "How other people would fare"
OUTSIDERS, INSIDERS = "What an outsider could do", "What an insider could do"
REAL = "How real faces fare"
SINGLE_RUN = "How the result varies: this is one run with one seed of one trained model."


@dataclass(frozen=True)
class Reading:
    """How results of a family are read: the score they rest on, and what they come to."""

    headline: str
    verdict: Callable[[Mapping[str, Any]], Verdict]


OF_FAMILY: dict[str, Reading] = {
    Family.MEMBERSHIP.value: Reading(MEMBERSHIP_HEADLINE, membership_verdict),
    Family.GRADIENTS: Reading(gradients_verdict.HEADLINE, gradients_verdict.gradients_verdict),
    "generation": Reading(COPIES, generation_verdict),
    "reconstruction": Reading(ROW, reconstruction_verdict),
    "property": Reading(GROUP, property_verdict),
    Family.EXTRACTION.value: Reading(extraction_verdict.HEADLINE, extraction_verdict.extraction_verdict),
}
"""Family of an attack, as its results name it -> how they are read; the others are read here."""


def verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge the result of a finished run, as `execute` stores it.

    RECOVERED and PARTLY: the evaluator recognises more victims than guessing would, its whole interval above
    it. PARTLY: at the same time it rejects most of what convinces the attacked model, more than it does with
    real photos. FOOLED: only the attacked model is convinced. NOTHING: neither. UNJUDGED: there is no
    evaluator, or it recognises nobody in a recovered picture but is too weak to recognise real photos either.
    Tables and attacks on inputs have findings of their own.
    """
    if (family := result.get("family")) in OF_FAMILY:
        return OF_FAMILY[family].verdict(result)
    scores = {score["name"]: score for score in result["scores"]}
    if HEADLINE in scores:
        return table_verdict(result)
    if claims_input(result):
        return input_verdict(result, _limits_of_input(result))
    finding = _finding(scores)
    return Verdict(
        _sentence(finding, scores, source(result)), list(_not_shown(finding, scores, result)), finding
    )


def headline(result: Mapping[str, Any]) -> str | None:
    """Return the name of the score that a run's verdict rests on, None where it has none."""
    if (family := result.get("family")) in OF_FAMILY:
        return OF_FAMILY[family].headline
    if claims_input(result):
        return input_headline(result)
    names = {score["name"] for score in result["scores"]}
    return "evaluator-top1" if "evaluator-top1" in names else None


def _finding(scores: Mapping[str, Any]) -> Finding:
    judge, target, gap = (scores.get(name) for name in ("evaluator-top1", "target-top1", "adversarial-gap"))
    if judge is None:
        return Finding.UNJUDGED
    if _beats_guessing(judge):
        mostly_fooled = target is not None and judge["value"] < target["value"] / 2
        beyond_the_judge = gap is not None and gap["low"] > max(0.0, gap["control"] or 0.0)
        return Finding.PARTLY if mostly_fooled and beyond_the_judge else Finding.RECOVERED
    if judge["control"] is not None and judge["control"] < FAIR_JUDGE:
        return Finding.UNJUDGED
    return Finding.FOOLED if target is not None and _beats_guessing(target) else Finding.NOTHING


def _sentence(finding: Finding, scores: Mapping[str, Any], source: str) -> str:
    if "evaluator-top1" not in scores:
        return (
            "No verdict: this run has no independent judge, and convincing the attacked model alone shows "
            "nothing."
        )
    judge = scores["evaluator-top1"]
    people, recognised, guessing = judge["n"], _count(judge), _guessing(judge)
    if finding is Finding.RECOVERED:
        whom = "the one person attacked" if people == 1 else f"{recognised} of {people} people"
        return (
            f"{source}, an attacker recovered a likeness that an independent judge recognises for {whom} "
            f"({guessing})."
        )
    if finding is Finding.UNJUDGED:
        return (
            f"No verdict: an independent judge recognises {_of(recognised, people)} in the recovered "
            f"pictures, but it recognises only {judge['control']:.0%} of real photos of them, so its "
            "silence says little."
        )
    if finding is Finding.NOTHING:
        return (
            f"{source}, this attack recovered nobody beyond guessing: an independent judge recognises "
            f"{_of(recognised, people)} ({guessing})."
        )
    return _sentence_of_fooling(finding, scores, source)


def _sentence_of_fooling(finding: Finding, scores: Mapping[str, Any], source: str) -> str:
    judge, fooled = scores["evaluator-top1"], _count(scores["target-top1"])
    opening = "The attack fools the model; it is not the person"
    if finding is Finding.PARTLY:
        opening = f"{source}, an attacker recovered some likenesses, but most pictures only fool the model"
    return (
        f"{opening}: {fooled} of {judge['n']} recovered pictures convince the attacked model, an independent "
        f"judge recognises {_count(judge)} ({_guessing(judge)})."
    )


def _not_shown(finding: Finding, scores: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the limits of this evidence, the most important first."""
    judge = scores.get("evaluator-top1")
    if finding in (Finding.FOOLED, Finding.NOTHING, Finding.UNJUDGED):
        yield (
            "That the model is safe: a stronger attack, more steps or more knowledge may succeed where "
            "this one did not."
        )
    if judge is not None:
        yield from _limits_of_judge(judge, result.get("evaluator_accuracy"))
    photos = result["target"].get("photos_per_class") or 0
    if photos > 1:
        yield (
            f"That a training photo was recovered: the model learnt about {photos:.0f} photos of each "
            "person, and what is recovered is at most a likeness of the person."
        )
    yield from _limits_of_scene(result)
    if judge is not None and judge["n"] < FEW_PEOPLE:
        yield (
            f"{OTHERS}: {_of(judge['n'], judge['n'])} attacked; for others the share may "
            f"lie anywhere from {judge['low']:.0%} to {judge['high']:.0%}."
        )
    yield SINGLE_RUN


def _limits_of_input(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an attack on inputs shares with others."""
    yield from _limits_of_scene(result)
    yield SINGLE_RUN


def _limits_of_judge(judge: Mapping[str, Any], accuracy: float | None) -> Iterator[str]:
    known = "" if accuracy is None else f" It names {accuracy:.0%} of unseen real photos correctly."
    yield (
        f"That a human would recognise anybody: the judge is a model and can be fooled.{known} Look at the "
        "pictures."
    )
    control = judge["control"]
    if control is not None and control < GOOD_JUDGE:
        yield (
            f"The full extent: the judge recognises only {control:.0%} of real photos of these people, so "
            "some likenesses it missed may be good ones."
        )


def _limits_of_scene(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield what follows from the data, the access, the prior and the promise of this run."""
    if result["target"].get("dataset") == SYNTHETIC:
        yield f"{REAL}: these people are synthetic, and real photos vary more."
    used = [row["used"] for row in result.get("ledger", [])]
    if any(row.startswith("the model's weights") for row in used):
        yield (f"{OUTSIDERS}: the attacker in this run had the model's weights, not only answers of an API.")
    elif used:
        yield (f"{INSIDERS}: the attacker in this run had no weights; whoever has them may recover more.")
    if any("prior" in row for row in used):
        yield (
            "That every detail came from the model: the attacker drew with a prior learnt from public "
            "photos, which fills in what the model does not tell."
        )
    epsilon = result["target"].get("epsilon")
    if epsilon is not None:
        yield (
            f"That a person is protected by epsilon {epsilon:.2g}: it bounds what one photo reveals, and a "
            "person here has several."
        )


def _beats_guessing(score: Mapping[str, Any]) -> bool:
    return bool(score["low"] > score["baseline"])


def _count(score: Mapping[str, Any]) -> int:
    count: int = round(score["value"] * score["n"])
    return count


def _of(count: int, people: int) -> str:
    return f"{count} of {people} {'person' if people == 1 else 'people'}"


def _guessing(score: Mapping[str, Any]) -> str:
    expected = score["baseline"] * score["n"]
    return f"guessing gives {expected:.0f}" if expected > 0.95 else "guessing gives fewer than 1"
