"""The sentence about a table rests on the difference to guessing without the model, and on nothing else."""

from dataclasses import asdict
from typing import Any

import pytest

from inversion_core.metrics.base import TableMetric
from inversion_core.metrics.finding import Finding
from inversion_core.metrics.verdict import verdict
from inversion_core.registry import metrics_of
from inversion_core.tables import Guesses
from tests.metrics.tables import guesses, rng, truth

SCORES = {"used": "the scores the API releases", "amount": "200 rows through the model"}
WEIGHTS = {"used": "the model's weights (a frozen copy)", "amount": "200 rows through the model"}
LABELS = {"used": "the true label of each victim", "amount": "100 labels"}


def who(both: int, attack: int, imputer: int, neither: int) -> Guesses:
    """Return who is right: both, only the attack, only the imputer, neither; half of each have value 1."""
    right = [(1, 1)] * both + [(1, 0)] * attack + [(0, 1)] * imputer + [(0, 0)] * neither
    values = [place % 2 for place in range(len(right))]
    named = [
        [value if hit[side] else 1 - value for value, hit in zip(values, right, strict=True)]
        for side in (0, 1)
    ]
    return guesses(values, *named)


def result(members: Guesses, control: Guesses, **changes: Any) -> dict[str, Any]:
    told = truth(members, control)
    scores = [asdict(kind().score(told, rng())) for kind in metrics_of(TableMetric).values()]
    made = {"scores": scores, "target": {"dataset": "table", "epsilon": None}, "ledger": [SCORES]}
    return made | changes


ALIKE = who(600, 50, 50, 300)
GAIN = who(600, 150, 50, 200)
LOSS = who(600, 50, 150, 200)


def test_an_attack_that_learned_nothing() -> None:
    told = verdict(result(ALIKE, ALIKE))
    assert told.finding is Finding.GUESSABLE and not told.finding.succeeded
    assert told.sentence.startswith(
        "This attack learned nothing from the model that was not already guessable: it is right about 650 of "
        "1,000 people, guessing without the model about 650 (difference 0, 95 % interval −"  # noqa: RUF001
    )


def test_guessing_that_does_better() -> None:
    told = verdict(result(LOSS, LOSS))
    assert told.finding is Finding.WORSE and not told.finding.succeeded
    assert told.sentence.startswith(
        "Guessing without the model does better than this attack: it is right about 650 of 1,000 people, "
        "guessing without the model about 750 (difference −100, 95 % interval −1"  # noqa: RUF001
    )


def test_a_model_that_remembers_its_members() -> None:
    told = verdict(result(GAIN, ALIKE))
    assert told.finding is Finding.REMEMBERED and told.finding.succeeded
    assert told.sentence.startswith(
        "From the scores this model releases, an attacker is right about 750 of 1,000 people, 100 more than "
        "by guessing without the model (95 % interval +7"
    )
    assert "People it was not trained on are given away less often (0 of 1,000)" in told.sentence


def test_a_correlation_the_model_carries() -> None:
    told = verdict(result(GAIN, GAIN))
    assert told.finding is Finding.CARRIED and told.finding.succeeded
    assert "fare no better (+100 of 1,000)" in told.sentence
    assert "not memory of those it was trained on" in told.sentence


def not_shown(*sides: Guesses, **changes: Any) -> str:
    return "\n".join(verdict(result(*sides, **changes)).not_shown)


def test_high_accuracy_alone_is_no_leak() -> None:
    assert verdict(result(who(990, 2, 2, 6), ALIKE)).finding is Finding.GUESSABLE


def test_an_empty_hand_is_no_proof_of_safety() -> None:
    told = not_shown(ALIKE, ALIKE)
    assert told.startswith("That the model is safe")
    assert "with 1,000 people attacked, up to" in told
    assert "safe" not in not_shown(GAIN, ALIKE)


def test_memory_that_guessing_hides_is_told() -> None:
    told = not_shown(LOSS, who(400, 50, 350, 200))
    assert "That the model remembers nobody: this attack gains more on people it was trained on" in told
    assert "remembers nobody" not in not_shown(LOSS, LOSS)


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"ledger": [WEIGHTS]}, "had the model's weights"),
        ({"ledger": [SCORES, LABELS]}, "this one knew it for each victim"),
        ({"target": {"dataset": "clinic", "epsilon": None}}, "these records are synthetic"),
        ({"target": {"dataset": "table", "epsilon": 8.0}}, "epsilon 8"),
    ],
)
def test_limits_follow_the_scene(changes: dict[str, Any], limit: str) -> None:
    assert limit in not_shown(ALIKE, ALIKE, **changes)
    assert limit not in not_shown(ALIKE, ALIKE)


def test_few_people_and_one_run() -> None:
    small = who(6, 1, 1, 2)
    assert "only 10 of them were attacked" in not_shown(small, small)
    assert "one run with one seed" in not_shown(small, small)
    alone = verdict(result(who(1, 0, 0, 0), small))
    assert alone.finding is Finding.GUESSABLE
    assert "With only 1 attacked, a leak of up to" in alone.sentence
    assert "would have gone unnoticed" not in verdict(result(ALIKE, ALIKE)).sentence


def test_sure_guesses_that_are_right_are_told() -> None:
    members = who(600, 50, 50, 300)
    members.imputed[:] = 0.5
    assert "are right, of those somebody without the model is surest of" in not_shown(members, ALIKE)
