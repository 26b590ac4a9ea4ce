"""What the stored result of an attack on a federated round says in one sentence, and what it does not show.

The sentence rests on how many redrawn photos point at the very photo they came from, never on how well they
explain the update.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scipy.special import bdtrc  # type: ignore[import-untyped]

from inversion_core.metrics.finding import Finding, Verdict

HEADLINE = "identified-share"
FEW_PHOTOS = 30
LEVEL = 0.025
"""What a blind attacker may reach by luck, as often as a 95 % interval lies too high."""
COPY = 40.0
"""Decibels from which on photos count as copies: pixels are off by 1 % of their range."""


def gradients_verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge the result of a finished attack on updates.

    REDRAWN: blind picks, paired as the redrawn photos were, would identify as many with a probability of at
    most `LEVEL`, by the binomial tail; or all that was redrawn are copies, and no other private photo is
    nearly one: of few photos a blind pick may find each, and still draws none. NOTHING: neither. Picks that
    differ from each other hit with less spread than the binomial has, so the tail errs on the side of
    NOTHING.
    """
    share = _score(result, HEADLINE)
    luck = float(bdtrc(_hits(share) - 1, share["n"], share["baseline"]))
    copied = luck > LEVEL and _copied(result)
    finding = Finding.REDRAWN if copied or luck <= LEVEL else Finding.NOTHING
    sentence = _of_copies(share, result) if copied else _sentence(finding, share, result)
    return Verdict(sentence, list(_not_shown(finding, share, result)), finding)


def _score(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(one for one in result["scores"] if one["name"] == name)
    return found


def _copied(result: Mapping[str, Any]) -> bool:
    return _furthest(result) >= COPY > _closest_other(result)


def _furthest(result: Mapping[str, Any]) -> float:
    """Return the decibels of the least like of the redrawn photos."""
    return float(min(one["psnr"] for one in result["victims"]))


def _closest_other(result: Mapping[str, Any]) -> float:
    """Return the decibels of the closest that any private photo comes to one of the originals."""
    return float(max(one["closest_other"] for one in result["victims"]))


def _of_copies(share: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    of = "the one private photo" if share["n"] == 1 else f"all {share['n']} private photos"
    return (
        f"{_source(result)}, an attacker redrew {of} nearly pixel by pixel: at {_furthest(result):.0f} "
        f"decibels or more, where no other private photo comes nearer than {_closest_other(result):.0f}."
    )


def _sentence(finding: Finding, share: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    hits, photos, together = _hits(share), share["n"], result["assumptions"]["photos per update"]
    once, gallery = round(1 / share["baseline"]), result["assumptions"]["private photos"]
    pick = "a blind pick"
    if result["assumptions"]["labels known"]:
        pick += " among those of the known label"
    if together > 1:
        pick += f", matched to the {together} photos of its update in the same way,"
    picked = f"{pick} finds it once in {once:,}"
    of = "the one private photo" if photos == 1 else f"{hits} of {photos} private photos"
    source = _source(result)
    if finding is Finding.REDRAWN:
        return (
            f"{source}, an attacker redrew {of} so closely that the very original is the nearest of "
            f"{gallery:,} photos ({picked})."
        )
    if photos == 1:
        named = "the nearest" if hits else "not the nearest"
        return (
            f"{source}, this attack redrew no photo beyond chance: the very original is {named} of "
            f"{gallery:,} photos ({picked})."
        )
    return (
        f"{source}, this attack redrew no photos beyond chance: the very original is the nearest of "
        f"{gallery:,} photos for {hits} of {photos} ({picked})."
    )


def _hits(share: Mapping[str, Any]) -> int:
    hits: int = round(share["value"] * share["n"])
    return hits


def _source(result: Mapping[str, Any]) -> str:
    clients = result["assumptions"]["clients"]
    if result["assumptions"]["updates seen"] == 1 and clients > 1:
        return f"From the sum of the updates of {clients} clients"
    return "From the update of one client" if clients == 1 else f"From the updates of {clients} clients"


def _not_shown(finding: Finding, share: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    told = result["assumptions"]
    if finding is Finding.NOTHING:
        yield (
            "That these updates are safe: a longer search, a prior of what photos look like or a server that "
            "changes the network it sends may succeed where this did not."
        )
    if told["network"] == "untrained":
        yield (
            "What later rounds leak: the network was fresh, and updates of a trained one are often harder to "
            "invert."
        )
    yield (
        "What real clients leak: here each makes its steps with few photos, without dropout or random "
        "variations of the photos; more of any of them hide more."
    )
    if told["labels known"]:
        yield "What a server leaks to that does not know the labels: here they were known."
    yield "That a human would recognise anybody: nearest is meant pixel by pixel. Look at the pictures."
    if told["photos per update"] > 1:
        them = (
            f"all {share['n']} photos come from one update"
            if told["updates seen"] == 1
            else f"the photos come from {told['updates seen']} updates"
        )
        yield (
            f"How another update would fare: {them}, and those of one update share one search and stand or "
            f"fall together. The interval, {share['low']:.0%} to {share['high']:.0%}, takes each photo for "
            "itself and speaks of the photos attacked here only."
        )
    elif share["n"] < FEW_PHOTOS:
        yield (
            f"How other photos would fare: {share['n']} were attacked; for others the share may lie anywhere "
            f"from {share['low']:.0%} to {share['high']:.0%}."
        )
