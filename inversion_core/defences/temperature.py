"""Scores at another temperature: flatter or sharper, in the same order."""

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.defences.base import OutputDefence, divided
from inversion_core.values import Access


class Temperature(OutputDefence):
    """Release p^(1/T) scaled to sum to one: above 1 scores look alike, below 1 the winner takes nearly all.

    The row is scaled to sum to one; a score of 0, and a row of zeros that rounding left, stay so. The order
    of the classes stays, so an adversary who sees labels alone is not touched, nor is one with the weights or
    with stored templates. One who sees every score loses nothing that rounding does not take: log odds are
    divided by T, and whoever knows or guesses T multiplies them back.
    """

    name = "temperature"
    title = "Scores at a temperature"
    reference = "Hinton, Vinyals and Dean, 2015 (the softmax at a temperature)"
    untouched = (Access.WHITE_BOX, Access.TEMPLATES, Access.LABELS)
    renormalises = True

    class Params(OutputDefence.Params):
        """How flat."""

        temperature: float = Field(
            5.0, ge=0.05, le=1000, description="T: above 1 flattens the scores, below 1 sharpens them."
        )

    params: Params

    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        """(N, K) -> (N, K)."""
        # Relative to the largest, so that the winner never underflows.
        powers = divided(scores, scores.amax(1, keepdim=True)) ** (1 / self.params.temperature)
        return divided(powers, powers.sum(1, keepdim=True))
