"""Metrics of photos redrawn from updates: pairing, naming the original, labels, and what is said of them."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio

from inversion_core.metrics.finding import Finding
from inversion_core.metrics.identified_share import IdentifiedShare, named, ranks
from inversion_core.metrics.intervals import wilson
from inversion_core.metrics.label_accuracy import LabelAccuracy, found
from inversion_core.metrics.redrawn import CLOSEST_OTHER, MEAN_PHOTO, Redrawing, errors, paired
from inversion_core.metrics.redrawn_likeness import RedrawnPsnr, RedrawnSsim
from inversion_core.metrics.verdict import headline, verdict
from inversion_core.values import Photos


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def gallery(count: int = 40, size: int = 12) -> Photos:
    inputs = torch.randint(256, (count, 3, size, size), generator=rng(), dtype=torch.uint8)
    return Photos(inputs, torch.arange(count) % 5)


def redrawing(noise: float = 0.0, places: tuple[int, ...] = (3, 17, 21, 8), **changed: Any) -> Redrawing:
    photos, where = gallery(), torch.tensor(places)
    originals = Photos(photos.inputs[where], photos.labels[where])
    samples = originals.floats() + noise * torch.randn(originals.inputs.shape, generator=rng())
    made = Redrawing(samples.clamp(0, 1), originals, where, photos, torch.tensor([0, 0, 1, 1]))
    return replace(made, **changed)


def test_pairing_undoes_any_order() -> None:
    originals = gallery().floats()[:6]
    order = torch.randperm(6, generator=rng())
    noisy = originals[order] + 0.1 * torch.randn(originals.shape, generator=rng())
    assert torch.equal(order[paired(noisy, originals)], torch.arange(6))


def test_errors_are_mean_squared_errors() -> None:
    photos = gallery()
    one = torch.rand(2, 3, 12, 12, generator=rng())
    expected = (one[:, None] - photos.floats()[None]).square().flatten(2).mean(2)
    assert torch.allclose(errors(one, photos.inputs), expected, rtol=1e-5)


def test_perfect_photos_are_all_identified_and_noise_none() -> None:
    perfect = IdentifiedShare().score(redrawing(), rng())
    assert (perfect.value, perfect.n, perfect.control) == (1.0, 4, 1.0)
    assert (perfect.low, perfect.high) == wilson(4, 4) and perfect.baseline == 1 / 40
    blind = redrawing(samples=torch.rand(4, 3, 12, 12, generator=rng()))
    assert IdentifiedShare().score(blind, rng()).value <= 0.25


def test_a_photo_that_is_there_twice_cannot_be_told_apart() -> None:
    twice = gallery()
    twice.inputs[30] = twice.inputs[3]
    score = IdentifiedShare().score(redrawing(gallery=twice), rng())
    assert score.value == 0.75 and score.control == 0.75


def test_ranks_count_ties_against_the_attack() -> None:
    distances, places = torch.tensor([[0.1, 0.2, 0.3], [0.2, 0.2, 0.3]]), torch.tensor([1, 1])
    assert ranks(distances, places).tolist() == [2, 2]
    assert named(distances, torch.tensor([0, 0])).tolist() == [True, False]


def test_psnr_is_that_of_a_trusted_library() -> None:
    made = redrawing(0.1)
    pairs = zip(made.originals.floats().numpy(), made.samples.numpy(), strict=True)
    expected = [peak_signal_noise_ratio(one, two, data_range=1) for one, two in pairs]
    score = RedrawnPsnr().score(made, rng())
    assert score.value == pytest.approx(sum(expected) / 4, abs=1e-3) and score.low < score.value < score.high


@pytest.mark.parametrize("metric", [RedrawnPsnr(), RedrawnSsim()])
def test_likeness_stands_between_its_rulers(metric: RedrawnPsnr | RedrawnSsim) -> None:
    perfect, noisy = metric.score(redrawing(), rng()), metric.score(redrawing(0.1), rng())
    assert perfect.value == pytest.approx(metric.best) and noisy.value < perfect.value
    assert noisy.baseline == noisy.rulers[MEAN_PHOTO] < noisy.value
    assert noisy.rulers[CLOSEST_OTHER] < noisy.value


def test_ssim_refuses_pictures_smaller_than_its_window() -> None:
    made = redrawing()
    assert RedrawnSsim().problem(made) is None
    assert "11 pixels" in (RedrawnSsim().problem(replace(made, samples=made.samples[..., :8])) or "")


def test_labels_count_by_update_and_as_often_as_they_are_there() -> None:
    updates = torch.tensor([0, 0, 0, 1])
    assert found(torch.tensor([2, 2, 1, 4]), torch.tensor([1, 2, 3, 4]), updates) == 3
    assert found(torch.tensor([2, 1, 1, 4]), torch.tensor([1, 2, 4, 3]), updates) == 2


def test_label_accuracy_is_about_labels_that_were_read_off() -> None:
    assert LabelAccuracy().problem(redrawing()) is not None
    made = redrawing(guessed=torch.tensor([3, 2, 1, 0]))  # of 3, 2, 1, 3
    assert LabelAccuracy().problem(made) is None
    score = LabelAccuracy().score(made, rng())
    assert score.value == 0.75 and 0.15 < score.baseline < 0.4


def result(share: float, count: int, **told: Any) -> dict[str, Any]:
    low, high = wilson(share * count, count)
    score = asdict(IdentifiedShare().score(redrawing(), rng()))
    score |= {"value": share, "low": low, "high": high, "n": count, "baseline": 1 / 2000}
    base = {"clients": count, "updates seen": count, "network": "untrained", "labels known": True}
    return {"family": "gradients", "scores": [score], "assumptions": base | told}


def test_the_verdict_rests_on_photos_that_point_at_their_original() -> None:
    told = verdict(result(0.75, 4))
    assert told.finding is Finding.REDRAWN and told.finding.succeeded
    assert (
        told.sentence.startswith("From the updates of 4 clients") and "3 of 4 private photos" in told.sentence
    )
    assert "once in 2,000" in told.sentence and any("labels" in limit for limit in told.not_shown)
    assert headline(result(0.75, 4)) == "identified-share"


def test_a_sum_is_called_a_sum_and_nothing_is_called_nothing() -> None:
    told = verdict(result(0.0, 8, **{"updates seen": 1}))
    assert told.finding is Finding.NOTHING and told.sentence.startswith("From the sum of the updates of 8")
    assert "safe" in told.not_shown[0]
    assert verdict(result(1.0, 1)).sentence.startswith(
        "From the update of one client, an attacker redrew the one"
    )
