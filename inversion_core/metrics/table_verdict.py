"""What the stored result of a table run says in one sentence, and what it does not show.

The sentence rests on the difference between the attack and whoever guesses without the model, and its
interval; never on how often the attack is right.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from inversion_core.metrics.finding import Finding, Verdict, source
from inversion_core.metrics.residual_over_imputation import CONTROL, MEMORY

HEADLINE = "residual-over-imputation"
SYNTHETIC = ("clinic", "credit")
FEW_PEOPLE = 100
COARSE = 0.05
"""End of an interval from which the headline itself warns that few people were attacked."""
EACH = 1000
"""People the sentences speak of."""


def table_verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge the result of a finished table run.

    REMEMBERED and CARRIED: the attack is right more often than guessing without the model, its whole interval
    above 0. REMEMBERED: and more so for people the model was trained on than for others; else it carries a
    correlation. GUESSABLE: the interval holds 0. WORSE: the whole interval is below 0.
    """
    scores = {score["name"]: score for score in result["scores"]}
    finding = _finding(scores[HEADLINE])
    sentence = _sentence(finding, scores, source(result))
    return Verdict(sentence, list(_not_shown(finding, scores, result)), finding)


def _finding(gain: Mapping[str, Any]) -> Finding:
    if gain["low"] > 0:
        return Finding.REMEMBERED if gain["rulers"][f"{MEMORY}, low"] > 0 else Finding.CARRIED
    return Finding.WORSE if gain["high"] < 0 else Finding.GUESSABLE


def _sentence(finding: Finding, scores: Mapping[str, Any], source: str) -> str:
    gain, right = scores[HEADLINE], scores["attribute-accuracy"]
    attack, guessed = _each(right["value"]), _each(right["baseline"])
    interval = f"95 % interval {_signed(gain['low'])} to {_signed(gain['high'])}"
    if finding in (Finding.GUESSABLE, Finding.WORSE):
        opening = (
            "This attack learned nothing from the model that was not already guessable"
            if finding is Finding.GUESSABLE
            else "Guessing without the model does better than this attack"
        )
        return (
            f"{opening}: it is right about {attack} of {EACH:,} people, guessing without the model about "
            f"{guessed} (difference {_signed(gain['value'])}, {interval}).{_unnoticed(finding, gain)}"
        )
    return (
        f"{source}, an attacker is right about {attack} of {EACH:,} people, {_each(gain['value'])} more than "
        f"by guessing without the model ({interval}): these the model gives away. "
        f"{_whose(finding, gain)}"
    )


def _unnoticed(finding: Finding, gain: Mapping[str, Any]) -> str:
    """Add what so few people cannot rule out."""
    if finding is Finding.WORSE or gain["high"] < COARSE:
        return ""
    return (
        f" With only {gain['n']:,} attacked, a leak of up to {_each(gain['high'])} of {EACH:,} would "
        "have gone unnoticed."
    )


def _whose(finding: Finding, gain: Mapping[str, Any]) -> str:
    """Say whether people the model was not trained on fare as those it was."""
    other = _signed(gain["rulers"][CONTROL])
    if finding is Finding.REMEMBERED:
        return (
            f"People it was not trained on are given away less often ({other} of {EACH:,}): it remembers its "
            "own."
        )
    return (
        f"People it was not trained on fare no better ({other} of {EACH:,}), so what gives them away is a "
        "correlation the model carries, not memory of those it was trained on."
    )


def _not_shown(finding: Finding, scores: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the limits of this evidence, the most important first."""
    gain = scores[HEADLINE]
    if not finding.succeeded:
        yield (
            "That the model is safe: a stronger attack, or one that knows more, may learn what this one did "
            "not."
        )
        if gain["rulers"][f"{MEMORY}, low"] > 0:
            yield (
                "That the model remembers nobody: this attack gains more on people it was trained on than on "
                f"others ({_each(gain['rulers'][MEMORY])} of {EACH:,}), though guessing does as well."
            )
    if finding is Finding.GUESSABLE and gain["high"] > 0:
        yield (
            f"That nobody is given away: with {gain['n']:,} people attacked, up to {_each(gain['high'])} "
            f"more of {EACH:,} would have gone unnoticed."
        )
    yield from _surest(scores.get("attribute-ppv-at-k"))
    yield (
        "What the model tells an attacker who knows less: the guesser it is compared with has the same "
        "columns of each victim and complete records of other people."
    )
    yield from _limits_of_scene(result)
    if gain["n"] < FEW_PEOPLE:
        yield f"How other people would fare: only {gain['n']} of them were attacked."
    yield "How the result varies: this is one run with one seed of one trained model."


def _surest(surest: Mapping[str, Any] | None) -> Iterator[str]:
    if surest is not None and surest["low"] > surest["baseline"]:
        yield (
            f"That all people fare alike: of the {surest['n']} guesses this attack is surest of, "
            f"{surest['value']:.0%} are right, of those somebody without the model is surest of "
            f"{surest['baseline']:.0%}."
        )


def _limits_of_scene(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield what follows from the data, the access and the promise of this run."""
    if result["target"].get("dataset") in SYNTHETIC:
        yield "How real people fare: these records are synthetic, and what they leak was planted."
    used = [row["used"] for row in result.get("ledger", [])]
    if any(row.startswith("the model's weights") for row in used):
        yield (
            "What an outsider could do: the attacker in this run had the model's weights, not only answers "
            "of an API."
        )
    if any(row.startswith("the true label") for row in used):
        yield (
            "What an attacker could do who does not know what the model was taught to predict: this one knew "
            "it for each victim."
        )
    epsilon = result["target"].get("epsilon")
    if epsilon is not None:
        yield (
            f"That a person is protected by epsilon {epsilon:.2g}: it bounds what the model remembers of one "
            "record, not what follows from the others."
        )


def _each(share: float) -> str:
    """Return a share as people of EACH."""
    return f"{abs(round(share * EACH)):,}"


def _signed(share: float) -> str:
    count = round(share * EACH)
    return f"{'−' if count < 0 else '+' if count > 0 else ''}{abs(count):,}"  # noqa: RUF001
