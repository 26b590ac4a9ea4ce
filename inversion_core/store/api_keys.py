"""Keys of the prediction service: who may ask, how much, and what they have spent.

A token is `il_<id>_<secret>`, the secret 256 random bits. Only its sha256 is kept: with so much randomness a
slow password hash would protect nothing more. The id is no secret and stands in the query log.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from inversion_core.errors import UnknownName
from inversion_core.store.database import Database
from inversion_core.store.schema import api_keys

PREFIX = "il"
ANONYMOUS = "anonymous"
"""Id of the row that counts what callers without a key spend."""
NAME_LENGTH = 128


class Tier(StrEnum):
    """How well the operator knows a caller; `serving.tiers` says what each is answered."""

    ANONYMOUS = "anonymous"
    AUTHENTICATED = "authenticated"
    PARTNER = "partner"


@dataclass(frozen=True)
class ApiKey:
    """A key without its secret; times are seconds since 1970, None until they happen.

    `budget`: rows it may ever ask; `rate`: rows a minute; None stands for what the service gives its tier.
    """

    id: str
    name: str
    tier: Tier
    budget: int | None
    rate: int | None
    spent: int
    created: float
    revoked: float | None
    blocked: float | None
    reason: str


@dataclass(frozen=True)
class Charge:
    """Rows that a key asks for; `budget` is the wall where the key has none of its own."""

    key_id: str
    rows: int
    budget: int | None = None


class KeyStore:
    """Keys in the database of the run store; safe to use from many threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, name: str, tier: Tier, *, budget: int | None = None, rate: int | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with its token, which nobody can show again."""
        key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            _insert(
                connection, key_id, name[:NAME_LENGTH], tier, hash=_hash(secret), budget=budget, rate=rate
            )
        return self.get(key_id), f"{PREFIX}_{key_id}_{secret}"

    def anonymous(self) -> ApiKey:
        """Return the key of callers without one, made when first asked for; no token opens it."""
        try:
            return self.get(ANONYMOUS)
        except UnknownName:
            try:
                with self._database.writing() as connection:
                    _insert(connection, ANONYMOUS, "callers without a key", Tier.ANONYMOUS, hash="")
            except Exception as error:
                if not isinstance(error.__cause__, IntegrityError):  # another process was faster
                    raise
            return self.get(ANONYMOUS)

    def find(self, token: str) -> ApiKey | None:
        """Return the key a token opens, revoked and blocked ones too; None for a token nobody was given."""
        prefix, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        with self._database.reading() as connection:
            row = _row(connection, key_id)
        wanted = row["hash"] if row is not None else ""
        opens = hmac.compare_digest(_hash(secret).encode(), wanted.encode())
        return _key(row) if row is not None and opens and prefix == PREFIX else None

    def get(self, key_id: str) -> ApiKey:
        """Return a key by its id; raises UnknownName."""
        with self._database.reading() as connection:
            row = _row(connection, key_id)
        if row is None:
            raise UnknownName(
                f"keys are named by their id, {key_id[:40]!r} is none; `key list` shows the ids there are"
            )
        return _key(row)

    def all(self) -> list[ApiKey]:
        """Return every key, the oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created, api_keys.c.id))
            return [_key(row) for row in rows.mappings()]

    def revoke(self, key_id: str) -> None:
        """Take a key back for good; raises UnknownName."""
        self._set(key_id, revoked=time.time())

    def block(self, key_id: str, reason: str) -> None:
        """Answer a key with a refusal from now on, telling `reason`; raises UnknownName."""
        self._set(key_id, blocked=time.time(), reason=reason)

    def unblock(self, key_id: str) -> None:
        """Undo `block`; raises UnknownName."""
        self._set(key_id, blocked=None, reason="")

    def charge(self, asked: Sequence[Charge]) -> list[bool]:
        """Count the rows of each request against its key, in order; False where the wall or a block stands.

        One transaction: of two requests for the last row, in whatever process, one gets it.
        """
        with self._database.writing() as connection:
            return [_charge(connection, one) for one in asked]

    def _set(self, key_id: str, **values: object) -> None:
        self.get(key_id)
        with self._database.writing() as connection:
            connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(**values))


def _charge(connection: Connection, one: Charge) -> bool:
    total = api_keys.c.spent + one.rows
    without_own = True if one.budget is None else total <= one.budget
    within = or_(total <= api_keys.c.budget, api_keys.c.budget.is_(None) & without_own)
    active = api_keys.c.revoked.is_(None) & api_keys.c.blocked.is_(None)
    wanted = update(api_keys).where(api_keys.c.id == one.key_id, active, within).values(spent=total)
    return connection.execute(wanted).rowcount == 1


def _insert(connection: Connection, key_id: str, name: str, tier: Tier, **values: object) -> None:
    made = {"id": key_id, "name": name, "tier": tier.value, "created": time.time(), **values}
    connection.execute(insert(api_keys).values(**made))


def _row(connection: Connection, key_id: str) -> RowMapping | None:
    return connection.execute(select(api_keys).where(api_keys.c.id == key_id)).mappings().one_or_none()


def _key(row: RowMapping) -> ApiKey:
    values = {name: value for name, value in row.items() if name != "hash"}
    return ApiKey(**{**values, "tier": Tier(row["tier"])})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
