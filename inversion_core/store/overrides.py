"""What a person says about a statement of an assessment, beside or against what the evidence says."""

import time
from dataclasses import dataclass

from sqlalchemy import and_, delete, select

from inversion_core.risk.audit import Act, Actor
from inversion_core.store.assessments import AssessmentShelf, find_assessment
from inversion_core.store.audit import append
from inversion_core.store.review_schema import overrides
from inversion_core.store.texts import checked
from inversion_core.store.writing import put


@dataclass(frozen=True)
class Override:
    """Owner, status and note of a statement; each may be "". `changed` is seconds since 1970."""

    statement: str
    owner: str
    status: str
    note: str
    changed_by: str
    changed: float


class OverrideShelf(AssessmentShelf):
    """The part of the run store that knows what people said of statements."""

    def set_override(
        self, assessment_id: str, statement: str, *, owner: str, status: str, note: str, actor: Actor
    ) -> None:
        """Keep what a person says of a statement, in place of what was said before; raises UnknownName."""
        checked(statement, "the id of a statement", 64, least=1)
        said = {
            "owner": checked(owner, "an owner's name", 128),
            "status": checked(status, "a status", 32),
            "note": checked(note, "a note", 4_000),
        }
        with self._database.writing() as connection:
            find_assessment(connection, assessment_id, lock=True)
            where = {"assessment_id": assessment_id, "statement": statement}
            put(connection, overrides, where, **said, changed_by=actor.name, changed=time.time())
            append(connection, actor, Act.SET, assessment_id, {"statement": statement, **said})

    def clear_override(self, assessment_id: str, statement: str, actor: Actor) -> None:
        """Take back what was said of a statement; nothing happens where nothing was."""
        which = and_(overrides.c.assessment_id == assessment_id, overrides.c.statement == statement)
        with self._database.writing() as connection:
            if connection.execute(delete(overrides).where(which)).rowcount:
                append(connection, actor, Act.CLEARED, assessment_id, {"statement": statement})

    def overrides(self, assessment_id: str) -> dict[str, Override]:
        """Return id of a statement -> what a person says of it."""
        wanted = select(overrides).where(overrides.c.assessment_id == assessment_id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(overrides.c.statement)).mappings().all()
        return {
            row["statement"]: Override(**{name: row[name] for name in row if name != "assessment_id"})
            for row in rows
        }
