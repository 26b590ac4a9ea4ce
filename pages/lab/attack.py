"""Attack: choose model, defence, exposure and attack; press one button; watch the people form."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Attack", anchor=False)
words.question(
    "What does this model give away about the people it was trained on, and does the defence help?"
)

with st.skeleton(height=600):
    # Torch comes with these: once a process, and only after the title is painted.
    from pages.ui import attack_page

    attack_page.show()
