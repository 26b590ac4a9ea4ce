"""Photographs of one's own: a folder (or zip file) with one sub-folder a class.

As torchvision's ImageFolder lays it out, read with Pillow as torchvision does, but deterministic and with
errors a user can act on; nothing is drawn at random, so the split is the order of the file names.
"""

import hashlib
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.datasets.base import DatasetCard, PhotoDataset
from inversion_core.datasets.picture_files import (
    EXTENSIONS,
    Look,
    PictureFile,
    decode_all,
    list_pictures,
    read_bytes,
)
from inversion_core.errors import DataUnusable
from inversion_core.values import Modality, Photos

HASHED_BYTES = 200_000_000
"""Folders up to this size are told apart by every byte, larger ones by names, sizes and times of change."""


class ImageFolder(PhotoDataset):
    """Your own photographs: a folder or zip file with one sub-folder a person.

    The first photos of each person, in the order of their names (2 before 10), are trained on and the rest
    held out. Known picture extensions are read and other files passed over; a sub-folder without a picture,
    and a picture outside the sub-folders, are errors.
    """

    name = "image-folder"
    title = "A folder of photographs"
    takes_path = True

    class Params(PhotoDataset.Params):
        """How the photographs are read and split."""

        size: int = Field(
            64, ge=16, le=256, description="Width and height every photo is resized to, in pixels."
        )
        grayscale: bool = Field(False, description="Read the photos in grey instead of colour.")
        crop: bool = Field(
            False,
            description="Cut each photo to its central square instead of squeezing the whole of it into one.",
        )
        train_per_class: int = Field(
            7, ge=1, le=10_000, description="Photos of each person to train on; the rest are held out."
        )

    params: Params

    def __init__(self, path: str | Path, **options: object) -> None:
        """List the folder and check that it can be split; nothing is decoded yet."""
        super().__init__(**options)
        if not str(path):
            raise DataUnusable(
                "an image folder needs a path, an empty one was given; name a folder or a zip file"
            )
        self.path = Path(path).expanduser()
        self._files = list_pictures(self.path)
        self._members = _by_class(self.path, self._files)
        _check_split(self._members, self.params.train_per_class)

    @property
    def card(self) -> DatasetCard:
        """Describe the photographs; whose they are only the user knows."""
        return DatasetCard(
            modality=Modality.IMAGE,
            classes=len(self._members),
            shape=self._look.shape,
            class_is_person=True,
            category="biometric",
            licence="as its owner says",
            origin=f"the user's folder {self.path.resolve().name!r}",
            synthetic=False,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """Name of each sub-folder, in natural order."""
        return tuple(self._members)

    def train(self) -> Photos:
        """Return the first photos of each class."""
        return self._photos(slice(None, self.params.train_per_class))

    def held_out(self) -> Photos:
        """Return the other photos of each class."""
        return self._photos(slice(self.params.train_per_class, None))

    def fingerprint(self) -> str:
        """Return a digest of names and bytes; of names, sizes and times of change in very large folders."""
        return f"v{self.version}-{_digest(self.path, self._files)}"

    @property
    def _look(self) -> Look:
        return Look(self.params.size, self.params.grayscale, self.params.crop)

    def _photos(self, which: slice) -> Photos:
        everything = _decoded(self.path, self._files, self._look)
        place = {file: index for index, file in enumerate(self._files)}
        chosen = [
            (place[file], label)
            for label, files in enumerate(self._members.values())
            for file in files[which]
        ]
        places, labels = torch.tensor(chosen).unbind(1)
        return Photos(everything[places], labels.clone())


def read_pictures(path: str | Path, size: int = 64, grayscale: bool = False, crop: bool = False) -> Tensor:
    """Return all pictures of an unlabelled folder or zip file, at any depth, as (N, C, size, size) uint8."""
    place = Path(path).expanduser()
    files = list_pictures(place)
    if not files:
        raise DataUnusable(
            f"{str(path)!r} holds no picture ({_extensions()} are read); name another folder or zip file"
        )
    return decode_all(place, files, Look(size, grayscale, crop))


def _by_class(path: Path, files: tuple[PictureFile, ...]) -> dict[str, tuple[PictureFile, ...]]:
    """Return class -> its pictures; raises DataUnusable where the tree is not class / photo."""
    depth = _depth_of_classes(path, files)
    loose = [file for file in files if len(file.parts) < depth + 2]
    if loose:
        raise DataUnusable(
            f"each person's photos belong in a sub-folder of their own, {loose[0].name!r} lies outside of "
            "any; move it into one"
        )
    classes = {name: tuple(group) for name, group in groupby(files, key=lambda file: file.parts[depth])}
    empty = [name for name in _folders(path) if name not in classes]
    if empty:
        raise DataUnusable(
            f"every sub-folder is a class and needs photos, {empty[0]!r} holds none ({_extensions()} are "
            "read); add photos or remove it"
        )
    if len(classes) < 2:
        raise DataUnusable(
            f"a target tells at least two classes apart, {str(path)!r} has {len(classes)}; give each person "
            "a sub-folder with photos"
        )
    return classes


def _depth_of_classes(path: Path, files: tuple[PictureFile, ...]) -> int:
    """Return 1 for a zip file that lies in one wrapping folder, as archives are often made, else 0."""
    wrapped = len({file.parts[0] for file in files}) == 1 and all(len(file.parts) > 2 for file in files)
    return 1 if wrapped and not path.is_dir() else 0


def _folders(path: Path) -> list[str]:
    """Return the visible sub-folders of a folder."""
    if not path.is_dir():
        return []
    return sorted(entry.name for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def _check_split(members: dict[str, tuple[PictureFile, ...]], train_per_class: int) -> None:
    """Raise DataUnusable for a class that has no photo left to hold out."""
    name, files = min(members.items(), key=lambda item: len(item[1]))
    if len(files) < 2:
        raise DataUnusable(
            f"a class needs two photos, one to train on and one to hold out, {name!r} has {len(files)}; "
            "add photos or remove the folder"
        )
    if len(files) <= train_per_class:
        raise DataUnusable(
            f"train_per_class leaves photos to hold out in every class, {train_per_class} of the "
            f"{len(files)} photos of {name!r} leave none; set it to {len(files) - 1} or less"
        )


def _extensions() -> str:
    return ", ".join(sorted(EXTENSIONS))


@lru_cache(maxsize=2)
def _decoded(path: Path, files: tuple[PictureFile, ...], look: Look) -> Tensor:
    """Decode a listing once a process; a changed file has another time of change and is another listing."""
    return decode_all(path, files, look)


@lru_cache(maxsize=16)
def _digest(path: Path, files: tuple[PictureFile, ...]) -> str:
    digest = hashlib.sha256()
    whole = sum(file.size for file in files) <= HASHED_BYTES
    for file in files:
        digest.update(f"{file.name}\0{file.size}\0{'' if whole else file.stamp}\0".encode())
    if whole:
        for data in read_bytes(path, files):
            digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()
