"""What was asked of the prediction service: one entry a request, refused ones too, in the run store."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import RowMapping, func, insert, select

from inversion_core.store.database import Database
from inversion_core.store.schema import query_log

PICTURE_SIGNATURE = 64
"""Bytes of a picture's signature: its 8 x 8 grey means."""


@dataclass(frozen=True, eq=False)
class Query:
    """One request: `time` is seconds since 1970 at its arrival, `seconds` what it took.

    `service` says whose model; `key_id` is "" where nobody known asked; `code` names the refusal, "" for an
    answer. `labels` (rows,) int32 are the winning classes; `signatures` (rows, S) uint8 tell near-duplicates:
    the 8 x 8 grey means of a picture (S = 64), or the float32 bytes of a record (S = 4 x columns). Both are
    empty for a refusal.
    """

    time: float
    service: str
    key_id: str
    endpoint: str
    rows: int
    status: int
    code: str
    seconds: float
    labels: npt.NDArray[np.int32]
    signatures: npt.NDArray[np.uint8]
    id: int = 0


class QueryLog:
    """Entries in the database of the run store, in the order in which they were written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, queries: Sequence[Query]) -> None:
        """Write entries in one transaction: all of them, or none and StoreUnavailable."""
        if not queries:
            return
        rows = [_values(query) for query in queries]
        with self._database.writing() as connection:
            connection.execute(insert(query_log), rows)

    def after(self, query_id: int = 0, *, key_id: str | None = None, limit: int = 1000) -> list[Query]:
        """Return the entries that follow the one of that id, of one key or of all, the oldest first."""
        wanted = select(query_log).where(query_log.c.id > query_id).order_by(query_log.c.id).limit(limit)
        if key_id is not None:
            wanted = wanted.where(query_log.c.key_id == key_id)
        with self._database.reading() as connection:
            return [_query(row) for row in connection.execute(wanted).mappings()]

    def last(self) -> int:
        """Return the id of the newest entry, 0 where there is none."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(query_log.c.id), 0))).scalar_one())

    def count(self, *, status: int | None = None, key_id: str | None = None) -> tuple[int, int]:
        """Return how many requests and how many rows are logged, of a status or a key where given."""
        wanted = select(func.count(), func.coalesce(func.sum(query_log.c.rows), 0))
        if status is not None:
            wanted = wanted.where(query_log.c.status == status)
        if key_id is not None:
            wanted = wanted.where(query_log.c.key_id == key_id)
        with self._database.reading() as connection:
            requests, rows = connection.execute(wanted).one()
        return int(requests), int(rows)


def _values(query: Query) -> dict[str, object]:
    values = {column.name: getattr(query, column.name) for column in query_log.columns if column.name != "id"}
    return values | {
        "labels": query.labels.astype("<i4").tobytes(),
        "signatures": query.signatures.tobytes(),
    }


def _query(row: RowMapping) -> Query:
    labels = np.frombuffer(row["labels"], "<i4").astype(np.int32)
    signatures = np.frombuffer(row["signatures"], np.uint8).reshape(len(labels), -1) if len(labels) else EMPTY
    return Query(**{**row, "labels": labels, "signatures": signatures})


EMPTY: npt.NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
NO_LABELS: npt.NDArray[np.int32] = np.zeros(0, np.int32)
