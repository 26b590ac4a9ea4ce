"""Honest traffic made of public photos: what a detector learns from, and what it is tried on.

Two patterns. A gate sees people of a fixed circle, a few a minute, each visit one to three frames of nearly
the same picture. An album is uploaded in one go: many photos of each of some strangers, in the order of a
collection or of time. Photos are drawn from a pool, so that many streams cost little more than one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inversion_core.datasets.base import PhotoDataset
from inversion_core.errors import ScenarioInvalid
from inversion_core.seeds import derive
from inversion_core.serving.detector import Detector, Rows, calibrated
from inversion_core.serving.signature import signatures
from inversion_core.values import Photos

Predict = Callable[[Tensor], Tensor]

ROWS = 400
"""Rows of a stream."""
VISITS_A_MINUTE = 4.0
FRAMES = 3
"""Most frames of one visit."""
FRAME_NOISE, FRAME_LIGHT = 0.02, 0.03
"""What differs between them: noise of each pixel, and the light on all, as parts of full brightness."""
ALBUM_BATCH, ALBUM_SECONDS = 64, 1.0
"""An album is sent in requests of so many photos, so many seconds apart."""
ALBUM_PEOPLE = (16, 40)
"""Fewest and most people in an album."""
STREAMS = 100
"""Streams of each pattern that limits are learnt from."""
GATE_POOL, ALBUM_POOL, REFERENCE = (100, 6), (60, 15), (300, 1)
"""People and photos of each that are drawn for them."""
PUBLIC_SEED = 52_000
"""Seed of the first of these people; they are not those any attack is given."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Photos as the log knows them, F frames of each: `signatures` (P, F, 64), `labels` (P, F);
    `people` (P,) says whose they are.
    """

    signatures: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int32]
    people: npt.NDArray[np.int64]


def pool(photos: Photos, predict: Predict, seed: int, *, frames: int = 1) -> Pool:
    """Return photos (P, C, H, W) as a service logs them, the first frame of each as it is."""
    rng = torch.Generator().manual_seed(derive(seed, "frames"))
    seen, named = [], []
    for part in photos.inputs.split(64):
        inputs = part.float() / 255
        light = 1 + FRAME_LIGHT * torch.randn(len(part), frames, 1, 1, 1, generator=rng)
        taken = inputs[:, None] * light
        taken += FRAME_NOISE * torch.randn(taken.shape, generator=rng)
        taken[:, 0] = inputs
        flat = taken.clamp(0, 1).flatten(0, 1)
        seen.append(signatures(flat).reshape(len(part), frames, -1))
        named.append(predict(flat).argmax(1).view(-1, frames).numpy().astype(np.int32))
    return Pool(np.concatenate(seen), np.concatenate(named), photos.labels.numpy())


def gate(photos: Pool, rng: np.random.Generator) -> Rows:
    """Return ROWS rows of visits to a gate by the people of a pool with FRAMES frames of each photo."""
    frames = rng.integers(1, FRAMES + 1, ROWS)
    visit = np.repeat(np.arange(ROWS), frames)[:ROWS]
    frame = np.concatenate([np.arange(count) for count in frames])[:ROWS]
    photo = rng.integers(0, len(photos.people), ROWS)[visit]
    arrivals = np.cumsum(rng.exponential(60 / VISITS_A_MINUTE, ROWS))
    times = arrivals[visit] + 0.3 * frame
    return Rows(np.maximum.accumulate(times), photos.signatures[photo, frame], photos.labels[photo, frame])


def album(photos: Pool, rng: np.random.Generator) -> Rows:
    """Return up to ROWS photos of some people of a pool, sent in batches; person by person, or mixed."""
    everybody = np.unique(photos.people)
    some = rng.permutation(everybody)[: rng.integers(ALBUM_PEOPLE[0], ALBUM_PEOPLE[1] + 1)]
    places = np.concatenate([rng.permutation(np.flatnonzero(photos.people == one)) for one in some])
    if rng.random() < 0.5:
        places = rng.permutation(places)
    places = places[:ROWS]
    return Rows(paced(len(places)), photos.signatures[places, 0], photos.labels[places, 0])


def paced(rows: int) -> npt.NDArray[np.float64]:
    """Return when each of so many rows is asked at the pace of an album, in seconds."""
    return ALBUM_SECONDS * (np.arange(rows) // ALBUM_BATCH).astype(np.float64)


def streams(
    pattern: Callable[[Pool, np.random.Generator], Rows], photos: Pool, count: int, seed: int
) -> list[Rows]:
    """Return streams of one pattern from a pool."""
    seeds = [derive(seed, pattern.__name__, str(number)) for number in range(count)]
    return [pattern(photos, np.random.default_rng(one)) for one in seeds]


def learn(dataset: PhotoDataset, predict: Predict, *, count: int = STREAMS) -> Detector:
    """Return a detector that has seen honest traffic of public people; raises ScenarioInvalid where the data
    has none.
    """
    drawn = [
        dataset.public(people, photos, PUBLIC_SEED + place)
        for place, (people, photos) in enumerate((GATE_POOL, ALBUM_POOL, REFERENCE))
    ]
    found = [photos for photos in drawn if photos is not None]
    if len(found) < len(drawn):
        raise ScenarioInvalid(
            [f"a monitor learns from photos of public people, {dataset.name} has none; use people"]
        )
    visitors, strangers, reference = found
    honest: Sequence[Rows] = (
        *streams(gate, pool(visitors, predict, PUBLIC_SEED, frames=FRAMES), count, PUBLIC_SEED),
        *streams(album, pool(strangers, predict, PUBLIC_SEED), count, PUBLIC_SEED),
    )
    return calibrated(signatures(reference.floats()), honest)
