"""Priors by name or by path."""

from functools import lru_cache
from pathlib import Path

import torch

from inversion_core.errors import DataUnusable
from inversion_core.priors.base import FOLDER, ImagePrior, PriorCard
from inversion_core.priors.networks import Decoder
from inversion_core.targets import weights


def load_prior(wanted: str, dataset: str, image_shape: tuple[int, ...]) -> ImagePrior:
    """Return the prior `wanted`: a shipped name, "auto" for the one named as the dataset, or a safetensors
    path.

    Raises WeightsUnusable for a damaged file, DataUnusable when its pictures do not have the target's shape.
    """
    path = (
        Path(wanted) if wanted.endswith(".safetensors") else _shipped(dataset if wanted == "auto" else wanted)
    )
    prior = read_prior(path)
    if prior.image_shape != tuple(image_shape):
        raise DataUnusable(
            f"a prior must draw pictures of the target's shape {tuple(image_shape)}, {path.name} draws "
            f"{prior.image_shape}; train one of that size with train-prior"
        )
    return prior


@lru_cache(maxsize=4)
def read_prior(path: Path) -> ImagePrior:
    """Return the prior kept in a file."""
    state, data = weights.read(path)
    card = PriorCard(**data)
    channels, size, _ = card.image_shape
    decoder = Decoder(channels, size, card.person_size + card.photo_size, card.width).fused()
    weights.load_into(decoder, state, path)
    # The layout in which convolutions of small batches run fastest on a processor.
    return ImagePrior(decoder.to(memory_format=torch.channels_last), card)  # type: ignore[call-overload]


def _shipped(name: str) -> Path:
    return FOLDER / f"{name}.safetensors"
