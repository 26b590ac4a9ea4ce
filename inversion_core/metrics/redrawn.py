"""The contract of a metric about photos redrawn from updates, and what all of them are handed.

The order within an update is not in the update: before anything is judged, redrawn photos and originals are
paired so that the squared errors are least in all, as Fowl and Geiping's `breaching` does. A baseline has to
be paired as well.

Intervals take each photo for itself. Photos of one update share one search and stand or fall together: where
all are of one update, an interval speaks of the photos of this update only, as verdict and glossary say.
"""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import Metric
from inversion_core.values import Photos, Score

CHUNK = 256
"""Gallery photos compared at once."""
MEAN_PHOTO = "the mean photo"
CLOSEST_OTHER = "the closest other photo"


@dataclass(frozen=True, eq=False)
class Redrawing:
    """`samples` (N, C, H, W) in [0, 1], paired with `originals`, whose `places` (N,) lie in the `gallery`.

    `guessed` (N,) are the labels the attack read off, paired too; None where it knew them. `updates` (N,)
    says from which update each came.
    """

    samples: Tensor
    originals: Photos
    places: Tensor
    gallery: Photos
    updates: Tensor
    guessed: Tensor | None = None

    @property
    def mean_photo(self) -> Tensor:
        """The mean (C, H, W) of the gallery: the best guess of whoever saw no update."""
        return self.gallery.inputs.float().mean(0) / 255

    @cached_property
    def errors(self) -> Tensor:
        """Mean squared error of each sample to each photo of the gallery: (N, G)."""
        return errors(self.samples, self.gallery.inputs)

    @cached_property
    def between(self) -> Tensor:
        """The same of the originals: (N, G)."""
        return errors(self.originals.floats(), self.gallery.inputs)

    @cached_property
    def closest_other(self) -> Tensor:
        """Place of the photo of the gallery most like each original beside itself: (N,)."""
        return self.between.scatter(1, self.places[:, None], torch.inf).argmin(1)


class RedrawnMetric(Metric):
    """One headline number about photos redrawn from the updates of a federated round."""

    def problem(self, redrawing: Redrawing) -> str | None:
        """Say why this metric cannot be computed here, or None when it can."""
        return None

    @abstractmethod
    def score(self, redrawing: Redrawing, rng: torch.Generator) -> Score:
        """Return the score of all redrawn photos together."""


class Likeness(RedrawnMetric):
    """Closeness of each redrawn photo to its original, as a mean over photos.

    `baseline` is the mean photo of the gallery, `control` the original itself.
    """

    best: float
    bounds: intervals.Interval

    @abstractmethod
    def compare(self, pictures: Tensor, originals: Tensor) -> Tensor:
        """(N, C, H, W) twice, in [0, 1] -> (N,)."""

    def score(self, redrawing: Redrawing, rng: torch.Generator) -> Score:
        """Return the mean over photos with a t interval, beside its rulers."""
        originals = redrawing.originals.floats()
        values = self.compare(redrawing.samples, originals).double()
        others = {
            MEAN_PHOTO: redrawing.mean_photo.expand_as(originals),
            CLOSEST_OTHER: redrawing.gallery.inputs[redrawing.closest_other].float() / 255,
        }
        rulers = {name: self.compare(other, originals).mean().item() for name, other in others.items()}
        low, high = intervals.mean(values, self.bounds)
        return Score(
            name=self.name,
            value=values.mean().item(),
            low=low,
            high=high,
            n=len(values),
            baseline=rulers[MEAN_PHOTO],
            control=self.best,
            better="higher",
            rulers=rulers,
        )


def errors(pictures: Tensor, gallery: Tensor) -> Tensor:
    """(N, C, H, W) in [0, 1] and (G, C, H, W) uint8 -> mean squared errors (N, G)."""
    flat = pictures.flatten(1)

    def parts() -> Iterator[Tensor]:
        for part in gallery.split(CHUNK):
            others = part.flatten(1).float() / 255
            yield torch.cdist(flat, others, compute_mode="donot_use_mm_for_euclid_dist").square()

    return torch.cat(list(parts()), 1) / flat.shape[1]


def paired(samples: Tensor, originals: Tensor) -> Tensor:
    """Return for each original the place of its sample (N,), the sum of squared errors being least."""
    cost = (samples.flatten(1)[None] - originals.flatten(1)[:, None]).square().mean(2)
    _, places = linear_sum_assignment(cost.double().numpy())
    return torch.from_numpy(places)
