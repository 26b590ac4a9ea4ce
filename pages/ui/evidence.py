"""Stored runs that ship with the product: what Start shows without a click and what the dial swaps at once.

A bundle is a folder of `assets/evidence`: scenario.json, result.json and the two sheets of a finished run.
`bystanders.png` holds photos of public people who were never in any training set; `start.json` names the
people Start shows.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from inversion_core.errors import StoreUnavailable, UnknownName
from inversion_core.settings import ASSETS
from pages.ui.tiles import Tile, tiles

FOLDER = ASSETS / "evidence"
BYSTANDERS = 10
"""People on bystanders.png."""
TABLES = ("attributes-clinic",)
"""Stored table runs; the first is what the Attributes page shows before anybody has run one."""
T = TypeVar("T")


@dataclass(frozen=True)
class Stop:
    """A position of the defence dial: a bundle, its word on the dial and what it means in one sentence."""

    name: str
    label: str
    sentence: str


DIAL = (
    Stop("undefended", "No defence", "Trained as usual; whoever holds the model holds its weights."),
    Stop(
        "label-smoothing",
        "Negative label smoothing",
        "Training pushes the model away from telling more about a person than their name.",
    ),
    Stop(
        "dp-sgd",
        "Differential privacy",
        "Training limits the pull of each photo and adds noise; how much that helps and costs stands above.",
    ),
)


@dataclass(frozen=True, eq=False)
class Evidence:
    """One stored run: its scenario, its result and both sheets cut into tiles."""

    stop: Stop
    scenario: dict[str, Any]
    result: dict[str, Any]
    recovered: tuple[Tile, ...]
    originals: tuple[Tile, ...]


@dataclass(frozen=True, eq=False)
class TableEvidence:
    """One stored run on a table: its scenario, its result and its guesses as CSV."""

    scenario: dict[str, Any]
    result: dict[str, Any]
    records: bytes


@dataclass(frozen=True)
class Casting:
    """Whom Start shows: the median person of the undefended run, and well-recovered ones for the line-ups."""

    person: int
    lineups: tuple[int, ...]


def stop(name: str) -> Stop:
    """Return the dial position of that name; raises UnknownName."""
    found = next((one for one in DIAL if one.name == name), None)
    if found is None:
        raise _unknown(name)
    return found


@lru_cache(maxsize=2)
def table(name: str, folder: Path = FOLDER) -> TableEvidence:
    """Return a shipped table run; raises UnknownName, StoreUnavailable when it is missing or damaged."""
    if name not in TABLES:
        raise _unknown(name)
    return _from(folder / name, _table)


@lru_cache(maxsize=8)
def load(chosen: Stop, folder: Path = FOLDER) -> Evidence:
    """Return a shipped bundle; raises StoreUnavailable when it is missing or damaged."""
    return _from(folder / chosen.name, lambda place: _bundle(chosen, place))


@lru_cache(maxsize=1)
def monitor(folder: Path = FOLDER) -> dict[str, Any]:
    """Return what tests/benchmarks/monitor_evidence.py recorded; raises StoreUnavailable."""
    read: dict[str, Any] = _from(folder / "monitor.json", lambda place: json.loads(place.read_text()))
    return read


@lru_cache(maxsize=1)
def bystanders(folder: Path = FOLDER) -> tuple[Tile, ...]:
    """Return photos of people no shipped model was trained on; raises StoreUnavailable."""
    return _from(folder / "bystanders.png", lambda place: tiles(place.read_bytes(), BYSTANDERS))


@lru_cache(maxsize=1)
def casting(folder: Path = FOLDER) -> Casting:
    """Return whom Start shows; raises StoreUnavailable."""
    read = _from(folder / "start.json", lambda place: json.loads(place.read_text()))
    return Casting(person=read["person"], lineups=tuple(read["lineups"]))


def _unknown(name: str) -> UnknownName:
    known = ", ".join([*(one.name for one in DIAL), *TABLES])
    return UnknownName(f"stored evidence is chosen by name, {name[:40]!r} is none of it; use one of {known}")


def _table(place: Path) -> TableEvidence:
    return TableEvidence(
        scenario=json.loads((place / "scenario.json").read_text()),
        result=json.loads((place / "result.json").read_text()),
        records=(place / "records.csv").read_bytes(),
    )


def _bundle(chosen: Stop, place: Path) -> Evidence:
    result = json.loads((place / "result.json").read_text())
    count = len(result["victims"])
    return Evidence(
        stop=chosen,
        scenario=json.loads((place / "scenario.json").read_text()),
        result=result,
        recovered=tiles((place / "reconstruction-sheet.png").read_bytes(), count),
        originals=tiles((place / "original-sheet.png").read_bytes(), count),
    )


def _from(place: Path, read: Callable[[Path], T]) -> T:
    try:
        return read(place)
    except (OSError, ValueError, KeyError) as error:
        raise StoreUnavailable(
            f"stored evidence is read from assets/evidence/{place.name}, which is missing or damaged "
            f"({type(error).__name__}); restore it from the repository"
        ) from error
