"""Stories: short cases told from stored evidence, in an order that teaches."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Stories", anchor=False)
words.question("What does each way of leaking look like, and what would have stopped it?")

with st.skeleton(height=600):
    # Torch comes with these: once a process, and only after the title is painted.
    from pages.ui import stories_page

    stories_page.show()
