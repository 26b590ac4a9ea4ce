"""Guesses made without the model, kept: they do not depend on it, and every defence is held against them."""

import hashlib
from importlib.metadata import version

import torch
from torch import Tensor

from inversion_core.metrics.imputer import impute
from inversion_core.settings import settings
from inversion_core.tables import Records, TableKnowledge
from inversion_core.targets import weights

VERSION = 1
"""Raised when the same records would give other guesses."""


def imputed(knowledge: TableKnowledge, others: Records, rng: torch.Generator) -> Tensor:
    """Return what `impute` does, (N, V), from the cache where it was asked the same before; WeightsUnusable
    for a damaged file.
    """
    path = settings().cache / "imputations" / f"{_key(knowledge, others, rng)[:32]}.safetensors"
    if not path.exists():
        state = {"guesses": impute(knowledge, others, rng)}
        weights.write(path, state, {"sha256": weights.digest(state)})
    state, _ = weights.read(path)
    return state["guesses"]


def _key(knowledge: TableKnowledge, others: Records, rng: torch.Generator) -> str:
    """Return the digest of everything the guesses depend on."""
    versions = (VERSION, version("scikit-learn"))
    told = (versions, knowledge.columns, knowledge.sensitive, knowledge.unknown, knowledge.labels is None)
    digest = hashlib.sha256(repr(told).encode())
    parts = [knowledge.records, knowledge.labels, others.inputs, others.labels, rng.get_state()]
    for part in parts:
        if part is not None:
            digest.update(repr((tuple(part.shape), part.dtype)).encode())
            digest.update(part.contiguous().numpy().tobytes())
    return digest.hexdigest()
