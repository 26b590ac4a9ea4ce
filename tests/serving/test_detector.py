"""The monitor: each signal on streams with known answers, limits from honest streams, and a blocked key."""

import time

import numpy as np
import numpy.typing as npt
import pytest
import torch

from inversion_core.choices import DatasetChoice
from inversion_core.datasets.people import People
from inversion_core.errors import DataUnusable, ScenarioInvalid
from inversion_core.serving import watch
from inversion_core.serving.detector import (
    BLOCK,
    NAMES,
    STEP,
    WINDOW,
    Detector,
    Rows,
    Window,
    calibrated,
    joined,
)
from inversion_core.serving.honest import FRAMES, ROWS, Pool, album, gate, learn, pool, streams
from inversion_core.serving.run import _detector
from inversion_core.serving.service import Limits
from inversion_core.serving.signature import signatures
from inversion_core.serving.watch import Watch
from inversion_core.store.api_keys import Tier
from inversion_core.store.database import Database
from inversion_core.store.query_log import QueryLog
from inversion_core.values import Photos
from tests.serving.test_log import query
from tests.serving.test_predict import images, tensor_body
from tests.serving.toy import Toy, ToyTable, scenario, serving

REFERENCE = np.random.default_rng(99).integers(0, 256, (200, 64)).astype(np.uint8)
PLAIN = Detector(REFERENCE)


def rows(
    seen: npt.NDArray[np.float64], labels: npt.NDArray[np.int64] | None = None, seconds: float = 10.0
) -> Rows:
    """Return rows asked evenly, `seconds` apart."""
    named = np.arange(len(seen)) % 50 if labels is None else labels
    return Rows(seconds * np.arange(len(seen)), seen.round().astype(np.uint8), named.astype(np.int32))


def anything(count: int, seed: int) -> Rows:
    """Return rows of noise: nothing is like anything else."""
    return rows(np.random.default_rng(seed).integers(0, 256, (count, 64)).astype(float))


