"""Shared links: a stored report or run that is shown to whoever has the link, until it expires.

The id in the link is 128 random bits. Only its sha256 is kept, so that a copy of the database opens nothing.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, select, update

from inversion_core.errors import IllegalTransition, InversionError, LinkClosed, UnknownName
from inversion_core.risk.audit import Actor
from inversion_core.store.audit import append
from inversion_core.store.reading import find_row
from inversion_core.store.reports import ReportShelf, find_report
from inversion_core.store.review_schema import shares
from inversion_core.store.texts import is_id
from inversion_core.store.writing import put
from inversion_core.values import State

KINDS = ("report", "run")
DAYS = 7.0
MOST_DAYS = 365.0
DAY = 86_400
NAME_LENGTH = 12


@dataclass(frozen=True)
class Share:
    """A link as people manage it; `name` is the start of its hash, and opens nothing."""

    name: str
    kind: str
    subject: str
    created: float
    created_by: str
    expires: float
    revoked: float | None
    views: int

    @property
    def open(self) -> bool:
        """Whether it still shows something."""
        return self.revoked is None and time.time() < self.expires


class ShareShelf(ReportShelf):
    """The part of the run store that knows of shared links."""

    def create_share(self, kind: str, subject: str, actor: Actor, days: float = DAYS) -> str:
        """Return the id of a new link to a report or a final run, this once.

        Raises UnknownName, IllegalTransition for a run that has not ended and for a report with the faces of
        real people unblurred.
        """
        if kind not in KINDS:
            raise UnknownName(
                f"a report or a run can be shared, {kind[:80]!r} is neither; choose one of them"
            )
        if not 0 < days <= MOST_DAYS:
            raise InversionError(
                f"a link is open for up to {MOST_DAYS:.0f} days, {days:g} were given; choose "
                "fewer, and share again later"
            )
        share_id, now = secrets.token_hex(16), time.time()
        with self._database.writing() as connection:
            if kind == "report":
                _refuse_faces(find_report(connection, subject))
            elif not State((row := find_row(connection, subject))["state"]).final:
                raise IllegalTransition(
                    f"what is stored is shared, run {subject} is {row['state']}; wait for its end"
                )
            values = {"kind": kind, "subject": subject, "created": now, "created_by": actor.name}
            times = {"expires": now + days * DAY, "revoked": None, "views": 0}
            where = {"hash": _digest(share_id)}
            put(connection, shares, where, **values, **times)
            told = {"name": where["hash"][:NAME_LENGTH], "kind": kind, "days": days}
            append(connection, actor, "link shared", subject, told)
        return share_id

    def open_share(self, share_id: str, *, count: bool = True) -> Share:
        """Return what a link shows, and count the view unless told not to; raises UnknownName, LinkClosed,
        and IllegalTransition for a report with the faces of real people unblurred.

        Expired and revoked are told apart: who has the id was given it, and learns nothing about others.
        """
        unknown = UnknownName(
            "a shared link ends in an id that was handed out, this one was not; ask for the link again"
        )
        if not is_id(share_id):
            raise unknown
        this = shares.c.hash == _digest(share_id)
        with self._database.writing() as connection:
            row = connection.execute(select(shares).where(this).with_for_update()).mappings().one_or_none()
            if row is None:
                raise unknown
            if row["revoked"] is not None:
                raise LinkClosed(
                    "a shared link shows something until it is taken back, this one was; ask for a new one"
                )
            if time.time() >= row["expires"]:
                raise LinkClosed(
                    "a shared link is open for some days, those of this one are over; ask for a new one"
                )
            if row["kind"] == "report":
                _refuse_faces(find_report(connection, row["subject"]))
            views = row["views"] + count
            connection.execute(update(shares).where(this).values(views=views))
            return _share({**row, "views": views})

    def revoke_share(self, name: str, actor: Actor) -> None:
        """Take a link back by the name that `shares` tells, or by its id; raises UnknownName."""
        digest = _digest(name) if is_id(name) else name
        with self._database.writing() as connection:
            named = shares.c.hash.startswith(digest, autoescape=True)
            rows = connection.execute(select(shares).where(named).with_for_update()).mappings().all()
            if len(digest) < NAME_LENGTH or len(rows) != 1:
                raise UnknownName(
                    f"links are taken back by the name in their list, {name[:80]!r} is none; look it up there"
                )
            if rows[0]["revoked"] is None:
                this = shares.c.hash == rows[0]["hash"]
                connection.execute(update(shares).where(this).values(revoked=time.time()))
                told = {"name": rows[0]["hash"][:NAME_LENGTH]}
                append(connection, actor, "link revoked", rows[0]["subject"], told)

    def shares(self, subject: str | None = None) -> list[Share]:
        """Return the links to one report or run, or all, the latest first."""
        wanted: Select[Any] = select(shares).order_by(shares.c.created.desc(), shares.c.hash)
        with self._database.reading() as connection:
            rows = connection.execute(
                wanted if subject is None else wanted.where(shares.c.subject == subject)
            )
            return [_share(row) for row in rows.mappings()]


def _refuse_faces(report: RowMapping) -> None:
    if report["unlocked"]:
        raise IllegalTransition(
            "a link shows no real face, in this version of the report faces are unblurred; share a version "
            "that was made with blurred faces"
        )


def _digest(share_id: str) -> str:
    return hashlib.sha256(share_id.encode()).hexdigest()


def _share(row: RowMapping | dict[str, Any]) -> Share:
    named = {name: row[name] for name in row if name != "hash"}
    return Share(name=row["hash"][:NAME_LENGTH], **named)
