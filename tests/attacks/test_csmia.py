"""CSMIA against truth tables worked out by hand: its three cases, ties, gaps and unknown columns."""

import pytest
import torch

from inversion_core.attacks.csmia import CSMIA
from inversion_core.oracles import ScoreOracle
from tests.attacks.toy_table import FLOOR, LookUpTarget, attack, cases, guesses, victims

NORTH, EAST, SOUTH, WEST = range(4)
LOW, HIGH = 0, 1
GAP = float("nan")
NO, YES = 0, 1


@pytest.mark.parametrize(
    ("person", "case", "guess"),
    [
        pytest.param((NORTH, LOW, 1), 1, YES, id="only yes gives the true label"),
        pytest.param((NORTH, LOW, 0), 1, NO, id="only no gives the true label"),
        pytest.param((EAST, LOW, 1), 2, YES, id="both do, yes surer"),
        pytest.param((WEST, LOW, 0), 2, YES, id="both do, yes surer of label 0"),
        pytest.param((EAST, HIGH, 0), 3, NO, id="none does, no less sure of the wrong label"),
        pytest.param((WEST, LOW, 1), 3, NO, id="none does, no less sure of wrong label 0"),
        pytest.param((GAP, LOW, 1), 1, YES, id="ward missing, only yes"),
        pytest.param((GAP, HIGH, 0), 1, NO, id="ward missing, only no"),
    ],
)
def test_the_cases(person: tuple[float, float, int], case: int, guess: int) -> None:
    _, found = attack(CSMIA(), victims(person))
    assert cases(found) == [case] and found.samples.argmax(1).tolist() == [guess]


THREE = torch.tensor([[[0.34, 0.33, 0.33], [0.45, 0.55, 0.0]]]).expand(5, 2, 2, 3)


@pytest.mark.parametrize(
    ("label", "case", "guess"),
    [
        # Of label 0 "yes" is surer (0.45), yet it calls the person 1: the rule looks at the winning label.
        pytest.param(0, 1, NO, id="right is better than likely"),
        pytest.param(1, 1, YES, id="one right"),
        # The probability of label 2 is higher under "no"; that is not why: "no" is wrong less surely.
        pytest.param(2, 3, NO, id="none right"),
    ],
)
def test_with_three_labels_it_is_the_winning_label_that_counts(label: int, case: int, guess: int) -> None:
    _, found = attack(CSMIA(), victims((NORTH, LOW, label)), ScoreOracle(LookUpTarget(THREE)))
    assert cases(found) == [case] and found.samples.argmax(1).tolist() == [guess]


@pytest.mark.parametrize(
    ("label", "case", "guess"),
    [
        # Label 1: no on the high floor (0.9); yes on both (0.9 + 0.6).
        pytest.param(1, 2, YES, id="confidences add up"),
        # Label 0: no on the low floor (0.9); yes on neither.
        pytest.param(0, 1, NO, id="any floor makes a hit"),
    ],
)
def test_an_unknown_column_is_tried_with_every_typical_value(label: int, case: int, guess: int) -> None:
    oracle = ScoreOracle(LookUpTarget())
    _, found = attack(CSMIA(), victims((NORTH, LOW, label), unknown=(FLOOR,)), oracle)
    assert cases(found) == [case] and found.samples.argmax(1).tolist() == [guess]
    assert oracle.spent == 2 * 2


def test_ties_are_broken_at_random_by_the_generator() -> None:
    people = victims(*[(SOUTH, LOW, 1)] * 200)
    first, again, other = (guesses(CSMIA(), people, seed=seed) for seed in (0, 0, 1))
    assert first == again != other
    assert 80 < sum(first) < 120


def test_of_many_draws_the_one_in_the_middle_is_taken() -> None:
    people = victims(*[(SOUTH, LOW, 1)] * 200)
    ones = torch.tensor([sum(guesses(CSMIA(draws=1), people, seed=seed)) for seed in range(40)]).float()
    middles = torch.tensor([sum(guesses(CSMIA(draws=101), people, seed=seed)) for seed in range(40)]).float()
    assert middles.std() < ones.std() / 3


def test_the_surest_guesses_come_first() -> None:
    _, found = attack(CSMIA(), victims((NORTH, LOW, 1), (EAST, LOW, 1), (SOUTH, LOW, 1)))
    assert found.confidence.argsort(descending=True).tolist() == [0, 1, 2]
