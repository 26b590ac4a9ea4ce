"""What an exhibit brings to its page: a form, the picture of one run, and what the runs that ship say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inversion_core import exhibits as kept
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from inversion_core.values import Family
from pages.ui import library
from pages.ui.cards import Draft
from pages.ui.tiles import Tile, blurred, tiles


@dataclass(frozen=True, eq=False)
class ShownRun:
    """A finished run of an exhibit, of the store or shipped; `record` is None for a shipped one.

    Pictures of real people come blurred where `hidden`.
    """

    scenario: Scenario
    result: dict[str, Any]
    synthetic: bool
    sheets: Mapping[str, str]
    read: Callable[[str], bytes]
    record: RunRecord | None = None
    hidden: bool = False

    def pictures(self, name: str, count: int) -> Sequence[Tile]:
        """Return the `count` tiles of a named sheet, none where the run kept no such sheet."""
        if (sha256 := self.sheets.get(f"{name}.png")) is None:
            return ()
        found = tiles(self.read(sha256), count)
        return [blurred(one) for one in found] if self.hidden else found


@dataclass(frozen=True)
class Exhibit:
    """One exhibit: `name` as in the address and under `inversion_core.exhibits`.

    `form` draws the choices, filled in from an earlier scenario, and returns a draft; `finished` draws what a
    run came to, below its verdict; `measured` draws what the shipped runs say together. `claim`, `access` and
    `cost` stand on its card; `lesson` is the sentence its story ends with.
    """

    name: str
    family: Family
    title: str
    question: str
    claim: str
    access: str
    cost: str
    form: Callable[[Mapping[str, Any]], Draft]
    finished: Callable[[ShownRun], None]
    measured: Callable[[Sequence[RunRecord]], None]
    lesson: str = ""


def of_record(record: RunRecord, *, faces: bool = False) -> ShownRun:
    """Return a run of the store that is done; real people come blurred unless `faces`."""
    assert record.result is not None, "a run that is done has a result"
    synthetic = library.synthetic(record.scenario)
    store = library.store()
    return ShownRun(
        scenario=record.scenario,
        result=record.result,
        synthetic=synthetic,
        sheets={one.name: one.sha256 for one in store.artifacts(record.id)},
        read=store.artifact,
        record=record,
        hidden=not (synthetic or faces),
    )


def of_shipped(name: str) -> ShownRun:
    """Return the first run that ships with an exhibit; raises StoreUnavailable."""
    shelf = kept.stored(name)
    record = shelf.runs()[0]
    assert record.result is not None, "a run that ships has a result"
    return ShownRun(
        scenario=record.scenario,
        result=record.result,
        synthetic=library.synthetic(record.scenario),
        sheets={one.name: one.sha256 for one in shelf.artifacts(record.id)},
        read=shelf.artifact,
    )
