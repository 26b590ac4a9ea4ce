"""The audit log as a hash chain: each line's hash covers its words and the hash of the line before.

    hash(n) = sha256(canonical JSON of seq, time, actor, role, action, subject, payload, hash(n - 1))

Whoever changes, removes, inserts or moves a line breaks the chain at that place. A tail that was cut off, or
a log written anew from the start, hangs together again: only a hash noted elsewhere finds it. It covers its
line and those before it, so the one in a report covers no decision about that report; the receipt of a
decision carries the hash of the decision's own line.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from inversion_core.keys import content_key

START = "0" * 64
"""What the first line follows."""


class Act(StrEnum):
    """What the log calls the acts that are looked up in it afterwards."""

    CREATED = "assessment created"
    SAVED = "assessment saved"
    DELETED = "assessment deleted"
    MADE = "report made"
    SIGNED = "decision signed"
    DRAFTED = "policy drafted"
    APPROVED = "policy approved"
    SET = "statement set"
    CLEARED = "statement cleared"
    UNBLURRED = "faces unblurred in a report"


@dataclass(frozen=True)
class Actor:
    """Who does something: a name, and in which role. The lab has no login, so both are what was said."""

    name: str
    role: str = "owner"


@dataclass(frozen=True)
class Entry:
    """A line of the log; `time` is seconds since 1970, `payload` JSON as text, hashed as it stands."""

    seq: int
    time: float
    actor: str
    role: str
    action: str
    subject: str
    payload: str
    previous: str
    hash: str

    @property
    def details(self) -> dict[str, Any]:
        """The payload as values; empty where somebody made it something else, which `verify` tells."""
        try:
            parsed = json.loads(self.payload)
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}


def follow(
    last: Entry | None, time: float, actor: Actor, action: str, subject: str, details: dict[str, Any]
) -> Entry:
    """Return the line that comes after `last`, None: the first one."""
    seq, previous = (1, START) if last is None else (last.seq + 1, last.hash)
    payload = json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    draft = Entry(seq, time, actor.name, actor.role, action, subject, payload, previous, hash="")
    return Entry(**{**vars(draft), "hash": digest(draft)})


def digest(entry: Entry) -> str:
    """Return the hash that a line must have."""
    return content_key({one.name: getattr(entry, one.name) for one in fields(entry) if one.name != "hash"})


def verify(entries: Iterable[Entry], head: str | None = None) -> list[str]:
    """Return what is wrong with a log, one sentence each; empty when it is whole.

    `head`: the hash of its last line as somebody noted it earlier; lines may have come after it since.
    """
    found: list[str] = []
    seq, previous, head_seen = 0, START, head in (None, START)
    for entry in entries:
        if entry.seq != seq + 1:
            found.append(_out_of_order(entry.seq, seq))
        if digest(entry) != entry.hash:
            found.append(f"line {entry.seq} was changed: its words no longer give its hash")
        if entry.previous != previous:
            found.append(
                f"line {entry.seq} does not follow {f'line {seq}' if seq else 'the start of the log'}: "
                "what stood between was changed, removed, inserted or moved"
            )
        seq, previous = entry.seq, entry.hash
        head_seen = head_seen or entry.hash == head
    if not head_seen:
        found.append(
            f"no line has the hash {str(head)[:64]} that was noted: lines at the end were removed, "
            "or the log "
            f"was written anew; it has {seq} line{'' if seq == 1 else 's'} now"
        )
    return found


def _out_of_order(seq: int, before: int) -> str:
    if seq == before + 2:
        return f"line {before + 1} is missing"
    if seq > before:
        return f"lines {before + 1} to {seq - 1} are missing"
    return f"line {seq} stands after line {before}: lines were moved or inserted"
