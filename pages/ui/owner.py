"""Whose browser this is, without a login: everybody who launches can find and cancel their own runs again.

Streamlit gives each browser a random cookie against cross-site requests; its digest is the owner's name. It
survives a refresh, a page switch and a second tab, appears in no link that could be passed on, and ends with
the browser's session. Clients without cookies (tests, scripts) get a name for as long as their session.
"""

import hashlib
import secrets

import streamlit as st

_COOKIE = "_streamlit_xsrf"
_FALLBACK = "_owner"


def owner() -> str:
    """Return the owner's name, 32 hexadecimal digits."""
    token = _token(st.context.cookies.get(_COOKIE, ""))
    if token is None:
        return str(st.session_state.setdefault(_FALLBACK, secrets.token_hex(16)))
    return hashlib.sha256(b"owner" + token).hexdigest()[:32]


def _token(cookie: str) -> bytes | None:
    """Return the constant part of `2|mask|token ^ mask|time`; the mask is drawn anew for each answer."""
    parts = cookie.strip('"').split("|")
    if len(parts) != 4 or parts[0] != "2":
        return None
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except ValueError:
        return None
    if not mask or not masked:
        return None
    return bytes(byte ^ mask[place % len(mask)] for place, byte in enumerate(masked))
