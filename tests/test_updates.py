"""What a client computes: equal to torch's own training, and differentiable through it."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inversion_core.updates import as_sent_out, local_update


def network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Tanh(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(48, 4)
        )


def photos(count: int = 3) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(1)
    return torch.rand(count, 1, 6, 6, generator=rng), torch.randint(4, (count,), generator=rng)


def trained_by_torch(steps: int, rate: float) -> tuple[nn.Module, nn.Module]:
    before, after = as_sent_out(network()), as_sent_out(network())
    after.requires_grad_(True)
    optimiser = torch.optim.SGD(after.parameters(), lr=rate)
    inputs, labels = photos()
    for _ in range(steps):
        optimiser.zero_grad()
        F.cross_entropy(after(inputs), labels).backward()
        optimiser.step()
    return before, after


@pytest.mark.parametrize("steps", [1, 4])
def test_a_change_is_what_gradient_descent_does_in_units_of_its_rate(steps: int) -> None:
    before, after = trained_by_torch(steps, 0.1)
    change, _ = local_update(as_sent_out(network()), *photos(), steps, 0.1)
    moved = [(a - b) / 0.1 for a, b in zip(before.parameters(), after.parameters(), strict=True)]
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(change, moved, strict=True))
    assert max(part.abs().max() for part in change) > 0.01


@pytest.mark.parametrize("steps", [1, 4])
def test_the_statistics_are_those_that_torch_keeps(steps: int) -> None:
    _, after = trained_by_torch(steps, 0.1)
    _, statistics = local_update(as_sent_out(network()), *photos(), steps, 0.1)
    normal = after[1]
    assert torch.allclose(statistics[0], normal.running_mean, atol=1e-6)
    assert torch.allclose(statistics[1], normal.running_var, atol=1e-6)
    assert not torch.allclose(statistics[0], torch.zeros(3), atol=1e-3)


def test_the_network_itself_stays_as_it_is() -> None:
    sent_out = as_sent_out(network())
    before = copy.deepcopy(sent_out.state_dict())
    local_update(sent_out, *photos(), 3, 0.5)
    assert all(torch.equal(value, before[name]) for name, value in sent_out.state_dict().items())


def test_dropout_is_off_and_the_original_untouched() -> None:
    original = network()
    sent_out = as_sent_out(original)
    assert sent_out[4].p == 0 and original[4].p == 0.5 and sent_out.training
    first, again = (local_update(sent_out, *photos(), 1, 0.1)[0] for _ in range(2))
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))


@pytest.mark.parametrize("steps", [1, 3])
def test_slopes_through_all_local_steps_are_those_of_finite_differences(steps: int) -> None:
    sent_out = as_sent_out(network()).double()
    inputs, labels = photos()
    inputs = inputs.double().requires_grad_()

    def told(pictures: Tensor) -> Tensor:
        change, statistics = local_update(sent_out, pictures, labels, steps, 0.3, differentiable=True)
        return sum(part.square().sum() for part in (*change, *statistics))

    (slope,) = torch.autograd.grad(told(inputs), inputs)
    direction = torch.randn(inputs.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    ahead, behind = (told(inputs.detach() + sign * 1e-5 * direction) for sign in (1, -1))
    expected = ((ahead - behind) / 2e-5).item()
    assert (slope * direction).sum().item() == pytest.approx(expected, rel=1e-5)


def test_probabilities_that_are_corners_are_labels() -> None:
    inputs, labels = photos()
    by_label, _ = local_update(as_sent_out(network()), inputs, labels, 1, 0.1)
    by_corner, _ = local_update(as_sent_out(network()), inputs, F.one_hot(labels, 4).float(), 1, 0.1)
    assert all(torch.allclose(one, other, atol=1e-7) for one, other in zip(by_label, by_corner, strict=True))
