"""Monitor: honest and attack traffic as they come, and whom an attack recovers before it is noticed."""

import streamlit as st

from pages.ui import words
from pages.ui.guard import require

require()
st.title("Monitor", anchor=False)
words.question("When does whoever runs the service notice, and whom has the attacker recovered by then?")

with st.skeleton(height=600):
    from pages.ui import monitor_page

    monitor_page.show()
