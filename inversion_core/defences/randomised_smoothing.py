"""Randomised smoothing: what the model says of most noisy copies of the picture.

Cohen, Rosenfeld and Kolter, "Certified adversarial robustness via randomized smoothing" (ICML 2019); as a
defence against inversion "Robust Privacy" (2026, arXiv 2601.17360).
"""

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from inversion_core.component import Component
from inversion_core.defences.base import OutputDefence, Predict
from inversion_core.defences.by_input import generators, normal
from inversion_core.values import Modality


class RandomisedSmoothing(OutputDefence):
    """Ask the model about noisy copies of the picture and release how many of them went to each class.

    A row is shares of `copies` votes, adding up to one, and no finer than one vote. The label changes where
    the noisy copies are seen otherwise than the picture, so labels are touched; an adversary with the
    weights, or with stored templates, is not. Cost: `copies` forward passes for each picture, charged as one
    row.

    Departures: the noise is decided by the bytes of the picture and a secret of the API, so that equal
    pictures get equal answers and asking again does not sharpen the shares; no class is withheld and no
    radius is certified; the model was not trained on noise, so some accuracy is lost.
    """

    name = "randomised-smoothing"
    title = "Votes over noisy copies"
    reference = "Cohen et al., ICML 2019; arXiv 2601.17360"
    renormalises = True

    class Params(OutputDefence.Params):
        """How many votes, and how noisy."""

        copies: int = Field(25, ge=1, le=1000, description="Noisy copies asked for each picture: n votes.")
        sigma: float = Field(
            0.1, gt=0, le=10, description="Standard deviation of the noise on each pixel, in [0, 1]."
        )

    params: Params

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse tables: a level with noise on it is no level."""
        if getattr(target, "modality", Modality.IMAGE) is Modality.IMAGE:
            return None
        return f"{self.name} adds noise to pixels, {target.name!r} reads records; choose another defence"

    def answer(self, predict: Predict, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """(N, C, H, W) -> (N, K) shares of the votes."""
        sources = generators(inputs, rng, self.name)
        votes = [self._vote(predict, inputs, sources) for _ in range(self.params.copies)]
        return torch.stack(votes).mean(0)

    def _vote(self, predict: Predict, inputs: Tensor, sources: list[torch.Generator]) -> Tensor:
        """Return one vote (N, K) of each picture; the copies of all pictures are asked about together."""
        scores = predict(inputs + self.params.sigma * normal(inputs.shape, sources))
        return F.one_hot(scores.argmax(1), scores.shape[1]).to(scores.dtype)
