"""What the stored result of a membership attack says in one sentence, and what it does not show.

Two tests, since an attack may tell members apart on average, or be sure of a few and know nothing of the
rest: the area under the curve, and the share named at few false alarms. In each the low end of a 95 %
interval must lie above what needs no model, which by chance happens in at most 2.5 %; so the two together err
in at most 5 %.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from inversion_core.metrics.finding import Finding, Verdict, source
from inversion_core.metrics.membership import BLIND
from inversion_core.metrics.membership_tpr import ALLOWED, ELSEWHERE, RATE

HEADLINE = "membership-auc"
AT_FEW_ALARMS = "membership-tpr-at-fpr"
SYNTHETIC = ("people", "clinic", "credit")


def membership_verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge the result of a finished membership run.

    TOLD_APART: the whole interval of the area lies above what needs no model, or that of the share named at
    few false alarms does. UNJUDGED: neither, and a glance at the records tells members, or may tell as much
    as this attack, so that little could have been seen. NOTHING: neither, and not better than a coin.
    """
    scores = {score["name"]: score for score in result["scores"]}
    auc, few = scores[HEADLINE], scores[AT_FEW_ALARMS]
    if auc["low"] > auc["baseline"] or _names_some(few):
        finding = Finding.TOLD_APART
    elif auc["rulers"][f"{BLIND}, low"] > 0.5 or auc["low"] > 0.5:
        finding = Finding.UNJUDGED
    else:
        finding = Finding.NOTHING
    sentence = _sentence(finding, auc, few, result)
    return Verdict(sentence, list(_not_shown(finding, scores, result)), finding)


def _names_some(few: Mapping[str, Any]) -> bool:
    """Say whether more members are named than others could be, wherever the threshold's own rate lies."""
    return bool(few["low"] > max(few["rulers"][f"{ELSEWHERE}, high"], few["rulers"][BLIND]))


def _sentence(
    finding: Finding, auc: Mapping[str, Any], few: Mapping[str, Any], result: Mapping[str, Any]
) -> str:
    what = "photo" if len(result["target"]["input_shape"]) == 3 else "record"
    told = (
        f"given one {what} that was trained on and one that was not, it picks the right one "
        f"{auc['value']:.0%} of the time (95 % interval {auc['low']:.0%} to {auc['high']:.0%}; without the "
        f"model {auc['baseline']:.0%})"
    )
    named = (
        f"at {_rate(few['rulers'][RATE])} false alarms it names {_rate(few['value'])} of those trained on "
        f"({_rate(few['low'])} to {_rate(few['high'])})"
    )
    if finding is Finding.NOTHING:
        return (
            f"{source(result)}, this attack does not on average tell what was trained on beyond guessing: "
            f"{told}. A{named[1:]}."
        )
    if finding is Finding.UNJUDGED and auc["rulers"][f"{BLIND}, low"] > 0.5:
        return (
            f"No verdict: what was trained on differs from the rest at a glance, and on average this attack "
            f"does no better than a glance; {told}."
        )
    if finding is Finding.UNJUDGED:
        return (
            f"No verdict: on average this attack tells what was trained on better than a coin, but not "
            f"beyond a glance at the records; {told}."
        )
    if auc["low"] > auc["baseline"]:
        return (
            f"{source(result)}, an attacker tells {what}s the model was trained on from others: {told}. "
            f"A{named[1:]}."
        )
    return (
        f"{source(result)}, an attacker names some {what}s the model was trained on, though it does not on "
        f"average tell them from others: {named}, and of the others at most "
        f"{_rate(few['rulers'][f'{ELSEWHERE}, high'])} (without the model {_rate(few['rulers'][BLIND])}); "
        f"{told}."
    )


def _not_shown(finding: Finding, scores: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the limits of this evidence, the most important first."""
    few = scores[AT_FEW_ALARMS]
    if finding is not Finding.TOLD_APART:
        yield (
            "That the model is safe: an attacker with more or better models of their own may tell what this "
            "one did not."
        )
    yield (
        f"What happens below {_rate(few['rulers'][RATE])} false alarms: {result['curve']['others']:,} "
        "records that were not trained on are too few to say."
    )
    yield "What a record contains: the attacker must hold it already, with its true label."
    if any("of the same kind" in row["used"] for row in result.get("ledger", [])):
        yield (
            "What somebody could do without data: this attacker has records of the same kind, and time to "
            "train models on them."
        )
    yield (
        "How likely membership is before anybody asks: here half of the records were trained on; where "
        "members are rare, most alarms are false."
    )
    if ALLOWED in few["rulers"]:
        yield (
            f"That a person is protected by epsilon {result['target']['epsilon']:.2g}: it bounds what one "
            "record reveals, and a person may have several."
        )
    if result["target"].get("dataset") in SYNTHETIC:
        yield "How data of real people fare: these are synthetic."
    yield "How the result varies: this is one run with one seed of one trained model."


def _rate(share: float) -> str:
    """Return a rate with the digits it needs: 12 %, 1 %, 0.1 %."""
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.2g} %"
