"""Rounded scores: the countermeasure Fredrikson, Jha and Ristenpart (CCS 2015) try first."""

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.defences.base import OutputDefence


class Rounding(OutputDefence):
    """Release scores with few decimals, so that small climbs become invisible.

    The released row is not scaled to sum to one again: rescaling would give back digits that rounding took
    away. With many classes and one decimal a row may be all zeros, and two classes that round to the same tie
    for the label. An adversary with the weights, or with stored templates, is not touched.
    """

    name = "rounding"
    title = "Rounded scores"
    reference = "Fredrikson et al., CCS 2015"

    class Params(OutputDefence.Params):
        """How coarse."""

        decimals: int = Field(1, ge=0, le=6, description="Decimals kept in each score.")

    params: Params

    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        """(N, K) -> (N, K)."""
        return scores.round(decimals=self.params.decimals)
