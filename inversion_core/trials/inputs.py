"""What an attack on inputs is given: public photos to learn from, and what leaked of a photo of each victim.

The photo is one the target has never seen, as somebody sends it to a service or enrols with it. It is set
aside: no ruler and no control of the metrics uses it, and the attack sees only the answer or the template
that was made of it.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.datasets.base import PhotoDataset
from inversion_core.oracles import Oracle
from inversion_core.values import Photos, Progress

PUBLIC_SEED = 31_000
"""Seed of the first public people; each further part of them has the next."""
PART = 250
"""Public people drawn at once, one photo each: variety teaches more than many photos of a few."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """`originals`: one photo of each class, in label order; `held_out`: the held-out photos that remain."""

    originals: Photos
    held_out: Photos


def set_aside(dataset: PhotoDataset) -> Inputs:
    """Return the first held-out photo of each class and the others; where a class has no other, the first
    training photo stands in for everybody and all held-out photos remain.
    """
    held_out = dataset.held_out()
    counts = held_out.labels.bincount(minlength=len(dataset.classes))
    if counts.min() < 2:
        train = dataset.train()
        return Inputs(_rows(train, _firsts(train.labels, len(counts))), held_out)
    first = _firsts(held_out.labels, len(counts))
    others = torch.ones(len(held_out), dtype=torch.bool)
    others[first] = False
    return Inputs(_rows(held_out, first), _rows(held_out, others.nonzero().flatten()))


def gather(dataset: PhotoDataset, count: int, seed: int = PUBLIC_SEED) -> Generator[Progress, None, Tensor]:
    """Return `count` photos (count, C, H, W) uint8 of as many people who are not in the data; another seed
    gives others.
    """
    parts: list[Tensor] = []
    total = -(-count // PART)
    for number in range(total):
        yield Progress(number + 1, total, math.nan, note="collecting photos of public people")
        photos = dataset.public(PART, 1, seed + number)
        assert photos is not None, "the scenario was checked: this data has public photos"
        parts.append(photos.inputs)
    return torch.cat(parts)[:count]


def released(oracle: Oracle, photos: Tensor) -> Tensor:
    """(N, C, H, W) uint8 -> (N, K): what an API answers its user about them, a label as its corner."""
    return oracle.answers(photos.float() / 255)


def _firsts(labels: Tensor, classes: int) -> Tensor:
    """Return the place of the first photo of each class: (K,)."""
    return torch.stack([(labels == label).nonzero()[0, 0] for label in range(classes)])


def _rows(photos: Photos, places: Tensor) -> Photos:
    return Photos(photos.inputs[places], photos.labels[places])
