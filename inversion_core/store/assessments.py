"""Assessments in the run store: saved as they are written, one revision after the other."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from inversion_core.errors import IllegalTransition, Outdated, ScenarioInvalid, UnknownName
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.audit import Act, Actor
from inversion_core.scenario import sentences
from inversion_core.store.audit import AuditShelf, append
from inversion_core.store.review_schema import (
    assessments,
    decisions,
    overrides,
    report_files,
    report_runs,
    reports,
)
from inversion_core.store.shown import close_links, is_shown
from inversion_core.store.sweeps import SweepShelf
from inversion_core.store.texts import checked, sha256

LONGEST_DOCUMENT = 2_000_000
"""Characters of ASSESSMENT.json."""


@dataclass(frozen=True)
class AssessmentRecord:
    """An assessment as it was when asked; `document` is its JSON, times are seconds since 1970."""

    id: str
    name: str
    owner: str
    mode: str
    document: str
    revision: int
    created: float
    changed: float

    @property
    def assessment(self) -> Assessment:
        """The document as values."""
        return Assessment.model_validate_json(self.document)


class AssessmentShelf(AuditShelf, SweepShelf):
    """The part of the run store that knows of assessments; runs are found by `runs_of_keys`."""

    def save_assessment(
        self, assessment_id: str | None, document: str, owner: str, revision: int | None = None
    ) -> tuple[str, int]:
        """Keep an assessment and return its id and its revision; None as id makes a new one.

        `revision` is the one that the writer started from. A save that began from an older one than is
        stored is refused with Outdated and changes nothing: two open tabs cannot undo each other. Equal words
        make no new revision. Whoever began it changes it, and never what it is for: an exercise stays one.
        Raises ScenarioInvalid for a document that is no assessment, IllegalTransition, UnknownName.
        """
        checked(document, "an assessment", LONGEST_DOCUMENT, least=1)
        checked(owner, "an owner's name", 128, least=1)
        parsed = _parsed(document)
        named = {"name": checked(parsed.name, "the name of an assessment", 128), "mode": parsed.mode.value}
        now = time.time()
        with self._database.writing() as connection:
            if assessment_id is None:
                act, assessment_id, number = Act.CREATED, secrets.token_hex(16), 1
                wanted: Any = insert(assessments).values(id=assessment_id, owner=owner, created=now)
            else:
                row = find_assessment(connection, assessment_id, lock=True)
                if row["document"] == document:
                    return assessment_id, row["revision"]
                _refuse(row, parsed, owner, revision)
                act, number = Act.SAVED, row["revision"] + 1
                wanted = update(assessments).where(assessments.c.id == assessment_id)
            connection.execute(wanted.values(**named, document=document, revision=number, changed=now))
            told = {**named, "revision": number, "sha256": sha256(document)}
            append(connection, Actor(owner), act, assessment_id, told)
            return assessment_id, number

    def assessment(self, assessment_id: str) -> AssessmentRecord:
        """Return an assessment; raises UnknownName for an id nobody got."""
        with self._database.reading() as connection:
            return AssessmentRecord(**find_assessment(connection, assessment_id))

    def assessments(self, owner: str | None = None, limit: int = 100) -> list[AssessmentRecord]:
        """Return the ones changed last first, of one owner or of all."""
        wanted = select(assessments).order_by(assessments.c.changed.desc(), assessments.c.id).limit(limit)
        with self._database.reading() as connection:
            rows = connection.execute(wanted if owner is None else wanted.where(assessments.c.owner == owner))
            return [AssessmentRecord(**row) for row in rows.mappings()]

    def delete_assessment(self, assessment_id: str, actor: Actor) -> None:
        """Delete an assessment with its reports; raises IllegalTransition once somebody has signed one."""
        with self._database.writing() as connection:
            row = find_assessment(connection, assessment_id, lock=True)
            signed = select(func.count()).where(decisions.c.assessment_id == assessment_id)
            if connection.scalar(signed):
                raise IllegalTransition(
                    f"a signed assessment is kept with its reports and runs, {row['name']!r} "
                    "carries a decision; "
                    "start another assessment for what comes next"
                )
            mine = select(reports.c.id).where(reports.c.assessment_id == assessment_id)
            files = select(report_files.c.sha256).where(report_files.c.report_id.in_(mine))
            dropped = sorted(set(connection.scalars(files)))
            close_links(connection, connection.scalars(mine))
            for table in (report_files, report_runs):
                connection.execute(delete(table).where(table.c.report_id.in_(mine)))
            for other in (reports, overrides):
                connection.execute(delete(other).where(other.c.assessment_id == assessment_id))
            connection.execute(delete(assessments).where(assessments.c.id == assessment_id))
            told = {"name": row["name"], "revision": row["revision"], "files": len(dropped)}
            append(connection, actor, Act.DELETED, assessment_id, told)
            for sha256 in dropped:
                if not is_shown(connection, sha256):
                    self._artifacts.delete(sha256)


def find_assessment(connection: Connection, assessment_id: str, *, lock: bool = False) -> RowMapping:
    """Return the row of an assessment, with `lock` nobody else changes it; raises UnknownName."""
    wanted: Any = select(assessments).where(assessments.c.id == assessment_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).mappings().one_or_none()
    if row is None:
        raise UnknownName(
            f"assessments are found by id, {assessment_id[:80]!r} is none; open one from the list "
            "of assessments"
        )
    found: RowMapping = row
    return found


def _parsed(document: str) -> Assessment:
    try:
        return Assessment.model_validate_json(document)
    except ValidationError as error:
        raise ScenarioInvalid(sentences(error, "assessment")) from error


def _refuse(row: RowMapping, wanted: Assessment, owner: str, revision: int | None) -> None:
    """Raise where a stored assessment cannot be saved so."""
    if owner != row["owner"]:
        raise IllegalTransition(
            f"an assessment is changed by whoever began it, {row['name']!r} was begun by somebody else; "
            "begin one of your own as a copy"
        )
    if revision != row["revision"]:
        raise Outdated(
            f"an assessment is saved over the revision it was read from, {row['name']!r} is at revision "
            f"{row['revision']} and yours began from {revision}: somebody changed it meanwhile, perhaps you "
            "in another tab; open it again and enter your change once more"
        )
    if wanted.mode.value != row["mode"]:
        raise IllegalTransition(
            f"what an assessment is for never changes, {row['name']!r} was begun as {row['mode']} and this "
            f"says {wanted.mode.value}; begin another one as a copy"
        )
