"""What the pages read of stored runs: records, cut pictures, the people in them; cached by content."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from inversion_core.choices import DatasetChoice
from inversion_core.datasets.base import Dataset
from inversion_core.datasets.planted import PlantedTable
from inversion_core.errors import InversionError, StoreUnavailable
from inversion_core.registry import find
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord, RunStore, open_store
from inversion_core.trials.driver import SHOWN
from inversion_core.values import Family, Modality, State
from pages.ui import places
from pages.ui.tiles import ATTACKER, DIFFERENCE, TRUTH, Tile, blurred, difference, sealed, strip, tiles

Colour = Literal["gray", "blue", "green", "red", "orange"]
STATE_WORDS: dict[State, tuple[str, str, Colour]] = {
    State.QUEUED: ("waiting", ":material/hourglass_empty:", "gray"),
    State.STARTING: ("starting", ":material/play_arrow:", "blue"),
    State.RUNNING: ("running", ":material/play_arrow:", "blue"),
    State.DONE: ("done", ":material/check:", "green"),
    State.CANCELLED: ("cancelled", ":material/block:", "gray"),
    State.FAILED: ("failed", ":material/error:", "red"),
    State.LOST: ("lost", ":material/link_off:", "orange"),
}
PAGES = {Family.INVERSION: places.ATTACK, Family.ATTRIBUTES: places.ATTRIBUTES}
"""Families with a page of their own; all others share one."""
RECENT = 50
"""Runs of a browser among which its latest of a kind is looked for."""


@dataclass(frozen=True)
class People:
    """Whom a run attacks, in the order of its pictures; `synthetic` people need no blurring."""

    names: tuple[str, ...]
    synthetic: bool


def modality(scenario: Scenario) -> Modality:
    """Return what a scenario attacks, pictures or a table; an unknown dataset counts as pictures."""
    try:
        return scenario.modality()
    except InversionError:
        return Modality.IMAGE


def family(scenario: Scenario) -> Family:
    """Return the family of a scenario's attack; an unknown attack counts as one on pictures or tables."""
    try:
        return scenario.family()
    except InversionError:
        return Family.ATTRIBUTES if modality(scenario) is Modality.TABLE else Family.INVERSION


def latest(owner: str, wanted: Family) -> RunRecord | None:
    """Return the latest run of a browser with an attack of a family; raises StoreUnavailable."""
    return next(
        (one for one in store().runs(owner=owner, limit=RECENT) if family(one.scenario) is wanted), None
    )


def watched_at(scenario: Scenario) -> str:
    """Return the page on which such a run is launched and watched."""
    return PAGES.get(family(scenario), places.EXHIBITS)


def synthetic(scenario: Scenario) -> bool:
    """Say whether nobody in the data of a scenario exists; where the data is gone, they count as real."""
    if modality(scenario) is Modality.TABLE:
        return _synthetic_records(scenario.dataset.model_dump_json())
    return people(scenario).synthetic


def planted(scenario: Scenario) -> float | None:
    """Return the share of people a synthetic table gives away through its model, None where nobody knows."""
    try:
        dataset = scenario.make_dataset()
    except InversionError:
        return None
    return dataset.planted.leak if isinstance(dataset, PlantedTable) else None


def store() -> RunStore:
    """Return the run store of this installation; raises StoreUnavailable."""
    return open_store()


def people(scenario: Scenario) -> People:
    """Return the victims of a scenario; where the data is gone, they are numbered and count as real."""
    return _people(scenario.model_dump_json())


@lru_cache(maxsize=256)
def sheet(sha256: str, count: int) -> tuple[Tile, ...]:
    """Return the tiles of a stored sheet or frame."""
    return tiles(store().artifact(sha256), count)


def pictures(record: RunRecord, name: str, count: int) -> tuple[Tile, ...]:
    """Return the `count` tiles of a run's named sheet; raises StoreUnavailable where the run has lost it."""
    found = reference(record, name)
    if found is None:
        raise StoreUnavailable(
            f"run {record.id} is done and should have a {name}, it has none; run the scenario again"
        )
    return sheet(found, count)


def reference(record: RunRecord, name: str) -> str | None:
    """Return the hash of a run's named sheet, None while there is none."""
    return _files(record).get(f"{name}.png")


def file(record: RunRecord, name: str) -> bytes:
    """Return a named file of a run that is done; raises StoreUnavailable where the run has lost it."""
    found = _files(record).get(name)
    if found is None:
        raise StoreUnavailable(
            f"run {record.id} is done and should have a {name}, it has none; run the scenario again"
        )
    return store().artifact(found)


def _files(record: RunRecord) -> dict[str, str]:
    return {one.name: one.sha256 for one in store().artifacts(record.id)}


@lru_cache(maxsize=1024)
def column(frame: str, truth: str | None, people: int, place: int, *, hidden: bool) -> bytes:
    """Return truth, formed picture and difference of one person as one PNG; drawn once for all who watch.

    `frame` and `truth` are hashes of a key frame and of the sheet of originals; a missing truth is hatched.
    """
    formed = sheet(frame, min(SHOWN, people))[place]
    if truth is None:
        parts = [sealed(formed), formed, sealed(formed)]
    else:
        real = sheet(truth, people)[place]
        parts = [real, formed, difference(real, formed)]
    if hidden:
        parts = [blurred(part) for part in parts]
    return strip(list(zip(parts, (TRUTH, ATTACKER, DIFFERENCE), strict=True)), upright=True)


def title(scenario: Scenario) -> str:
    """Return what a run is in a few words: attack against target, the table if it is one, defence."""
    if modality(scenario) is Modality.TABLE:
        parts = [
            component_title(kind, name, Modality.TABLE).split(" (")[0].split(",")[0]
            for kind, name in (
                ("attacks", scenario.attack.name),
                ("targets", scenario.target.name),
                ("datasets", scenario.dataset.name),
            )
        ]
        words = f"{parts[0]} against {_within(parts[1])} on {_within(parts[2])}"
    else:
        attack, target = (
            component_title("attacks", scenario.attack.name),
            component_title("targets", scenario.target.name),
        )
        words = f"{attack} against {target}"
    defences = [*scenario.target.defences, *scenario.exposure.defences]
    behind = " and ".join(_within(component_title("defences", one.name)) for one in defences)
    return f"{words}, with {behind}" if behind else f"{words}, no defence"


def _within(title: str) -> str:
    """Return a title as it stands inside a sentence: Label smoothing is small there, DP-SGD is not."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def component_title(kind: str, name: str, of: Modality | None = None) -> str:
    """Return a component's title, or its name where this version no longer has it."""
    try:
        return find(kind, name, of).title
    except InversionError:
        return name


@lru_cache(maxsize=256)
def _synthetic_records(choice_json: str) -> bool:
    choice = DatasetChoice.model_validate_json(choice_json)
    try:
        kind = find("datasets", choice.name)
        assert issubclass(kind, Dataset)
        return kind(**({"path": choice.path} if kind.takes_path else {}), **choice.options).card.synthetic
    except InversionError:
        return False


@lru_cache(maxsize=256)
def _people(scenario_json: str) -> People:
    scenario = Scenario.model_validate_json(scenario_json)
    try:
        dataset = scenario.make_dataset()
        classes, synthetic = dataset.classes, dataset.card.synthetic
    except InversionError:
        count = 1 if scenario.victims == "all" else max(scenario.victims) + 1
        return People(tuple(f"Person {number}" for number in range(count)), synthetic=False)
    victims = range(len(classes)) if scenario.victims == "all" else scenario.victims
    return People(tuple(classes[victim] for victim in victims), synthetic)
