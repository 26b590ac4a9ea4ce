"""Calibration, Brier score and distortion in closed form."""

import pytest
import torch

from inversion_core.metrics.confidence import brier, calibration_error, distortion


def sure(confidence: float, cases: int, right: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return scores of two classes that name class 0 with this confidence, right in some of the cases."""
    scores = torch.tensor([confidence, 1 - confidence]).repeat(cases, 1)
    return scores, (torch.arange(cases) >= right).long()


@pytest.mark.parametrize(
    ("confidence", "right", "error"),
    [(0.75, 6, 0.0), (1.0, 8, 0.0), (1.0, 6, 0.25), (0.75, 8, 0.25), (0.6, 0, 0.6)],
)
def test_one_bin_is_off_by_confidence_minus_share_right(confidence: float, right: int, error: float) -> None:
    assert calibration_error(*sure(confidence, 8, right)) == pytest.approx(error, abs=1e-6)


def test_bins_are_weighted_and_do_not_cancel() -> None:
    timid, bold = sure(0.55, 30, 30), sure(0.95, 10, 5)
    scores, labels = (torch.cat(pair) for pair in zip(timid, bold, strict=True))
    assert calibration_error(scores, labels) == pytest.approx(0.75 * 0.45 + 0.25 * 0.45, abs=1e-6)


def test_within_a_bin_errors_cancel_as_in_the_paper() -> None:
    under, over = sure(0.81, 1, 1), sure(0.85, 1, 0)  # both in (12/15, 13/15]
    scores, labels = (torch.cat(pair) for pair in zip(under, over, strict=True))
    assert calibration_error(scores, labels) == pytest.approx(abs(0.5 - 0.83), abs=1e-6)


def test_a_row_of_zeros_that_rounding_left_claims_nothing() -> None:
    assert calibration_error(torch.zeros(4, 3), torch.tensor([0, 0, 1, 2])) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("row", "value"), [([1.0, 0.0, 0.0], 0.0), ([0.0, 1.0, 0.0], 2.0), ([0.5, 0.5, 0.0], 0.5), ([0, 0, 0], 1)]
)
def test_brier_is_the_squared_distance_from_the_right_answer(row: list[float], value: float) -> None:
    assert brier(torch.tensor([row, row]), torch.tensor([0, 0])) == pytest.approx(value)


def test_distortion_is_the_length_of_the_way_between_the_rows() -> None:
    bare = torch.tensor([[0.7, 0.3], [0.5, 0.5], [1.0, 0.0]])
    released = torch.tensor([[0.7, 0.3], [1.0, 0.0], [0.0, 1.0]])
    assert distortion(bare, bare) == 0
    assert distortion(released, bare) == pytest.approx((0 + 1 + 2) / 3)
