"""Randomness that an input decides: equal inputs are always given equal noise, in any order and portion."""

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor


def generators(inputs: Tensor, rng: torch.Generator, purpose: str) -> list[torch.Generator]:
    """Return a generator for each of the inputs (N, *shape), seeded by its bytes, by the seed that `rng` was
    made with, which is the API's secret, and by what the noise is for. Nothing is drawn from `rng`.
    """
    secret = rng.initial_seed().to_bytes(8, "big")
    rows = inputs.detach().contiguous().numpy()
    return [torch.Generator().manual_seed(_digest(row.tobytes(), secret, purpose)) for row in rows]


def normal(shape: torch.Size, sources: Sequence[torch.Generator]) -> Tensor:
    """Return standard normal noise of a shape (N, *rest), each of the N rows drawn by its own source."""
    return torch.stack([torch.randn(shape[1:], generator=source) for source in sources])


def _digest(data: bytes, secret: bytes, purpose: str) -> int:
    found = hashlib.blake2b(data, digest_size=8, key=secret, person=purpose.encode()[:16])
    return int.from_bytes(found.digest(), "big") >> 1
