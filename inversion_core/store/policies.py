"""Versions of the rating policy in the run store: drafted, approved, never changed.

Version 1 is the one that ships. It stands in no row until somebody approves it, and is in force unapproved
until then; the document of a version is JSON that only `risk.policy` reads.
"""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from inversion_core.errors import IllegalTransition, UnknownName
from inversion_core.risk.audit import Act, Actor
from inversion_core.store.audit import AuditShelf, append
from inversion_core.store.review_schema import policies
from inversion_core.store.texts import checked, sha256

SHIPPED = 1
LONGEST_DOCUMENT = 200_000


@dataclass(frozen=True)
class PolicyRecord:
    """A version of the policy; `approved_by` and `approved_at` are None for a draft."""

    version: int
    document: str
    created: float
    created_by: str
    approved_by: str | None
    approved_at: float | None


class PolicyShelf(AuditShelf):
    """The part of the run store that knows of policies."""

    def draft_policy(self, document: str, actor: Actor) -> int:
        """Keep a new version and return its number, 2 or more; it is in force once approved."""
        checked(document, "a policy", LONGEST_DOCUMENT, least=1)
        with self._database.writing() as connection:
            version = 1 + max(SHIPPED, int(connection.scalar(select(func.max(policies.c.version))) or 0))
            _put(connection, version, document, actor)
            append(connection, actor, Act.DRAFTED, f"policy {version}", {"sha256": sha256(document)})
            return version

    def approve_policy(self, version: int, actor: Actor, shipped: str | None = None) -> None:
        """Put a version in force; for version 1 give the document that ships.

        Raises UnknownName, IllegalTransition for one that was approved before.
        """
        with self._database.writing() as connection:
            row = _find(connection, version)
            if row is not None and row["approved_at"] is not None:
                raise IllegalTransition(
                    f"a policy is approved once, version {version} was by {row['approved_by']!r}; "
                    "to return to it, draft a new version with its values"
                )
            if row is not None:
                document = str(row["document"])
            elif version == SHIPPED and shipped is not None:
                document = checked(shipped, "a policy", LONGEST_DOCUMENT, least=1)
                _put(connection, version, document, actor)
            else:
                raise _unknown(version)
            wanted = update(policies).where(policies.c.version == version)
            now = time.time()
            connection.execute(wanted.values(approved_by=actor.name, approved_at=now))
            told = {"sha256": sha256(document), "approved_at": now}
            append(connection, actor, Act.APPROVED, f"policy {version}", told)

    def policies(self) -> list[PolicyRecord]:
        """Return the versions there are rows of, the latest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(policies).order_by(policies.c.version.desc())).mappings()
            return [PolicyRecord(**row) for row in rows]

    def policy(self, version: int) -> PolicyRecord:
        """Return a version; raises UnknownName, for version 1 as well until it is approved."""
        with self._database.reading() as connection:
            row = _find(connection, version)
        if row is None:
            raise _unknown(version)
        return PolicyRecord(**row)

    def policy_in_force(self) -> PolicyRecord | None:
        """Return the version approved last; None: version 1, which nobody here has approved."""
        with self._database.reading() as connection:
            row = in_force(connection)
            return None if row is None else PolicyRecord(**row)


def in_force(connection: Connection) -> RowMapping | None:
    """Return the row of the version approved last, None where none was."""
    approved = select(policies).where(policies.c.approved_at.is_not(None))
    wanted = approved.order_by(policies.c.approved_at.desc(), policies.c.version.desc()).limit(1)
    return connection.execute(wanted).mappings().one_or_none()


def _find(connection: Connection, version: int) -> RowMapping | None:
    wanted = select(policies).where(policies.c.version == version).with_for_update()
    return connection.execute(wanted).mappings().one_or_none()


def _put(connection: Connection, version: int, document: str, actor: Actor) -> None:
    made = {"created": time.time(), "created_by": actor.name}
    connection.execute(insert(policies).values(version=version, document=document, **made))


def _unknown(version: int) -> UnknownName:
    return UnknownName(
        f"policies are found by version, {version} is none; take one from the list of versions"
    )
