"""The run store: the truth about every run, shared by pages, the command line, engines and workers.

    queued -> starting -> running -> done | failed | cancelled | lost          (the last four are final)
    starting, running -> queued                                                (its worker died, once)

Final states are immutable and a request to cancel wins over any other end. A worker that everybody thought
dead can go on writing after its run was given to another: nothing it says is kept, and it is told to stop.
"""

import json
import secrets
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, exists, insert, make_url, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from inversion_core.errors import IllegalTransition, InversionError, StoreUnavailable
from inversion_core.scenario import Scenario
from inversion_core.settings import settings
from inversion_core.store import queue
from inversion_core.store.artifacts import Artifacts
from inversion_core.store.database import Database
from inversion_core.store.reading import find_row
from inversion_core.store.records import ArtifactRef, Frame, Pending, Point, RunRecord
from inversion_core.store.reviews import ReviewShelf
from inversion_core.store.schema import artifacts, frames, owners, points, runs
from inversion_core.store.upkeep import RunUpkeep
from inversion_core.store.whereabouts import here
from inversion_core.store.writing import change, end, number, put
from inversion_core.values import State

__all__ = ["ArtifactRef", "Frame", "Pending", "Point", "RunRecord", "RunStore", "open_store"]

OWNER_LENGTH = 128


class RunStore(RunUpkeep, ReviewShelf):
    """Runs in a database, their pictures in a folder; safe to use from many threads and processes."""

    def __init__(self, url: str, artifacts_url: str) -> None:
        """Open both; raises StoreUnavailable."""
        self.url = url
        self.artifacts_url = artifacts_url
        self._database = Database(url)
        self._artifacts = Artifacts(artifacts_url)
        self._begun: dict[str, int] = {}  # run -> the attempt that this process carries

    def __repr__(self) -> str:
        return f"RunStore({self._database.shown_url!r}, {self.artifacts_url!r})"

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return _opened, (self.url, self.artifacts_url)

    @property
    def on_this_machine(self) -> bool:
        """Whether other machines cannot reach the database or the artifacts."""
        return make_url(self.url).get_backend_name() == "sqlite" or self._artifacts.on_this_machine

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def create(self, scenario: Scenario, owner: str) -> tuple[str, bool]:
        """Queue a run and return its id and True, or join the equal one there is and return its id and False.

        A run is joined while it waits or works and once it is done; not when it failed, was lost, cancelled
        or is about to be. Raises ScenarioInvalid, StoreUnavailable.
        """
        if not 0 < len(owner) <= OWNER_LENGTH:
            raise InversionError(
                f"an owner's name has 1 to {OWNER_LENGTH} characters, {len(owner)} were given"
            )
        key = scenario.key()
        try:
            return self._join_or_insert(scenario, key, owner)
        except StoreUnavailable as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            # Another process created the equal run between our look and our insert; now it can be joined.
            return self._join_or_insert(scenario, key, owner)

    def begin(self, run_id: str) -> RunRecord:
        """Take a queued run for this process, or return the record of a final one.

        Exactly one caller gets a run; raises IllegalTransition for the others.
        """
        with self._database.writing() as connection:
            row = find_row(connection, run_id, lock=True)
            if row["state"] == State.QUEUED:
                self._begun[run_id] = _start(connection, row)
            elif not State(row["state"]).final:
                place = f"{run_id} is {row['state']} at {row['worker']}"
                raise IllegalTransition(f"only a queued run can be begun, {place}; wait for its end")
        return self.get(run_id)

    def advance(
        self,
        run_id: str,
        *,
        state: State | None = None,
        phase: str | None = None,
        step: int | None = None,
        total: int | None = None,
        loss: float | None = None,
        note: str | None = None,
    ) -> None:
        """Tell how far the run is; None leaves a value as it was, a step with a loss becomes a Point."""
        if state not in (None, State.RUNNING):
            raise IllegalTransition(f"a run advances to {State.RUNNING}, {state} was given; use finish")
        now = time.time()
        told = {"step": step, "total": total, "loss": number(loss), "note": note, "state": state}
        changes: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        changes["heartbeat"] = now
        with self._database.writing() as connection:
            row = self._working(connection, run_id)
            if row is None:
                return
            if phase is not None and phase != row["phase"]:
                reset = {"step": 0, "total": 0, "loss": None, "note": ""}
                changes = reset | {"phase": phase, "phase_started": now} | changes
            change(connection, run_id, **changes)
            if step is not None and number(loss) is not None:
                where = {"run_id": run_id, "phase": phase or row["phase"], "step": step}
                put(connection, points, where, loss=loss)

    def add_frame(self, run_id: str, step: int, loss: float, png: bytes) -> None:
        """Keep a key picture."""
        self._attach(run_id, frames, png, {"step": step}, loss=number(loss))

    def add_artifact(self, run_id: str, name: str, data: bytes) -> str:
        """Keep a named file and return its sha256; the same name again replaces it."""
        return self._attach(run_id, artifacts, data, {"name": name})

    def beat(self, run_id: str) -> None:
        """Say that this process is alive and on it."""
        with self._database.writing() as connection:
            row = find_row(connection, run_id, lock=True)
            if row["state"] in queue.WORKING and not self._fenced_out(row):
                change(connection, run_id, heartbeat=time.time())

    def cancel_requested(self, run_id: str) -> bool:
        """Say whether this process should stop: somebody asked, or the run is no longer its own."""
        with self._database.reading() as connection:
            row = find_row(connection, run_id)
        return row["cancelled"] is not None or State(row["state"]).final or self._fenced_out(row)

    def finish(
        self,
        run_id: str,
        state: State,
        *,
        result: dict[str, Any] | None = None,
        error: str = "",
        log: str = "",
    ) -> None:
        """End the run; changes nothing once it has ended. A request to cancel wins over every other end."""
        if not state.final:
            raise IllegalTransition(f"a run finishes in a final state, {state} was given; use advance")
        with self._database.writing() as connection:
            row = find_row(connection, run_id, lock=True)
            if State(row["state"]).final or self._fenced_out(row):
                return
            if row["state"] == State.QUEUED and state is State.DONE:
                raise IllegalTransition(f"a run is done after it ran, {run_id} is queued; begin it first")
            if row["cancelled"] is not None:
                state, result, error = State.CANCELLED, None, ""
            text = None if result is None else json.dumps(result)
            end(connection, run_id, state, result=text, error=error, log=log)

    def request_cancel(self, run_id: str, owner: str) -> bool:
        """Take `owner` off the run and return whether the computation stops.

        A run may have several owners, who all asked for the same scenario. Whoever cancels leaves; the
        computation is cancelled only when nobody is left, and the last stays named as the owner of the
        cancelled run. A queued run is cancelled at once, a working one when its worker notices. Somebody who
        is no owner changes nothing.
        """
        with self._database.writing() as connection:
            row = find_row(connection, run_id, lock=True)
            mine = owners.c.run_id == run_id, owners.c.owner == owner
            if State(row["state"]).final or not connection.scalar(select(exists().where(*mine))):
                return False
            if connection.scalar(select(exists().where(owners.c.run_id == run_id, owners.c.owner != owner))):
                connection.execute(delete(owners).where(*mine))
                return False
            change(connection, run_id, cancelled=row["cancelled"] or time.time(), slot=None)
            if row["state"] == State.QUEUED:
                end(connection, row["id"], State.CANCELLED)
            return True

    def _join_or_insert(self, scenario: Scenario, key: str, owner: str) -> tuple[str, bool]:
        with self._database.writing() as connection:
            equal = select(runs).where(runs.c.slot == key).with_for_update()
            row = connection.execute(equal).mappings().one_or_none()
            rank, now = queue.fair_rank(connection, owner), time.time()
            if row is None:
                run_id = _insert(connection, scenario, key=key, slot=key, owner=owner, rank=rank, created=now)
            else:
                run_id = str(row["id"])
                if row["state"] == State.QUEUED and rank < row["rank"]:
                    change(connection, run_id, rank=rank)
            put(connection, owners, {"run_id": run_id, "owner": owner}, joined=now)
            return run_id, row is None

    def _attach(self, run_id: str, table: Table, data: bytes, where: dict[str, Any], **values: Any) -> str:
        sha256 = self._artifacts.put(data)
        with self._database.writing() as connection:
            if self._working(connection, run_id) is not None:
                put(connection, table, {"run_id": run_id, **where}, sha256=sha256, **values)
                self._artifacts.put(data)  # forgetting an equal picture may have deleted it since
        return sha256

    def _working(self, connection: Connection, run_id: str) -> RowMapping | None:
        """Return the row of a run this process may write about, None where its words no longer count."""
        row = find_row(connection, run_id, lock=True)
        if State(row["state"]).final or self._fenced_out(row):
            return None
        if row["state"] == State.QUEUED:
            raise IllegalTransition(f"only a begun run makes progress, {run_id} is queued; begin it first")
        return row

    def _fenced_out(self, row: RowMapping) -> bool:
        mine = self._begun.get(row["id"])
        return mine is not None and (mine != row["attempt"] or row["state"] == State.QUEUED)


