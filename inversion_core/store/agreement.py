"""Whether decisions, reports, policies and what people said are what the log said when they came to be.

A line tells some columns of a row, or their sha256; lines of earlier versions tell fewer, and what a line
does not tell is not compared.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from inversion_core.risk.audit import Act, Entry
from inversion_core.store.cited import as_logged, cited, differences
from inversion_core.store.decisions import DecisionShelf
from inversion_core.store.policies import PolicyShelf
from inversion_core.store.review_schema import (
    assessments,
    decisions,
    overrides,
    policies,
    report_files,
    reports,
)
from inversion_core.store.texts import sha256

Rows = dict[str, dict[str, Any]]
"""A name such as "report 1f..." -> columns and their values."""


class Agreement(DecisionShelf, PolicyShelf):
    """The part of the run store that holds its rows against the log."""

    def verify_all(self, head: str | None = None) -> list[str]:
        """Return what is wrong with the log, and where what is stored tells otherwise, one sentence each."""
        return self.verify_audit(head) + self.verify_reviews()

    def verify_reviews(self) -> list[str]:
        """Return where what is stored and the log tell different things, one sentence each; verify_audit
        checks the log itself.
        """
        with self._database.reading() as connection:
            stored = dict(_stored(connection))
            runs = list(differences(connection))
        return [*_unlike(stored, _told(self._lines())), *runs]


def _stored(connection: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row that the log tells of, with the hashes by which lines tell long texts."""
    for row in connection.execute(select(assessments)).mappings():
        yield f"assessment {row['id']}", {**row, "assessment": row["id"], "sha256": sha256(row["document"])}
    for row in connection.execute(select(policies)).mappings():
        yield f"policy {row['version']}", {**row, "sha256": sha256(row["document"])}
    for row in connection.execute(select(decisions)).mappings():
        yield f"decision {row['id']}", {**row, "facts_sha256": sha256(row["facts"])}
    for row in connection.execute(select(overrides)).mappings():
        yield _statement(row["assessment_id"], row["statement"]), {**row, "assessment": row["assessment_id"]}
    for row in connection.execute(select(reports)).mappings():
        of_report = select(report_files.c.kind, report_files.c.sha256).where(
            report_files.c.report_id == row["id"]
        )
        listed = {one.kind: one.sha256 for one in connection.execute(of_report)}
        runs = as_logged(cited(connection, row["id"]))
        yield (
            f"report {row['id']}",
            {**row, "assessment": row["assessment_id"], "files": listed, "runs": runs},
        )


def _told(lines: Iterable[Entry]) -> Rows:
    """Return what the log says is stored now."""
    told: Rows = {}
    for line in lines:
        details, of_assessment = line.details, {"assessment": line.subject}
        match line.action:
            case Act.CREATED | Act.SAVED:
                # What version 4 created was changed later without a line, so its first words tell nothing.
                kept = details if "sha256" in details else {}
                name = f"assessment {line.subject}"
                told[name] = told.get(name, {}) | kept | of_assessment
            case Act.DELETED:
                told = {name: one for name, one in told.items() if one.get("assessment") != line.subject}
            case Act.MADE:
                told[f"report {line.subject}"] = details | {"made_by": line.actor}
            case Act.SIGNED:
                told[f"decision {details.get('id')}"] = details
            case Act.DRAFTED:
                told[line.subject] = details | {"approved_by": None, "approved_at": None}
            case Act.APPROVED:
                told[line.subject] = details | {"approved_by": line.actor}
            case Act.SET:
                name = _statement(line.subject, details.get("statement", ""))
                told[name] = details | of_assessment | {"changed_by": line.actor}
            case Act.CLEARED:
                told.pop(_statement(line.subject, details.get("statement", "")), None)
    return told


def _statement(assessment_id: str, statement: str) -> str:
    return f"statement {statement} of assessment {assessment_id}"


def _unlike(stored: Rows, told: Rows) -> Iterator[str]:
    for name in sorted(stored.keys() | told.keys()):
        if name not in stored:
            yield f"{name} is in the audit log and no longer stored: somebody removed it"
        elif name not in told:
            yield f"{name} is stored and not in the audit log: somebody put it there"
        elif changed := [
            one for one in stored[name].keys() & told[name] if stored[name][one] != told[name][one]
        ]:
            yield f"{name} was changed ({', '.join(sorted(changed))}): the audit log tells it otherwise"
