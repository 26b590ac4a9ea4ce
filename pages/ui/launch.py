"""From a checked scenario to a queued run: what stands in the way, how long it takes, and the button."""

from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from inversion_core import jobs
from inversion_core.defences.base import OutputDefence
from inversion_core.errors import InversionError
from inversion_core.registry import find
from inversion_core.scenario import Scenario, problems
from inversion_core.targets import catalogue
from inversion_core.targets.base import RemoteTarget, TargetCard
from inversion_core.values import Access, Family, Modality
from pages.ui import library
from pages.ui.owner import owner
from pages.ui.words import duration, percent

_ERROR = "launch_error"
AGAINST_ONE_MODEL = (Family.INVERSION, Family.ATTRIBUTES, Family.GRADIENTS, Family.EXTRACTION)
"""Families whose attacks need one trained classifier and no other model."""


@dataclass(frozen=True)
class Readiness:
    """Whether the target is trained already, and what to say about it."""

    trained: bool
    sentence: str


def readiness(scenario: Scenario) -> Readiness:
    """Say whether the target of a valid scenario is at hand, or about how long its training takes."""
    dataset, target = scenario.make_dataset(), scenario.make_target()
    if isinstance(target, RemoteTarget):
        return Readiness(True, "Runs elsewhere and is asked over the network: nothing is trained here.")
    if scenario.exposure.round is not None and not scenario.exposure.round.trained:
        return Readiness(True, "The round starts from an untrained network: starts at once.")
    if scenario.family() not in AGAINST_ONE_MODEL:
        return Readiness(False, "This exhibit trains what it needs first, once; that takes minutes.")
    key = catalogue.target_key(dataset, target, scenario.training_defences())
    card = _cards().get(key)
    if card is not None:
        return Readiness(
            True,
            f"Trained and shipped, {percent(card.test_accuracy)} right on unseen {_what(scenario)}: "
            "starts at once.",
        )
    if catalogue.where(key) is not None:
        return Readiness(True, "Trained on this machine before: starts at once.")
    seconds = _usual(scenario)
    unknown = "minutes" if _what(scenario) == "photos" else "seconds to a minute"
    long = f"about {duration(seconds)}" if seconds else unknown
    return Readiness(False, f"This model is not trained yet: training comes first and takes {long}, once.")


def button(scenario: Scenario | None, found: list[str]) -> None:
    """Draw the one primary button, disabled only while there are problems, which stand beside it in words."""
    if scenario is not None:
        found = found + problems(scenario)
    _draw(scenario, disabled=bool(found))
    for problem in found:
        st.warning(problem, icon=":material/rule:")
    if error := st.session_state.pop(_ERROR, None):
        st.error(error, icon=":material/error:")
    if scenario is not None and not found:
        st.caption(readiness(scenario).sentence)
        if remark := pointless(scenario):
            st.caption(remark)


def waiting(reason: str) -> None:
    """Draw the button before there is anything to launch, and say what it waits for."""
    _draw(None, disabled=True)
    st.caption(reason)


def pointless(scenario: Scenario) -> str | None:
    """Return a remark where a defence of the answers meets an attacker who does not see what it changes."""
    access = scenario.exposure.access
    for choice in scenario.exposure.defences:
        kind = find("defences", choice.name)
        if not issubclass(kind, OutputDefence) or access not in kind.untouched:
            continue
        if access is Access.LABELS:
            return f"{kind.title}: leaves every label as it was, and labels are all this service gives."
        return f"{kind.title} changes what a service answers; whoever holds the weights never sees it."
    return None


def _draw(scenario: Scenario | None, *, disabled: bool) -> None:
    st.button(
        "Launch",
        key="launch",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=disabled,
        on_click=_launch,
        args=(scenario,),
    )


def _launch(scenario: Scenario) -> None:
    try:
        run_id = jobs.submit(scenario, owner())
    except InversionError as error:
        st.session_state[_ERROR] = str(error)
        return
    st.query_params["run"] = run_id


def _what(scenario: Scenario) -> str:
    return "records" if library.modality(scenario) is Modality.TABLE else "photos"


def _usual(scenario: Scenario) -> float | None:
    """Return the seconds a like target took where it was trained; None where none is shipped."""
    wanted = [choice.name for choice in scenario.target.defences]
    like = [card for card in _cards().values() if card.target == scenario.target.name]
    same = [card.seconds for card in like if [one["name"] for one in card.defences] == wanted]
    seconds = same or [card.seconds for card in like]
    return max(seconds) if seconds else None


@lru_cache(maxsize=1)
def _cards() -> dict[str, TargetCard]:
    """Return the shipped targets' cards by key; they do not change while the server runs."""
    return {card.key: card for card in catalogue.shipped()}
