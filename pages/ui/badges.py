"""Small marks that say where the data of a run comes from; the same on every page."""

import streamlit as st

from inversion_core.values import Modality

WHO = {
    Modality.IMAGE: ("people", ":material/person:"),
    Modality.TABLE: ("records", ":material/groups:"),
    Modality.TEXT: ("texts", ":material/notes:"),
}


def origin(*, synthetic: bool, modality: Modality) -> None:
    """Say whether the people behind the data exist."""
    who, icon = WHO[modality]
    if synthetic:
        st.badge(f"synthetic {who}", icon=":material/palette:", color="gray")
    else:
        st.badge(f"real {who}", icon=icon, color="orange")
