"""The contracts of a dataset, of pictures or of a table, and the split each must offer."""

import hashlib
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from inversion_core.component import Component
from inversion_core.tables import Column, Records
from inversion_core.values import Modality, Photos


@dataclass(frozen=True)
class DatasetCard:
    """What a reader must know before judging a number made with this data."""

    modality: Modality
    classes: int
    shape: tuple[int, ...]
    class_is_person: bool
    category: str
    """Biometric, medical, financial, ..."""
    licence: str
    origin: str
    synthetic: bool


@dataclass(frozen=True, eq=False)
class Split:
    """What to train on and what to hold out, where that is not the dataset's own split."""

    train: Photos | Records
    held_out: Photos | Records

    def digest(self) -> str:
        """Return the sha256 of the training data."""
        total = hashlib.sha256(self.train.labels.numpy().tobytes())
        total.update(self.train.inputs.contiguous().numpy().tobytes())
        return total.hexdigest()


class Dataset(Component):
    """Private members, and held-out data that no target has seen.

    Data are read or rendered on first use; making the object and reading `card` or `classes` is cheap, except
    for folders and files, which are looked at. Unusable data raises DataUnusable.
    """

    modality: ClassVar[Modality]
    alike: ClassVar[bool] = True
    """Whether private and held-out data come from one distribution, so that only a model tells them apart."""
    version: ClassVar[int] = 1
    """Raised whenever the same options would give other bytes; part of the content key of every run."""
    takes_path: ClassVar[bool] = False
    """Whether the scenario must name a `path`; such a dataset is made with `path=...` beside its options."""

    @property
    @abstractmethod
    def card(self) -> DatasetCard:
        """Describe the data."""

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Name of each class, in label order."""

    @abstractmethod
    def train(self) -> Photos | Records:
        """Return the private data a target is trained on."""

    @abstractmethod
    def held_out(self) -> Photos | Records:
        """Return data of the same kind that no target has seen."""

    @abstractmethod
    def victim_count(self) -> int:
        """Return how many victims a scenario may name: people behind classes, or records."""

    def fingerprint(self) -> str:
        """Return what beside name and options decides the bytes; a folder answers with a digest of its
        listing.
        """
        return f"v{self.version}"


class PhotoDataset(Dataset):
    """Photos of private people, held-out photos of the same people, and public photos of others."""

    modality = Modality.IMAGE

    @abstractmethod
    def train(self) -> Photos:
        """Return the private photos a target is trained on."""

    @abstractmethod
    def held_out(self) -> Photos:
        """Return photos of the same classes that no target has seen."""

    def victim_count(self) -> int:
        """Return the number of classes: each is a victim."""
        return len(self.classes)

    def portraits(self) -> Photos:
        """Return one picture of each class in label order, shown as the truth whatever was recovered.

        By default the training photo nearest to the mean of its class.
        """
        train = self.train()
        return Photos(
            torch.stack([_typical(train.of(label)) for label in range(len(self.classes))]),
            torch.arange(len(self.classes)),
        )

    def public(self, people: int, photos: int, seed: int) -> Photos | None:
        """Return photos of other people, labels 0..people-1, or None where the data has nobody else."""
        return None

    @classmethod
    def has_public(cls) -> bool:
        """Say whether `public` gives photos of other people."""
        return cls.public is not PhotoDataset.public

    def extra(self, photos: int) -> Photos | None:
        """Return further photos of the private classes for an independent evaluator, or None where there are
        none.
        """
        return None

    def attributes(self) -> dict[str, list[str]] | None:
        """Return attribute -> one value per class, or None where nobody named any."""
        return None

    def public_attributes(self, people: int, seed: int) -> dict[str, list[str]] | None:
        """Return attribute -> one value per person of `public(people, ..., seed)`, or None where nobody named
        any.
        """
        return None

    def families(self) -> list[str | None] | None:
        """Return the look-alike family of each class (None: nobody's sibling), or None where families are
        unknown.
        """
        return None


class TableDataset(Dataset):
    """Records with a label that a model predicts and a sensitive column that an attack guesses.

    The held-out records are also what the adversary may own as auxiliary data.
    """

    modality = Modality.TABLE

    @property
    @abstractmethod
    def columns(self) -> tuple[Column, ...]:
        """The input columns in order, the sensitive one among them."""

    @property
    @abstractmethod
    def sensitive(self) -> int:
        """Place of the sensitive column."""

    @property
    def positive(self) -> int | None:
        """Code of the sensitive value that precision and recall are about; None where all count alike."""
        return None

    @property
    def grouping(self) -> tuple[int, ...]:
        """Places of the columns by which the scores are also told by subgroup."""
        return ()

    @abstractmethod
    def train(self) -> Records:
        """Return the private records a target is trained on."""

    @abstractmethod
    def held_out(self) -> Records:
        """Return records of other people of the same kind."""

    def victim_count(self) -> int:
        """Return the number of private records: each is a victim."""
        return len(self.train())


def _typical(photos: Tensor) -> Tensor:
    """(M, C, H, W) uint8 -> the photo (C, H, W) nearest to their mean."""
    values = photos.float()
    return photos[(values - values.mean(0)).square().flatten(1).sum(1).argmin()]
