"""Run: one finished run with everything needed to judge it."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Run", anchor=False)
words.question("What did this attack recover, how good is it, and what does that not show?")

with st.skeleton(height=600):
    # Torch comes with these: once a process, and only after the title is painted.
    from pages.ui import run_page

    run_page.show()
