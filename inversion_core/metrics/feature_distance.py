"""How near a recovered picture comes to its victim in the eyes of an independent network.

The KNN distance of Zhang et al., "The Secret Revealer: Generative Model-Inversion Attacks Against Deep Neural
Networks", CVPR 2020: squared L2 between penultimate features, to the closest training photo of the victim.
Comparable between runs judged by one evaluator, never between evaluators.
"""

import math

import torch
from torch import Tensor

from inversion_core.metrics.closest_photo import ClosestPhoto
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.intervals import Interval
from inversion_core.values import Truth


class FeatureDistance(ClosestPhoto):
    """Squared distance to the closest training photo of the victim in the evaluator's features, mean over
    victims.

    0 or more, without a unit; a smaller value is a stronger attack.
    """

    name = "feature-distance"
    title = explain("feature-distance").title
    reference = "Zhang et al., CVPR 2020"
    better = "lower"

    def represent(self, images: Tensor, truth: Truth) -> Tensor:
        """(N, C, H, W) -> (N, F)."""
        with torch.inference_mode():
            return torch.cat([truth.features(chunk).float() for chunk in images.split(256)])

    def represented(self, label: int, truth: Truth) -> Tensor:
        """Return the features (M, F) of the photos wanted, kept ones where these are the training photos."""
        if truth.train_features is None or truth.originals is not None:
            return super().represented(label, truth)
        return truth.train_features[truth.train.labels == label]

    def closest(self, queries: Tensor, photos: Tensor) -> Tensor:
        """(Q, F) and (M, F) -> (Q,)."""
        return (queries[:, None] - photos[None]).square().sum(2).amin(1)

    def bounds(self, truth: Truth, queries: Tensor) -> Interval:
        """Return 0 and no limit, or for a single victim the distance to the furthest photo of anybody."""
        if len(queries) > 1:
            return 0.0, math.inf
        photos = self.represent(truth.train.floats(), truth)
        return 0.0, (queries - photos).square().sum(1).max().item()
