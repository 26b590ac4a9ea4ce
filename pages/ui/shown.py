"""A finished run as the Run page shows it, whether it lies in the store or ships as evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inversion_core.metrics.victims import best, median
from inversion_core.scenario import Scenario
from inversion_core.store.runs import Frame, RunRecord
from pages.ui import evidence, library
from pages.ui.tiles import Tile, blurred

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Shown:
    """A result with its pictures; `rows` are the victims in the order of the pictures.

    `frames` are empty for shipped evidence, `record` is None there. Where people are `hidden`, their pictures
    come blurred and they are numbered: a name under a blurred face tells as much as the face.
    """

    scenario: Scenario
    result: dict[str, Any]
    recovered: Sequence[Tile]
    originals: Sequence[Tile]
    synthetic: bool
    frames: Sequence[Frame] = ()
    record: RunRecord | None = None
    hidden: bool = False

    @property
    def rows(self) -> list[Row]:
        """What is known of each victim."""
        rows: list[Row] = self.result["victims"]
        if not self.hidden:
            return rows
        return [row | {"name": f"person {n}", "family": None} for n, row in enumerate(rows, start=1)]

    def place(self, row: Row) -> int:
        """Return where the pictures of a victim lie."""
        return next(place for place, other in enumerate(self.rows) if other["class"] == row["class"])

    def best(self) -> int:
        """Return the place of the victim recovered best."""
        return self.place(best(self.rows))

    def median(self) -> int:
        """Return the place of the victim in the middle."""
        return self.place(median(self.rows))


def of_record(record: RunRecord, *, faces: bool) -> Shown:
    """Return a run that is done; real people come blurred unless `faces`. Raises StoreUnavailable."""
    assert record.result is not None, "a run that is done has a result"
    synthetic = library.people(record.scenario).synthetic
    count, hidden = len(record.result["victims"]), not (synthetic or faces)
    return Shown(
        scenario=record.scenario,
        result=record.result,
        recovered=_veiled(library.pictures(record, "reconstruction-sheet", count), hidden=hidden),
        originals=_veiled(library.pictures(record, "original-sheet", count), hidden=hidden),
        synthetic=synthetic,
        frames=library.store().frames(record.id),
        record=record,
        hidden=hidden,
    )


def of_evidence(name: str) -> Shown:
    """Return a shipped bundle; raises UnknownName, StoreUnavailable."""
    stored = evidence.load(evidence.stop(name))
    return Shown(
        scenario=Scenario.model_validate(stored.scenario),
        result=stored.result,
        recovered=stored.recovered,
        originals=stored.originals,
        synthetic=True,
    )


def _veiled(pictures: Sequence[Tile], *, hidden: bool) -> Sequence[Tile]:
    return [blurred(picture) for picture in pictures] if hidden else pictures
