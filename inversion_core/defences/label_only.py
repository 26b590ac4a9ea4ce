"""Labels instead of scores: the winner gets everything, every other class nothing."""

import torch
import torch.nn.functional as F
from torch import Tensor

from inversion_core.defences.base import OutputDefence
from inversion_core.values import Access


class LabelOnly(OutputDefence):
    """Release the winning class as a score of exactly 1 and 0 for every other.

    Nothing is left to scale: a row adds up to one by itself. The label stays what it was, so an adversary who
    sees labels alone is not touched, nor is one with the weights or with stored templates. Of equal scores
    the lower class wins, as everywhere here.
    """

    name = "label-only"
    title = "The label alone"
    reference = "Kahla et al., CVPR 2022 (the setting)"
    untouched = (Access.WHITE_BOX, Access.TEMPLATES, Access.LABELS)
    renormalises = True

    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        """(N, K) -> (N, K) of zeros and a one in each row."""
        return F.one_hot(scores.argmax(1), scores.shape[1]).to(scores.dtype)
