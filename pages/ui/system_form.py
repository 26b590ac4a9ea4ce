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
    mine = bool(before) and before["attack"]["name"] == attack.name
    if mine:
        cards.follow(before, prefix, _chosen(before))
    own = before["dataset"]["name"] if mine else datasets[0]  # of the command line, it may be another
    named = {n: found[n] for n in (*datasets, own)}
    data = cards.component("Data", f"{prefix}dataset", named, default=datasets[0])
    first = "decision-tree" if "decision-tree" in targets else next(iter(targets))
    target = cards.component("Target", f"{prefix}target", targets, default=first)
    earlier = cards.first_defence(before) if mine else cards.NONE
    known = dict.fromkeys([*defences, *([] if earlier == cards.NONE else [earlier])])
    offered: dict[str, type[Component] | None] = {
        cards.NONE: None,
        **{n: find("defences", n) for n in known},
    }
    defence = cards.component("Defence", f"{prefix}defence", offered, default=cards.NONE)
    access = cards.exposure(f"{prefix}exposure", levels, default=next(iter(levels)))
    draft: Draft = {
        "dataset": cards.dataset(before, data),
        "target": {"name": target, "params": {}, "defences": []},
        "exposure": {"access": access, "query_budget": None, "defences": []},
        "attack": {"name": attack.name, "params": {}},
    }
    cards.defend(draft, defence, before)
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
        "defence": cards.first_defence(before),
        "exposure": before["exposure"]["access"],
    }
