"""Whether another recogniser takes a recovered face for the person: the attack of a template thief.

Mai et al., "On the reconstruction of face images from deep face templates" (IEEE TPAMI 2018): the recovered
face is matched with the photo its template was made of (type I) and with another photo of the person (type
II), at a threshold set from pairs of different people. The recogniser is the independent evaluator, compared
by the cosine of its features; the attack has met neither it nor the photos that set the threshold.
"""

from abc import abstractmethod
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import LikenessMetric
from inversion_core.metrics.closest_photo import ANOTHER_PERSON, MEAN_FACE, mean_face, pictures
from inversion_core.metrics.glossary import explain
from inversion_core.values import Photos, Reconstruction, Score, Truth

FALSE_ACCEPTS = 0.01
"""Share of pairs of different people that may pass."""
MOST = 2000
"""Photos whose pairs set a threshold at most, taken evenly: two million pairs."""


@dataclass(frozen=True)
class Lock:
    """Accepts a pair whose cosine is above `threshold`; `passed` is the share of impostor pairs that is."""

    threshold: float
    passed: float


class MatchRate(LikenessMetric):
    """Share of recovered pictures that another recogniser accepts as the person, at 1 % false accepts.

    `baseline` is the share of pairs of different people it accepts, `control` the share for a real other
    photo of each victim; the rulers are the mean face and somebody else's photo.
    """

    reference = "Mai et al., IEEE TPAMI 2018"

    def problem(self, truth: Truth) -> str | None:
        """Refuse a claim without an original, and too few pairs to know 1 % of."""
        if truth.originals is None:
            return f"{self.name} is for attacks that claim the very input, here there is no original"
        labels = truth.held_out.labels
        pairs = int((labels[:, None] != labels[None]).sum()) // 2
        if pairs * FALSE_ACCEPTS < 1:
            return f"{self.name} needs {1 / FALSE_ACCEPTS:.0f} pairs of different people, here are {pairs}"
        return None

    @abstractmethod
    def references(self, classes: Tensor, truth: Truth) -> Tensor:
        """Return the photo (N, C, H, W) uint8 each recovered picture is matched with."""

    def score(self, reconstruction: Reconstruction, truth: Truth, rng: torch.Generator) -> Score:
        """Return the share with its Wilson interval."""
        classes = reconstruction.classes
        lock = _lock(truth)
        enrolled = _features(self.references(classes, truth).float() / 255, truth)

        def accepted(images: Tensor, photos: Tensor = enrolled) -> float:
            return accepts(lock, _features(images, truth), photos).double().mean().item()

        assert truth.originals is not None, "problem() was asked"
        hits = accepts(lock, _features(pictures(reconstruction), truth), enrolled)
        low, high = intervals.wilson(int(hits.sum()), len(hits))
        original = _features(firsts(truth.originals, classes).float() / 255, truth)
        strangers = [_stranger(truth.held_out.labels, label, rng) for label in classes.tolist()]
        mean = mean_face(truth.train).expand(len(classes), -1, -1, -1)
        return Score(
            name=self.name,
            value=hits.double().mean().item(),
            low=low,
            high=high,
            n=len(hits),
            baseline=lock.passed,
            control=accepted(firsts(truth.held_out, classes).float() / 255, original),
            better="higher",
            rulers={
                MEAN_FACE: accepted(mean),
                ANOTHER_PERSON: accepted(truth.held_out.inputs[strangers].float() / 255),
            },
        )


class MatchSamePhoto(MatchRate):
    """Share of recovered pictures that match the very photo their template or answer was made of (type I)."""

    name = "match-same-photo"
    title = explain("match-same-photo").title

    def references(self, classes: Tensor, truth: Truth) -> Tensor:
        """Return the originals."""
        assert truth.originals is not None, "problem() was asked"
        return firsts(truth.originals, classes)


class MatchOtherPhoto(MatchRate):
    """Share of recovered pictures that match another photo of the person than the one stolen (type II)."""

    name = "match-other-photo"
    title = explain("match-other-photo").title

    def references(self, classes: Tensor, truth: Truth) -> Tensor:
        """Return one held-out photo of each victim."""
        return firsts(truth.held_out, classes)


def set_lock(features: Tensor, labels: Tensor) -> Lock:
    """(N, F) of unit length and (N,) -> the loosest lock that lets at most 1 % of the pairs of different
    people pass.
    """
    every = -(-len(labels) // MOST)
    features, labels = features[::every], labels[::every]
    first, second = torch.triu_indices(len(labels), len(labels), 1)
    different = labels[first] != labels[second]
    cosines = (features @ features.T)[first[different], second[different]]
    allowed = int(FALSE_ACCEPTS * len(cosines))
    threshold = cosines.sort(descending=True).values[allowed].item()
    return Lock(threshold, (cosines > threshold).double().mean().item())


_locks: WeakKeyDictionary[Truth, Lock] = WeakKeyDictionary()


def _lock(truth: Truth) -> Lock:
    """Return the lock of a truth, set once for all metrics: it looks at every held-out photo."""
    if truth not in _locks:
        _locks[truth] = set_lock(_features(truth.held_out.floats(), truth), truth.held_out.labels)
    return _locks[truth]


def accepts(lock: Lock, features: Tensor, enrolled: Tensor) -> Tensor:
    """(N, F) and (N, F) of unit length -> (N,) bool."""
    return (features * enrolled).sum(1) > lock.threshold


def firsts(photos: Photos, classes: Tensor) -> Tensor:
    """Return the first photo of each class: (N, C, H, W) uint8."""
    return torch.stack([photos.of(label)[0] for label in classes.tolist()])


def _features(images: Tensor, truth: Truth) -> Tensor:
    """(N, C, H, W) -> (N, F) of unit length."""
    with torch.inference_mode():
        return F.normalize(torch.cat([truth.features(part).float() for part in images.split(256)]))


def _stranger(labels: Tensor, label: int, rng: torch.Generator) -> int:
    """Return the place of a random photo of somebody else."""
    places = (labels != label).nonzero().flatten()
    return int(places[torch.randint(len(places), (1,), generator=rng)])
