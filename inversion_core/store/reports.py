"""Versions of reports in the run store: never changed, counted from 1, their files protected."""

import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, RowMapping, insert, select

from inversion_core.errors import IllegalTransition, InversionError, StoreUnavailable, UnknownName
from inversion_core.keys import content_key
from inversion_core.risk.audit import Act, Actor
from inversion_core.store.assessments import AssessmentShelf, find_assessment
from inversion_core.store.audit import append
from inversion_core.store.cited import as_logged, cite, cited, differences
from inversion_core.store.review_schema import report_files, reports
from inversion_core.store.texts import checked

KINDS = ("html", "pdf", "json", "csv", "junit")
"""The files that a report may have."""


@dataclass(frozen=True)
class ReportFile:
    """A file of a report, in the artifacts under its sha256; `size` in bytes."""

    kind: str
    sha256: str
    size: int


@dataclass(frozen=True)
class ReportVersion:
    """A version of a report: what it was made from, the hash over its files, and whether real faces stand in
    it unblurred.
    """

    id: str
    assessment_id: str
    version: int
    revision: int
    policy: int
    reference: str
    content: str
    sha256: str
    made: float
    made_by: str
    unlocked: bool
    files: tuple[ReportFile, ...]
    runs: tuple[str, ...]

    @property
    def made_on(self) -> date:
        """The day it was made in UTC."""
        return datetime.fromtimestamp(self.made, UTC).date()

    def file(self, kind: str) -> ReportFile | None:
        """Return the file of that kind, None where the report has none."""
        return next((one for one in self.files if one.kind == kind), None)


class ReportShelf(AssessmentShelf):
    """The part of the run store that knows of reports."""

    def same_report(
        self, assessment_id: str, *, content: str, revision: int, policy: int, reference: str
    ) -> ReportVersion | None:
        """Return the latest version of the report if it says the same, None where a new one is to be made.

        Asked before the files are drawn, so that equal content is not drawn again.
        """
        with self._database.reading() as connection:
            find_assessment(connection, assessment_id)
            row = _latest(connection, assessment_id)
            made_from = _made_from(content, revision, policy, reference)
            same = row is not None and all(row[name] == value for name, value in made_from.items())
            return _report(connection, row) if row is not None and same else None

    def next_report_version(self, assessment_id: str) -> int:
        """Return the number that the next version of the report gets."""
        with self._database.reading() as connection:
            row = _latest(connection, assessment_id)
            return 1 if row is None else int(row["version"]) + 1

    def add_report(
        self,
        assessment_id: str,
        *,
        content: str,
        revision: int,
        policy: int,
        reference: str,
        files: Mapping[str, bytes],
        run_ids: Iterable[str],
        actor: Actor,
        version: int | None = None,
        unlocked: bool = False,
    ) -> ReportVersion:
        """Keep a version of the report, or return the latest where it says the same.

        `content`: sha256 of what it says without when it was made; `revision` of the assessment, `policy` and
        `reference` are the versions it was made from, `run_ids` the runs it cites. `version`: the number that
        stands in the files; raises IllegalTransition where another report took it meanwhile. `unlocked`: real
        faces stand in it unblurred. Raises UnknownName.
        """
        if not files or not set(files) <= set(KINDS):
            raise InversionError(
                f"the files of a report are {', '.join(KINDS)}, {', '.join(files) or 'none'} were given; "
                "name each file by one of these"
            )
        checked(reference, "the version of the references", 64)
        kept = {kind: self._artifacts.put(data) for kind, data in sorted(files.items())}
        made_from = _made_from(content, revision, policy, reference)
        with self._database.writing() as connection:
            name = find_assessment(connection, assessment_id, lock=True)["name"]
            last = _latest(connection, assessment_id)
            if last is not None and all(last[column] == value for column, value in made_from.items()):
                return _report(connection, last)
            number = 1 if last is None else last["version"] + 1
            if version not in (None, number):
                raise IllegalTransition(
                    f"the next report on {name!r} is version {number}, this one calls itself "
                    f"{version}: somebody "
                    "made one meanwhile; make the report again"
                )
            report_id = secrets.token_hex(16)
            values = {"id": report_id, "assessment_id": assessment_id, "version": number, "made": time.time()}
            sha256 = content_key(kept)
            shown = {"sha256": sha256, "made_by": actor.name, "unlocked": unlocked}
            connection.execute(insert(reports).values(**values, **made_from, **shown))
            rows = [
                {"report_id": report_id, "kind": kind, "sha256": sha, "size": len(files[kind])}
                for kind, sha in kept.items()
            ]
            connection.execute(insert(report_files), rows)
            results = cite(connection, report_id, run_ids)
            for data in files.values():
                self._artifacts.put(data)  # deleting an equal file may have taken it away since
            told = {"assessment": assessment_id, "version": number, **made_from, **shown}
            append(
                connection, actor, Act.MADE, report_id, {**told, "files": kept, "runs": as_logged(results)}
            )
            return _report(connection, find_report(connection, report_id))

    def report(self, report_id: str) -> ReportVersion:
        """Return a report; raises UnknownName for an id nobody got."""
        with self._database.reading() as connection:
            return _report(connection, find_report(connection, report_id))

    def reports(self, assessment_id: str) -> list[ReportVersion]:
        """Return the versions of an assessment's report, the latest first."""
        wanted = select(reports).where(reports.c.assessment_id == assessment_id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(reports.c.version.desc())).mappings().all()
            return [_report(connection, row) for row in rows]

    def verify_report(self, report_id: str) -> list[str]:
        """Return what is wrong with a stored report, one sentence each; empty when it is whole."""
        report, found = self.report(report_id), []
        if content_key({one.kind: one.sha256 for one in report.files}) != report.sha256:
            found.append("the list of files was changed: it no longer gives the hash of the report")
        for one in report.files:
            try:
                self._artifacts.get(one.sha256)
            except UnknownName:
                found.append(f"the {one.kind} file is gone: nothing is stored under {one.sha256}")
            except StoreUnavailable as error:
                found.append(f"the {one.kind} file was changed or cannot be read: {error}")
        made = self.audit_log(subject=report_id, limit=1000)
        noted = [line.details.get("sha256") for line in made if line.action == Act.MADE]
        if noted != [report.sha256]:
            found.append("the audit log does not tell of this report with this hash; verify the log as well")
        with self._database.reading() as connection:
            return found + list(differences(connection, report_id))


def find_report(connection: Connection, report_id: str) -> RowMapping:
    """Return the row of a report; raises UnknownName."""
    row = connection.execute(select(reports).where(reports.c.id == report_id)).mappings().one_or_none()
    if row is None:
        raise UnknownName(
            f"reports are found by id, {report_id[:80]!r} is none; take one from the list of an assessment"
        )
    return row


def _made_from(content: str, revision: int, policy: int, reference: str) -> dict[str, str | int]:
    return {"content": content, "revision": revision, "policy": policy, "reference": reference}


def _latest(connection: Connection, assessment_id: str) -> RowMapping | None:
    wanted = select(reports).where(reports.c.assessment_id == assessment_id)
    return connection.execute(wanted.order_by(reports.c.version.desc()).limit(1)).mappings().one_or_none()


def _report(connection: Connection, row: RowMapping) -> ReportVersion:
    files = select(report_files).where(report_files.c.report_id == row["id"]).order_by(report_files.c.kind)
    return ReportVersion(
        **row,
        files=tuple(
            ReportFile(one["kind"], one["sha256"], one["size"])
            for one in connection.execute(files).mappings()
        ),
        runs=tuple(cited(connection, row["id"])),
    )
