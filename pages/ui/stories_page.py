"""The Stories page: choose a story, read its beats, see its evidence, go on in the lab."""

import streamlit as st

from inversion_core.errors import InversionError
from pages.ui import address, stories, words
from pages.ui.stories import Story

CHOSEN = "story"


def show() -> None:
    """Draw the chooser and the chosen story."""
    every = stories.every()
    address.restore(CHOSEN, list(every), next(iter(every)))
    chosen = str(
        st.segmented_control(
            "Story",
            list(every),
            format_func=lambda name: every[name].title,
            required=True,
            wrap=True,
            label_visibility="collapsed",
            key=CHOSEN,
            on_change=address.keep,
            args=(CHOSEN,),
        )
    )
    _tell(every[chosen])
    names = list(every)
    following = names[(names.index(chosen) + 1) % len(names)]
    st.button(
        f"Next: {every[following].title}",
        icon=":material/arrow_forward:",
        key="next-story",
        on_click=_turn,
        args=(following,),
    )


def _tell(story: Story) -> None:
    st.header(story.title, anchor=False)
    for beat in story.beats:
        words.beat(beat)
    try:
        story.draw()
    except InversionError as error:
        st.error(str(error), icon=":material/error:")
    st.page_link(story.place, label=story.door, icon=":material/door_open:", query_params=dict(story.preset))


def _turn(name: str) -> None:
    st.session_state[CHOSEN] = name
    address.keep(CHOSEN)
