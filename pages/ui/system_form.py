"""The form of an exhibit whose systems are no classifiers of people: data, target, defence, access,
attack.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from inversion_core.attacks.base import Attack
from inversion_core.component import Component
from inversion_core.registry import components, find, targets_for
from inversion_core.values import Access, Family, Modality
from pages.ui import cards
from pages.ui.cards import Draft

NONE = "none"


def form(
    before: Mapping[str, Any],
    family: Family,
    attack: type[Attack],
    *,
    datasets: tuple[str, ...],
    defences: tuple[str, ...],
    levels: Mapping[str, tuple[str, str]],
) -> Draft:
    """Draw the choices for one attack, filled in from the scenario `before`, and return the draft."""
    prefix = f"{attack.name}-"
    modality = attack.modality or Modality.TABLE
    found = components("datasets", modality)
    targets = targets_for(family, modality=modality)
    _follow(before, prefix, attack.name)
    data = cards.component("Data", f"{prefix}dataset", {n: found[n] for n in datasets}, default=datasets[0])
    first = "decision-tree" if "decision-tree" in targets else next(iter(targets))
    target = cards.component("Target", f"{prefix}target", targets, default=first)
    offered: dict[str, type[Component] | None] = {NONE: None, **{n: find("defences", n) for n in defences}}
    defence = cards.component("Defence", f"{prefix}defence", offered, default=NONE)
    access = cards.exposure(f"{prefix}exposure", levels, default=next(iter(levels)))
    draft: Draft = {
        "dataset": {"name": data, "options": {}, "path": None},
        "target": {"name": target, "params": {}, "defences": []},
        "exposure": {"access": access, "query_budget": None, "defences": []},
        "attack": {"name": attack.name, "params": {}},
    }
    if defence != NONE:
        draft["target"]["defences"].append({"name": defence, "params": {}})
    with st.expander("Advanced settings", icon=":material/tune:", key=f"{prefix}advanced"):
        cards.parameters(draft, before, modality, prefix=prefix)
        cards.limits(draft, before, whom="Victims, counted from the first; empty takes all.", prefix=prefix)
    return draft


def only(access: Access, title: str, sentence: str) -> dict[str, tuple[str, str]]:
    """Return the levels of an exhibit that has one."""
    return {access.value: (title, sentence)}


def _follow(before: Mapping[str, Any], prefix: str, attack: str) -> None:
    """Set the widgets to an earlier scenario of this attack, once."""
    followed = f"{prefix}followed"
    if not before or before["attack"]["name"] != attack or st.session_state.get(followed) == before:
        return
    st.session_state[followed] = dict(before)
    st.session_state[f"{prefix}dataset"] = before["dataset"]["name"]
    st.session_state[f"{prefix}target"] = before["target"]["name"]
    chosen = before["target"].get("defences", [])
    st.session_state[f"{prefix}defence"] = chosen[0]["name"] if chosen else NONE
    st.session_state[f"{prefix}exposure"] = before["exposure"]["access"]
