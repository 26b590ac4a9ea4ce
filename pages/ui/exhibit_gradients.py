"""The exhibit of gradients: private photos redrawn from what clients of a federation send."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from inversion_core.choices import FederatedRound
from inversion_core.component import Component
from inversion_core.defences.base import UpdateDefence
from inversion_core.registry import attacks_of, components, targets_for
from inversion_core.targets.base import RemoteTarget
from inversion_core.values import Access, Family, Modality
from pages.ui import cards, gradients_measured, tiles, words
from pages.ui.cards import Draft
from pages.ui.exhibit import Exhibit, ShownRun
from pages.ui.params_form import params_form
from pages.ui.picture import picture

PREFIX = "gradients-"
COLUMNS = 3


def form(before: Mapping[str, Any]) -> Draft:
    """Draw the choices, filled in from the scenario `before`, and return the draft."""
    if before:
        cards.follow(before, PREFIX, _chosen(before))
    attack = cards.component(
        "Attack", f"{PREFIX}attack", attacks_of(Family.GRADIENTS), default="analytic-gradient"
    )
    target = cards.component("Network", f"{PREFIX}target", _networks(), default="softmax")
    defence = cards.component(
        "Defence", f"{PREFIX}defence", {cards.NONE: None, **_defences()}, default=cards.NONE
    )
    exposure = before.get("exposure", {})
    with cards.frame(f"{PREFIX}round"):
        st.markdown("**The round**")
        chosen = params_form(FederatedRound, key=f"{PREFIX}round", initial=exposure.get("round") or {})
    draft: Draft = {
        "dataset": cards.dataset(before),
        "target": {"name": target, "params": {}, "defences": []},
        "exposure": {
            "access": Access.GRADIENTS.value,
            "query_budget": None,
            "round": chosen,
            "defences": [],
        },
        "attack": {"name": attack, "params": {}},
    }
    cards.defend(draft, defence, before)
    with st.expander("Advanced settings", icon=":material/tune:", key=f"{PREFIX}advanced"):
        cards.parameters(draft, before, Modality.IMAGE, prefix=PREFIX)
        cards.limits(
            draft,
            before,
            whom="People whose photos the clients have, counted from the first; empty takes everybody's.",
            prefix=PREFIX,
        )
    return draft


def finished(shown: ShownRun) -> None:
    """Draw every photo beside what was redrawn of it, and the assumptions as plain rows."""
    rows = shown.result["victims"]
    originals = shown.pictures("original-sheet", len(rows))
    redrawn = shown.pictures("reconstruction-sheet", len(rows))
    words.legend([words.TRUTH, ("attacker", "redrawn from the update")])
    with st.grid(COLUMNS, min_column_width=150, gap="small"):
        for row, truth, found in zip(rows, originals, redrawn, strict=False):
            name, rank = row["name"], row["evaluator_rank"]
            said = "identified" if rank == 1 else f"the {words.ordinal(rank)} nearest photo"
            with st.container(gap="xxsmall"):
                picture(
                    tiles.strip([(truth, tiles.TRUTH), (found, tiles.ATTACKER)]),
                    alt=f"A private photo of {name}, and what was redrawn of it: {said}, {row['psnr']:.1f} "
                    "decibels.",
                )
                words.quiet(f"{name}: {said}, {row['psnr']:.1f} dB")
    st.subheader("What this holds under", anchor=False)
    words.facts({name.capitalize(): _told(value) for name, value in shown.result["assumptions"].items()})


def _told(value: Any) -> str:
    """Return an assumption in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value)


def _networks() -> dict[str, type[Component]]:
    """Return the networks that can be sent out."""
    every = targets_for(Family.GRADIENTS, modality=Modality.IMAGE)
    return {name: kind for name, kind in every.items() if not issubclass(kind, RemoteTarget)}


def _defences() -> dict[str, type[Component]]:
    """Return the defences of updates."""
    return {name: kind for name, kind in components("defences").items() if issubclass(kind, UpdateDefence)}


def _chosen(before: Mapping[str, Any]) -> dict[str, str]:
    return {
        "attack": before["attack"]["name"],
        "target": before["target"]["name"],
        "defence": cards.first_defence(before),
    }


EXHIBIT = Exhibit(
    name="gradients",
    family=Family.GRADIENTS,
    title="Federated updates",
    question="Photos never leave the clients, only updates of the model do. What do those give away?",
    claim="the very photos an update was computed from",
    access="the updates as the server sees them, and the network it sent out",
    cost="a second for a dense network, ten seconds a photo for a convolutional one",
    lesson=(
        "Photos that never leave a phone can be in what it sends. Sum many clients before anybody "
        "looks, and mind that a sum of few is no cover."
    ),
    form=form,
    finished=finished,
    measured=gradients_measured.measured,
)
