"""Noise on the scores: the same for the same picture, or drawn afresh, which averaging undoes."""

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.defences.base import OutputDefence, Predict, divided
from inversion_core.defences.by_input import generators, normal


class OutputNoise(OutputDefence):
    """Add Gaussian noise to every score, cut it off at 0, scale the row to sum to one.

    The noise is decided by the bytes of the picture and a secret of the API, so that asking the same picture
    again tells nothing more. It hides less than it seems: a picture that differs in one grey level is another
    picture with other noise and nearly the same scores, so averaging over such copies undoes it as well.
    `fresh` noise is the naive kind: drawn at every question, and gone in the mean of many answers.

    The row is scaled to sum to one, except one in which nothing is left above 0, which stays zeros. The label
    may change where two scores are near each other, so labels are touched a little; an adversary with the
    weights, or with stored templates, is not touched.
    """

    name = "output-noise"
    title = "Noise on the scores"
    reference = "Jia et al., CCS 2019 (noise on confidence vectors, there fitted)"
    renormalises = True

    class Params(OutputDefence.Params):
        """How much, and how often it is drawn."""

        sigma: float = Field(
            0.05, gt=0, le=10, description="Standard deviation of the noise on each score, before scaling."
        )
        fresh: bool = Field(
            False, description="Draw the noise anew at every question instead of once for each picture."
        )

    params: Params

    def answer(self, predict: Predict, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """(N, *shape) -> (N, K)."""
        scores = predict(inputs)
        # Row by row: the noise is then the same however a question is cut into requests.
        sources = [rng] * len(inputs) if self.params.fresh else generators(inputs, rng, self.name)
        noisy = (scores + self.params.sigma * normal(scores.shape, sources)).clamp_min(0)
        return divided(noisy, noisy.sum(1, keepdim=True))
