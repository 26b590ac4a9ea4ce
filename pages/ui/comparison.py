"""Stored comparisons that ship with the product: a matrix, what its rows are, and people under each defence.

A comparison is a folder of `assets/evidence/compare`: comparison.json and a sprite a row, column and attacker
(people downwards, moments of the attack to the right). Read without torch.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from inversion_core.compare.expectations import Finding, Study, evaluate
from inversion_core.compare.literature import CLAIMS
from inversion_core.compare.matrix import Attacker, Cell, Matrix
from inversion_core.compare.utility import Utility
from inversion_core.errors import StoreUnavailable
from inversion_core.settings import ASSETS

FOLDER = ASSETS / "evidence" / "compare"


@dataclass(frozen=True)
class Stop:
    """A position of a dial: its label, and the row of the matrix it stands for."""

    label: str
    row: str


@dataclass(frozen=True)
class Dial:
    """Rows that differ in one number, in the order of that number."""

    title: str
    stops: tuple[Stop, ...]


@dataclass(frozen=True, eq=False)
class Comparison:
    """A stored comparison; `best` is its matrix by place, the stronger of several adaptive attackers.

    `rows` and `columns`: title -> what it is in a sentence; `scenarios`, `sprites` and `curves`: (row,
    column, attacker) -> the scenario of one seed, its sprite, its success by rows asked; `findings`: what it
    says of the literature's claims, nothing where an earlier version did not keep how it was made;
    `utility`: title of a row -> what it costs, empty where nobody measured it.
    """

    title: str
    matrix: Matrix
    best: Mapping[tuple[str, str, Attacker], Cell]
    rows: Mapping[str, str]
    columns: Mapping[str, str]
    dials: tuple[Dial, ...]
    people: tuple[str, ...]
    moments: tuple[str, ...]
    side: int
    scenarios: Mapping[tuple[str, str, str], Mapping[str, Any]]
    sprites: Mapping[tuple[str, str, str], str]
    curves: Mapping[tuple[str, str, str], list[dict[str, Any]]]
    findings: tuple[Finding, ...]
    utility: Mapping[str, Utility]
    truth: bytes
    folder: Path

    def sprite(self, row: str, column: str, attacker: Attacker) -> bytes | None:
        """Return the pictures of a cell, None where none are kept; raises StoreUnavailable."""
        name = self.sprites.get((row, column, attacker))
        return None if name is None else _bytes(self.folder / name)


def names() -> list[str]:
    """Return the stored comparisons, in alphabetical order."""
    return sorted(path.parent.name for path in FOLDER.glob("*/comparison.json"))


def load(name: str) -> Comparison:
    """Return a stored comparison; raises StoreUnavailable when it is missing or damaged."""
    return _read(FOLDER / name)


@lru_cache(maxsize=32)
def _read(place: Path) -> Comparison:
    try:
        kept = json.loads((place / "comparison.json").read_text())
        cells = {(one["row"], one["column"], one["attacker"]): one for one in kept["cells"]}
        matrix = Matrix.model_validate(kept["matrix"])
        return Comparison(
            title=kept["title"],
            matrix=matrix,
            best=matrix.strongest(),
            rows=kept["rows"],
            columns=kept["columns"],
            dials=tuple(
                Dial(one["title"], tuple(Stop(**stop) for stop in one["stops"])) for one in kept["dials"]
            ),
            people=tuple(kept["people"]),
            moments=tuple(kept["moments"]),
            side=kept["side"],
            scenarios={key: one["scenario"] for key, one in cells.items()},
            sprites={key: one["sprite"] for key, one in cells.items() if one.get("sprite")},
            curves={key: one["by_queries"] for key, one in cells.items() if one.get("by_queries")},
            findings=evaluate(Study.of(matrix, kept["made"]), CLAIMS) if "made" in kept else (),
            utility={row: Utility.model_validate(one) for row, one in kept.get("utility", {}).items()},
            truth=(place / "truth.webp").read_bytes() if kept["people"] else b"",
            folder=place,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreUnavailable(
            f"stored comparisons are read from assets/evidence/compare/{place.name}, which is missing or "
            f"damaged ({type(error).__name__}); restore it from the repository"
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreUnavailable(
            f"pictures of a comparison are read from {path.name}, which is missing; restore it from the "
            "repository"
        ) from error
