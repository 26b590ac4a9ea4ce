"""Rounding: what is released is rounded, not scaled back, and the order of classes far apart survives."""

import torch

from inversion_core.defences.rounding import Rounding


def test_scores_keep_the_decimals_asked_for_and_are_not_rescaled() -> None:
    released = Rounding(decimals=1).release(torch.tensor([[0.84, 0.12, 0.04]]), torch.Generator())
    assert torch.allclose(released, torch.tensor([[0.8, 0.1, 0.0]]))


def test_many_even_classes_round_to_nothing_at_all() -> None:
    assert Rounding(decimals=1).release(torch.full((1, 100), 0.01), torch.Generator()).sum() == 0
