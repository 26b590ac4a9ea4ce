"""Risk review: what an attacker got from one system as deployed, and what was decided."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Risk review", anchor=False)
words.question(
    "What could an attacker get from this system as deployed, what do its controls change, and what was "
    "decided?"
)

with st.skeleton(height=600):
    from pages.ui import review_page

    review_page.show()
