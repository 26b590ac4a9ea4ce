"""Defences of updates: noise and gaps as asked for, masks that cancel, an epsilon that holds."""

import math

import pytest
import torch
from scipy import integrate, stats

from inversion_core.defences.gradient_noise import GradientNoise
from inversion_core.defences.gradient_pruning import GradientPruning
from inversion_core.defences.local_dp import LocalDP, delta_of, epsilon_of
from inversion_core.defences.secure_aggregation import SecureAggregation, decoded, encoded, masked, summed


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def message(seed: int = 0, scale: float = 1.0) -> tuple[torch.Tensor, ...]:
    return tuple(scale * torch.randn(shape, generator=rng(seed)) for shape in ((40, 50), (40,), (7,), (7,)))


def test_noise_is_gaussian_of_the_size_asked_for_and_new_for_everybody() -> None:
    defence, source, zeros = GradientNoise(sigma=0.3), rng(), (torch.zeros(200, 200),)
    first, second = (defence.guard(zeros, 1, source)[0].flatten().numpy() for _ in range(2))
    assert stats.kstest(first / 0.3, "norm").pvalue > 1e-3
    assert abs(stats.pearsonr(first, second).statistic) < 0.02


def test_noisy_variances_stay_positive() -> None:
    sent = GradientNoise(sigma=5.0).guard(message(), 2, rng())
    assert sent[3].min() >= 0 and sent[2].min() < 0 and sent[0].min() < 0


@pytest.mark.parametrize("ratio", [0.5, 0.9, 0.99])
def test_pruning_zeroes_the_smallest_of_each_layer(ratio: float) -> None:
    plain = message()
    sent = GradientPruning(ratio=ratio).guard(plain, 2, rng())
    for before, after in zip(plain[:2], sent[:2], strict=True):
        gone = after == 0
        assert int(gone.sum()) == int(ratio * before.numel())
        assert before[gone].abs().max() <= before[~gone].abs().min()
        assert torch.equal(after[~gone], before[~gone])
    assert all(torch.equal(before, after) for before, after in zip(plain[2:], sent[2:], strict=True))


def test_one_masked_update_is_uniform_noise_whatever_is_in_it() -> None:
    zeros, large = torch.zeros(20000), torch.full((20000,), 123.0)
    for vector in (zeros, large):
        sent = masked([vector, large, zeros], 32, rng())
        for one in sent:
            share = (one.double().numpy() + 2.0**63) / 2.0**64
            assert stats.kstest(share, "uniform").pvalue > 1e-3
    assert torch.unique(one).numel() > 19990


def test_the_masks_cancel_exactly_in_the_sum() -> None:
    vectors = [torch.randn(5000, generator=rng(seed)) for seed in range(8)]
    sent = masked(vectors, 32, rng(9))
    plain = sum(encoded(vector, 32) for vector in vectors)
    assert torch.equal(summed(sent), plain)
    exact = torch.stack(vectors).double().sum(0)
    assert (decoded(plain, 32) - exact).abs().max() <= 8 * 2.0**-33
    without_one = summed(sent[1:])
    assert not torch.equal(without_one, plain) and decoded(without_one, 32).abs().median() > 1e6


def test_the_server_reads_the_mean_of_all_and_nothing_else() -> None:
    messages = [message(seed) for seed in range(4)]
    (mean,) = SecureAggregation().gather(messages, rng())
    for place, part in enumerate(mean):
        expected = torch.stack([one[place] for one in messages]).mean(0)
        assert part.shape == expected.shape and torch.allclose(part, expected, atol=1e-6)


def test_with_one_client_there_is_nobody_to_hide_behind() -> None:
    (mean,) = SecureAggregation().gather([message()], rng())
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(mean, message(), strict=True))


def test_local_dp_bounds_every_update_whatever_its_size() -> None:
    for scale in (1e-3, 1.0, 1e3):
        sent = LocalDP(clip=2.0, noise=1e-6).guard(message(scale=scale), 2, rng())
        length = torch.cat([part.flatten() for part in sent[:2]]).norm()
        full = torch.cat([part.flatten() for part in message(scale=scale)[:2]]).norm()
        assert length.item() == pytest.approx(min(2.0, full.item()), rel=5e-3)
        assert all(not part.any() for part in sent[2:])


def test_local_dp_noise_is_measured_against_the_clip() -> None:
    sent = LocalDP(clip=0.5, noise=3.0).guard((torch.zeros(300, 300),), 1, rng())[0]
    assert sent.std().item() == pytest.approx(1.5, rel=0.02)


@pytest.mark.parametrize(("multiplier", "epsilon"), [(0.5, 1.0), (1.0, 0.5), (2.0, 1.0), (5.0, 0.1)])
def test_delta_is_the_hockey_stick_divergence_of_two_gaussians(multiplier: float, epsilon: float) -> None:
    first, second = stats.norm(1, multiplier), stats.norm(0, multiplier)
    border = 0.5 + epsilon * multiplier**2
    value, _ = integrate.quad(
        lambda x: first.pdf(x) - math.exp(epsilon) * second.pdf(x), border, border + 40 * multiplier
    )
    assert delta_of(multiplier, epsilon) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("multiplier", [0.05, 0.5, 2.0, 20.0])
def test_epsilon_undoes_delta_and_more_noise_promises_more(multiplier: float) -> None:
    epsilon = epsilon_of(multiplier, 1e-5)
    assert delta_of(multiplier, epsilon) == pytest.approx(1e-5, rel=1e-4)
    assert epsilon_of(2 * multiplier, 1e-5) < epsilon


def test_only_what_holds_is_promised() -> None:
    assert GradientNoise().promise(8) is None and GradientPruning().promise(8) is None
    promise = LocalDP(noise=4.0, delta=1e-5).promise(8)
    assert promise is not None and f"{epsilon_of(2.0, 1e-5):.3g}" in promise


def test_one_client_has_nobody_to_hide_behind_and_is_promised_nothing() -> None:
    assert str(SecureAggregation().promise(1)).startswith("nothing here: the sum over one client")
    for clients in (2, 16):
        assert str(SecureAggregation().promise(clients)).startswith("the server learns the sum of all")
