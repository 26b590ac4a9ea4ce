"""The Controls page: what was run and what was not first, then each control, a case, and the policies."""

import streamlit as st

from inversion_core.errors import InversionError
from inversion_core.risk.coverage import Coverage
from inversion_core.risk.references import ATLAS, versions
from pages.ui import glossary, scores, words
from pages.ui.controls_coverage import Seen, coverage_list, look
from pages.ui.controls_list import controls
from pages.ui.controls_references import case
from pages.ui.controls_statements import policies

LIMITS = (
    "That what was not attacked is safe. A run speaks of the attack, the access and the model it was run "
    "with, and of nothing else.",
    "What holds for your own system. The stored comparisons are of made-up people and public tables; a risk "
    "review says what was run against one system.",
    "What the law requires of you. The references help to find the place to read; how they belong to attacks "
    "and controls is this project's own reading, since nobody publishes it by id.",
    "That a reference is right where it says it is from memory: nobody has checked it.",
)


def show() -> None:
    """Draw the page from stored runs."""
    try:
        seen = look()
    except InversionError as error:
        st.error(str(error), icon=":material/error:")
        return
    words.verdict(sentence(seen.both), side="neither")
    coverage_list(seen)
    with st.container(horizontal=True):
        scores.not_shown(LIMITS, key="limits-controls")
        glossary.terms("attack", "attacker", "defence", "exposure", "interval", key="words-controls")
    version = _controls(seen)
    case(version)
    policies(version)


def sentence(found: Coverage) -> str:
    """Return how many of the five classes were run, in words."""
    by_word = {
        word: [one for one in found.tested if one.word == word] for word in ("RUN", "RUN IN PART", "NOT RUN")
    }
    told = ", ".join(
        f"{len(ones)} {how}"
        for ones, how in zip(by_word.values(), ("run", "run in part", "not run at all"), strict=True)
        if ones
    )
    missing = [one.title.lower() for one in by_word["NOT RUN"]]
    names = f" Nothing here speaks about {' or '.join(missing)}." if missing else ""
    return (
        f"Of the {len(found.tested)} classes of attack that the European Data Protection Board names for "
        f"tests: {told}.{names}"
    )


def _controls(seen: Seen) -> str:
    """Draw the list with its search, and return the chosen version of ATLAS."""
    st.header("Controls, and what was measured of them", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            placeholder="control, id, framework, word",
            key="controls-search",
            type="search",
            live="300ms",
            bind="query-params",
        )
        kind = st.segmented_control(
            "Show", ["all", "measured", "not measured", "contested"], default="all", required=True,
            key="controls-kind", wrap=True,
        )  # fmt: skip
        known = versions(ATLAS)
        version = st.selectbox(
            "Names as in ATLAS", known, index=len(known) - 1, key="controls-atlas", width=160
        )
    controls(seen, str(text or ""), str(kind), str(version))
    return str(version)
