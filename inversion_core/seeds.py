"""One run seed gives every part its own named, reproducible stream of randomness."""

import hashlib

import numpy as np
import torch


def derive(seed: int, *names: str) -> int:
    """Return a 63-bit seed for the stream `names` of the run seed `seed`."""
    text = "/".join((str(seed), *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def torch_rng(seed: int, *names: str) -> torch.Generator:
    """Return a CPU generator for the stream `names`."""
    return torch.Generator().manual_seed(derive(seed, *names))


def numpy_rng(seed: int, *names: str) -> np.random.Generator:
    """Return a numpy generator for the stream `names`."""
    return np.random.default_rng(derive(seed, *names))
