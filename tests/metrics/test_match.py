"""Matching with another recogniser: a threshold from strangers, a Wilson interval, real photos as control."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from inversion_core.metrics.closest_photo import ANOTHER_PERSON, MEAN_FACE
from inversion_core.metrics.feature_distance import FeatureDistance
from inversion_core.metrics.image_similarity import Psnr, Ssim
from inversion_core.metrics.intervals import wilson
from inversion_core.metrics.match import MatchOtherPhoto, MatchRate, MatchSamePhoto, accepts, set_lock
from inversion_core.metrics.victims import describe_victims
from inversion_core.values import Photos, Reconstruction, Truth

METRICS = [
    pytest.param(MatchSamePhoto(), id="match-same-photo"),
    pytest.param(MatchOtherPhoto(), id="match-other-photo"),
]


def with_originals(world: Any) -> Truth:
    """Return the world's truth with one further photo of each person as the original."""
    return world.truth(originals=world.photos(1))  # type: ignore[no-any-return]


def given(truth: Truth) -> Reconstruction:
    """Return the originals themselves."""
    assert truth.originals is not None
    return Reconstruction(truth.originals.floats(), truth.originals.labels, torch.ones(len(truth.originals)))


def test_the_lock_is_the_loosest_that_lets_one_in_a_hundred_strangers_pass() -> None:
    """20 people with one photo each at known angles: 190 pairs, of which one may pass."""
    angles = torch.linspace(0, math.pi / 2, 20).double().square()
    features = torch.stack([angles.cos(), angles.sin()], dim=1)
    lock = set_lock(features, torch.arange(20))
    cosines = sorted((math.cos(a - b) for i, a in enumerate(angles) for b in angles[:i]), reverse=True)
    assert lock.threshold == pytest.approx(cosines[1]) and lock.passed == pytest.approx(1 / 190)


def test_photos_of_one_person_set_no_threshold() -> None:
    features = F.normalize(torch.tensor([[1.0, 0.0], [1.0, 0.01], [0.0, 1.0], [0.01, 1.0]]))
    lock = set_lock(features, torch.tensor([0, 0, 1, 1]))
    assert lock.threshold < 0.1 and lock.passed == 0
    assert accepts(lock, features, features.roll(1, 0)).tolist() == [False, True, False, True]


@pytest.mark.parametrize("metric", METRICS)
def test_the_photo_itself_is_always_accepted(
    metric: MatchRate, make_world: Any, rng: torch.Generator
) -> None:
    world = make_world(people=8)
    truth = with_originals(world)
    score = metric.score(given(truth), truth, rng)
    assert score.value == score.control == 1 and score.n == 8 and score.better == "higher"
    assert (score.low, score.high) == wilson(8, 8)
    assert 0 <= score.baseline <= 0.01
    assert score.rulers[ANOTHER_PERSON] <= 0.25 and set(score.rulers) == {MEAN_FACE, ANOTHER_PERSON}


@pytest.mark.parametrize("metric", METRICS)
def test_other_peoples_photos_are_not_accepted(
    metric: MatchRate, make_world: Any, rng: torch.Generator
) -> None:
    truth = with_originals(make_world(people=8))
    wrong = given(truth)
    score = metric.score(replace(wrong, samples=wrong.samples.roll(1, 0)), truth, rng)
    assert score.value == 0 and (score.low, score.high) == wilson(0, 8) and score.control == 1


def test_half_right_is_a_half(make_world: Any, rng: torch.Generator) -> None:
    truth = with_originals(make_world(people=8))
    found = given(truth)
    found.samples[:4] = found.samples[4:].clone()
    assert MatchSamePhoto().score(found, truth, rng).value == 0.5


def test_same_and_other_photo_are_told_apart(make_world: Any, rng: torch.Generator) -> None:
    """The originals show something that no held-out photo does."""
    world = make_world(people=8)
    strange = Photos(torch.randint(256, (8, 3, 16, 16), dtype=torch.uint8, generator=rng), torch.arange(8))
    truth = world.truth(originals=strange)
    assert MatchSamePhoto().score(given(truth), truth, rng).value == 1
    assert MatchOtherPhoto().score(given(truth), truth, rng).value < 0.5
    assert MatchOtherPhoto().score(given(truth), truth, rng).control < 0.5  # type: ignore[operator]


@pytest.mark.parametrize("metric", METRICS)
def test_it_is_only_for_claims_with_an_original_and_enough_strangers(
    metric: MatchRate, make_world: Any
) -> None:
    assert "no original" in (metric.problem(make_world().truth()) or "")
    assert metric.problem(with_originals(make_world())) is None
    few = make_world(people=3)
    assert "100 pairs of different people, here are 48" in (metric.problem(with_originals(few)) or "")


@pytest.mark.parametrize("metric", [Ssim(), Psnr(), FeatureDistance()])
def test_where_there_is_an_original_only_that_counts(
    metric: Any, make_world: Any, rng: torch.Generator
) -> None:
    world = make_world(people=8)
    truth = replace(with_originals(world), train_features=world.rest(world.train.floats()))
    exact = metric.score(given(truth), truth, rng)
    first = torch.arange(8) * 5
    other = Reconstruction(world.train.floats()[first], torch.arange(8), torch.ones(8))
    trained = metric.score(other, truth, rng)
    assert (
        exact.value == {"ssim": pytest.approx(1, abs=1e-4), "psnr": 100, "feature-distance": 0}[metric.name]
    )
    assert trained.value != pytest.approx(exact.value, abs=1e-3)
    rows = describe_victims(given(truth), truth, [str(place) for place in range(8)])
    assert all(row["ssim"] == pytest.approx(1, abs=1e-4) for row in rows)
