"""Top-k: the highest keep their value, the others are exactly zero, order with other defences matters."""

import torch

from inversion_core.defences.rounding import Rounding
from inversion_core.defences.top_k import TopK

SCORES = torch.tensor([[0.5, 0.04, 0.3, 0.16], [0.1, 0.2, 0.3, 0.4]])
RNG = torch.Generator()


def test_the_highest_are_released_as_they_are_and_the_others_are_exactly_zero() -> None:
    released = TopK(k=2).release(SCORES, RNG)
    assert torch.equal(released, torch.tensor([[0.5, 0.0, 0.3, 0.0], [0.0, 0.0, 0.3, 0.4]]))


def test_what_was_given_is_not_changed() -> None:
    given = SCORES.clone()
    TopK(k=1).release(given, RNG)
    assert torch.equal(given, SCORES)


def test_no_more_than_k_are_released_when_scores_are_equal() -> None:
    assert TopK(k=3).release(torch.full((1, 6), 1 / 6), RNG).nonzero()[:, 1].tolist() == [0, 1, 2]


def test_fewer_classes_than_k_are_all_released() -> None:
    assert torch.equal(TopK(k=9).release(SCORES, RNG), SCORES)


def test_after_rounding_a_place_may_go_to_a_class_that_rounds_to_the_same() -> None:
    close = torch.tensor([[0.351, 0.352, 0.297]])
    cut_first = Rounding(decimals=2).release(TopK(k=1).release(close, RNG), RNG)
    round_first = TopK(k=1).release(Rounding(decimals=2).release(close, RNG), RNG)
    assert cut_first.argmax(1).item() == 1 and round_first.argmax(1).item() == 0
