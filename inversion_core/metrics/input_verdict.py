"""What the stored result of an attack on inputs says in one sentence, and what it does not show.

Such an attack claims the very photo behind an answer or a template. Of an answer the sentence rests on the
likeness to that photo, against a mean face; of a template on another recogniser, against pairs of different
people. Never on how well the attacked model agrees.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from inversion_core.metrics.finding import Finding, Verdict, source
from inversion_core.values import Claim

MATCHES = ("match-same-photo", "match-other-photo")
LIKENESSES = ("ssim", "psnr")
FEW_PEOPLE = 30


def claims_input(result: Mapping[str, Any]) -> bool:
    """Say whether the attack of a stored result claims the very input."""
    return result.get("claim") == Claim.INPUT.value


def input_headline(result: Mapping[str, Any]) -> str | None:
    """Return the name of the score the verdict rests on, None where the result has none of them."""
    names = {score["name"] for score in result["scores"]}
    wanted = (*MATCHES[:1], *LIKENESSES) if _of_templates(result) else LIKENESSES
    return next((name for name in wanted if name in names), None)


def input_verdict(result: Mapping[str, Any], limits: Iterator[str]) -> Verdict:
    """Judge the result of a finished attack on inputs; `limits` are those of the scene.

    REDRAWN: the whole interval of the headline lies above its baseline. NOTHING: it does not. UNJUDGED: there
    is no original to compare with.
    """
    scores = {score["name"]: score for score in result["scores"]}
    name = input_headline(result)
    if name is None:
        told = "No verdict: these pictures are too small for the likeness to be judged."
        return Verdict(told, list(limits), Finding.UNJUDGED)
    headline = scores[name]
    finding = Finding.REDRAWN if headline["low"] > headline["baseline"] else Finding.NOTHING
    tell = _of_matching if name in MATCHES else _of_likeness
    sentence = tell(finding, headline, scores, source(result))
    return Verdict(sentence, [*_not_shown(finding, headline, result), *limits], finding)


def _of_likeness(
    finding: Finding, likeness: Mapping[str, Any], scores: Mapping[str, Any], source: str
) -> str:
    rulers = likeness["rulers"]
    numbers = (
        f"on average {likeness['value']:.2f} alike, where the mean face is {likeness['baseline']:.2f} and "
        f"another photo of the person {rulers['another photo of the person']:.2f}"
    )
    matched = scores.get(MATCHES[1])
    accepted = ""
    if matched is not None:
        accepted = f"; another recogniser accepts {_count(matched)} of {matched['n']} as the person"
    if finding is Finding.NOTHING:
        return f"{source}, this attack drew nothing nearer to the photos than a mean face: {numbers}."
    return f"{source}, an attacker redrew photos it never saw: {numbers}{accepted}."


def _of_matching(finding: Finding, same: Mapping[str, Any], scores: Mapping[str, Any], source: str) -> str:
    strangers = f"of different people it accepts {100 * same['baseline']:.1f} %"
    other = scores.get(MATCHES[1])
    elsewhere = f", {_count(other)} against another photo of theirs" if other is not None else ""
    accepted = f"for {_count(same)} of {same['n']} people against the enrolled photo{elsewhere} ({strangers})"
    if finding is Finding.NOTHING:
        return (
            f"{source}, this attack drew no faces that another recogniser takes for the person beyond "
            f"chance: {accepted}."
        )
    return f"{source}, an attacker drew faces that another recogniser accepts as the person: {accepted}."


def _not_shown(finding: Finding, headline: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    if finding is Finding.NOTHING:
        yield (
            "That the answers are safe: more public photos, another decoder or more of each answer may "
            "succeed where this did not."
        )
    leaked = "the stored template" if _of_templates(result) else "what the model answered"
    yield (
        f"That anybody can do this: the attacker must also come by {leaked} for each victim's photo, by "
        "overhearing, a log or a theft."
    )
    yield "That training photos leak: what is redrawn are photos sent to the model, not those it learnt from."
    yield (
        "That a human would recognise anybody: the numbers come from formulas and networks. Look at the "
        "pictures."
    )
    if any(row["used"] == "public photos" for row in result.get("ledger", [])):
        yield (
            "That every detail came from the answer: a decoder fills in what is usual among the public "
            "people it learnt from, and draws blurred what it cannot know."
        )
    if headline["n"] < FEW_PEOPLE:
        yield f"How other people would fare: {headline['n']} attacked; the interval says how little that is."


def _of_templates(result: Mapping[str, Any]) -> bool:
    return any("stored template" in row["used"] for row in result.get("ledger", []))


def _count(score: Mapping[str, Any]) -> int:
    count: int = round(score["value"] * score["n"])
    return count
