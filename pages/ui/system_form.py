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
    if before and before["attack"]["name"] == attack.name:
        cards.follow(before, prefix, _chosen(before))
    data = cards.component("Data", f"{prefix}dataset", {n: found[n] for n in datasets}, default=datasets[0])
    first = "decision-tree" if "decision-tree" in targets else next(iter(targets))
    target = cards.component("Target", f"{prefix}target", targets, default=first)
    offered: dict[str, type[Component] | None] = {NONE: None, **{n: find("defences", n) for n in defences}}
    defence = cards.component("Defence", f"{prefix}defence", offered, default=NONE)
    access = cards.exposure(f"{prefix}exposure", levels, default=next(iter(levels)))
    draft: Draft = {
        "dataset": cards.dataset(before, data),
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


def _chosen(before: Mapping[str, Any]) -> dict[str, str]:
    return {
        "dataset": before["dataset"]["name"],
        "target": before["target"]["name"],
        "defence": next((one["name"] for one in before["target"]["defences"]), NONE),
        "exposure": before["exposure"]["access"],
    }
