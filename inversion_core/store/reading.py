"""Everything that can be asked of the run store; answers take about a millisecond, so pages may poll."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select

from inversion_core.errors import UnknownName
from inversion_core.store import queue
from inversion_core.store.artifacts import Artifacts
from inversion_core.store.database import Database
from inversion_core.store.records import ArtifactRef, Frame, Pending, Point, RunRecord, record
from inversion_core.store.schema import artifacts, frames, owners, points, runs
from inversion_core.values import State

FINAL = tuple(state for state in State if state.final)


class RunReader:
    """The asking half of the run store."""

    _database: Database
    _artifacts: Artifacts

    def get(self, run_id: str) -> RunRecord:
        """Return a run; raises UnknownName for an id nobody got."""
        with self._database.reading() as connection:
            row = find_row(connection, run_id)
            return record(row, _owners(connection, [run_id]).get(run_id, []))

    def runs(
        self,
        owner: str | None = None,
        states: Iterable[State] | None = None,
        text: str = "",
        limit: int = 100,
    ) -> list[RunRecord]:
        """Return the latest runs first; `text` is looked for in scenario, label and id, whatever its case."""
        wanted = select(runs).order_by(runs.c.created.desc(), runs.c.id).limit(limit)
        if owner is not None:
            wanted = wanted.where(runs.c.id.in_(select(owners.c.run_id).where(owners.c.owner == owner)))
        if states is not None:
            wanted = wanted.where(runs.c.state.in_([State(state) for state in states]))
        if text:
            places = (runs.c.scenario, runs.c.label, runs.c.id)
            wanted = wanted.where(or_(*(place.icontains(text, autoescape=True) for place in places)))
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
            by_run = _owners(connection, [row["id"] for row in rows])
        return [record(row, by_run.get(row["id"], [])) for row in rows]

    def frames(self, run_id: str) -> list[Frame]:
        """Return the key frames in order."""
        rows = self._of(run_id, select(frames).order_by(frames.c.step), frames)
        return [Frame(row["step"], row["sha256"], row["loss"]) for row in rows]

    def points(self, run_id: str, phase: str | None = None) -> list[Point]:
        """Return the losses in order, of one phase ("attack") or of all."""
        wanted = select(points).order_by(points.c.phase, points.c.step)
        if phase is not None:
            wanted = wanted.where(points.c.phase == phase)
        return [Point(row["step"], row["loss"], row["phase"]) for row in self._of(run_id, wanted, points)]

    def artifacts(self, run_id: str) -> list[ArtifactRef]:
        """Return the named files of a run."""
        rows = self._of(run_id, select(artifacts).order_by(artifacts.c.name), artifacts)
        return [ArtifactRef(row["name"], row["sha256"]) for row in rows]

    def artifact(self, sha256: str) -> bytes:
        """Return the bytes of a frame or file; raises UnknownName, or StoreUnavailable for damaged bytes."""
        return self._artifacts.get(sha256)

    def position(self, run_id: str) -> int | None:
        """Return the place in the queue, 1 = next; None for a run that waits no longer."""
        with self._database.reading() as connection:
            return queue.position(connection, find_row(connection, run_id))

    def eta_seconds(self, run_id: str) -> float | None:
        """Return the seconds until the run is final, from others like it or its pace; None: nobody knows."""
        with self._database.reading() as connection:
            return queue.forecast(connection, find_row(connection, run_id))

    def unfinished(self) -> list[Pending]:
        """Return the runs that are not final, those to be served first at the front."""
        columns = (
            runs.c.id,
            runs.c.state,
            runs.c.rank,
            runs.c.attempt,
            runs.c.losses,
            runs.c.worker,
            runs.c.heartbeat,
            runs.c.cancelled,
        )
        order = (runs.c.rank, runs.c.created, runs.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).where(runs.c.state.not_in(FINAL)).order_by(*order))
            return [Pending(**{**row, "state": State(row["state"])}) for row in rows.mappings()]

    def _of(self, run_id: str, wanted: Any, table: Any) -> list[RowMapping]:
        with self._database.reading() as connection:
            rows = list(connection.execute(wanted.where(table.c.run_id == run_id)).mappings())
            if not rows:
                find_row(connection, run_id)
            return rows


def find_row(connection: Connection, run_id: str, *, lock: bool = False) -> RowMapping:
    """Return the row of a run, with `lock` nobody else changes it in this transaction; raises UnknownName."""
    wanted = select(runs).where(runs.c.id == run_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).mappings().one_or_none()
    if row is None:
        raise UnknownName(f"runs are found by id, {run_id[:80]!r} is none; open one from the list of runs")
    return row


def _owners(connection: Connection, run_ids: list[str]) -> dict[str, list[str]]:
    wanted = select(owners.c.run_id, owners.c.owner).where(owners.c.run_id.in_(run_ids))
    found: dict[str, list[str]] = {}
    for run_id, owner in connection.execute(wanted.order_by(owners.c.joined, owners.c.owner)):
        found.setdefault(run_id, []).append(owner)
    return found
