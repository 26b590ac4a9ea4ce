"""What the stored result of a theft says in one sentence, and what it does not show.

The sentence rests on the agreement of copy and model, against always naming the same person; whether people
can be read off the copy is said by the independent judge.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from inversion_core.metrics.finding import Finding, Verdict, source

HEADLINE, JUDGE = "extraction-agreement", "evaluator-top1"
FAIR = 0.5
"""Share of real photos a judge must recognise before its silence about recovered ones means anything."""
SYNTHETIC = "people"
FEW_PEOPLE = 30


def extraction_verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge the result of a finished theft.

    COPIED: the whole interval of the agreement lies above its baseline; NOTHING: it does not.
    """
    scores = {score["name"]: score for score in result["scores"]}
    agreement, judge = scores[HEADLINE], scores.get(JUDGE)
    copied = agreement["low"] > agreement["baseline"]
    numbers = (
        f"on {agreement['n']:,} photos neither had seen it names the person the model names in "
        f"{agreement['value']:.0%} (naming always the same one gives {agreement['baseline']:.0%})"
    )
    if not copied:
        told = f"{source(result)}, this attack made no copy that answers like it: {numbers}."
        return Verdict(told, list(_not_shown(result, agreement, judge)), Finding.NOTHING)
    told = f"{source(result)}, an attacker made a copy with {result['queries']:,} questions: {numbers}"
    return Verdict(f"{told}{_read_off(judge)}.", list(_not_shown(result, agreement, judge)), Finding.COPIED)


def _read_off(judge: Mapping[str, Any] | None) -> str:
    if judge is None:
        return ""
    known, people = round(judge["value"] * judge["n"]), judge["n"]
    if judge["low"] <= judge["baseline"]:
        if judge["control"] is not None and judge["control"] < FAIR:
            return "; the judge is too weak to say whether anybody can be read off the copy"
        return f"; this search read nobody beyond guessing off the copy ({known} of {people} recognised)"
    return (
        f"; in what was read off the copy, with no further question, an independent judge recognises {known} "
        f"of {people} people"
    )


def _not_shown(
    result: Mapping[str, Any], agreement: Mapping[str, Any], judge: Mapping[str, Any] | None
) -> Iterator[str]:
    yield (
        "That the weights are known: the copy is another network that answers alike, and what it says of "
        "pictures unlike those it was asked about may differ."
    )
    if agreement["low"] <= agreement["baseline"]:
        yield (
            "That the model cannot be copied: more questions, better chosen ones or another copy may succeed."
        )
    if judge is not None:
        yield (
            "That a human would recognise anybody: the judge is a model and can be fooled. Look at the "
            "pictures."
        )
        if judge["n"] < FEW_PEOPLE:
            yield (
                f"How other people would fare: {judge['n']} were searched; for others the share may lie "
                f"anywhere from {judge['low']:.0%} to {judge['high']:.0%}."
            )
    yield (
        "That strangers' faces of any kind would do: these come from public people of the same kind as those "
        "in the data."
    )
    if result["target"].get("dataset") == SYNTHETIC:
        yield "How real faces fare: these people are synthetic, and real photos vary more."
    yield "How the result varies: this is one run with one seed of one trained model."
