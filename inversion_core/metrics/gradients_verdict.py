"""What the stored result of an attack on a federated round says in one sentence, and what it does not show.

The sentence rests on how many redrawn photos point at the very photo they came from, never on how well they
explain the update.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from inversion_core.metrics.finding import Finding, Verdict

HEADLINE = "identified-share"
FEW_PHOTOS = 30


def gradients_verdict(result: Mapping[str, Any]) -> Verdict:
    """Judge the result of a finished attack on updates.

    REDRAWN: the whole interval of the identified share lies above a blind pick. NOTHING: it does not.
    """
    (share,) = [one for one in result["scores"] if one["name"] == HEADLINE]
    finding = Finding.REDRAWN if share["low"] > share["baseline"] else Finding.NOTHING
    return Verdict(_sentence(finding, share, result), list(_not_shown(finding, share, result)), finding)


def _sentence(finding: Finding, share: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    hits, photos, gallery = round(share["value"] * share["n"]), share["n"], round(1 / share["baseline"])
    of = "the one private photo" if photos == 1 else f"{hits} of {photos} private photos"
    source = _source(result)
    if finding is Finding.REDRAWN:
        return (
            f"{source}, an attacker redrew {of} so closely that the very original is the nearest of "
            f"{gallery:,} photos (a blind pick finds it once in {gallery:,})."
        )
    missed = "not even that one" if photos == 1 else f"{hits} of {photos}"
    return (
        f"{source}, this attack redrew no photos beyond chance: the very original is the nearest of "
        f"{gallery:,} photos for {missed}."
    )


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
    if share["n"] < FEW_PHOTOS:
        yield (
            f"How other photos would fare: {share['n']} were attacked; for others the share may lie anywhere "
            f"from {share['low']:.0%} to {share['high']:.0%}."
        )
