"""People who never lived: a hundred synthetic persons with look-alikes among them, and any number of others.

The shipped data set. A fifth of the people belong to look-alike families of four, whose members share hair,
skin, glasses, beard and clothes and differ in a few features of the face: an attack that recovers only the
family's look is told apart from one that recovers the person. Left out: ageing, changing hair or clothes.

    python -m inversion_core.datasets.people SHEET.png      draws a contact sheet
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile

import torch
from PIL import Image, ImageDraw
from pydantic import Field
from safetensors.torch import load_file, save_file
from torch import Tensor

from inversion_core.datasets import portrait
from inversion_core.datasets.base import DatasetCard, PhotoDataset
from inversion_core.seeds import torch_rng
from inversion_core.settings import settings
from inversion_core.values import Modality, Photos

PEOPLE = 100
TRAIN_PHOTOS = 20
HELD_OUT_PHOTOS = 10
FAMILY_SIZE = 4
SIBLING_EVERY = 5  # every fifth person is in a family, so that the first 20 people hold one whole family
DIFFERENCES = 8  # factors in which a sibling differs from the eldest

_SEED = 2037
_DIFFER_IN = (
    "face_width", "face_length", "jaw_width", "chin_square", "cheeks", "brow_thickness", "brow_angle",
    "brow_height", "eye_size", "eye_spacing", "eye_slant", "iris_colour", "nose_length", "nose_width",
    "mouth_width", "lip_fullness",
)  # fmt: skip
_FIRST_NAMES = """
Adi Addison Ainsley Alex Amari Andrea Ariel Arden Ash Aubrey Avery Bailey Bao Billie Blair Brook
Cameron Casey Charlie Chi Corey Dakota Dana Darcy Devon Drew Eden Elliot Ellis Emerson Ezra Finley
Frankie Gael Glenn Hadley Harper Haru Haven Hayden Hollis Indigo Iman Jamie Jaya Jean Jesse Jordan
Jules Kai Kamal Keegan Kendall Kim Kiran Kit Lane Lee Lennox Logan Lou Luca Marley Max Micah Milan
Minh Morgan Nikita Nima Noa Noor Oakley Ola Parker Pat Peyton Quinn Ray Reese Remy Rene Riley Robin
Rory Rowan Sacha Sage Sam Sasha Shay Sidney Skyler Sol Taylor Toni Tracy Val Wren Yuki
""".split()  # noqa: SIM905  (a hundred quotes help nobody)
_INITIALS = "ABCDEFGHIJKLMNOPRSTVWYZ"


class People(PhotoDataset):
    """Synthetic portraits of a hundred people who never lived, drawn at 64 x 64 pixels in colour.

    Twenty training and ten held-out photos a person; a fifth of the people come in families of look-alikes.
    """

    name = "people"
    title = "Synthetic people"
    version = 2

    class Params(PhotoDataset.Params):
        people: int = Field(PEOPLE, ge=2, le=PEOPLE, description="How many of the people are private.")

    params: Params

    @property
    def card(self) -> DatasetCard:
        """Describe the data."""
        return DatasetCard(
            modality=Modality.IMAGE,
            classes=self.params.people,
            shape=(3, portrait.SIZE, portrait.SIZE),
            class_is_person=True,
            category="biometric",
            licence="none needed: drawn by this package",
            origin="procedural portraits; no photograph of a person is involved",
            synthetic=True,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """Name of each person: first name and initial, none twice."""
        order = torch.randperm(PEOPLE, generator=torch_rng(_SEED, "people", "names")).tolist()
        names = (f"{_FIRST_NAMES[k]} {_INITIALS[(7 * k + 3) % len(_INITIALS)]}." for k in order)
        return tuple(names)[: self.params.people]

    @cached_property
    def identities(self) -> Tensor:
        """The private people's vectors: (people, F), see portrait.FACTORS."""
        return _with_families(portrait.sample_identities(PEOPLE, torch_rng(_SEED, "people", "identities")))[
            : self.params.people
        ]

    def train(self) -> Photos:
        """Return 20 photos of each private person."""
        return self._private("train", TRAIN_PHOTOS)

    def held_out(self) -> Photos:
        """Return 10 other photos of each private person."""
        return self._private("held out", HELD_OUT_PHOTOS)

    def extra(self, photos: int) -> Photos:
        """Return further photos of each private person, for an evaluator that shares none with the target."""
        return self._private("extra", photos)

    def public(self, people: int, photos: int, seed: int) -> Photos:
        """Return photos of other people: labels 0..people-1; another seed gives other people."""
        return self._photos(
            public_identities(people, seed), photos, torch_rng(seed, "people", "public views")
        )

    def attributes(self) -> dict[str, list[str]]:
        """Return what a viewer can check in a person's photos."""
        return portrait.describe(self.identities)

    def public_attributes(self, people: int, seed: int) -> dict[str, list[str]]:
        """Return what a viewer can check in the photos of `public(people, ..., seed)`."""
        return portrait.describe(public_identities(people, seed))

    def families(self) -> list[str | None]:
        """Return each person's look-alike family, named by a letter."""
        return [_family(person) for person in range(self.params.people)]

    def portraits(self) -> Photos:
        """Return one frontal photo of each private person in soft light; no target was trained on it."""
        views = portrait.NEUTRAL_VIEW.expand(self.params.people, -1)
        return Photos(self._render(self.identities, views), torch.arange(self.params.people))

    def _private(self, stream: str, photos: int) -> Photos:
        return self._photos(self.identities, photos, torch_rng(_SEED, "people", stream))

    def _photos(self, identities: Tensor, photos: int, rng: torch.Generator) -> Photos:
        """Render `photos` views of each person; labels are the rows of identities."""
        labels = torch.arange(len(identities)).repeat_interleave(photos)
        return Photos(self._render(identities[labels], portrait.sample_views(len(labels), rng)), labels)

    def _render(self, identities: Tensor, views: Tensor) -> Tensor:
        """Render, or read what was rendered before; the file's name is a digest of vectors and version."""
        digest = hashlib.sha256(f"{self.name} v{self.version} {tuple(identities.shape)}".encode())
        for vectors in (identities, views):
            digest.update(vectors.contiguous().numpy().tobytes())
        file = settings().cache / "photos" / f"{digest.hexdigest()}.safetensors"
        if not file.exists():
            _write(file, portrait.render(identities, views))
        return load_file(file)["photos"]


