"""Definitions a reader taps on, all from one file."""

from functools import lru_cache
from typing import NamedTuple

import streamlit as st
import yaml

from inversion_core.settings import ASSETS

FILE = ASSETS / "reference" / "glossary.yaml"


class Entry(NamedTuple):
    """A word and its meaning in one or two sentences."""

    term: str
    text: str


@lru_cache(maxsize=1)
def entries() -> dict[str, Entry]:
    """Return all entries by key, in the order of the file."""
    return {key: Entry(**entry) for key, entry in yaml.safe_load(FILE.read_text()).items()}


def terms(*keys: str, key: str) -> None:
    """Offer the meanings of the words a page uses, behind one tap."""
    with st.popover("Words used here", icon=":material/menu_book:", key=key):
        for name in keys:
            entry = entries()[name]
            st.markdown(f"**{entry.term}**. {entry.text}")
