"""DP-SGD: the epsilon against a closed form, what it means for a person, and who is refused."""

import math

import pytest
import torch
from opacus.accountants import PRVAccountant
from opacus.utils.uniform_sampler import UniformWithReplacementSampler
from pydantic import ValidationError

from inversion_core.defences.dp_sgd import DPSGD, _warning, group_delta
from inversion_core.defences.label_smoothing import LabelSmoothing
from inversion_core.targets.architectures import CNN, CNNGroupNorm, ResNet18, Softmax
from inversion_core.targets.train import fit
from tests.defences.small import PHOTOS, set_up


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


def test_the_epsilon_told_is_the_one_of_the_accountant_for_the_noise_rate_and_steps_told() -> None:
    _, told = train(DPSGD(epsilon=3, delta=1e-4, batch_size=10, epochs=4))
    assert (told["sample_rate"], told["steps"], told["sampling"]) == (0.25, 16, "Poisson")
    accountant = PRVAccountant()
    accountant.history = [(told["noise_multiplier"], told["sample_rate"], told["steps"])]
    assert told["epsilon"] == pytest.approx(accountant.get_epsilon(delta=1e-4), rel=1e-6)


def test_batches_are_poisson_samples_and_nothing_configures_shuffling() -> None:
    batches = set_up(Softmax(), [DPSGD(delta=1e-3, batch_size=10)]).batches
    assert isinstance(batches.batch_sampler, UniformWithReplacementSampler)
    assert len({len(labels) for _ in range(5) for _, labels in batches}) > 3
    assert set(DPSGD.Params.model_fields) == {"epsilon", "delta", "max_grad_norm", "batch_size", "epochs"}
    with pytest.raises(ValidationError, match="poisson_sampling"):
        DPSGD(poisson_sampling=False)


def test_the_delta_of_a_group_grows_as_the_theorem_says_and_ends_at_no_promise() -> None:
    assert group_delta(0.5, 1e-6, 3) == pytest.approx(3 * math.exp(2 * 0.5) * 1e-6)
    assert group_delta(8, 1e-5, 1) == pytest.approx(1e-5)
    assert group_delta(8, 1e-5, 20) == 1 and group_delta(1000, 0.5, 1000) == 1


def test_a_delta_of_one_is_called_no_promise_and_a_smaller_one_is_told() -> None:
    _, vacuous = train(DPSGD(epsilon=8, delta=1e-3, batch_size=10, epochs=2))
    assert vacuous["person_delta"] == 1 and "a delta of 1, which is no promise" in vacuous["warning"]
    assert "with a delta of 2.5e-04" in _warning(1.0, 2.5e-4, 4, "photo")


def test_label_smoothing_may_come_before_or_after_since_each_photo_keeps_its_own_loss() -> None:
    private = DPSGD()
    for order in ([LabelSmoothing(), private], [private, LabelSmoothing()]):
        assert private.objection(order) is None


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
