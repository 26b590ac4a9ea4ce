"""The few ways in which rows change; every caller stands in a transaction and has looked at the row."""

import math
import time
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, and_, delete, insert, update

from inversion_core.store.records import Pending
from inversion_core.store.schema import runs
from inversion_core.values import State


def change(connection: Connection, run_id: str, **values: Any) -> None:
    """Set columns of a run."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def put(connection: Connection, table: Table, where: dict[str, Any], **values: Any) -> None:
    """Insert a row in place of the one with the same primary key `where`."""
    connection.execute(delete(table).where(and_(*(table.c[name] == value for name, value in where.items()))))
    connection.execute(insert(table).values(**where, **values))


def end(connection: Connection, run_id: str, state: State, **values: Any) -> None:
    """Make a run final; only one that is done may still be joined by equal scenarios."""
    values |= {"state": state, "finished": time.time()}
    if state is not State.DONE:
        values["slot"] = None
    change(connection, run_id, **values)


def requeue(connection: Connection, run_id: str, note: str) -> None:
    """Put a run back into the queue at its rank, with nothing done yet."""
    undone = {
        "step": 0,
        "total": 0,
        "loss": None,
        "phase": "",
        "started": None,
        "heartbeat": None,
        "worker": "",
    }
    change(connection, run_id, state=State.QUEUED, note=note, **undone)


def as_seen(row: RowMapping, seen: Pending) -> bool:
    """Say whether the run still waits, or works, in the attempt in which it was seen."""
    still_waits = (row["state"] == State.QUEUED) == (seen.state is State.QUEUED)
    same_attempt = (row["attempt"], row["losses"]) == (seen.attempt, seen.losses)
    return still_waits and same_attempt and not State(row["state"]).final


def number(value: float | None) -> float | None:
    """Return a loss as databases can keep it: None stands for what is not finite."""
    return value if value is not None and math.isfinite(value) else None
