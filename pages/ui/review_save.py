"""Saving an assessment as it is written: every change at once, over the revision the page was drawn from."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from pydantic import ValidationError

from inversion_core.errors import InversionError
from inversion_core.risk.assessment import Assessment
from inversion_core.scenario import sentences
from pages.ui import library
from pages.ui.owner import owner
from pages.ui.review_case import Case

ERROR = "review_error"
Change = Callable[[dict[str, Any], Any], None]
"""Puts the value of a widget into the document."""


def kept(case: Case, change: Change, key: str) -> None:
    """Put the value of the widget `key` into the document and save it; called when the widget changes."""
    save(case, lambda document: change(document, st.session_state[key]))


def save(case: Case, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the document and save it; a refusal is told on the page and changes nothing."""
    document = case.assessment.model_dump(mode="json")
    change(document)
    try:
        whole = Assessment.model_validate(document)
        library.store().save_assessment(case.id, whole.model_dump_json(), owner(), case.revision)
    except ValidationError as error:
        st.session_state[ERROR] = " ".join(sentences(error, "assessment"))
    except InversionError as error:
        st.session_state[ERROR] = str(error)


def context(name: str) -> Change:
    """Return what puts a value into a field of the context."""

    def change(document: dict[str, Any], value: Any) -> None:
        document["context"][name] = value

    return change
