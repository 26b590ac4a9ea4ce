"""The frame around every page: page settings, look and navigation; nothing else."""

from itertools import chain

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from inversion_core.settings import ASSETS
from pages.ui import guard, places, words

THEME = ASSETS / "theme"


def show() -> None:
    """Run the page of this visit. Sections are journeys; a page enters the navigation when it works."""
    st.set_page_config(
        page_title="Model inversion lab",
        page_icon=str(THEME / "icon.png"),
        layout="wide",
        initial_sidebar_state=230,
    )
    st.html(THEME / "style.css")
    journeys = {
        "Learn": [
            st.Page(places.START, title="Start", icon=":material/home:", default=True),
            st.Page(places.STORIES, title="Stories", icon=":material/auto_stories:"),
        ],
        "Lab": [
            st.Page(places.ATTACK, title="Attack", icon=":material/target:"),
            st.Page(places.ATTRIBUTES, title="Attributes", icon=":material/table_chart:"),
            st.Page(places.COMPARE, title="Compare", icon=":material/grid_on:"),
            st.Page(places.RUNS, title="Runs", icon=":material/history:"),
            st.Page(places.MONITOR, title="Monitor", icon=":material/radar:"),
        ],
        "Review": [
            st.Page(places.REVIEW, title="Risk review", icon=":material/gavel:"),
            st.Page(places.CONTROLS, title="Controls", icon=":material/fact_check:"),
        ],
    }
    opened_by_link = st.Page(places.RUN, title="Run", visibility="hidden")
    shared = st.Page(places.SHARE, title="Shared result", visibility="hidden")
    page = st.navigation([*chain(*journeys.values()), opened_by_link, shared], position="hidden")
    if page.url_path != shared.url_path:  # whoever was sent a link sees what it shows, and no more
        _menu(journeys)
    guard.admit()
    page.run()


def _menu(journeys: dict[str, list[StreamlitPage]]) -> None:
    st.logo(str(THEME / "icon.png"), size="large")
    # Streamlit's own menu nests its sections in a way screen readers cannot follow, so ours is drawn here.
    with st.sidebar.container(gap="xxsmall"):
        for journey, pages in journeys.items():
            words.journey(journey)
            for one in pages:
                st.page_link(one, width="stretch")


if __name__ == "__main__":
    show()
