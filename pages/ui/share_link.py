"""Making and taking back links to a stored report or run, beside it."""

import time
from urllib.parse import urljoin

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.risk.audit import Actor
from inversion_core.store.shares import Share
from pages.ui import library, words
from pages.ui.owner import owner

DAYS = {1: "1 day", 7: "7 days", 30: "30 days"}
ROLE = "visitor"


def share_link(kind: str, subject: str, *, key: str) -> None:
    """Offer links to a report or a final run (`kind`), and show those there are."""
    with st.popover("Share", icon=":material/link:", key=key):
        words.quiet(
            "Whoever has the link sees this result, and nothing else, until it expires or you take it back. "
            "Faces of real people stay blurred."
        )
        days = st.segmented_control(
            "Open for", list(DAYS), default=7, format_func=DAYS.__getitem__, required=True, key=f"{key}-days"
        )
        st.button("Make a link", key=f"{key}-make", on_click=_make, args=(kind, subject, days, key))
        if error := st.session_state.pop(f"{key}-error", None):
            st.error(error, icon=":material/error:")
        if link := st.session_state.get(f"{key}-link"):
            st.code(urljoin(st.context.url or "", f"share?id={link}"), language=None)
            words.quiet("Copy it now: it is shown in this tab only, and kept nowhere.")
        for one in library.store().shares(subject):
            _listed(one, key)


def _listed(one: Share, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        until = time.strftime("%Y-%m-%d", time.gmtime(one.expires))
        count = {0: "by nobody yet", 1: "once"}.get(one.views, f"{one.views} times")
        state = f"open until {until}" if one.open else "taken back" if one.revoked else "expired"
        words.quiet(f"{one.name}: {state}, opened {count}")
        if one.open:
            st.button(
                f"Take back {one.name}", key=f"{key}-{one.name}", on_click=_revoke, args=(one.name, key)
            )


def _make(kind: str, subject: str, days: int, key: str) -> None:
    try:
        made = library.store().create_share(kind, subject, Actor(owner(), ROLE), days)
        st.session_state[f"{key}-link"] = made
    except InversionError as error:
        st.session_state[f"{key}-error"] = str(error)


def _revoke(name: str, key: str) -> None:
    try:
        library.store().revoke_share(name, Actor(owner(), ROLE))
        st.session_state.pop(f"{key}-link", None)
    except InversionError as error:
        st.session_state[f"{key}-error"] = str(error)
