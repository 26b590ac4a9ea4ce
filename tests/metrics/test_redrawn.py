"""Metrics of photos redrawn from updates: pairing, naming the original, labels, and what is said of them."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio
from torch import Tensor

from inversion_core.metrics.finding import Finding
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.identified_share import IdentifiedShare, blind, named, ranks
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
    assert (perfect.low, perfect.high) == wilson(4, 4) and perfect.baseline == pytest.approx(1 / 8)
    unknown = IdentifiedShare().score(redrawing(guessed=torch.zeros(4).long()), rng())
    assert unknown.baseline == 2 / 40, "who does not know the labels picks among all"
    noise = redrawing(samples=torch.rand(4, 3, 12, 12, generator=rng()))
    assert IdentifiedShare().score(noise, rng()).value <= 0.25


@pytest.mark.parametrize("known", [False, True], ids=["labels unknown", "labels known"])
@pytest.mark.parametrize("size", [1, 4, 8])
def test_blind_picks_hit_as_often_as_the_baseline_says(size: int, known: bool) -> None:
    photos, source, trials = gallery(40, 4), rng(), 400
    updates = torch.arange(8 // size).repeat_interleave(size)
    hits, expected = 0, 0.0
    for _ in range(trials):
        where = torch.randperm(40, generator=source)[:8]
        picked = (
            picks_of(photos.labels[where], photos, source)
            if known
            else torch.randperm(40, generator=source)[:8]
        )
        picks, originals = photos.floats()[picked], photos.floats()[where]
        parts = [paired(picks[updates == one], originals[updates == one]) for one in updates.unique()]
        order = torch.cat([begin * size + part for begin, part in enumerate(parts)])
        hits += int(named(errors(picks[order], photos.inputs), where).sum())
        private = Photos(photos.inputs[where], photos.labels[where])
        guessed = None if known else private.labels
        expected += blind(Redrawing(picks, private, where, photos, updates, guessed)) / trials
    low, high = wilson(hits, trials * 8)
    assert low <= expected <= high
    assert known or expected == pytest.approx(size / 40)


def picks_of(labels: Tensor, photos: Photos, source: torch.Generator) -> Tensor:
    """Return a photo of each label, all different."""
    found = torch.empty_like(labels)
    for label in labels.unique():
        pool = (photos.labels == label).nonzero().flatten()
        mine = labels == label
        found[mine] = pool[torch.randperm(len(pool), generator=source)[: int(mine.sum())]]
    return found


def test_updates_of_unlike_sizes_weigh_by_their_photos() -> None:
    made = redrawing(updates=torch.tensor([0, 0, 0, 1]), guessed=torch.zeros(4).long())
    assert blind(made) == pytest.approx((3 * 3 + 1) / 4 / 40)


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
    base = {"clients": count, "updates seen": count, "network": "untrained", "labels known": True} | told
    base |= {"private photos": 2000}
    together = count // base["updates seen"]
    score |= {"value": share, "low": low, "high": high, "n": count, "baseline": together / 2000}
    return {
        "family": "gradients",
        "scores": [score],
        "assumptions": base | {"photos per update": together},
        "victims": [{"psnr": 20.0, "closest_other": 15.0}] * count,
    }


def test_the_verdict_rests_on_photos_that_point_at_their_original() -> None:
    told = verdict(result(0.75, 4))
    assert told.finding is Finding.REDRAWN and told.finding.succeeded
    assert (
        told.sentence.startswith("From the updates of 4 clients") and "3 of 4 private photos" in told.sentence
    )
    assert "once in 2,000" in told.sentence and any("labels" in limit for limit in told.not_shown)
    assert headline(result(0.75, 4)) == "identified-share"


def test_one_photo_of_a_known_label_proves_nothing_unless_it_is_a_copy() -> None:
    lucky = result(1.0, 1)
    lucky["scores"][0]["baseline"] = 1 / 20
    lucky["victims"] = [{"psnr": 24.0, "closest_other": 21.0}]
    told = verdict(lucky)
    assert told.finding is Finding.NOTHING and "of the known label finds it once in 20" in told.sentence
    assert "the very original is the nearest of 2,000 photos" in told.sentence
    missed = verdict(lucky | {"scores": [lucky["scores"][0] | {"value": 0.0}]})
    assert "the very original is not the nearest of 2,000 photos" in missed.sentence
    lucky["victims"] = [{"psnr": 99.0, "closest_other": 21.0}]
    told = verdict(lucky)
    assert told.finding is Finding.REDRAWN and "99 decibels" in told.sentence
    assert "nearer than 21" in told.sentence
    lucky["victims"] = [{"psnr": 99.0, "closest_other": 60.0}]
    assert verdict(lucky).finding is Finding.NOTHING, "another private photo is nearly the same"


def test_a_hit_that_blind_picks_have_as_well_is_no_success() -> None:
    one_of_sixteen = result(1 / 16, 16, **{"updates seen": 1})
    (share,) = one_of_sixteen["scores"]
    assert share["low"] > share["baseline"], "an interval beside the baseline would be fooled"
    told = verdict(one_of_sixteen)
    assert told.finding is Finding.NOTHING and "1 of 16" in told.sentence
    assert "the nearest of 2,000 photos" in told.sentence and "once in 125" in told.sentence
    assert "among those of the known label" in told.sentence
    assert verdict(result(1 / 16, 16)).finding is Finding.REDRAWN, "of 16 updates of one photo each"
    assert verdict(result(3 / 16, 16, **{"updates seen": 1})).finding is Finding.REDRAWN


@pytest.mark.parametrize("name", ["identified-share", "label-accuracy", "redrawn-psnr", "redrawn-ssim"])
def test_photos_of_one_update_are_not_told_as_a_sample_of_updates(name: str) -> None:
    assert "stand or fall together" in explain(name).not_shown
    limits = verdict(result(0.75, 8, **{"updates seen": 1})).not_shown
    (limit,) = [one for one in limits if "another update" in one]
    assert "all 8 photos come from one update" in limit and "attacked here only" in limit
    assert not any("for others the share" in one for one in limits)
    apart = verdict(result(0.75, 8)).not_shown
    assert not any("another update" in one for one in apart)
    assert any("for others the share" in one for one in apart)


def test_a_sum_is_called_a_sum_and_nothing_is_called_nothing() -> None:
    told = verdict(result(0.0, 8, **{"updates seen": 1}))
    assert told.finding is Finding.NOTHING and told.sentence.startswith("From the sum of the updates of 8")
    assert "safe" in told.not_shown[0]
    assert verdict(result(1.0, 1)).sentence.startswith(
        "From the update of one client, an attacker redrew the one"
    )
