"""Runs: everything that was launched on this installation, the latest first."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Runs", anchor=False)
words.question("What was tried, by whom, and what came of it?")

with st.skeleton(height=600):
    # Torch comes with these: once a process, and only after the title is painted.
    from pages.ui import runs_page

    runs_page.show()
