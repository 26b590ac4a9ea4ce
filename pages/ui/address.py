"""Choices that live in the address: a refresh keeps them, and an exercise can be handed out as a link.

Streamlit can bind a widget to the address itself, but writes the words on the screen there; names are stable.
"""

from collections.abc import Sequence

import streamlit as st


def restore(key: str, options: Sequence[str], default: str) -> None:
    """Give a widget of that key its first value: from the address where it names one of `options`."""
    if key not in st.session_state:
        named = st.query_params.get(key)
        st.session_state[key] = named if named in options else default if default in options else options[0]


def keep(key: str) -> None:
    """Write the value of a widget into the address; a callback."""
    st.query_params[key] = str(st.session_state[key])
