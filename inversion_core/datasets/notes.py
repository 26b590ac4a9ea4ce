"""Invented notes of a clinic, among them codes that should not be there: canaries, some written many times.

Canaries after Carlini et al., "The secret sharer" (USENIX Security 2019): random secrets in a known format,
planted a known number of times, so that what a model remembers of them can be measured exactly.
"""

from itertools import product

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from inversion_core.datasets.base import Dataset, DatasetCard
from inversion_core.seeds import numpy_rng
from inversion_core.tables import Records
from inversion_core.values import Modality

LENGTH, DIGITS = 64, 4
"""Characters of a note, filled up with END; digits of a code."""
END = "\n"
ALPHABET = END + " ,.:/-0123456789" + "abcdefghijklmnopqrstuvwxyz" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COPIES = (0, 1, 4, 16)
"""How often a canary is written, a group each; the first group never is."""
_FIRST = "Ada Bea Cem Dov Eli Fay Gus Hua Ida Jon Kai Lea Max Nia Ola Pia".split()  # noqa: SIM905
_LAST = "Abel Berg Cruz Diaz Egger Falk Grau Hahn Ivers Jung Kern Lund Mora Novak".split()  # noqa: SIM905
_TROUBLE = "cough,fever,a sore knee,headaches,poor sleep,a rash,back pain,dizziness".split(",")  # noqa: SIM905
_GIVEN = "rest,ibuprofen,amoxicillin,an inhaler,a brace,iron,cetirizine,exercise".split(",")  # noqa: SIM905


class Notes(Dataset):
    """Short notes about invented patients, and door codes of staff that somebody typed into the same system.

    Every code is in one of four groups: never written, written once, four times, sixteen times.
    """

    name = "notes"
    title = "Clinic notes (synthetic, with canaries)"
    reference = "after Carlini et al. (USENIX Security 2019)"
    modality = Modality.TEXT

    class Params(Dataset.Params):
        """How many notes, and how many codes among them."""

        notes: int = Field(
            1000, ge=100, le=50_000, description="Ordinary notes; as many others are held out."
        )
        canaries: int = Field(10, ge=1, le=50, description="Codes in each of the four groups.")
        seed: int = Field(0, ge=0, description="Seed of notes and codes.")

    params: Params

    @property
    def card(self) -> DatasetCard:
        """Describe the notes."""
        return DatasetCard(
            modality=Modality.TEXT,
            classes=1,
            shape=(LENGTH,),
            class_is_person=False,
            category="medical",
            licence="made by this package; free to use",
            origin="generated from a seed, with codes of known number planted",
            synthetic=True,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """All notes are of one kind."""
        return ("note",)

    def train(self) -> Records:
        """Return the notes and codes in random order, as codes of ALPHABET (N, LENGTH)."""
        texts = self._ordinary("members")
        for (prompt, code), copies in zip(self.canaries(), self.copies(), strict=True):
            texts += [f"{prompt}{code}"] * copies
        order = numpy_rng(self.params.seed, "notes", "order").permutation(len(texts))
        return _records([texts[place] for place in order])

    def held_out(self) -> Records:
        """Return notes about other visits, no code among them."""
        return _records(self._ordinary("others"))

    def victim_count(self) -> int:
        """Return the number of codes."""
        return self.params.canaries * len(COPIES)

    def canaries(self) -> list[tuple[str, str]]:
        """Return the text before each code, and the code; group by group, nobody twice."""
        rng = numpy_rng(self.params.seed, "notes", "canaries")
        people = list(product(_FIRST, _LAST))
        chosen = rng.permutation(len(people))[: self.victim_count()]
        codes = rng.integers(0, 10**DIGITS, self.victim_count())
        return [
            (f"code of {' '.join(people[place])}: ", f"{code:0{DIGITS}d}")
            for place, code in zip(chosen, codes, strict=True)
        ]

    def copies(self) -> list[int]:
        """Return how often each code is written."""
        return [copies for copies in COPIES for _ in range(self.params.canaries)]

    def _ordinary(self, stream: str) -> list[str]:
        rng = numpy_rng(self.params.seed, "notes", stream)
        return [_note(rng) for _ in range(self.params.notes)]


def encoded(text: str) -> Tensor:
    """Return the places of characters in ALPHABET: (T,) float32."""
    return torch.tensor([ALPHABET.index(one) for one in text], dtype=torch.float32)


def _note(rng: np.random.Generator) -> str:
    first, last, trouble, given = (
        words[int(rng.integers(len(words)))] for words in (_FIRST, _LAST, _TROUBLE, _GIVEN)
    )
    upper, lower = int(rng.integers(100, 170)), int(rng.integers(60, 100))
    return f"{first} {last}, {int(rng.integers(18, 90))}: {trouble}, {upper}/{lower}. {given}."


def _records(texts: list[str]) -> Records:
    rows = torch.stack([encoded(text.ljust(LENGTH, END)[:LENGTH]) for text in texts])
    return Records(rows, torch.zeros(len(rows), dtype=torch.long))
