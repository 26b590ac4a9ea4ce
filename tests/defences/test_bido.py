"""BiDO: the dependency against its formula written out, on data that depend and data that do not."""

import pytest
import torch
from torch import Tensor

from inversion_core.defences.bido import BiDO, gaussian, linear, overlap, projection
from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.defences.label_smoothing import LabelSmoothing, smoothed_loss
from inversion_core.targets.architectures import CNN, MLP, ResNet18, Softmax
from tests.defences.small import PHOTOS, set_up, train

RNG = torch.Generator().manual_seed(2)


def written_out(first: Tensor, second: Tensor) -> float:
    """tr(R_1 R_2), R = K~ (K~ + 1e-5 m I)^-1 with K~ = K H, H = I - 1/m: kernel by kernel, with inverses."""
    count = len(first)
    centre = torch.eye(count, dtype=torch.float64) - 1 / count
    both = []
    for kernel in (first, second):
        centred = kernel.double() @ centre
        ridge = 1e-5 * count * torch.eye(count, dtype=torch.float64)
        both.append(centred @ torch.linalg.inv(centred + ridge))
    return torch.trace(both[0] @ both[1]).item()


def test_the_gaussian_kernel_has_the_width_of_five_roots_of_the_dimensions() -> None:
    values = torch.randn(6, 3, generator=RNG)
    wanted = [[torch.exp(-((a - b).norm() ** 2) / (2 * (5 * 3**0.5) ** 2)) for b in values] for a in values]
    assert torch.allclose(gaussian(values), torch.tensor(wanted), atol=1e-6)


def test_the_dependency_is_the_formula_written_out() -> None:
    values, others = torch.randn(12, 40, generator=RNG), torch.randn(12, 5, generator=RNG)
    labels = torch.eye(4)[torch.arange(12) % 4]
    for kernels in ((gaussian(values), gaussian(others)), (gaussian(values), linear(labels))):
        ours = overlap(*(projection(kernel.double()) for kernel in kernels)).item()
        assert ours == pytest.approx(written_out(*kernels), rel=1e-3)


def test_what_depends_scores_higher_than_what_does_not() -> None:
    values, others, turn = (torch.randn(size, 2, generator=RNG) for size in (64, 64, 2))
    picture = projection(gaussian(0.3 * values))
    same, other = (overlap(picture, projection(gaussian(0.3 * z))).item() for z in (values @ turn, others))
    assert same > 4 * other > 0


def test_layers_that_are_the_labels_are_rewarded_and_layers_that_are_the_picture_punished() -> None:
    pictures, labels = torch.rand(40, 30, generator=RNG), torch.arange(40) % 4
    copies, noise = pictures * 3, torch.randn(40, 30, generator=RNG)
    answers = torch.eye(4)[labels] * 8
    picture = BiDO(lambda_x=1, lambda_y=0)
    label = BiDO(lambda_x=0, lambda_y=1)
    assert picture._dependency(pictures, [copies], labels) > picture._dependency(pictures, [answers], labels)
    assert label._dependency(pictures, [answers], labels) < label._dependency(pictures, [noise], labels)


@pytest.mark.parametrize(("target", "layers"), [(MLP(hidden=8), 1), (CNN(width=8), 4), (ResNet18(), 17)])
def test_every_hidden_layer_counts_and_no_hook_is_left_behind(
    target: CNN, layers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(
        BiDO, "_dependency", lambda self, x, hidden, y: seen.append(len(hidden)) or x.sum() * 0
    )
    training = set_up(target, [BiDO()])
    training.loss(training.network, PHOTOS.floats(), PHOTOS.labels, 0.0)
    assert seen == [layers]
    assert not any(module._forward_hooks for module in training.network.modules())


def test_the_loss_it_was_given_stays_in() -> None:
    training = set_up(MLP(hidden=8), [LabelSmoothing(alpha=0.3), BiDO(lambda_x=0, lambda_y=0)])
    logs = training.network(PHOTOS.floats()).log_softmax(1)
    told = training.loss(training.network, PHOTOS.floats(), PHOTOS.labels, 1.0).item()
    assert told == pytest.approx(smoothed_loss(logs, PHOTOS.labels, 0.3).item(), rel=1e-5)


def test_training_with_it_stays_finite_with_equal_photos_in_a_batch() -> None:
    target = CNN(width=8, epochs=3, batch_size=40)
    train(target, [BiDO(lambda_x=1, lambda_y=1)])
    assert all(part.isfinite().all() for part in target.network.parameters())
    training = set_up(MLP(hidden=8), [BiDO()])
    same = PHOTOS.floats()[:1].expand(6, -1, -1, -1)
    training.loss(training.network, same, torch.zeros(6, dtype=torch.long), 0.0).backward()
    assert all(part.grad.isfinite().all() for part in training.network.parameters())


def test_dp_sgd_is_refused_beside_it_in_either_order_and_smoothing_after_it() -> None:
    pair = [BiDO(), DPSGD()]
    for order in (pair, pair[::-1]):
        assert "the loss of bido takes all photos of a batch together" in (pair[1].objection(order) or "")
    smoothing = LabelSmoothing()
    assert "list it before bido" in (smoothing.objection([BiDO(), smoothing]) or "")
    assert smoothing.objection([smoothing, BiDO()]) is None


def test_softmax_regression_has_no_hidden_layer() -> None:
    assert "choose cnn" in (BiDO().incompatible(Softmax) or "") and BiDO().incompatible(CNN) is None
