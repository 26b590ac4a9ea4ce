"""The cards of the Attack page: target, defence, exposure, attack, each with a sentence; the rest folded.

What exists is asked of the registry, what a card says comes from docstrings and trained models' cards.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from inversion_core.choices import Choice, Exposure
from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import OutputDefence, UpdateDefence
from inversion_core.places import PLACES, place_of
from inversion_core.registry import attacks_of, components, find, targets_for
from inversion_core.scenario import Scenario
from inversion_core.values import Family, Modality
from pages.ui import cards
from pages.ui.cards import Draft
from pages.ui.params_form import params_form

NONE = "none"
CUSTOM = "custom"


def prefill(scenario: Scenario) -> None:
    """Set the form to a scenario, before its widgets are drawn."""
    place, added = _place_and_more(scenario)
    defences = [*scenario.target.defences, *added]
    st.session_state["target"] = scenario.target.name
    st.session_state["defence"] = defences[0].name if defences else NONE
    st.session_state["exposure"] = place
    st.session_state["attack"] = scenario.attack.name
    st.session_state["dataset"] = scenario.dataset.name
    st.session_state["prefilled"] = scenario.model_dump(mode="json")


def four_cards() -> Draft:
    """Draw the four cards and return what was chosen, parameters not yet."""
    target = cards.component(
        "Target", "target", targets_for(Family.INVERSION, modality=Modality.IMAGE), default="cnn"
    )
    defences = {
        name: kind for name, kind in components("defences").items() if not issubclass(kind, UpdateDefence)
    }
    defence = cards.component("Defence", "defence", {NONE: None, **defences}, default=NONE)
    place = cards.exposure("exposure", _levels(), default=PLACES[0].name)
    attack = cards.component("Attack", "attack", attacks_of(Family.INVERSION), default="plug-and-play")
    draft: Draft = {
        "target": {"name": target, "params": {}, "defences": []},
        "exposure": _exposure(place),
        "attack": {"name": attack, "params": {}},
    }
    if defence != NONE:
        side = "exposure" if issubclass(find("defences", defence), OutputDefence) else "target"
        draft[side]["defences"].append({"name": defence, "params": {}})
    return draft


def advanced(draft: Draft) -> Draft:
    """Draw everything that has a sensible default, folded away, and return the draft completed."""
    before = st.session_state.get("prefilled", {})
    with st.expander("Advanced settings", icon=":material/tune:", key="advanced"):
        _dataset(draft, before)
        fixed = len(_exposure(st.session_state["exposure"])["defences"])
        cards.parameters(draft, before, Modality.IMAGE, fixed=fixed)
        cards.limits(
            draft,
            before,
            whom="People attacked, counted from the first; empty attacks everybody.",
        )
        cards.monitor(draft, before)
    return draft


def _place_and_more(scenario: Scenario) -> tuple[str, tuple[Choice, ...]]:
    """Return the place of a scenario's exposure and the one defence it adds to that at most; CUSTOM and no
    defence where no place fits.
    """
    exposure, defences = scenario.exposure, scenario.exposure.defences
    if (place := place_of(exposure)) is not None:
        return place.name, ()
    without = exposure.model_copy(update={"defences": defences[:-1]})
    if not scenario.target.defences and (place := place_of(without)) is not None:
        return place.name, defences[-1:]
    return CUSTOM, ()


def _levels() -> dict[str, tuple[str, str]]:
    """Return place -> its title and sentence; last the exposure of an earlier run that equals no place."""
    levels = {place.name: (place.title, place.sentence) for place in PLACES}
    if (earlier := _earlier()) is not None:
        defences = ", ".join(choice.name for choice in earlier.defences) or "no defence of the answers"
        levels[CUSTOM] = ("Custom", f"As in the earlier run: {earlier.access} access, {defences}.")
    return levels


def _earlier() -> Exposure | None:
    """Return the exposure of the run this form was filled in from, where it equals no place."""
    before = st.session_state.get("prefilled")
    if before is None:
        return None
    scenario = Scenario.model_validate(before)
    return scenario.exposure if _place_and_more(scenario)[0] == CUSTOM else None


def _exposure(name: str) -> Draft:
    """Return the exposure of a place, or of the earlier run, as a draft without a budget."""
    presets = {place.name: place.exposure for place in PLACES}
    preset = _earlier() if name == CUSTOM else presets[name]
    assert preset is not None, "custom is offered only where an earlier run has such an exposure"
    draft: Draft = preset.model_dump(mode="json", include={"access", "defences"})
    return draft | {"query_budget": None}


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
