"""The cards of the Attack page: target, defence, exposure, attack, each with a sentence; the rest folded.

What exists is asked of the registry, what a card says comes from docstrings and trained models' cards.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from inversion_core.component import Component
from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import OutputDefence
from inversion_core.registry import components, find
from inversion_core.scenario import Scenario, sentences
from inversion_core.values import Access, Modality
from pages.ui import address, words
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
Draft = dict[str, Any]
"""A scenario as a dict, before it is checked."""


def prefill(scenario: Scenario) -> None:
    """Set the form to a scenario, before its widgets are drawn."""
    defences = [*scenario.target.defences, *scenario.exposure.defences]
    st.session_state["target"] = scenario.target.name
    st.session_state["defence"] = defences[0].name if defences else NONE
    st.session_state["exposure"] = scenario.exposure.access.value
    st.session_state["attack"] = scenario.attack.name
    st.session_state["dataset"] = scenario.dataset.name
    st.session_state["prefilled"] = scenario.model_dump(mode="json")


def cards() -> Draft:
    """Draw the four cards and return what was chosen, parameters not yet."""
    target = _card("Target", "target", _fitting("targets"), default="cnn")
    defence = _card("Defence", "defence", {NONE: None, **components("defences")}, default=NONE)
    access = _exposure()
    attack = _card("Attack", "attack", _fitting("attacks"), default="plug-and-play")
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
        for title, kind, choice, earlier in _parts(draft, before):
            component = find(kind, choice["name"])
            st.markdown(f"**{title}: {component.title}**")
            initial = earlier.get("params", {}) if earlier.get("name") == choice["name"] else {}
            choice["params"] = params_form(component.Params, key=f"{kind}-{choice['name']}", initial=initial)
        st.markdown("**Limits**")
        earlier = before.get("exposure", {}).get("query_budget")
        budget = st.number_input(
            "Query budget",
            min_value=1,
            value=earlier,
            step=1000,
            placeholder="no limit",
            help="Rows the attacker may ask of the model; the attack stops there.",
            key="budget",
        )
        draft["exposure"]["query_budget"] = budget
        draft["victims"] = _victims(before)
        draft["seed"] = st.number_input(
            "Seed",
            min_value=0,
            value=before.get("seed", 0),
            step=1,
            help="The same scenario with the same seed gives the same result.",
            key="seed",
        )
    return draft


def complete(draft: Draft) -> tuple[Scenario | None, list[str]]:
    """Return the scenario of a draft, or None and why it is none."""
    try:
        return Scenario.model_validate(draft), []
    except ValidationError as error:
        return None, sentences(error, "scenario")


def _card(label: str, key: str, options: Mapping[str, type[Component] | None], *, default: str) -> str:
    names = list(options)
    address.restore(key, names, default)
    with st.container(border=True, gap="xsmall", key=f"card-{key}"):
        chosen = st.selectbox(
            label,
            names,
            format_func=lambda name: kind.title if (kind := options[name]) else "None",
            key=key,
            on_change=address.keep,
            persist_state="session",
            args=(key,),
        )
        kind = options[chosen]
        words.quiet(kind.summary() if kind else "The model is trained and used as usual.")
    return str(chosen)


def _exposure() -> str:
    names = [access.value for access in EXPOSURES]
    address.restore("exposure", names, Access.WHITE_BOX.value)
    with st.container(border=True, gap="xsmall", key="card-exposure"):
        chosen = st.segmented_control(
            "Exposure",
            names,
            format_func=lambda value: EXPOSURES[Access(value)][0],
            required=True,
            wrap=True,
            key="exposure",
            on_change=address.keep,
            persist_state="session",
            args=("exposure",),
        )
        words.quiet(EXPOSURES[Access(str(chosen))][1])
    return str(chosen)


def _fitting(kind: str) -> dict[str, type[Component]]:
    """Return the components of a kind that work on pictures."""
    found = components(kind)
    return {name: part for name, part in found.items() if getattr(part, "modality", None) is Modality.IMAGE}


def _dataset(draft: Draft, before: Mapping[str, Any]) -> None:
    """Choose the people: the synthetic ones, or photographs on this machine."""
    kinds = {name: kind for name, kind in components("datasets").items() if issubclass(kind, Dataset)}
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


def _victims(before: Mapping[str, Any]) -> Any:
    """Return "all" or the first so many classes."""
    earlier = before.get("victims", "all")
    count = st.number_input(
        "Victims",
        min_value=1,
        value=None if earlier == "all" else len(earlier),
        step=1,
        placeholder="everybody",
        help="How many people are attacked, counted from the first; empty attacks everybody.",
        key="victims",
    )
    return "all" if count is None else list(range(count))


def _parts(draft: Draft, before: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Return title, kind, choice and the choice prefilled, of everything that has parameters."""
    parts = [("Target", "targets", draft["target"], before.get("target", {}))]
    for place in ("target", "exposure"):
        earlier = before.get(place, {}).get("defences", [])
        for choice in draft[place]["defences"]:
            match: dict[str, Any] = next((one for one in earlier if one["name"] == choice["name"]), {})
            parts.append(("Defence", "defences", choice, match))
    parts.append(("Attack", "attacks", draft["attack"], before.get("attack", {})))
    return parts
