"""What the stored results of generative models, published models and properties say in one sentence each.

Each rests on the interval of one score and its baseline.
"""

from collections.abc import Mapping
from typing import Any

from scipy.special import bdtrc  # type: ignore[import-untyped]

from inversion_core.metrics.finding import Finding, Verdict

LEAST_SURE = 0.025
"""Chance above which so many hits may have passed by chance, one-sided."""
COPIES, SECRETS, ROW, GROUP = "extracted-share", "canary-exposure", "row-error", "property-error"
SINGLE = "How the result varies: this is one run with one seed of one trained model."


def generation_verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge what was taken from a generative model.

    REMEMBERED: the whole interval lies above the baseline and what was never trained on. NOTHING: it does
    not.
    """
    scores = {score["name"]: score for score in result["scores"]}
    return _of_secrets(scores[SECRETS]) if SECRETS in scores else _of_copies(scores[COPIES], result)


def reconstruction_verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge rebuilt rows. REDRAWN: more are exact than by guessing, or the error lies below that of guessing,
    the whole interval.
    """
    scores = {score["name"]: score for score in result["scores"]}
    error, exact = scores[ROW], scores["rows-exact"]
    nearer = error["high"] < error["baseline"]
    found_exactly = exact["low"] > exact["baseline"]
    finding = Finding.REDRAWN if nearer or found_exactly else Finding.NOTHING
    if found_exactly:
        told = (
            f"From the published model and everybody else's rows, {_count(exact)} of {exact['n']} missing "
            "rows "
            "were computed exactly."
        )
    elif finding is Finding.REDRAWN:
        told = (
            f"From the published model and everybody else's rows, missing rows were rebuilt with an error of "
            f"{_percent(error['value'])} a column, nearer than guessing ({_percent(error['baseline'])})."
        )
    else:
        told = (
            "From the published model and everybody else's rows, this attack rebuilt missing rows no better "
            f"than guessing: {_percent(error['value'])} a column against {_percent(error['baseline'])}."
        )
    return Verdict(
        told,
        [
            "That anybody knows all other rows: this is the strongest adversary there is, whom differential "
            "privacy is made to withstand. Weaker ones get less.",
            "What other kinds of models give away: these two are sums of the rows, or nearly.",
            "What somebody who knows more of how the columns go together would make of a noisy release: this "
            "adversary takes them as independent within a class.",
            SINGLE,
        ],
        finding,
    )


def property_verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge the guessed share of a group. REMEMBERED: the whole interval of the error lies below that of
    always guessing the middle.
    """
    scores = {score["name"]: score for score in result["scores"]}
    error = scores[GROUP]
    finding = Finding.REMEMBERED if error["high"] < error["baseline"] else Finding.NOTHING
    group = f"{result['group']['column']} = {result['group']['level']}"
    points = (
        f"{_points(error['value'])} points, where guessing the middle is {_points(error['baseline'])} off"
    )
    if finding is Finding.REMEMBERED:
        told = (
            f"The answers of these models give away how many of their training records have {group}: the "
            f"attacker is off by {points}."
        )
    else:
        told = (
            f"This attack does not read off the answers how many of their training records have {group}: it "
            f"is off by {points}."
        )
    return Verdict(
        told,
        [
            "Anything about one person: a share is about the group, and differential privacy does not "
            "promise to hide it.",
            "That nobody can tell the share: this is one attack.",
            "What an attacker without data of the same kind would get: the shadow models learn from other "
            "people's records of the same table.",
            SINGLE,
        ],
        finding,
    )


def _of_copies(share: Mapping[str, Any], result: Mapping[str, Any]) -> Verdict:
    # Real photos pass at that rate: a few hits among many candidates are no memory.
    level = max(share["baseline"], result["false_positives"])
    by_chance = bdtrc(_count(share) - 1, share["n"], level) if _count(share) else 1.0
    remembered = share["low"] > level and by_chance < LEAST_SURE
    finding = Finding.REMEMBERED if remembered else Finding.NOTHING
    chance = f"a photo never trained on passes at most once in {round(1 / result['false_positives']):,}"
    counted = f"{_count(share)} of {share['n']} pictures filtered from what it draws"
    if finding is Finding.REMEMBERED:
        told = f"This generator draws photos it was trained on: {counted} are copies of one ({chance})."
    else:
        told = (
            f"This attack took no training photos from this generator beyond chance: {counted} are copies of "
            f"one ({chance})."
        )
    return Verdict(
        told,
        [
            "That every training photo can be had: what was gathered once is seldom drawn again.",
            "How far better filters get: a prompt, or knowledge of whom to look for, finds more.",
            "How large generators behave: this one draws 32 x 32 pixels and knows a few hundred photos.",
            SINGLE,
        ],
        finding,
    )


def _of_secrets(bits: Mapping[str, Any]) -> Verdict:
    above = max(bits["baseline"], bits["control"])
    finding = Finding.REMEMBERED if bits["low"] > above else Finding.NOTHING
    numbers = (
        f"{bits['value']:.1f} bits of {bits['rulers']['ceiling']:.1f}, where secrets that were never written "
        f"have {bits['control']:.1f}"
    )
    if finding is Finding.REMEMBERED:
        told = f"This model ranks the secrets it read most often ahead of others like them: {numbers}."
    else:
        told = f"This attack does not tell the secrets the model read from others like them: {numbers}."
    return Verdict(
        told,
        [
            "Secrets whose format nobody knows, or in another sentence: here the beginning and the number of "
            "digits are known.",
            "How large language models behave: this one has a few ten thousand weights.",
            SINGLE,
        ],
        finding,
    )


def _count(score: Mapping[str, Any]) -> int:
    count: int = round(score["value"] * score["n"])
    return count


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:.0f}"
