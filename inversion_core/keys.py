"""Content keys: equal parts, equal key."""

import hashlib
import json


def content_key(parts: object) -> str:
    """Return the sha256 of canonical JSON (sorted keys, no spaces)."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
