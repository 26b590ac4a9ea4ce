"""Differential privacy on the client: each update clipped and drowned before it is sent.

The Gaussian mechanism with its exact delta: Balle and Wang, "Improving the Gaussian mechanism for
differential privacy" (ICML 2018), theorem 8.
"""

import math

import torch
from pydantic import Field
from scipy.special import log_ndtr  # type: ignore[import-untyped]

from inversion_core.defences.base import Message, UpdateDefence


class LocalDP(UpdateDefence):
    """Clip each client's whole update to a length and add Gaussian noise, so that an epsilon holds.

    The promise is about one round and one client, whatever their photos are: two updates of length `clip`
    differ by at most twice as much, and the noise is measured against that. It is stronger than DP-SGD,
    which hides one photo among others, and dearer in noise; further rounds add up. Statistics of batch
    normalisation would be outside of it and are not sent: zeros go in their place.
    """

    name = "local-dp"
    title = "Local differential privacy"
    reference = "Balle and Wang, ICML 2018, https://arxiv.org/abs/1805.06530"

    class Params(UpdateDefence.Params):
        """How long an update may be, and how much noise hides it."""

        clip: float = Field(1.0, gt=0, le=1000, description="Length to which an update is shortened.")
        noise: float = Field(
            1.0, gt=0, le=1000, description="Standard deviation of the noise, as a multiple of that length."
        )
        delta: float = Field(
            1e-5, gt=0, lt=0.5, description="Probability with which the promise of epsilon may fail."
        )

    params: Params

    def guard(self, message: Message, changes: int, rng: torch.Generator) -> Message:
        """Return a clipped and noisy change, and zeros for the statistics."""
        change = message[:changes]
        length = torch.stack([part.norm() for part in change]).norm()
        scale = (self.params.clip / length.clamp_min(1e-12)).clamp_max(1)
        spread = self.params.noise * self.params.clip
        noisy = (part * scale + spread * torch.randn(part.shape, generator=rng) for part in change)
        return (*noisy, *(torch.zeros_like(part) for part in message[changes:]))

    def promise(self, clients: int) -> str | None:
        """Return the epsilon of one round; each client has it alone, however many there are."""
        epsilon = epsilon_of(self.params.noise / 2, self.params.delta)
        return (
            f"epsilon {epsilon:.3g} at delta {self.params.delta:g} for a client's whole update of this one "
            "round"
        )


def delta_of(multiplier: float, epsilon: float) -> float:
    """Return the smallest delta of Gaussian noise whose standard deviation is `multiplier` sensitivities."""
    half, rest = 1 / (2 * multiplier), epsilon * multiplier
    return math.exp(log_ndtr(half - rest)) - math.exp(epsilon + log_ndtr(-half - rest))


def epsilon_of(multiplier: float, delta: float) -> float:
    """Return the smallest epsilon for a delta, to 1e-9 of itself, from above."""
    if delta_of(multiplier, 0.0) <= delta:
        return 0.0
    low, high = 0.0, 1.0
    while delta_of(multiplier, high) > delta:
        low, high = high, 2 * high
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if delta_of(multiplier, middle) > delta else (low, middle)
    return high
