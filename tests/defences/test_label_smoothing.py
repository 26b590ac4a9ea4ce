"""Label smoothing: the loss against torch's own, the schedule against the paper's."""

import pytest
import torch
import torch.nn.functional as F

from inversion_core.defences.label_smoothing import ramp, smoothed_loss


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5])
def test_positive_smoothing_is_torch_s_label_smoothing(alpha: float) -> None:
    logits, labels = torch.randn(8, 5, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 5
    ours = smoothed_loss(logits.log_softmax(1), labels, alpha)
    assert ours.item() == pytest.approx(
        F.cross_entropy(logits, labels, label_smoothing=alpha).item(), rel=1e-5
    )


def test_negative_smoothing_rewards_driving_other_classes_to_nothing() -> None:
    labels = torch.zeros(1, dtype=torch.long)
    mild, sharp = torch.tensor([[4.0, 0.0, 0.0]]), torch.tensor([[12.0, 0.0, 0.0]])
    gain = [smoothed_loss(x.log_softmax(1), labels, -0.05).item() for x in (mild, sharp)]
    plain = [smoothed_loss(x.log_softmax(1), labels, 0.0).item() for x in (mild, sharp)]
    assert gain[0] - gain[1] > plain[0] - plain[1]


@pytest.mark.parametrize(("done", "share"), [(0, 0), (0.5, 0), (0.625, 0.5), (0.75, 1), (1, 1)])
def test_the_schedule_rises_between_half_and_three_quarters(done: float, share: float) -> None:
    assert ramp(done) == pytest.approx(share)
