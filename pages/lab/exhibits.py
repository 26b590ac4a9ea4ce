"""Exhibits: every other system that leaks, each with its attack, its defences and its stored runs."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Exhibits", anchor=False)
words.question(
    "Which other systems give people away: shared updates, answers about a record, copies, generators, "
    "released statistics?"
)

with st.skeleton(height=600):
    # Torch comes with these: once a process, and only after the title is painted.
    from pages.ui import exhibits_page

    exhibits_page.show()
