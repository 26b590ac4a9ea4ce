"""Attributes: choose a table, a model and an attack; see what it learnt beyond what anyone could guess."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Attributes", anchor=False)
words.question(
    "What does a model give away about a person in its table, and what could anyone have guessed without it?"
)

with st.skeleton(height=600):
    # Torch comes with these: once a process, and only after the title is painted.
    from pages.ui import attributes_page

    attributes_page.show()
