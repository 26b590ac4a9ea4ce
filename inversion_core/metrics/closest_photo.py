"""What SSIM, PSNR and feature distance share: the photo a picture is held against, and the rulers.

A class of the target is a person with several photos, none of which is *the* original, so each recovered
picture is held against all training photos of its victim and the closest counts. The same is done with three
pictures nobody recovered; a mean face often beats a good inversion, which is why it is the baseline. Where an
attack claims the very input there is one original, and only that counts, for the rulers too.
"""

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import LikenessMetric
from inversion_core.values import Photos, Reconstruction, Score, Truth

ANOTHER_PHOTO = "another photo of the person"
ANOTHER_PERSON = "another person"
MEAN_FACE = "mean face"


class ClosestPhoto(LikenessMetric):
    """Closeness of each recovered picture to the closest training photo of its victim, or to the original
    where the attack claims the very input, as a mean over victims.

    `baseline` and `control` are the same number for the mean of all private training photos and for one
    held-out photo of the victim; the ruler `another person` is a held-out photo of somebody else, drawn at
    random.
    """

    better: ClassVar[str]

    def problem(self, truth: Truth) -> str | None:
        """Refuse data that is not pictures."""
        return None if truth.train.inputs.ndim == 4 else f"{self.name} compares pictures, this data has none"

    @abstractmethod
    def represent(self, images: Tensor, truth: Truth) -> Tensor:
        """(N, C, H, W) in [0, 1] -> (N, ...): what is compared."""

    def represented(self, label: int, truth: Truth) -> Tensor:
        """Return what is compared of the photos one victim's picture is held against: (M, ...)."""
        return self.represent(truth.wanted(label).float() / 255, truth)

    @abstractmethod
    def closest(self, queries: Tensor, photos: Tensor) -> Tensor:
        """(Q, ...) and (M, ...) -> (Q,): closeness of each query to its closest photo."""

    @abstractmethod
    def bounds(self, truth: Truth, queries: Tensor) -> intervals.Interval:
        """Return what the mean over the represented `queries` (N, ...) cannot leave."""

    def score(self, reconstruction: Reconstruction, truth: Truth, rng: torch.Generator) -> Score:
        """Return the mean over victims with a t interval, beside its rulers."""
        classes = reconstruction.classes.tolist()
        rulers = _rulers(classes, truth, rng)
        recovered = self.represent(pictures(reconstruction), truth)
        ruled = [self.represent(images, truth) for images in rulers.values()]
        rows = []
        for place, label in enumerate(classes):
            queries = torch.stack([recovered[place], *(images[place % len(images)] for images in ruled)])
            photos = self.represented(label, truth)
            rows.append(self.closest(queries, photos))
        values, *ruling = torch.stack(rows).double().unbind(1)
        means = {name: column.mean().item() for name, column in zip(rulers, ruling, strict=True)}
        low, high = intervals.mean(values, self.bounds(truth, recovered))
        return Score(
            name=self.name,
            value=values.mean().item(),
            low=low,
            high=high,
            n=len(classes),
            baseline=means[MEAN_FACE],
            control=means[ANOTHER_PHOTO],
            better=self.better,
            rulers=means,
        )


def pictures(reconstruction: Reconstruction) -> Tensor:
    """Return the samples as they are shown: what is no number, or outside [0, 1], was not recovered."""
    return reconstruction.samples.detach().float().nan_to_num(0.0).clamp(0, 1)


def mean_face(photos: Photos) -> Tensor:
    """Return the mean (C, H, W) in [0, 1] of all photos."""
    return photos.inputs.float().mean(0) / 255


def _rulers(classes: list[int], truth: Truth, rng: torch.Generator) -> dict[str, Tensor]:
    """Return what each victim's photos are also compared with: one picture a victim, or one for all."""
    labels = truth.held_out.labels
    same = [_draw(labels == label, rng) for label in classes]
    other = [_draw(labels != label, rng) for label in classes]
    return {
        ANOTHER_PHOTO: truth.held_out.inputs[same].float() / 255,
        ANOTHER_PERSON: truth.held_out.inputs[other].float() / 255,
        MEAN_FACE: mean_face(truth.train)[None],
    }


def _draw(allowed: Tensor, rng: torch.Generator) -> int:
    """Return a random position where `allowed` (N,) is true."""
    places = allowed.nonzero().flatten()
    assert len(places), "every dataset holds out photos of every class"
    return int(places[torch.randint(len(places), (1,), generator=rng)])
