"""Top-k scores: release the few highest, keep silent about the rest."""

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.defences.base import OutputDefence
from inversion_core.values import Access


class TopK(OutputDefence):
    """Release the k highest scores; every other class gets exactly 0.

    What is released keeps its value: nothing is scaled to sum to one again, since that would tell something
    about the classes left out. With k or fewer classes nothing changes. The label stays, so an adversary who
    sees labels alone is not touched, nor is one with the weights or with stored templates; one who wants a
    class that is released already loses little.
    """

    name = "top-k"
    title = "Top-k scores"
    reference = "Yang et al., CCS 2019 (truncated prediction vectors)"
    untouched = (Access.WHITE_BOX, Access.TEMPLATES, Access.LABELS)

    class Params(OutputDefence.Params):
        """How many."""

        k: int = Field(3, ge=1, le=10000, description="Classes whose score is released.")

    params: Params

    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        """(N, K) -> (N, K); of equal scores at the border the one of the lower class is kept."""
        highest = scores.argsort(dim=1, descending=True, stable=True)[:, : self.params.k]
        return torch.zeros_like(scores).scatter(1, highest, scores.gather(1, highest))
