"""The sentence about an attack on inputs follows its own headline, never the index of a class."""

from typing import Any

import pytest

from inversion_core.metrics.verdict import Finding, headline, verdict
from inversion_core.values import Claim

ANSWER = {"used": "what the API answered about one photo of each victim", "amount": "100 answers"}
TEMPLATE = {"used": "the stored template of one photo of each victim", "amount": "100 templates"}
SCORES = {"used": "the scores the API releases", "amount": "6,100 rows through the model"}
STORE = {"used": "the templates the store's extractor makes", "amount": "6,100 rows through the model"}
PUBLIC = {"used": "public photos", "amount": "6,000 photos of people who are not in the data"}


def score(name: str, value: float, baseline: float, **changes: Any) -> dict[str, Any]:
    basis = {"low": value - 0.05, "high": value + 0.05, "n": 100, "control": 0.42, "better": "higher"}
    return {"name": name, "value": value, "baseline": baseline, "rulers": {}} | basis | changes


def result(likeness: float, matched: float, ledger: list[dict[str, str]], **changes: Any) -> dict[str, Any]:
    rulers = {"another photo of the person": 0.42, "mean face": 0.37}
    scores = [
        score("evaluator-top1", 1.0, 0.01),
        score("ssim", likeness, 0.37, rulers=rulers),
        score("match-same-photo", matched, 0.01),
        score("match-other-photo", matched - 0.02, 0.01),
    ]
    card = {"dataset": "people", "photos_per_class": 20.0, "epsilon": None}
    return {"claim": Claim.INPUT.value, "scores": scores, "target": card, "ledger": ledger} | changes


def test_photos_redrawn_from_answers() -> None:
    made = result(0.55, 0.97, [SCORES, PUBLIC, ANSWER])
    told = verdict(made)
    assert told.finding is Finding.REDRAWN and told.finding.succeeded and headline(made) == "ssim"
    assert told.sentence == (
        "From the scores this model releases, an attacker redrew photos it never saw: on average 0.55 alike, "
        "where the mean face is 0.37 and another photo of the person 0.42; another recogniser accepts 95 of "
        "100 as the person."
    )
    limits = "\n".join(told.not_shown)
    assert "what the model answered" in limits and "training photos leak" in limits and "synthetic" in limits
    assert "one run with one seed" in limits and "the model learnt about 20 photos" not in limits


def test_faces_drawn_from_templates() -> None:
    made = result(0.62, 0.97, [STORE, PUBLIC, TEMPLATE])
    told = verdict(made)
    assert told.finding is Finding.REDRAWN and headline(made) == "match-same-photo"
    assert told.sentence == (
        "From the templates this model makes, an attacker drew faces that another recogniser accepts as the "
        "person: for 97 of 100 people against the enrolled photo, 95 against another photo of theirs (of "
        "different people it accepts 1.0 %)."
    )


@pytest.mark.parametrize("ledger", [[SCORES, ANSWER], [STORE, TEMPLATE]])
def test_no_better_than_the_baseline_is_nothing(ledger: list[dict[str, str]]) -> None:
    told = verdict(result(0.38, 0.03, ledger))
    assert told.finding is Finding.NOTHING and not told.finding.succeeded
    assert told.not_shown[0].startswith("That the answers are safe")


def test_recognising_the_class_alone_is_no_redrawn_photo() -> None:
    """A label names the class, so the judge of classes may agree while the photo is not like the original."""
    made = result(0.30, 0.97, [SCORES, ANSWER])
    assert verdict(made).finding is Finding.NOTHING


def test_pictures_too_small_to_compare_get_no_verdict() -> None:
    made = result(0.5, 0.9, [SCORES, ANSWER], scores=[score("evaluator-top1", 1.0, 0.01)])
    assert verdict(made).finding is Finding.UNJUDGED and headline(made) is None


def test_results_stored_without_a_claim_are_of_a_likeness() -> None:
    made = result(0.5, 0.9, [SCORES])
    del made["claim"]
    assert headline(made) == "evaluator-top1"
    assert verdict(made | {"evaluator_accuracy": 0.99}).finding is Finding.RECOVERED
