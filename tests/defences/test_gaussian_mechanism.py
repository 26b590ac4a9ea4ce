"""The Gaussian mechanism against its definition, and the sensitivity against what rows really change."""

import math

import pytest
import torch

from inversion_core.defences.gaussian_mechanism import GaussianMechanism, noise_scale, spent_delta
from inversion_core.released import Coding
from inversion_core.tables import Column
from inversion_core.targets.closed_form import LogisticRegression, NaiveBayes, with_one

COLUMNS = (*(Column(f"level {k}", ("a", "b", "c"), (0, 1, 2)) for k in range(3)), Column("age", None, (0.5,)))


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 10.0])
def test_the_noise_spends_its_delta_and_no_more(epsilon: float) -> None:
    scale = noise_scale(epsilon, 1e-5, 2.0)
    assert spent_delta(epsilon, scale, 2.0) == pytest.approx(1e-5, rel=1e-6)
    assert spent_delta(epsilon, 0.99 * scale, 2.0) > 1e-5


def test_delta_is_the_privacy_loss_beyond_epsilon_by_numerical_integration() -> None:
    epsilon, noise, sensitivity = 1.0, 1.5, 1.0
    x = torch.linspace(-20, 20, 400_001, dtype=torch.float64)
    density = torch.distributions.Normal(0.0, noise)
    one, two = density.log_prob(x).exp(), density.log_prob(x - sensitivity).exp()
    beyond = torch.trapezoid((two - math.exp(epsilon) * one).clamp_min(0), x).item()
    assert spent_delta(epsilon, noise, sensitivity) == pytest.approx(beyond, rel=1e-3)


def test_it_needs_no_more_noise_than_the_textbook_formula() -> None:
    assert noise_scale(0.5, 1e-5, 1.0) < math.sqrt(2 * math.log(1.25 / 1e-5)) / 0.5


def rows(count: int) -> torch.Tensor:
    rng = torch.Generator().manual_seed(1)
    levels = torch.randint(3, (count, 3), generator=rng).float()
    return torch.cat([levels, torch.rand(count, 1, generator=rng)], 1)


def test_no_row_changes_the_statistics_by_more_than_the_sensitivity() -> None:
    coding = Coding(COLUMNS, torch.zeros(4).double(), torch.ones(4).double())
    features = coding.features(rows(200))
    reach = (1 + features.square().sum(1) + features.pow(4).sum(1)).sqrt()
    assert reach.max() <= NaiveBayes().sensitivity(len(COLUMNS))


def test_no_row_changes_the_weights_by_more_than_the_sensitivity() -> None:
    coding = Coding(COLUMNS, torch.zeros(4).double(), torch.ones(4).double())
    features = coding.features(rows(40))
    labels = torch.randint(2, (40,), generator=torch.Generator().manual_seed(2))
    model = LogisticRegression(strength=2.0)
    assert with_one(features).norm(dim=1).max() <= math.sqrt(len(COLUMNS) + 1)
    whole = model.learnt(features, labels, 2).numbers["weights"]
    for row in range(40):
        kept = torch.arange(40) != row
        without = model.learnt(features[kept], labels[kept], 2).numbers["weights"]
        assert (whole - without).norm() <= model.sensitivity(len(COLUMNS))


def test_it_is_for_models_that_are_published_alone() -> None:
    from inversion_core.registry import find

    assert GaussianMechanism().incompatible(find("targets", "naive-bayes")) is None
    assert "none; choose naive-bayes" in str(GaussianMechanism().incompatible(find("targets", "cnn")))
