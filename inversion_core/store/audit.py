"""The audit log in the run store: a line is written in the transaction that does what it tells of."""

import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, insert, select, text

from inversion_core.risk.audit import START, Actor, Entry, follow, verify
from inversion_core.store.reading import RunReader
from inversion_core.store.review_schema import audit
from inversion_core.store.texts import checked

LONGEST_DETAILS = 50_000
"""Characters of a line's payload."""
PART = 500
"""Lines read at once."""


def append(
    connection: Connection, actor: Actor, action: str, subject: str, details: dict[str, Any] | None = None
) -> Entry:
    """Write a line after the last one, within the caller's transaction; call it last.

    Writers take turns: SQLite lets one transaction write at a time, elsewhere the table is locked here, and
    always after the rows that an act changes, so that two acts never wait for each other.
    """
    checked(actor.name, "the name of who does it", 128, least=1)
    checked(actor.role, "a role", 128)
    checked(action, "an action", 64, least=1)
    checked(subject, "what a line is about", 128)
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    row = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(1)).mappings().one_or_none()
    entry = follow(None if row is None else Entry(**row), time.time(), actor, action, subject, details or {})
    checked(entry.payload, "the details of a line", LONGEST_DETAILS)
    connection.execute(insert(audit).values(**vars(entry)))
    return entry


class AuditShelf(RunReader):
    """The part of the run store that knows who did what."""

    def note(
        self, actor: Actor, action: str, subject: str = "", details: dict[str, Any] | None = None
    ) -> Entry:
        """Write a line about something that changed nothing here, such as faces that were shown."""
        with self._database.writing() as connection:
            return append(connection, actor, action, subject, details)

    def audit_log(self, subject: str | None = None, limit: int = 100) -> list[Entry]:
        """Return the latest lines first, of one subject (an id) or of all."""
        wanted = select(audit).order_by(audit.c.seq.desc()).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(wanted if subject is None else wanted.where(audit.c.subject == subject))
            return [Entry(**row) for row in rows.mappings()]

    def audit_head(self) -> str:
        """Return the hash of the last line, 64 zeros for a log without any."""
        with self._database.reading() as connection:
            found = connection.scalar(select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1))
            return START if found is None else str(found)

    def verify_audit(self, head: str | None = None) -> list[str]:
        """Return what is wrong with the log, one sentence each; `head` is a hash noted earlier."""
        return verify(self._lines(), head)

    def _lines(self) -> Iterator[Entry]:
        """Yield every line in the order of the log, read in parts under one view of the database."""
        with self._database.reading() as connection:
            rows = connection.execution_options(yield_per=PART).execute(select(audit).order_by(audit.c.seq))
            for row in rows.mappings():
                yield Entry(**row)
