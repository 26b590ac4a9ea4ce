"""Who asks: the key behind a token, or the one of callers without."""

import time
from dataclasses import dataclass

from inversion_core.serving.forward import standing
from inversion_core.serving.refusals import Refusal
from inversion_core.serving.tiers import TIERS
from inversion_core.store.api_keys import ApiKey, KeyStore

REMEMBERED_SECONDS = 1.0
"""How long a found key is not looked up again; charging looks at revocation and blocks each time anyway."""
REMEMBERED = 1024
LONGEST_TOKEN = 200


@dataclass(frozen=True)
class Caller:
    """A key and what the rate is counted by: the key itself, or the address of an anonymous caller."""

    key: ApiKey
    counted_as: str

    @property
    def rate(self) -> int:
        """Rows a minute."""
        return TIERS[self.key.tier].rate if self.key.rate is None else self.key.rate


class Callers:
    """Tells callers apart by the Authorization header; the event loop uses it alone."""

    def __init__(self, keys: KeyStore, *, anonymous: bool) -> None:
        self._keys = keys
        self._nobody = keys.anonymous() if anonymous else None
        self._found: dict[str, tuple[float, ApiKey]] = {}

    def identify(self, authorization: str | None, address: str) -> Caller:
        """Return who asks; raises Refusal for a key that is unknown or not answered."""
        if authorization is None:
            if self._nobody is None:
                raise Refusal("token-unknown", "a key is needed; send it as Authorization: Bearer <key>")
            return Caller(self._nobody, f"address {address}")
        scheme, _, token = authorization.partition(" ")
        key = self._find(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise Refusal(
                "token-unknown", "the key is not known here; send a valid one as Authorization: Bearer <key>"
            )
        if found := standing(key):
            raise found
        return Caller(key, f"key {key.id}")

    def _find(self, token: str) -> ApiKey | None:
        if not token or len(token) > LONGEST_TOKEN:
            return None
        now = time.monotonic()
        at, known = self._found.get(token, (-REMEMBERED_SECONDS, None))
        if known is not None and now - at < REMEMBERED_SECONDS:
            return known
        key = self._keys.find(token)
        if len(self._found) >= REMEMBERED:
            self._found.clear()
        self._found.pop(token, None)
        if key is not None:
            self._found[token] = (now, key)
        return key
