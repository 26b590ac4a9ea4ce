"""Copies are told from pictures that only resemble, at a rate that real photos set."""

import torch

from inversion_core.metrics.extracted import CopyDistance, CopyTruth, ExtractedShare, copied, ratios


def cloud(count: int, seed: int) -> torch.Tensor:
    return torch.rand(count, 48, generator=torch.Generator().manual_seed(seed))


def truth(candidates: torch.Tensor) -> CopyTruth:
    training = cloud(60, 0)
    return CopyTruth(candidates, training, cloud(60, 1), cloud(90, 2), training + 0.01, repeated=5)


def test_copies_of_training_photos_are_counted_and_none_of_the_control() -> None:
    copies = cloud(60, 0)[:4] + 0.01
    score = ExtractedShare().score(truth(torch.cat([copies, cloud(4, 3)])))
    assert (score.value, score.n, score.baseline, score.control) == (0.5, 8, 0.0, 1.0)
    assert score.low < 0.5 < score.high
    assert score.rulers == {"photos gathered repeatedly that were found": 4 / 5}


def test_copies_of_photos_never_trained_on_raise_only_the_baseline() -> None:
    score = ExtractedShare().score(truth(cloud(60, 1)[:6] + 0.01))
    assert (score.value, score.baseline) == (0.0, 1.0)


def test_no_calibration_photo_is_ever_a_copy() -> None:
    made = truth(cloud(4, 3))
    assert not copied(made.calibration, made.training, made.calibration).any()


def test_a_ratio_is_the_nearest_distance_over_the_mean_of_the_next() -> None:
    photos = torch.tensor([[0.0], [3.0], [5.0]])
    assert torch.allclose(ratios(torch.tensor([[1.0]]), photos), torch.tensor([1 / 3], dtype=torch.float64))


def test_the_distance_is_a_root_mean_square_and_less_is_stronger() -> None:
    score = CopyDistance().score(truth(cloud(60, 0)[:7] + 0.02))
    assert abs(score.value - 0.02) < 1e-6 and score.better == "lower"
    assert abs(score.control - 0.01) < 1e-6 and score.baseline > 0.1
