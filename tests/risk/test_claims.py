"""Claims: each says what it supports and what not, and no text claims more than its own claim does."""

import json

import pytest

from inversion_core.metrics.verdict import verdict
from inversion_core.risk.claims import SAYINGS, ClaimType, claim_type, overstated, saying
from inversion_core.risk.crosswalk import crosswalk
from inversion_core.settings import ASSETS
from inversion_core.values import Claim


def test_every_claim_of_an_attack_has_a_type_of_its_own() -> None:
    assert len({claim_type(one) for one in Claim}) == len(Claim)


@pytest.mark.parametrize("person", [True, False])
@pytest.mark.parametrize("kind", ClaimType)
def test_what_is_said_of_a_claim_claims_no_more(kind: ClaimType, person: bool) -> None:
    told = saying(kind, class_is_person=person)
    assert told.says.startswith("The attacker ") and told.not_says.startswith("It does not show")
    assert overstated(f"{told.title}. {told.says} {told.not_says}", kind, class_is_person=person) == []


@pytest.mark.parametrize(
    "text",
    [
        "a training photo of the person", "the training pictures", "an original image", "the exact photo",
        "the very picture", "the photo that was used", "the model memorised them", "reproduced from memory",
    ],
)  # fmt: skip
def test_a_likeness_is_no_copy(text: str) -> None:
    assert overstated(text, Claim.CLASS) and overstated(text, Claim.CLASS, class_is_person=False)


def test_a_class_that_is_nobody_gives_a_likeness_of_nobody() -> None:
    assert "the person" not in saying(Claim.CLASS, class_is_person=False).says
    assert overstated("it shows the person", Claim.CLASS, class_is_person=False) == ["the person"]
    assert saying(Claim.ATTRIBUTE, class_is_person=False) == SAYINGS[ClaimType.ATTRIBUTE]


def test_classes_of_attack_are_named_by_what_they_claim() -> None:
    for one in crosswalk().attacks:
        assert overstated(one.name, one.claim) == [], one.id


@pytest.mark.parametrize(
    ("evidence", "claim"),
    [
        ("undefended", Claim.CLASS),
        ("label-smoothing", Claim.CLASS),
        ("dp-sgd", Claim.CLASS),
        ("attributes-clinic", Claim.ATTRIBUTE),
    ],
)
def test_what_a_stored_run_comes_to_is_told_within_its_claim(evidence: str, claim: Claim) -> None:
    result = json.loads((ASSETS / "evidence" / evidence / "result.json").read_text())
    told = verdict(result).sentence
    assert told and overstated(told, claim) == []
