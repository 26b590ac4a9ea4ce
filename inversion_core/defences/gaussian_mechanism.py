"""The Gaussian mechanism: noise on what is published, as much as one row could change it.

Balle and Wang, "Improving the Gaussian mechanism for differential privacy" (ICML 2018), theorem 8: exact for
every epsilon, where the textbook formula holds below 1 only.
"""

import math
from statistics import NormalDist

import torch
from pydantic import Field

from inversion_core.component import Component
from inversion_core.defences.base import Training, TrainingDefence
from inversion_core.values import Family

NORMAL = NormalDist()


class GaussianMechanism(TrainingDefence):
    """Publish a model of a table with noise that hides whether any one row was in it.

    The unit of protection is one row that is there or not. What one row can change follows from the public
    bounds of the columns, not from the data.
    """

    name = "gaussian-mechanism"
    title = "Noise on the published model"
    reference = "Balle and Wang, ICML 2018"

    class Params(TrainingDefence.Params):
        """The promise."""

        epsilon: float = Field(1.0, gt=0, le=1000, description="Privacy loss allowed for one row.")
        delta: float = Field(
            1e-5, gt=0, lt=1, description="Chance that the bound does not hold; below 1 / rows."
        )

    params: Params

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse targets that are not published as a few numbers."""
        if Family.RECONSTRUCTION in getattr(target, "families", ()):
            return None
        return (
            f"gaussian-mechanism adds noise to a model that is published as a few numbers, {target.name!r} "
            "is "
            "none; choose naive-bayes or logistic-regression, or the defence dp-sgd"
        )

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training as it is: the noise is added to what it ends with."""
        return training

    def noise(self, sensitivity: float) -> float:
        """Return the standard deviation that keeps the promise."""
        return noise_scale(self.params.epsilon, self.params.delta, sensitivity)


def noise_scale(epsilon: float, delta: float, sensitivity: float) -> float:
    """Return the smallest standard deviation with which the Gaussian mechanism is (epsilon, delta)-private,
    by halving an interval.
    """
    low, high = 0.0, sensitivity
    while spent_delta(epsilon, high, sensitivity) > delta:
        low, high = high, 2 * high
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if spent_delta(epsilon, middle, sensitivity) > delta else (low, middle)
    return high


def spent_delta(epsilon: float, noise: float, sensitivity: float) -> float:
    """Return the delta of Gaussian noise at an epsilon (Balle and Wang, theorem 8)."""
    half, lift = sensitivity / (2 * noise), epsilon * noise / sensitivity
    tail = NORMAL.cdf(-half - lift)
    return NORMAL.cdf(half - lift) - (math.exp(epsilon + math.log(tail)) if tail > 0 else 0.0)
