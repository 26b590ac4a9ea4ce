"""Where keys are handed out, listed and taken back: what the command line says about them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from inversion_core.errors import UnknownName
from inversion_core.settings import settings
from inversion_core.store.api_keys import ApiKey, KeyStore, Tier
from inversion_core.store.database import Database

GIVEN = (Tier.AUTHENTICATED, Tier.PARTNER)


def add(store_url: str, name: str, tier: str, budget: int | None, rate: int | None) -> str:
    """Make a key and return its token; raises UnknownName for a tier no key has."""
    if tier not in GIVEN:
        raise UnknownName(f"a key's tier is {' or '.join(GIVEN)}, {tier!r} was given; use one of these")
    with _keys(store_url) as keys:
        return keys.add(name, Tier(tier), budget=budget, rate=rate)[1]


def listed(store_url: str) -> list[dict[str, Any]]:
    """Return every key as plain values."""
    with _keys(store_url) as keys:
        return [_row(key) for key in keys.all()]


def revoke(store_url: str, key_id: str) -> None:
    """Take a key back; raises UnknownName."""
    with _keys(store_url) as keys:
        keys.revoke(key_id)


def told(rows: list[dict[str, Any]]) -> str:
    """Return the keys for a terminal."""
    if not rows:
        return "no keys; `key add NAME` makes one"
    lines = []
    for row in rows:
        budget = "no end" if row["budget"] is None else f"{row['budget']:,}"
        standing = (
            "revoked" if row["revoked"] else f"blocked: {row['reason']}" if row["blocked"] else "in use"
        )
        day = time.strftime("%Y-%m-%d", time.localtime(row["created"]))
        spent = f"{row['spent']:>9,} of {budget}"
        lines.append(f"{row['id']:<16}  {row['tier']:<13}  {spent}  {day}  {standing}  {row['name']}")
    return "\n".join(lines)


@contextmanager
def _keys(store_url: str) -> Iterator[KeyStore]:
    database = Database(store_url or settings().store)
    try:
        yield KeyStore(database)
    finally:
        database.close()


def _row(key: ApiKey) -> dict[str, Any]:
    return {**vars(key), "tier": key.tier.value}
