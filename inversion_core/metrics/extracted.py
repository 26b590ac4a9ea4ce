"""How many pictures an attacker takes from a generator are photos it was trained on.

After Carlini et al., "Extracting training data from diffusion models" (USENIX Security 2023), section 5: a
picture is a copy when it is much nearer to one training photo than to the next ones. Their threshold was set
by eye; here real photos that were never trained on set it.
"""

import math
from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.metrics import intervals
from inversion_core.metrics.base import Metric
from inversion_core.values import Modality, Score

NEXT = 20
"""Photos behind the nearest one with which its distance is compared."""


@dataclass(frozen=True, eq=False)
class CopyTruth:
    """What only metrics see; photos are (N, P) in [0, 1], all pixels in a row.

    `candidates` (A, P): what the attacker took. `training`: the photos the generator's owner gathered, each
    once, the `repeated` first of them gathered repeatedly. `control`: as many photos of the same people that
    were never trained on; `calibration`: further such photos. `best` (N, P): the training photos as well as
    this generator could draw them.
    """

    candidates: Tensor
    training: Tensor
    control: Tensor
    calibration: Tensor
    best: Tensor
    repeated: int


class CopyMetric(Metric):
    """One headline number about pictures taken from a generator."""

    modality = Modality.IMAGE

    @abstractmethod
    def score(self, truth: CopyTruth) -> Score:
        """Return the score of all candidates together."""


class ExtractedShare(CopyMetric):
    """The share of candidates that are copies of a training photo.

    A copy's ratio is below that of every calibration photo: a real photo of the same people would pass once
    in as many times as there are calibration photos, plus one, at most. Baseline: the same candidates held
    against the control photos. Control: perfect copies, as well as the generator could draw them.
    """

    name = "extracted-share"
    title = "Training photos taken"

    def score(self, truth: CopyTruth) -> Score:
        """Return the share with Wilson's interval."""
        copies = copied(truth.candidates, truth.training, truth.calibration)
        found = nearest(truth.candidates, truth.training)[copies].unique()
        rulers = {}
        if truth.repeated:
            share = int((found < truth.repeated).sum()) / truth.repeated
            rulers["photos gathered repeatedly that were found"] = share
        low, high = intervals.wilson(int(copies.sum()), len(copies))
        return Score(
            self.name,
            copies.double().mean().item(),
            low,
            high,
            len(copies),
            baseline=copied(truth.candidates, truth.control, truth.calibration).double().mean().item(),
            control=copied(truth.best, truth.training, truth.calibration).double().mean().item(),
            better="higher",
            rulers=rulers,
        )


class CopyDistance(CopyMetric):
    """How far the candidates are from the nearest training photo on average, root mean square of pixels.

    Baseline: from the nearest control photo. Control: perfect copies, as well as the generator could draw
    them.
    """

    name = "copy-distance"
    title = "Distance to the nearest training photo"

    def score(self, truth: CopyTruth) -> Score:
        """Return the mean with Student's interval."""
        # As many training photos as control ones, evenly taken: the nearest of more is nearer.
        evenly = torch.linspace(0, len(truth.training) - 1, min(len(truth.training), len(truth.control)))
        training = truth.training[evenly.long()]
        distances = apart(truth.candidates, training).min(1).values
        low, high = intervals.mean(distances, (0.0, 1.0))
        return Score(
            self.name,
            distances.mean().item(),
            low,
            high,
            len(distances),
            baseline=apart(truth.candidates, truth.control).min(1).values.mean().item(),
            control=(truth.best - truth.training).square().mean(1).sqrt().mean().item(),
            better="lower",
            rulers={
                "real photos never trained on": apart(truth.calibration, truth.training)
                .min(1)
                .values.mean()
                .item()
            },
        )


def apart(pictures: Tensor, photos: Tensor) -> Tensor:
    """(A, P), (N, P) -> root mean square differences (A, N)."""
    return torch.cdist(pictures.double(), photos.double()) / math.sqrt(photos.shape[1])


def ratios(pictures: Tensor, photos: Tensor) -> Tensor:
    """Return (A,): the distance of each picture to its nearest photo, as a share of the mean distance to the
    NEXT ones.
    """
    near = apart(pictures, photos).topk(min(NEXT + 1, len(photos)), largest=False).values
    return near[:, 0] / near[:, 1:].mean(1).clamp_min(1e-9)


def threshold(photos: Tensor, calibration: Tensor) -> float:
    """Return the ratio below which a picture counts as a copy of one of `photos`: the smallest of a photo
    that is certainly none.
    """
    return ratios(calibration, photos).min().item()


def copied(pictures: Tensor, photos: Tensor, calibration: Tensor) -> Tensor:
    """Return which pictures are copies of one of the photos: (A,) bool."""
    return ratios(pictures, photos) < threshold(photos, calibration)


def nearest(pictures: Tensor, photos: Tensor) -> Tensor:
    """Return the place of the photo nearest to each picture: (A,)."""
    return apart(pictures, photos).argmin(1)
