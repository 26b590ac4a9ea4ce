"""Compare: every defence against every attack, and against attackers who know the defence."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Compare", anchor=False)
words.question(
    "Which defence stops which attack, which one only hides what is still there, and at what cost?"
)

with st.skeleton(height=600):
    from pages.ui import compare_page

    compare_page.show()
