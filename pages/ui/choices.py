"""The cards of the Attack page: target, defence, exposure, attack, each with a sentence; the rest folded.

What exists is asked of the registry, what a card says comes from docstrings and trained models' cards.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import OutputDefence
from inversion_core.registry import components, find
from inversion_core.scenario import Scenario
from inversion_core.values import Access, Modality
from pages.ui import cards
from pages.ui.cards import Draft
from pages.ui.params_form import params_form

NONE = "none"
EXPOSURES = {
    Access.WHITE_BOX: (
        "Weights",
        "The attacker holds the model itself and may compute with it: a stolen or published model.",
    ),
    Access.SCORES: ("Scores", "The attacker may ask a service and gets a score for every person."),
    Access.LABELS: ("Labels", "The attacker may ask a service and gets only the name it answers with."),
}


def prefill(scenario: Scenario) -> None:
    """Set the form to a scenario, before its widgets are drawn."""
    defences = [*scenario.target.defences, *scenario.exposure.defences]
    st.session_state["target"] = scenario.target.name
    st.session_state["defence"] = defences[0].name if defences else NONE
    st.session_state["exposure"] = scenario.exposure.access.value
    st.session_state["attack"] = scenario.attack.name
    st.session_state["dataset"] = scenario.dataset.name
    st.session_state["prefilled"] = scenario.model_dump(mode="json")


def four_cards() -> Draft:
    """Draw the four cards and return what was chosen, parameters not yet."""
    target = cards.component("Target", "target", components("targets", Modality.IMAGE), default="cnn")
    defence = cards.component("Defence", "defence", {NONE: None, **components("defences")}, default=NONE)
    access = cards.exposure("exposure", EXPOSURES, default=Access.WHITE_BOX)
    attack = cards.component(
        "Attack", "attack", components("attacks", Modality.IMAGE), default="plug-and-play"
    )
    draft: Draft = {
        "target": {"name": target, "params": {}, "defences": []},
        "exposure": {"access": access, "query_budget": None, "defences": []},
        "attack": {"name": attack, "params": {}},
    }
    if defence != NONE:
        place = "exposure" if issubclass(find("defences", defence), OutputDefence) else "target"
        draft[place]["defences"].append({"name": defence, "params": {}})
    return draft


def advanced(draft: Draft) -> Draft:
    """Draw everything that has a sensible default, folded away, and return the draft completed."""
    before = st.session_state.get("prefilled", {})
    with st.expander("Advanced settings", icon=":material/tune:", key="advanced"):
        _dataset(draft, before)
        cards.parameters(draft, before, Modality.IMAGE)
        cards.limits(
            draft,
            before,
            whom="People attacked, counted from the first; empty attacks everybody.",
        )
    return draft


def _dataset(draft: Draft, before: Mapping[str, Any]) -> None:
    """Choose the people: the synthetic ones, or photographs on this machine."""
    kinds = {
        name: kind
        for name, kind in components("datasets", Modality.IMAGE).items()
        if issubclass(kind, Dataset)
    }
    names = sorted(kinds, key=lambda name: name != "people")
    name = str(st.selectbox("Dataset", names, format_func=lambda name: kinds[name].title, key="dataset"))
    earlier = before.get("dataset", {})
    same = earlier.get("name") == name
    draft["dataset"] = {"name": name, "options": {}, "path": None}
    if kinds[name].takes_path:
        path = st.text_input(
            "Folder of photographs on this machine",
            value=(earlier.get("path") or "") if same else "",
            placeholder="/home/me/photos, one sub-folder a person",
            key=f"path-{name}",
        )
        draft["dataset"]["path"] = path or None
    initial = earlier.get("options", {}) if same else {}
    draft["dataset"]["options"] = params_form(kinds[name].Params, key=f"datasets-{name}", initial=initial)
