"""Governance of the data: fewer photos of each person, and people left out.

What a photo or a person contributed is told by training without it and attacking again.
"""

import torch
from pydantic import Field

from inversion_core.component import Component
from inversion_core.defences.base import Training, TrainingDefence
from inversion_core.errors import DataUnusable
from inversion_core.values import Modality, Photos


class DataMinimisation(TrainingDefence):
    """Train on fewer photos of each person, and on none of people who asked to be left out.

    A person left out keeps their class, which the target then never learns to name: held-out accuracy counts
    their photos as missed, the truth still holds them, and they may be victims, so that what is recovered of
    somebody the target never met can be set beside what it gave away when it had.
    """

    name = "data-minimisation"
    title = "Fewer photos, people left out"
    reference = "GDPR, Art. 5(1)(c) and Art. 17"

    class Params(TrainingDefence.Params):
        """Whose photos, and how many."""

        photos_per_person: int = Field(
            10, ge=1, le=10_000, description="Photos of each person that are used, the first ones."
        )
        without: tuple[int, ...] = Field((), description="Numbers of the people who are left out.")

    params: Params

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse targets of tables, where nobody has several records or a class of their own."""
        if reason := super().incompatible(target):
            return reason
        if getattr(target, "modality", None) is Modality.IMAGE:
            return None
        return (
            f"{self.name} counts photos of a person, {target.name!r} learns from tables; remove the defence"
        )

    def admit(self, photos: Photos) -> Photos:
        """Return the first photos of everybody who is not left out. Raises DataUnusable for numbers that
        nobody has, and when too few people are left to tell apart.
        """
        people = int(photos.labels.max()) + 1
        if strangers := [one for one in self.params.without if not 0 <= one < people]:
            raise DataUnusable(
                f"{self.name}: people are numbered 0 to {people - 1}, {strangers[:5]} were to be left out; "
                "correct the numbers"
            )
        kept = [
            (photos.labels == label).nonzero().flatten()[: self.params.photos_per_person]
            for label in range(people)
            if label not in self.params.without
        ]
        if len(kept) < 2:
            raise DataUnusable(
                f"{self.name}: a target tells at least two people apart, {len(kept)} of {people} are left; "
                "leave out fewer"
            )
        rows = torch.cat(kept).sort().values
        return Photos(photos.inputs[rows], photos.labels[rows])

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training as it is: what it learns from was chosen before."""
        return training
