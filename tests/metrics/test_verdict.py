"""The sentence a stakeholder reads follows the evaluator, never the target's own success."""

from typing import Any

import pytest

from inversion_core.errors import UnknownName
from inversion_core.metrics.base import Metric
from inversion_core.metrics.glossary import GLOSSARY
from inversion_core.metrics.intervals import wilson
from inversion_core.metrics.verdict import Finding, explain, verdict
from inversion_core.registry import every

WEIGHTS = {"used": "the model's weights (a frozen copy)", "amount": "3,000 rows through the model"}
SCORES = {"used": "the scores the API releases", "amount": "3,000 rows through the model"}
LABELS = {"used": "the winning label the API releases", "amount": "3,000 rows through the model"}
PRIOR = {"used": "a picture prior", "amount": "learnt from public photos of other people"}


def share(name: str, hits: int, n: int, classes: int, control: float) -> dict[str, Any]:
    low, high = wilson(hits, n)
    numbers = {
        "value": hits / n,
        "low": low,
        "high": high,
        "n": n,
        "baseline": 1 / classes,
        "control": control,
    }
    return {"name": name, "better": "higher", "rulers": {}} | numbers


def result(
    recognised: int, fooled: int, *, n: int = 100, control: float = 0.98, **changes: Any
) -> dict[str, Any]:
    """Return a stored result with 100 classes, or as many as there are victims above that."""
    gap = {
        "name": "adversarial-gap",
        "value": (fooled - recognised) / n,
        "low": (fooled - recognised) / n - 0.1,
    }
    scores = [
        share("evaluator-top1", recognised, n, max(100, n), control),
        share("target-top1", fooled, n, max(100, n), 1.0),
        gap | {"high": 1.0, "n": n, "baseline": 0.0, "control": 1 - control, "better": "lower", "rulers": {}},
    ]
    card = {"dataset": "people", "photos_per_class": 20.0, "epsilon": None, "class_count": max(100, n)}
    made = {"scores": scores, "target": card, "evaluator_accuracy": 0.99, "ledger": [WEIGHTS]}
    return made | changes


def test_an_attack_that_works() -> None:
    told = verdict(result(96, 100))
    assert told.finding is Finding.RECOVERED
    assert told.sentence == (
        "From this model's weights, an attacker recovered a likeness that an independent judge recognises "
        "for 96 of 100 people (guessing gives 1)."
    )


def test_an_attack_that_fools_the_model_only() -> None:
    told = verdict(result(2, 100))
    assert told.finding is Finding.FOOLED
    assert told.sentence == (
        "The attack fools the model; it is not the person: 100 of 100 recovered pictures convince the "
        "attacked model, an independent judge recognises 2 (guessing gives 1)."
    )


def test_an_attack_that_finds_nothing() -> None:
    told = verdict(result(1, 1))
    assert told.finding is Finding.NOTHING
    assert (
        "recovered nobody beyond guessing: an independent judge recognises 1 of 100 people" in told.sentence
    )


def test_few_likenesses_among_many_fooling_pictures() -> None:
    told = verdict(result(12, 100))
    assert told.finding is Finding.PARTLY
    assert "recovered some likenesses, but most pictures only fool the model: 100 of 100" in told.sentence
    assert "recognises 12" in told.sentence


def test_a_few_likenesses_and_nothing_else_are_likenesses() -> None:
    assert verdict(result(12, 14)).finding is Finding.RECOVERED


@pytest.mark.parametrize("fooled", [0, 50, 100])
def test_the_headline_never_rests_on_the_target(fooled: int) -> None:
    assert verdict(result(0, fooled)).finding in (Finding.FOOLED, Finding.NOTHING)
    assert verdict(result(60, fooled)).finding is Finding.RECOVERED


def test_a_weak_judge_gives_no_all_clear() -> None:
    told = verdict(result(1, 100, control=0.3))
    assert told.finding is Finding.UNJUDGED
    assert "recognises only 30% of real photos" in told.sentence
    assert verdict(result(30, 100, control=0.45)).finding is not Finding.UNJUDGED
    assert any(
        "some likenesses it missed" in line for line in verdict(result(30, 100, control=0.45)).not_shown
    )


def test_no_judge_no_verdict() -> None:
    made = result(0, 100)
    made["scores"] = [score for score in made["scores"] if score["name"] == "target-top1"]
    told = verdict(made)
    assert told.finding is Finding.UNJUDGED
    assert "no independent judge" in told.sentence


def test_one_victim_is_one_person() -> None:
    told = verdict(result(1, 1, n=1))
    assert "recognises for the one person attacked (guessing gives fewer than 1)." in told.sentence
    assert any("1 of 1 person attacked" in line and "21% to 100%" in line for line in told.not_shown)


@pytest.mark.parametrize(
    ("ledger", "opening"),
    [
        ([WEIGHTS], "From this model's weights,"),
        ([SCORES, PRIOR], "From the scores this model releases,"),
        ([LABELS], "From the labels this model releases,"),
        ([], "From this model,"),
    ],
)
def test_the_sentence_says_what_the_attacker_had(ledger: list[dict[str, str]], opening: str) -> None:
    assert verdict(result(96, 100, ledger=ledger)).sentence.startswith(opening)


def not_shown(**changes: Any) -> str:
    return "\n".join(verdict(result(96, 100, **changes)).not_shown)


def test_the_limits_of_the_evidence_are_told() -> None:
    told = not_shown()
    for limit in ("the judge is a model and can be fooled", "99% of unseen real photos", "about 20 photos"):
        assert limit in told
    assert "synthetic" in told and "the model's weights" in told and "one run with one seed" in told
    assert "prior" not in told and "epsilon" not in told and "That the model is safe" not in told


def test_limits_follow_the_scene() -> None:
    assert "had no weights" in not_shown(ledger=[SCORES])
    assert "prior learnt from public photos" in not_shown(ledger=[WEIGHTS, PRIOR])
    private = {"dataset": "image-folder", "photos_per_class": 1.0, "epsilon": 8.0}
    told = not_shown(target=private)
    assert "epsilon 8" in told and "synthetic" not in told and "training photo was recovered" not in told


@pytest.mark.parametrize(("recognised", "fooled"), [(1, 1), (1, 100)])
def test_a_failed_attack_is_no_proof_of_safety(recognised: int, fooled: int) -> None:
    assert verdict(result(recognised, fooled)).not_shown[0].startswith("That the model is safe")


def test_every_metric_is_explained_and_nothing_else() -> None:
    kinds = every("metrics")
    assert set(GLOSSARY) == {kind.name for kind in kinds}
    for kind in kinds:
        assert issubclass(kind, Metric)
        assert kind.title == explain(kind.name, kind.modality).title


def test_an_unknown_score_is_told_which_are_known() -> None:
    with pytest.raises(UnknownName, match="'fid' is none of them; use one of evaluator-top1"):
        explain("fid")
