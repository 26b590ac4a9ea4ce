"""Deduplication: whatever was gathered more than once is learnt from once.

Lee et al., "Deduplicating training data makes language models better" (ACL 2022); Carlini et al. (USENIX
Security 2023) found the same for diffusion models.
"""

from typing import TypeVar

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.component import Component
from inversion_core.defences.base import Training, TrainingDefence
from inversion_core.tables import Records
from inversion_core.values import Modality, Photos

D = TypeVar("D", Photos, Records)


class Deduplication(TrainingDefence):
    """Keep one of each set of photos of a class, or of texts, that are the same, or nearly.

    Departure from the papers: near-duplicates are found by comparing everything with everything, pixel by
    pixel or character by character, which suits thousands and not billions.
    """

    name = "deduplication"
    title = "Deduplication of the training data"
    reference = "Lee et al., ACL 2022"
    for_generators = True

    class Params(TrainingDefence.Params):
        """What counts as the same."""

        distance: float = Field(
            0.02,
            ge=0,
            lt=1,
            description="Photos that differ by less than this (root mean square, of the whole range), or "
            "texts "
            "in a smaller share of their characters, are one.",
        )

    params: Params

    @property
    def chooses_by_others(self) -> bool:
        """Whether near-duplicates go; of exact copies one stays, and nothing else changes."""
        return self.params.distance > 0

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse classifiers of tables, where equal rows are different people."""
        if getattr(target, "modality", None) is Modality.TABLE:
            return (
                f"deduplication is for photos and texts, equal records of {target.name!r} are different "
                "people; remove it"
            )
        return super().incompatible(target)

    def admit(self, photos: D) -> D:
        """Return the first of each set of duplicates, in order."""
        kept: list[int] = []
        for place in range(len(photos)):
            same = _differences(photos.inputs[place], photos.inputs[kept]) <= self.params.distance
            if not (same & (photos.labels[kept] == photos.labels[place])).any():
                kept.append(place)
        rows = torch.tensor(kept)
        return type(photos)(photos.inputs[rows], photos.labels[rows])

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training as it is; `admit` did everything."""
        return training


def _differences(one: Tensor, others: Tensor) -> Tensor:
    """Return how far `one` (*shape) is from each of `others` (M, *shape): (M,)."""
    if one.dtype == torch.uint8:
        return ((others.float() - one.float()) / 255).square().flatten(1).mean(1).sqrt()
    return (others != one).float().flatten(1).mean(1)
