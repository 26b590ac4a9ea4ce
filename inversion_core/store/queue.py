"""The order of waiting runs and how long they will take.

Start-time fair queueing: a run's rank is one more than its owner's latest, but at least the rank being served
now. So somebody's first run stands before another's second, and nobody who waits is overtaken for ever.
"""

import time
from statistics import median

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from inversion_core.store.schema import owners, runs
from inversion_core.values import State

HISTORY = 20
"""Finished runs of the same attack and target that a forecast looks back on."""
WORKING = (State.STARTING, State.RUNNING)


def fair_rank(connection: Connection, owner: str) -> int:
    """Return the rank of a run that `owner` asks for now."""
    served = connection.scalar(select(func.max(runs.c.rank)).where(runs.c.started.is_not(None)))
    own = connection.scalar(
        select(func.max(runs.c.rank))
        .join(owners, owners.c.run_id == runs.c.id)
        .where(owners.c.owner == owner, or_(runs.c.started.is_not(None), runs.c.state == State.QUEUED))
    )
    return max(served or 0, 0 if own is None else own + 1)


def position(connection: Connection, row: RowMapping) -> int | None:
    """Return the place in the queue, 1 = next; None once the run has left the queue."""
    if row["state"] != State.QUEUED:
        return None
    return 1 + int(connection.scalar(select(func.count()).select_from(runs).where(_ahead_of(row))) or 0)


def forecast(connection: Connection, row: RowMapping) -> float | None:
    """Return the seconds until the run is final; None where neither history nor progress tells."""
    if State(row["state"]).final:
        return 0.0
    if row["state"] in WORKING:
        return _remaining(connection, row)
    own = _usual_seconds(connection, row)
    if own is None:
        return None
    working = connection.execute(select(runs).where(runs.c.state.in_(WORKING))).mappings().all()
    kind = (runs.c.attack, runs.c.target)
    ahead = select(*kind, func.count().label("count")).where(_ahead_of(row)).group_by(*kind)
    # Whoever's duration nobody knows is taken to be as long as this run.
    waits = [_known(_remaining(connection, other), own) for other in working]
    for other in connection.execute(ahead).mappings():
        waits.append(other["count"] * _known(_usual_seconds(connection, other), own))
    return sum(waits) / max(1, len(working)) + own


def _known(seconds: float | None, otherwise: float) -> float:
    return otherwise if seconds is None else seconds


def _ahead_of(row: RowMapping) -> ColumnElement[bool]:
    same_rank = and_(runs.c.rank == row["rank"], _earlier(row))
    return and_(runs.c.state == State.QUEUED, or_(runs.c.rank < row["rank"], same_rank))


def _earlier(row: RowMapping) -> ColumnElement[bool]:
    same_time = and_(runs.c.created == row["created"], runs.c.id < row["id"])
    return or_(runs.c.created < row["created"], same_time)


def _remaining(connection: Connection, row: RowMapping) -> float | None:
    """Return the seconds a working run still needs: its usual duration, or the pace of its present phase."""
    now = time.time()
    usual, elapsed = _usual_seconds(connection, row), now - row["started"]
    if usual is not None and elapsed < usual:
        return float(usual - elapsed)
    if row["step"] < 1 or row["total"] < row["step"]:
        return None
    pace = (now - (row["phase_started"] or row["started"])) / row["step"]
    return float(pace * (row["total"] - row["step"]))


def _usual_seconds(connection: Connection, row: RowMapping) -> float | None:
    """Return the median duration of the latest finished runs of the same attack and target."""
    spans = connection.execute(
        select(runs.c.finished - runs.c.started)
        .where(runs.c.state == State.DONE, runs.c.attack == row["attack"], runs.c.target == row["target"])
        .order_by(runs.c.finished.desc())
        .limit(HISTORY)
    )
    seconds = [float(span) for span in spans.scalars() if span is not None]
    return float(median(seconds)) if seconds else None
