"""Which claim a result supports, what it lets one say, and what it does not.

"Model inversion" means different things to different bodies: a likeness of a class to NIST, rebuilt training
data to OWASP, a guessed attribute to the ICO. So every result says which of six claims it is about.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from inversion_core.values import Claim


class ClaimType(StrEnum):
    """The kinds of claim that frameworks tell apart."""

    CLASS_REPRESENTATIVE = "class_representative"
    INSTANCE = "instance"
    ATTRIBUTE = "attribute"
    MEMBERSHIP = "membership"
    PROPERTY = "property"
    FUNCTIONAL_COPY = "functional_copy"


@dataclass(frozen=True)
class Saying:
    """`title` in a few words; `says`, `not_says`: sentences; `never`: patterns of words that claim more."""

    title: str
    says: str
    not_says: str
    never: tuple[str, ...] = ()


OF = {
    Claim.CLASS: ClaimType.CLASS_REPRESENTATIVE,
    Claim.INPUT: ClaimType.INSTANCE,
    Claim.ATTRIBUTE: ClaimType.ATTRIBUTE,
    Claim.MEMBERSHIP: ClaimType.MEMBERSHIP,
    Claim.MODEL: ClaimType.FUNCTIONAL_COPY,
    Claim.PROPERTY: ClaimType.PROPERTY,
}

COPIES = (
    r"training (photo|picture|image|record)s?",
    r"original (photo|picture|image)s?",
    r"(exact|very) (photo|picture|image|input|record)s?",
    r"(photo|picture|image)s? (that )?(was|were) used",
)

SAYINGS = {
    ClaimType.CLASS_REPRESENTATIVE: Saying(
        "A likeness of the person behind a class",
        "The attacker got a picture by which an independent judge recognises the person behind the class.",
        "It does not show that anything the model was given came back as it was: the picture resembles the "
        "person, and pose, light and details may be invented.",
        (*COPIES, "memori[sz]ed", "reproduced"),
    ),
    ClaimType.INSTANCE: Saying(
        "One particular picture or record",
        "The attacker got back the one input that was in use, from what the model released for it or kept of "
        "it.",
        "It does not show that this input was trained on, nor that other inputs can be had in the same way.",
        ("likeness of a class", "membership"),
    ),
    ClaimType.ATTRIBUTE: Saying(
        "A sensitive value of a record",
        "The attacker guessed a sensitive value of people whose other values were known, better than anybody "
        "does without the model.",
        "It does not show what anybody looks like, nor that a record was trained on; what others with the "
        "same values share is no secret of the model.",
        (*COPIES, "likeness", "recognis(e|ed|es)"),
    ),
    ClaimType.MEMBERSHIP: Saying(
        "Whether a record was trained on",
        "The attacker told, better than by tossing a coin, whether a record was in the training data.",
        "It does not show what the record contains: the attacker had it already.",
        ("likeness", "recovered", "reconstructed"),
    ),
    ClaimType.PROPERTY: Saying(
        "Something about the training data as a whole",
        "The attacker learnt what holds for the group of people in the training data.",
        "It does not show anything about one of them.",
        (*COPIES, "likeness"),
    ),
    ClaimType.FUNCTIONAL_COPY: Saying(
        "A copy of the model",
        "The attacker got a model that answers as this one does, against which other attacks can be run.",
        "It does not show anything about a person yet: harm comes from what is done with the copy.",
        (*COPIES, "likeness"),
    ),
}
NOBODY = Saying(
    "A typical picture of a class",
    "The attacker got a picture that an independent judge puts into the class, which here is no person.",
    "It does not show anything about one person, nor that anything the model was given came back as it was.",
    (*COPIES, "memori[sz]ed", "reproduced", "the person"),
)
"""What a likeness of a class comes to where one class is not one person."""


def claim_type(claim: Claim) -> ClaimType:
    """Return what frameworks call a claim of an attack."""
    return OF[claim]


def saying(claim: Claim | ClaimType, *, class_is_person: bool = True) -> Saying:
    """Return what a claim lets one say; where a class is no person, its likeness is of nobody."""
    kind = OF[claim] if isinstance(claim, Claim) else claim
    return NOBODY if kind is ClaimType.CLASS_REPRESENTATIVE and not class_is_person else SAYINGS[kind]


def overstated(text: str, claim: Claim | ClaimType, *, class_is_person: bool = True) -> list[str]:
    """Return the words of a text that claim more than the claim supports; empty where it is fair."""
    never = saying(claim, class_is_person=class_is_person).never
    return [found[0] for one in never for found in re.finditer(rf"\b{one}\b", text, re.IGNORECASE)]
