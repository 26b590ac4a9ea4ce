"""Controls: what was attacked and what was not, what is known of each control, and what both rest on."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Controls", anchor=False)
words.question("Which attacks were really run, which were not, and what is known of each control?")

with st.skeleton(height=600):
    from pages.ui import controls_page

    controls_page.show()