def _insert(connection: Connection, scenario: Scenario, **values: Any) -> str:
    run_id = secrets.token_hex(16)
    names = {"attack": scenario.attack.name, "target": scenario.target.name}
    text = scenario.model_dump_json()
    connection.execute(insert(runs).values(id=run_id, state=State.QUEUED, scenario=text, **names, **values))
    return run_id


def _start(connection: Connection, row: RowMapping) -> int:
    """Give a queued run to this process and return the attempt's number; an earlier one leaves no trace."""
    for table in (frames, points, artifacts):
        connection.execute(delete(table).where(table.c.run_id == row["id"]))
    attempt, now = row["attempt"] + 1, time.time()
    change(
        connection,
        row["id"],
        state=State.STARTING,
        attempt=attempt,
        worker=here(),
        started=now,
        heartbeat=now,
    )
    return int(attempt)


def open_store(url: str | None = None, artifacts_url: str | None = None) -> RunStore:
    """Return the store of this installation, or the one at `url`; opened once a process.

    Artifacts lie where the settings say; those of another SQLite file in the folder `artifacts` beside it.
    """
    url = url or settings().store
    return _opened(url, artifacts_url or _artifacts_of(url))


def _artifacts_of(url: str) -> str:
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        return settings().artifacts  # opening the store says what is wrong with its URL
    if url == settings().store or parsed.get_backend_name() != "sqlite" or not parsed.database:
        return settings().artifacts
    return str(Path(parsed.database).resolve().parent / "artifacts")


@lru_cache(maxsize=16)
def _opened(url: str, artifacts_url: str) -> RunStore:
    return RunStore(url, artifacts_url)
