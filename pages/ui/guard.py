"""The first line of every page: only the frame opens pages.

A folder called `pages` has its own history in Streamlit: files directly in it can be served without the frame
ever running. Ours lie one level down and ask here as well, so that a check added to the frame holds for all.
"""

import streamlit as st

_ADMITTED = "_admitted"


def admit() -> None:
    """Let the page of this script run through; called by the frame only."""
    st.session_state[_ADMITTED] = True


def require() -> None:
    """Stop the page unless the frame let it through in this very run."""
    if not st.session_state.pop(_ADMITTED, False):
        st.error("Pages open through the app, this one was opened on its own; go to the app's address.")
        st.stop()
