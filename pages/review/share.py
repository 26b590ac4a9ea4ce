"""Share: one stored report or run, shown to whoever has the link."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Shared result", anchor=False)
words.question("What did an attack on this model get, as it was stored when somebody shared it?")

with st.skeleton(height=600):
    # Torch comes with these: once a process, and only after the title is painted.
    from pages.ui import share_page

    share_page.show()
