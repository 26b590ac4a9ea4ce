"""The bottleneck: its price against torch's, its draw against its mean, and that the weights come back."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence

from inversion_core.datasets.people import People
from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.defences.mid import MID, Bottleneck, nats
from inversion_core.oracles import WhiteBox
from inversion_core.targets import catalogue
from inversion_core.targets.architectures import CNN, MLP, CNNGroupNorm, ResNet18, Softmax
from tests.defences.small import PHOTOS, set_up, train
from tests.steps import finish

RNG = torch.Generator().manual_seed(4)
FEATURES = torch.randn(6, 10, generator=RNG)


def test_the_price_is_the_divergence_from_the_standard_normal() -> None:
    mean, sigma = torch.randn(5, 3, generator=RNG), torch.rand(5, 3, generator=RNG) + 0.05
    wanted = kl_divergence(Normal(mean, sigma), Normal(0.0, 1.0)).sum(1)
    assert torch.allclose(nats(mean, sigma), wanted, atol=1e-5)
    assert nats(torch.zeros(1, 3), torch.ones(1, 3)).item() == pytest.approx(0)


def test_training_draws_with_the_spread_of_the_paper_and_use_takes_the_mean() -> None:
    middle = Bottleneck(10, 2)
    mean, spread = middle.mean(FEATURES), middle.spread(FEATURES)
    draws = torch.stack([middle.train()(FEATURES) for _ in range(4000)])
    assert torch.allclose(draws.mean(0), mean, atol=5e-3)
    assert torch.allclose(draws.std(0), F.softplus(spread - 5), rtol=0.1)
    assert torch.equal(middle.eval()(FEATURES), mean)


def test_noise_in_use_is_another_for_equal_pictures_of_a_batch_and_averaging_finds_the_mean() -> None:
    middle = Bottleneck(10, 2, noise=True).eval()
    middle.spread.bias.data += 5
    copies = FEATURES[:1].expand(5000, -1)
    told = middle(copies)
    assert torch.equal(told, middle(copies)) and not torch.equal(told[0], told[1])
    assert torch.allclose(told.mean(0), middle.mean(FEATURES[0]), atol=0.08)
    assert torch.allclose(told.std(0), F.softplus(middle.spread(FEATURES[0]) - 5), rtol=0.1)


def test_who_holds_the_weights_switches_the_noise_off_in_their_copy_alone() -> None:
    target = CNN(width=8)
    target.network = set_up(target, [MID(size=4, noise=True)]).network.eval()
    target.input_shape, target.class_count = (1, 16, 16), 3
    middle = target.network[-2]
    middle.spread.bias.data += 5
    copies = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(5)).expand(6, -1, -1, -1)
    oracle = WhiteBox(target)
    assert oracle.logits(copies).std(0).min() > 0
    oracle.quieten()
    mean = target.network[-1](middle.mean(target.network[:-2](copies)))
    assert torch.allclose(oracle.logits(copies), mean, atol=1e-5)
    assert middle.noise and target.network(copies).std(0).min() > 0


def test_the_loss_is_the_one_it_was_given_and_the_price() -> None:
    target = CNN(width=8)
    free, dear = (set_up(target, [MID(beta=beta, size=3)]) for beta in (0.0, 2.0))
    inputs, losses = PHOTOS.floats(), []
    for training in (free, dear):
        torch.manual_seed(1)
        losses.append(training.loss(training.network, inputs, PHOTOS.labels, 0.0).item())
    middle = dear.network[-2]
    assert losses[1] - losses[0] == pytest.approx(2 * middle.passed.mean().item(), rel=1e-4)


def test_a_higher_price_lets_less_through() -> None:
    passed = []
    for beta in (1e-4, 1.0):
        target = MLP(hidden=16, epochs=60, batch_size=40, learning_rate=0.05)
        train(target, [MID(beta=beta, size=4)])
        target.network.train()(PHOTOS.floats())
        passed.append(target.network[-2].passed.mean().item())
    assert passed[1] < 0.1 * passed[0]


@pytest.mark.parametrize("noise", [False, True])
def test_the_weights_are_read_back_as_they_were_and_the_white_box_sees_the_mean(
    noise: bool, tmp_path: Path
) -> None:
    people = People(people=3)
    defence = MID(size=5, noise=noise)
    first, again = (CNN(width=8, epochs=1, batch_size=20) for _ in range(2))
    finish(catalogue.obtain(people, first, [defence], into=tmp_path))
    kept = next(tmp_path.glob("*.safetensors"))
    catalogue._load(again, people, [defence], kept)
    inputs = people.held_out().floats()
    assert torch.equal(first.predict(inputs), again.predict(inputs))
    oracle = WhiteBox(again)
    features, logits = oracle.features(inputs)
    assert oracle.directions().shape == (3, 5) and features.shape == (len(inputs), 5)
    if not noise:
        assert torch.equal(features, again.network[:-1](inputs))
    assert torch.allclose(logits, features @ oracle.directions().T + again.network[-1].bias, atol=1e-6)


def test_a_residual_network_gets_one_before_its_last_layer() -> None:
    target = ResNet18()
    network = MID(size=6).reshape(target.build((3, 64, 64), 4))
    assert network(torch.rand(2, 3, 64, 64)).shape == (2, 4) and network[-1].in_features == 6


def test_it_goes_before_dp_sgd_since_its_price_is_one_of_each_photo() -> None:
    together = [MID(size=3), DPSGD(delta=1e-3, batch_size=20, epochs=1)]
    assert together[1].objection(together) is None
    assert "list mid before dp-sgd" in (together[1].objection(together[::-1]) or "")
    assert train(CNNGroupNorm(width=8), together)["dp-sgd"]["epsilon"] <= 8.01


def test_softmax_regression_is_refused() -> None:
    assert "choose cnn" in (MID().incompatible(Softmax) or "") and MID().incompatible(ResNet18) is None
