"""Gaussian noise on an update: the first countermeasure of Zhu, Liu and Han (NeurIPS 2019)."""

import torch
from pydantic import Field

from inversion_core.defences.base import Message, UpdateDefence


class GradientNoise(UpdateDefence):
    """Add Gaussian noise to every number a client sends.

    The standard deviation is in the units of a gradient, whatever the size of the update, as in the paper.
    Nothing is clipped, so no epsilon is claimed: a photo with a large gradient stands out of any noise.
    Statistics of batch normalisation get the same noise, and variances stay positive.
    """

    name = "gradient-noise"
    title = "Noise on updates"
    reference = "Zhu, Liu and Han, NeurIPS 2019, https://arxiv.org/abs/1906.08935"

    class Params(UpdateDefence.Params):
        """How much."""

        sigma: float = Field(
            0.01, gt=0, le=100, description="Standard deviation of the noise, in the units of a gradient."
        )

    params: Params

    def guard(self, message: Message, changes: int, rng: torch.Generator) -> Message:
        """Return the message with noise of its own."""
        noisy = [part + self.params.sigma * torch.randn(part.shape, generator=rng) for part in message]
        # A mean and a variance for each normalisation: the odd ones are variances.
        return tuple(
            part.clamp_min(0) if place >= changes and (place - changes) % 2 else part
            for place, part in enumerate(noisy)
        )
