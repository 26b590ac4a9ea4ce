"""What people type and what comes from outside, before it is stored: limited in length, and text."""

import hashlib
import re

from inversion_core.errors import InversionError

_ID = re.compile(r"[0-9a-f]{32}")


def checked(text: str, what: str, longest: int, *, least: int = 0) -> str:
    """Return the text; raises InversionError where it is too long, too short or cannot be stored as text."""
    if not least <= len(text) <= longest:
        raise InversionError(
            f"{what} has {least} to {longest:,} characters, {len(text):,} were given; "
            f"{'shorten it' if len(text) > longest else 'fill it in'}"
        )
    # Postgres keeps no zero byte, and no database half a character.
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise InversionError(f"{what} is text, and holds a byte that is none; type it again")
    return text


def is_id(text: str) -> bool:
    """Say whether a text has the form of an id: 128 bits as 32 hexadecimal digits."""
    return _ID.fullmatch(text) is not None


def sha256(text: str) -> str:
    """Return the hash by which the log knows a long text."""
    return hashlib.sha256(text.encode()).hexdigest()
