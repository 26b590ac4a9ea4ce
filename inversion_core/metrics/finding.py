"""What a verdict is made of, for pictures and for tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Finding(StrEnum):
    """What kind of sentence the verdict is; the value is its short form."""

    RECOVERED = "likenesses recovered"
    PARTLY = "some likenesses recovered, most pictures only fool the model"
    FOOLED = "fools the model, is not the person"
    REDRAWN = "the very inputs redrawn"
    COPIED = "the model copied"
    NOTHING = "nothing beyond guessing"
    UNJUDGED = "no verdict"
    REMEMBERED = "the model gives away the people it was trained on"
    CARRIED = "the model gives away people, trained on or not"
    GUESSABLE = "nothing that was not already guessable"
    WORSE = "guessing without the model does better"
    TOLD_APART = "the model gives away who it was trained on"

    @property
    def succeeded(self) -> bool:
        """Say whether the attacker got something out of the model."""
        return self in (
            Finding.RECOVERED,
            Finding.PARTLY,
            Finding.REDRAWN,
            Finding.COPIED,
            Finding.REMEMBERED,
            Finding.CARRIED,
            Finding.TOLD_APART,
        )


@dataclass(frozen=True)
class Verdict:
    """One sentence for a reader without machine learning, and what the evidence behind it does not show."""

    sentence: str
    not_shown: list[str]
    finding: Finding


def source(result: Mapping[str, Any]) -> str:
    """Return what the attacker worked from, as the opening of a sentence."""
    used = " ".join(row["used"] for row in result.get("ledger", []))
    if "the model's weights" in used:
        return "From this model's weights"
    if "the scores" in used:
        return "From the scores this model releases"
    if "the winning label" in used:
        return "From the labels this model releases"
    if "the templates" in used:
        return "From the templates this model makes"
    return "From this model"
