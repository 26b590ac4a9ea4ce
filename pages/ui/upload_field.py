"""A file somebody gives: asked for, kept by content, shown as kept, and deleted when they say so."""

import streamlit as st

from pages.ui import uploads, words
from pages.ui.uploads import Upload

PROMISE = (
    "kept on this machine only, under a code made from its content, so that runs can be repeated. Whoever "
    "has a run's link sees its guesses."
)


def ask(title: str, key: str) -> Upload | None:
    """Ask for a CSV and return it once kept; it stays when the visitor comes back from another page.

    Raises StoreUnavailable.
    """
    turn = st.session_state.get(f"{key}-turn", 0)
    given = st.file_uploader(title, type="csv", key=f"{key}-{turn}", help="At most 20 MB.")
    if given is not None and st.session_state.get(f"{key}-seen") != given.file_id:
        st.session_state[f"{key}-seen"] = given.file_id
        st.session_state[key] = uploads.keep(given.getvalue(), given.name)
    kept: Upload | None = st.session_state.get(key)
    if kept is not None:
        words.quiet(f"In use: {kept.called}, {PROMISE}")
        st.button(
            "Delete it",
            key=f"{key}-forget",
            icon=":material/delete:",
            type="tertiary",
            on_click=_forget,
            args=(key, turn),
        )
    return kept


def _forget(key: str, turn: int) -> None:
    uploads.forget(st.session_state.pop(key))
    st.session_state[f"{key}-turn"] = turn + 1  # an uploader of another key holds no file
