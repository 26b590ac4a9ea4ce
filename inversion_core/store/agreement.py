"""Whether decisions, reports and policies are what the log said of them when they came to be."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import select

from inversion_core.risk.audit import Entry
from inversion_core.store.assessments import DELETED
from inversion_core.store.decisions import SIGNED, DecisionShelf
from inversion_core.store.policies import APPROVED, DRAFTED, PolicyShelf, policy_sha256
from inversion_core.store.reports import MADE
from inversion_core.store.review_schema import decisions, policies, reports

Rows = dict[str, dict[str, Any]]
"""A name such as "report 1f..." -> columns and their values."""


class Agreement(DecisionShelf, PolicyShelf):
    """The part of the run store that holds its rows against the log; verify_audit checks the log itself."""

    def verify_reviews(self) -> list[str]:
        """Return where what is stored and the log tell different things, one sentence each."""
        with self._database.reading() as connection:
            stored: Rows = {
                f"decision {row['id']}": dict(row) for row in connection.execute(select(decisions)).mappings()
            }
            for row in connection.execute(select(reports.c.id, reports.c.sha256)).mappings():
                stored[f"report {row['id']}"] = {"sha256": row["sha256"]}
            for row in connection.execute(select(policies)).mappings():
                sha256 = policy_sha256(row["document"])
                stored[f"policy {row['version']}"] = {"sha256": sha256, "approved_by": row["approved_by"]}
        return list(_unlike(stored, _told(self._lines())))


def _told(lines: Iterable[Entry]) -> Rows:
    """Return what the log says is stored now."""
    told: Rows = {}
    for line in lines:
        if line.action == SIGNED:
            told[f"decision {line.details['id']}"] = line.details
        elif line.action == MADE:
            told[f"report {line.subject}"] = line.details
        elif line.action == DRAFTED:
            told[line.subject] = line.details | {"approved_by": None}
        elif line.action == APPROVED:
            told[line.subject] = line.details | {"approved_by": line.actor}
        elif line.action == DELETED:
            told = {name: one for name, one in told.items() if one.get("assessment") != line.subject}
    return told


def _unlike(stored: Rows, told: Rows) -> Iterator[str]:
    for name in sorted(stored.keys() | told.keys()):
        if name not in stored:
            yield f"{name} is in the audit log and no longer stored: somebody removed it"
        elif name not in told:
            yield f"{name} is stored and not in the audit log: somebody put it there"
        elif any(told[name].get(column) != value for column, value in stored[name].items()):
            yield f"{name} was changed: the audit log tells it otherwise"