def sphere(radius: float, count: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    drawn = rng.standard_normal((count, 64))
    return radius * 8 * drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_near_duplicates_are_seen_in_a_stream_that_mixes_many_victims() -> None:
    rng = np.random.default_rng(0)
    centres = rng.uniform(50, 200, (8, 64))
    mixed = rows(centres[np.arange(WINDOW) % 8] + sphere(3, WINDOW, rng))
    found = PLAIN.measure(mixed)
    # Two points of a sphere of that radius lie about radius times the root of 2 apart.
    assert found.nearest == pytest.approx(3 * 2**0.5, rel=0.1)
    assert PLAIN.measure(anything(WINDOW, 1)).nearest > 80
    assert found.spread > 20  # rows after one another belong to different victims


def test_a_few_frames_of_each_visit_are_no_near_duplicates() -> None:
    rng = np.random.default_rng(0)
    visits = rng.integers(0, 256, (WINDOW // 3 + 1, 64)).repeat(3, axis=0)[:WINDOW]
    assert PLAIN.measure(rows(visits.astype(float))).nearest > 60


def test_rows_on_spheres_have_their_radius_and_are_even() -> None:
    rng = np.random.default_rng(0)
    centres = rng.uniform(50, 200, (WINDOW // BLOCK, 64)).repeat(BLOCK, axis=0)
    found = PLAIN.measure(rows(centres + sphere(10, WINDOW, rng)))
    # A centre learnt from 16 rows takes a sixteenth of their variance along.
    assert found.spread == pytest.approx(10 * (1 - 1 / BLOCK) ** 0.5, rel=0.02)
    filled = centres + sphere(10, WINDOW, rng) * rng.uniform(0, 1, (WINDOW, 1))
    assert found.evenness < 0.05 < 0.3 < PLAIN.measure(rows(filled)).evenness


@pytest.mark.parametrize(("labels", "in_effect"), [(1, 1.0), (4, 4.0), (64, 64.0)])
def test_labels_are_counted_by_their_entropy(labels: int, in_effect: float) -> None:
    seen = anything(WINDOW, 0).signatures.astype(float)
    assert PLAIN.measure(rows(seen, np.arange(WINDOW) % labels)).labels == pytest.approx(in_effect)


def test_one_label_most_of_the_time_counts_little_more_than_one() -> None:
    labels = np.where(np.arange(WINDOW) < WINDOW // 2, 7, 8)
    labels[: WINDOW // 2] = 8
    labels[0] = 7
    share = 1 / WINDOW
    expected = np.exp(-share * np.log(share) - (1 - share) * np.log(1 - share))
    found = PLAIN.measure(rows(anything(WINDOW, 0).signatures.astype(float), labels)).labels
    assert found == pytest.approx(expected)


def test_strangeness_is_the_distance_to_the_nearest_reference() -> None:
    known = REFERENCE[:WINDOW].astype(float)
    assert PLAIN.measure(rows(known)).strangeness == 0
    shifted = np.where(known < 128, known + 12, known - 12)
    assert PLAIN.measure(rows(shifted)).strangeness == pytest.approx(12)


def test_the_rate_is_in_rows_a_minute_and_one_request_counts_as_a_second() -> None:
    seen = anything(WINDOW, 0).signatures.astype(float)
    assert PLAIN.measure(rows(seen, seconds=0.5)).rate == pytest.approx(120 * WINDOW / (WINDOW - 1))
    assert PLAIN.measure(rows(seen, seconds=0)).rate == 60 * WINDOW


def test_what_cannot_be_measured_is_said() -> None:
    with pytest.raises(DataUnusable, match=f"at least {WINDOW} rows, 127 were given"):
        PLAIN.measure(anything(WINDOW - 1, 0))
    with pytest.raises(DataUnusable, match="service of pictures"):
        Rows(np.zeros(2), np.zeros((2, 8), np.uint8), np.zeros(2, np.int32))
    with pytest.raises(DataUnusable, match="one has 5"):
        calibrated(REFERENCE, [anything(5, 0)])
    with pytest.raises(DataUnusable, match="none was given"):
        calibrated(REFERENCE, [])


@pytest.mark.parametrize("cut", [1, 7, 100, 1000])
def test_windows_are_the_same_however_the_rows_come(cut: int) -> None:
    stream = anything(300, 0)
    window = Window(PLAIN)
    found = [one for at in range(0, 300, cut) for one in window.take(stream.part(at, at + cut))]
    assert [end for end, _ in found] == list(range(WINDOW, 301, STEP))
    for end, part in found:
        assert (part.signatures == stream.signatures[end - WINDOW : end]).all()
        assert (part.times == stream.times[end - WINDOW : end]).all()


def test_limits_are_the_extremes_and_only_what_lies_beyond_raises_an_alarm() -> None:
    honest = [anything(WINDOW + 40, seed) for seed in range(20)] + [anything(200, 0)]
    detector = calibrated(REFERENCE, honest)
    assert set(detector.limits) == set(NAMES)
    assert all(Window(detector).alarm(stream) is None for stream in honest)
    rng = np.random.default_rng(0)
    crowd = rows(rng.uniform(50, 200, (1, 64)) + sphere(2, WINDOW, rng))
    window = Window(detector)
    assert window.alarm(anything(200, 0)) is None
    alarm = window.alarm(crowd)
    assert alarm is not None and 200 < alarm.rows <= 200 + WINDOW
    assert "nearest" in alarm.raised and "near-duplicates" in alarm.reason
    assert "near-duplicates" in alarm.told and f"{alarm.signals.nearest:.3g}" not in alarm.told
    rate = calibrated(REFERENCE, honest, signals=["rate"])
    assert Window(rate).alarm(crowd) is None  # crowded, but no faster than the honest streams


def test_a_further_honest_stream_is_as_likely_as_any_to_be_the_most_extreme() -> None:
    alarms = 0
    for trial in range(60):
        streams = [anything(WINDOW, 1000 + 10 * trial + number) for number in range(10)]
        detector = calibrated(REFERENCE, streams[:9], signals=["nearest"])
        alarms += Window(detector).alarm(streams[9]) is not None
    assert 1 <= alarms <= 15  # binomial(60, 1 / 10): outside once in 500 draws, and these are seeded


@pytest.fixture(scope="module")
def photos() -> Pool:
    rng = torch.Generator().manual_seed(0)
    inputs = torch.randint(0, 256, (400, 3, 16, 16), generator=rng, dtype=torch.uint8)
    return pool(Photos(inputs, torch.arange(40).repeat_interleave(10)), Toy().predict, seed=0, frames=FRAMES)


def test_honest_streams_are_what_they_say(photos: Pool) -> None:
    first, again = (streams(gate, photos, 3, seed=5) for _ in range(2))
    assert all((a.signatures == b.signatures).all() for a, b in zip(first, again, strict=True))
    assert not (first[0].signatures == first[1].signatures).all()
    for stream in first:
        assert len(stream) == ROWS and (np.diff(stream.times) >= 0).all()
        assert 2 < PLAIN.measure(stream.part(0, WINDOW)).rate < 20  # some visits a minute, 2 frames each
    uploaded = streams(album, photos, 20, seed=5)
    assert {len(stream) for stream in uploaded} <= set(range(160, ROWS + 1))
    assert photos.signatures.shape == (400, FRAMES, 64) and photos.labels.shape == (400, FRAMES)


def test_frames_of_a_photo_are_nearly_the_same(photos: Pool) -> None:
    apart = np.abs(photos.signatures[:, 1].astype(float) - photos.signatures[:, 0]).mean()
    assert 0 < apart < 8 < np.abs(photos.signatures[1:, 0].astype(float) - photos.signatures[:-1, 0]).mean()


def careful() -> Detector:
    """Return a detector that has learnt from streams of the pictures the toy service is asked."""
    honest = [images(WINDOW, seed=seed) for seed in range(5)]
    asked = [Rows(np.arange(WINDOW) * 1.0, signatures(one / 255), np.arange(WINDOW) % 6) for one in honest]
    return calibrated(asked[0].signatures, asked, signals=["nearest"])


def crowded(count: int) -> torch.Tensor:
    """Return pictures that are nearly the same."""
    return (images(1).repeat(count, 1, 1, 1).int() + images(count, seed=7) // 64).clamp(0, 255).byte()


def test_a_key_that_attacks_is_blocked_and_another_is_not(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.02)
    with serving(store_url, detector=careful()) as running:
        honest, other = (running.keys.add(name, Tier.PARTNER) for name in ("ada", "eve"))
        assert running.post(tensor_body(images(WINDOW, seed=9)), honest[1]).status_code == 200
        assert running.post(tensor_body(crowded(WINDOW)), other[1]).status_code == 200
        until = time.monotonic() + 10
        while (refused := running.post(tensor_body(images(1)), other[1])).status_code != 403:
            assert refused.status_code == 200 and time.monotonic() < until
            time.sleep(0.05)
        assert refused.json()["code"] == "key-blocked" and "near-duplicates" in refused.json()["message"]
        assert running.post(tensor_body(images(1)), honest[1]).status_code == 200
        assert running.keys.get(honest[0].id).blocked is None


def test_nothing_is_blocked_where_it_is_not_switched_on(store_url: str) -> None:
    with serving(store_url) as running:
        assert running.post(tensor_body(crowded(WINDOW))).status_code == 200
        until = time.monotonic() + 5
        while not running.log.count(status=200)[0] and time.monotonic() < until:
            time.sleep(0.05)
        alarms = Watch(careful(), running.log, running.service.name)
        assert alarms.look() == {} and running.post(tensor_body(images(1))).status_code == 200


def test_a_watch_reads_one_service_from_where_it_began_and_starts_anew_after_an_alarm(store_url: str) -> None:
    database = Database(store_url)
    log, seen = QueryLog(database), signatures(crowded(WINDOW) / 255)
    entry = vars(query(WINDOW)) | {"signatures": seen, "labels": np.zeros(WINDOW, np.int32)}
    attack = type(query(1))(**entry)
    log.add([attack])
    looking, elsewhere = Watch(careful(), log, "s"), Watch(careful(), log, "another")
    assert looking.look() == {}
    log.add([query(0), attack, attack])
    assert list(looking.look()) == ["k"] and looking.look() == {} and elsewhere.look() == {}
    log.add([attack])
    assert list(looking.look()) == ["k"]
    database.close()


class Alone(People):
    """A data set that knows nobody else."""

    def public(self, people: int, photos: int, seed: int) -> None:  # type: ignore[override]
        return None


def test_a_service_of_a_table_or_without_public_photos_has_no_monitor() -> None:
    assert _detector(scenario(), Toy(), Limits()) is None
    table = scenario().model_copy(update={"dataset": DatasetChoice(name="clinic")})
    with pytest.raises(ScenarioInvalid, match="service of pictures"):
        _detector(table, ToyTable(), Limits(block_on_alarm=True))
    with pytest.raises(ScenarioInvalid, match="people has none"):
        learn(Alone(), Toy().predict)


def test_joined_rows_keep_their_order() -> None:
    parts = [anything(5, 0), anything(3, 1)]
    both = joined(parts)
    assert len(both) == 8 and (both.part(5, 8).signatures == parts[1].signatures).all()
    assert len(joined(())) == 0
