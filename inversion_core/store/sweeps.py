"""Sweeps in the run store: which runs belong together, by the keys of their scenarios."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from inversion_core.errors import UnknownName
from inversion_core.store.reading import FINAL, RunReader
from inversion_core.store.records import RunRecord, record
from inversion_core.store.schema import runs, sweep_keys, sweeps
from inversion_core.values import State

STATE = (runs.c.id, runs.c.key, runs.c.slot, runs.c.state, runs.c.created)
"""Columns that tell which run of a key counts, and where it is."""
PART = 500
"""Keys that one question to the database names."""


@dataclass(frozen=True)
class SweepRecord:
    """A sweep as it was when asked; `spec` is its JSON, `cancelled` when somebody last asked it to stop."""

    id: str
    name: str
    spec: str
    owner: str
    created: float
    cancelled: float | None


@dataclass(frozen=True)
class SweepRun:
    """How a scenario of a sweep fares; `run_id` and `state` are None until it is submitted."""

    key: str
    run_id: str | None
    state: State | None
    attack: str | None
    target: str | None
    started: float | None
    finished: float | None


class SweepShelf(RunReader):
    """The part of the run store that knows of sweeps."""

    def put_sweep(self, sweep_id: str, name: str, spec: str, owner: str, keys: Iterable[str]) -> None:
        """Keep a sweep with the keys of its scenarios; one that was cancelled goes on."""
        with self._database.writing() as connection:
            known = connection.scalar(select(sweeps.c.id).where(sweeps.c.id == sweep_id))
            if known is None:
                values = {"id": sweep_id, "name": name, "spec": spec, "owner": owner, "created": time.time()}
                connection.execute(insert(sweeps).values(**values))
            connection.execute(update(sweeps).where(sweeps.c.id == sweep_id).values(cancelled=None))
            connection.execute(delete(sweep_keys).where(sweep_keys.c.sweep_id == sweep_id))
            rows = [{"sweep_id": sweep_id, "key": key} for key in dict.fromkeys(keys)]
            connection.execute(insert(sweep_keys), rows)

    def sweep(self, sweep_id: str) -> SweepRecord:
        """Return a sweep; raises UnknownName for an id nobody got."""
        found = self._sweeps(select(sweeps).where(sweeps.c.id == sweep_id))
        if not found:
            raise UnknownName(
                f"sweeps are found by id, {sweep_id[:80]!r} is none; open one from the list of sweeps"
            )
        return found[0]

    def sweeps(self, owner: str | None = None, limit: int = 100) -> list[SweepRecord]:
        """Return the latest sweeps first, of one owner or of all."""
        wanted = select(sweeps).order_by(sweeps.c.created.desc(), sweeps.c.id).limit(limit)
        return self._sweeps(wanted if owner is None else wanted.where(sweeps.c.owner == owner))

    def sweep_runs(self, sweep_id: str) -> list[SweepRun]:
        """Return how each scenario of a sweep fares, without results; raises UnknownName."""
        self.sweep(sweep_id)
        columns = (runs.c.id, runs.c.key, runs.c.slot, runs.c.state, runs.c.attack, runs.c.target)
        times = (runs.c.created, runs.c.started, runs.c.finished)
        mine = select(sweep_keys.c.key).where(sweep_keys.c.sweep_id == sweep_id)
        with self._database.reading() as connection:
            keys = list(connection.scalars(mine.order_by(sweep_keys.c.key)))
            found = _latest(connection, select(*columns, *times).where(runs.c.key.in_(mine)))
        return [_sweep_run(key, found.get(key)) for key in keys]

    def runs_of_keys(self, keys: Iterable[str]) -> dict[str, RunRecord]:
        """Return the run of each key that has one: the one that equal scenarios join, else the latest."""
        return {key: record(row, ()) for key, row in self._rows_of(keys, runs).items()}

    def states_of_keys(self, keys: Iterable[str]) -> dict[str, State]:
        """Return the state of the run of each key that has one, as `runs_of_keys` finds it, without what it
        found: a page asks for this each time it is drawn.
        """
        return {key: State(row["state"]) for key, row in self._rows_of(keys, *STATE).items()}

    def note_cancelled(self, sweep_id: str) -> None:
        """Keep that somebody asked the sweep to stop."""
        with self._database.writing() as connection:
            wanted = update(sweeps).where(sweeps.c.id == sweep_id)
            connection.execute(wanted.values(cancelled=time.time()))

    def _rows_of(self, keys: Iterable[str], *columns: Any) -> dict[str, RowMapping]:
        wanted = list(dict.fromkeys(keys))
        found: dict[str, RowMapping] = {}
        with self._database.reading() as connection:
            for start in range(0, len(wanted), PART):
                part = select(*columns).where(runs.c.key.in_(wanted[start : start + PART]))
                found |= _latest(connection, part)
        return found

    def _sweeps(self, wanted: Select[Any]) -> list[SweepRecord]:
        with self._database.reading() as connection:
            return [SweepRecord(**row) for row in connection.execute(wanted).mappings()]


def _latest(connection: Connection, wanted: Select[Any]) -> dict[str, RowMapping]:
    """Return key -> row; where a scenario ran several times, the run that may be joined comes last."""
    order = (runs.c.slot.is_not(None), runs.c.created, runs.c.id)
    return {row["key"]: row for row in connection.execute(wanted.order_by(*order)).mappings()}


def _sweep_run(key: str, row: RowMapping | None) -> SweepRun:
    if row is None:
        return SweepRun(key, None, None, None, None, None, None)
    return SweepRun(
        key=key,
        run_id=row["id"],
        state=State(row["state"]),
        attack=row["attack"],
        target=row["target"],
        started=row["started"],
        finished=row["finished"] if State(row["state"]) in FINAL else None,
    )
