"""Guess the sensitive value without the model."""

import torch
from torch import Tensor

from inversion_core.tables import Records, TableKnowledge


def impute(knowledge: TableKnowledge, others: Records, rng: torch.Generator) -> Tensor:
    """Return (N, V) probabilities learnt from `others` with exactly the adversary's columns and clues."""
    raise NotImplementedError
