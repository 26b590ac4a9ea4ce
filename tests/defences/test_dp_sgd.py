"""DP-SGD: the epsilon against a closed form, what it means for a person, and who is refused."""

import math

import pytest
import torch
from opacus.accountants import PRVAccountant

from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.targets.architectures import CNN, CNNGroupNorm, ResNet18, Softmax
from inversion_core.targets.train import fit
from inversion_core.values import Photos

PHOTOS = Photos(
    torch.randint(0, 256, (40, 1, 16, 16), generator=torch.Generator().manual_seed(0)).to(torch.uint8),
    torch.arange(40) % 4,
)


def train(defence: DPSGD, seed: int = 0) -> tuple[Softmax, dict]:
    target = Softmax(epochs=3, batch_size=10, seed=seed)
    steps = fit(target, PHOTOS, 4, [defence])
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return target, stop.value[1]["dp-sgd"]


def test_the_epsilon_spent_is_at_most_the_epsilon_asked_for() -> None:
    _, told = train(DPSGD(epsilon=8, delta=1e-3, batch_size=10, epochs=5))
    assert 7 < told["epsilon"] <= 8.01 and told["delta"] == 1e-3


def test_a_person_with_ten_photos_is_said_to_have_ten_times_the_epsilon() -> None:
    _, told = train(DPSGD(epsilon=2, delta=1e-3, batch_size=10, epochs=2))
    assert told["photos_per_person"] == 10
    assert told["person_epsilon"] == pytest.approx(10 * told["epsilon"])
    assert "10 photos" in told["warning"]


def test_less_epsilon_means_more_noise() -> None:
    strict, loose = (train(DPSGD(epsilon=e, delta=1e-3, batch_size=10, epochs=3))[1] for e in (1, 50))
    assert strict["noise_multiplier"] > 2 * loose["noise_multiplier"]


def test_the_accountant_agrees_with_the_closed_form_of_one_gaussian_release() -> None:
    """Balle and Wang (ICML 2018): delta(eps) = Phi(1/2 - eps) - e^eps Phi(-1/2 - eps) at noise 1, sensitivity
    1.
    """
    accountant = PRVAccountant()
    accountant.history = [(1.0, 1 - 1e-9, 1)]
    epsilon = accountant.get_epsilon(delta=1e-5)
    normal = torch.distributions.Normal(0.0, 1.0)
    left, right = (
        normal.cdf(torch.tensor(x, dtype=torch.float64)).item() for x in (0.5 - epsilon, -0.5 - epsilon)
    )
    assert left - math.exp(epsilon) * right == pytest.approx(1e-5, rel=0.1)


def test_equal_seeds_give_equal_weights() -> None:
    first, again = (train(DPSGD(epsilon=8, delta=1e-3, batch_size=10, epochs=2))[0] for _ in range(2))
    assert all(
        torch.equal(a, b) for a, b in zip(first.network.parameters(), again.network.parameters(), strict=True)
    )


@pytest.mark.parametrize("target", [CNN, ResNet18])
def test_networks_that_mix_photos_are_refused_with_the_way_out(target: type) -> None:
    assert "choose cnn-gn" in (DPSGD().incompatible(target) or "")


@pytest.mark.parametrize("target", [CNNGroupNorm, Softmax])
def test_networks_that_treat_each_photo_alone_are_accepted(target: type) -> None:
    assert DPSGD().incompatible(target) is None