def public_identities(people: int, seed: int) -> Tensor:
    """Draw people who are not private: (people, F); the stream is not the one of the private people."""
    return portrait.sample_identities(people, torch_rng(seed, "people", "public identities"))


def _family(person: int) -> str | None:
    if person % SIBLING_EVERY:
        return None
    return f"family {'ABCDE'[person // SIBLING_EVERY // FAMILY_SIZE]}"


def _with_families(identities: Tensor) -> Tensor:
    """Turn every fifth person into a look-alike of their family's eldest: the same but for a few features."""
    rng = torch_rng(_SEED, "people", "families")
    identities = identities.clone()
    places = torch.tensor([[factor.name for factor in portrait.FACTORS].index(name) for name in _DIFFER_IN])
    for eldest in range(0, PEOPLE, SIBLING_EVERY * FAMILY_SIZE):
        for place in range(1, FAMILY_SIZE):
            differ = places[torch.randperm(len(places), generator=rng)[:DIFFERENCES]]
            away = 0.35 + 0.30 * torch.rand(DIFFERENCES, generator=rng)  # at least a third of the range
            sibling = identities[eldest].clone()
            sibling[differ] = (sibling[differ] + away) % 1
            identities[eldest + place * SIBLING_EVERY] = sibling
    return identities


def _write(file: Path, photos: Tensor) -> None:
    """Write under another name first, so that a reader never meets half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, delete=False) as part:
        pass
    save_file({"photos": photos}, part.name)
    os.replace(part.name, file)


def draw_contact_sheet(file: Path, zoom: int = 2) -> None:
    """Write a picture of ten people in five photos each, and of two families side by side."""
    people = People()
    edge, margin, label = portrait.SIZE * zoom, 12, 22
    strangers = [k for k, family in enumerate(people.families()) if family is None][:10]
    families = [[SIBLING_EVERY * (FAMILY_SIZE * f + k) for k in range(FAMILY_SIZE)] for f in range(2)]
    blocks = [([person], 5) for person in strangers] + [(family, 1) for family in families for _ in range(2)]
    sheet = Image.new("RGB", (2 * (5 * edge + margin) + margin, 7 * (edge + label) + margin), "white")
    pen = ImageDraw.Draw(sheet)
    rng = torch_rng(_SEED, "people", "contact sheet")
    neutral = portrait.NEUTRAL_VIEW.expand(FAMILY_SIZE, -1)
    for number, (members, photos) in enumerate(blocks):
        row, column = divmod(number, 2) if photos > 1 else (5 + (number - 10) % 2, (number - 10) // 2)
        left, top = margin + column * (5 * edge + margin), margin + row * (edge + label)
        rows = torch.tensor(members).repeat_interleave(photos)
        frontal = photos == 1 and row == 5
        views = neutral if frontal else portrait.sample_views(len(rows), rng)
        for place, photo in enumerate(portrait.render(people.identities[rows], views)):
            picture = Image.fromarray(photo.permute(1, 2, 0).numpy())
            enlarged = picture.resize((edge, edge), Image.Resampling.NEAREST)
            sheet.paste(enlarged, (left + place * edge, top + label))
            if photos == 1:
                family = people.families()[members[place]] if place == 0 else ""
                pen.text(
                    (left + place * edge, top + 6), f"{people.classes[members[place]]} {family}", "black"
                )
        if photos > 1:
            pen.text((left, top + 6), people.classes[members[0]], "black")
    sheet.save(file, optimize=True)


if __name__ == "__main__":
    draw_contact_sheet(Path(sys.argv[1]))
