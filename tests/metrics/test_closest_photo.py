"""SSIM, PSNR and feature distance: the closest photo counts, and every number stands between its rulers."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from inversion_core.metrics.closest_photo import ANOTHER_PERSON, ANOTHER_PHOTO, MEAN_FACE, ClosestPhoto
from inversion_core.metrics.feature_distance import FeatureDistance
from inversion_core.metrics.image_similarity import PSNR_CEILING, Psnr, Ssim, luminance
from inversion_core.values import Photos, Reconstruction

METRICS = [
    pytest.param(Ssim(), id="ssim"),
    pytest.param(Psnr(), id="psnr"),
    pytest.param(FeatureDistance(), id="feature-distance"),
]


def stronger(metric: ClosestPhoto, first: float, second: float) -> bool:
    return first > second if metric.better == "higher" else first < second


@pytest.mark.parametrize("metric", METRICS)
def test_a_perfect_recovery_beats_every_ruler(metric: ClosestPhoto, world: Any, rng: torch.Generator) -> None:
    score = metric.score(world.recovered(), world.truth(), rng)
    assert score.name == metric.name and score.n == 8
    assert score.low < score.value < score.high
    assert score.baseline == score.rulers[MEAN_FACE] and score.control == score.rulers[ANOTHER_PHOTO]
    for ruler in (ANOTHER_PHOTO, ANOTHER_PERSON, MEAN_FACE):
        assert stronger(metric, score.value, score.rulers[ruler])
    assert stronger(metric, score.control, score.rulers[ANOTHER_PERSON])


@pytest.mark.parametrize("metric", METRICS)
def test_recovering_the_mean_face_is_worth_exactly_the_baseline(
    metric: ClosestPhoto, world: Any, rng: torch.Generator
) -> None:
    mean = world.train.floats().mean(0).repeat(8, 1, 1, 1)
    score = metric.score(Reconstruction(mean, torch.arange(8), torch.ones(8)), world.truth(), rng)
    assert score.value == pytest.approx(score.baseline, rel=1e-4)


@pytest.mark.parametrize("metric", METRICS)
def test_equal_runs_give_equal_scores(metric: ClosestPhoto, world: Any) -> None:
    scores = [
        metric.score(world.recovered(), world.truth(), torch.Generator().manual_seed(5)) for _ in range(2)
    ]
    assert scores[0] == scores[1]


@pytest.mark.parametrize("metric", METRICS)
def test_one_victim_has_a_wide_and_finite_interval(
    metric: ClosestPhoto, world: Any, rng: torch.Generator
) -> None:
    score = metric.score(world.fooling_one(3), world.truth(), rng)
    assert score.n == 1
    assert score.low < score.value < score.high < 1e6


@pytest.mark.parametrize("metric", METRICS)
def test_pixels_that_are_no_numbers_count_as_black(metric: ClosestPhoto, world: Any) -> None:
    broken, black = world.recovered(), world.recovered()
    broken.samples[:, 0, 2:9] = float("nan")
    black.samples[:, 0, 2:9] = 0
    told = [metric.score(r, world.truth(), torch.Generator().manual_seed(1)) for r in (broken, black)]
    assert told[0] == told[1]


@pytest.mark.parametrize("metric", METRICS)
def test_tables_have_no_closest_photo(metric: ClosestPhoto, world: Any) -> None:
    rows = Photos(torch.zeros(4, 9, dtype=torch.uint8), torch.arange(4))
    assert "compares pictures" in (metric.problem(world.truth(train=rows)) or "")
    assert metric.problem(world.truth()) is None


@pytest.mark.parametrize("channels", [1, 3])
def test_ssim_and_psnr_are_those_of_the_closest_photo(
    channels: int, make_world: Callable[..., Any], rng: torch.Generator
) -> None:
    world = make_world(people=3, channels=channels)
    recovered, truth = world.recovered(), world.truth()
    alike, near = [], []
    for sample, label in zip(recovered.samples, range(3), strict=True):
        photos = truth.train.of(label).float() / 255
        grey = luminance(torch.cat([sample[None], photos]))[:, 0].double().numpy()
        alike.append(
            max(
                structural_similarity(
                    grey[0], g, gaussian_weights=True, use_sample_covariance=False, data_range=1
                )
                for g in grey[1:]
            )
        )
        near.append(max(peak_signal_noise_ratio(p.numpy(), sample.numpy(), data_range=1) for p in photos))
    assert Ssim().score(recovered, truth, rng).value == pytest.approx(sum(alike) / 3, abs=1e-5)
    assert Psnr().score(recovered, truth, rng).value == pytest.approx(sum(near) / 3, abs=1e-3)


def test_a_photo_handed_over_whole_has_ssim_1_and_the_psnr_ceiling(world: Any, rng: torch.Generator) -> None:
    first = torch.arange(8) * 5
    leaked = Reconstruction(world.train.floats()[first], torch.arange(8), torch.ones(8))
    assert Ssim().score(leaked, world.truth(), rng).value == pytest.approx(1, abs=1e-5)
    assert Psnr().score(leaked, world.truth(), rng).value == PSNR_CEILING


def test_feature_distance_is_squared_and_to_the_closest_photo(world: Any, rng: torch.Generator) -> None:
    recovered, truth = world.recovered(), world.truth()
    expected = [
        min(
            (truth.features(sample[None]) - truth.features(photo[None] / 255)).square().sum().item()
            for photo in truth.train.of(label)
        )
        for label, sample in enumerate(recovered.samples)
    ]
    score = FeatureDistance().score(recovered, truth, rng)
    assert score.value == pytest.approx(sum(expected) / 8, rel=1e-4)
    assert score.better == "lower"


def test_ssim_refuses_pictures_smaller_than_its_window(make_world: Callable[..., Any]) -> None:
    tiny = Photos(torch.zeros(4, 1, 10, 64, dtype=torch.uint8), torch.arange(4))
    assert "at least 11 pixels a side, these have 64 x 10" in (
        Ssim().problem(make_world().truth(train=tiny)) or ""
    )


def test_luminance_of_grey_is_the_grey() -> None:
    grey = torch.rand(2, 1, 5, 5)
    assert torch.allclose(luminance(grey.expand(2, 3, 5, 5)), grey, atol=1e-6)
    assert torch.equal(luminance(grey), grey)


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_ssim_of_100_people_is_quick(world: Any, rng: torch.Generator, one_thread: None) -> None:
    """100 victims x 20 photos, 64 x 64 in colour; seconds of CPU, so that a busy machine does not fail it."""
    labels = torch.arange(100)
    photos = Photos(
        torch.randint(256, (2000, 3, 64, 64), dtype=torch.uint8, generator=rng), labels.repeat_interleave(20)
    )
    truth = world.truth(train=photos, held_out=Photos(photos.inputs[::10], photos.labels[::10]))
    recovered = Reconstruction(torch.rand(100, 3, 64, 64, generator=rng), labels, torch.ones(100))
    began = time.process_time()
    Ssim().score(recovered, truth, rng)
    assert time.process_time() - began < 3
