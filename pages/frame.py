"""The frame around every page: page settings, look and navigation; nothing else."""

import streamlit as st

from inversion_core.settings import ASSETS
from pages.ui import guard, places

THEME = ASSETS / "theme"


def show() -> None:
    """Run the page of this visit. Sections are journeys; a page enters the navigation when it works."""
    st.set_page_config(
        page_title="Model inversion lab",
        page_icon=str(THEME / "icon.png"),
        layout="wide",
        initial_sidebar_state=230,
    )
    st.logo(str(THEME / "icon.png"), size="large")
    st.html(THEME / "style.css")
    page = st.navigation(
        {
            "Learn": [st.Page(places.START, title="Start", icon=":material/home:", default=True)],
            "Lab": [
                st.Page(places.ATTACK, title="Attack", icon=":material/target:"),
                st.Page(places.RUNS, title="Runs", icon=":material/history:"),
                st.Page(places.RUN, title="Run", visibility="hidden"),
            ],
        }
    )
    guard.admit()
    page.run()


if __name__ == "__main__":
    show()
