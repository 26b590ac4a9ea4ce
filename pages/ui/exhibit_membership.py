"""The exhibit of membership: which records a model was trained on, told from its scores."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from inversion_core.component import Component
from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import OutputDefence, TrainingDefence
from inversion_core.registry import attacks_of, components, find, targets_for
from inversion_core.targets.base import RemoteTarget
from inversion_core.values import Access, Family, Modality
from pages.ui import cards, membership_curve, membership_measured
from pages.ui.cards import Draft
from pages.ui.exhibit import Exhibit

PREFIX = "membership-"
DATASET, EXPOSURE, ATTACK = (f"{PREFIX}{part}" for part in ("dataset", "exposure", "attack"))
FIRST = {Modality.IMAGE: "cnn-gn", Modality.TABLE: "decision-tree"}
EXPOSURES = {
    Access.SCORES.value: ("Scores", "The attacker may ask a service and gets a score for every answer."),
    Access.WHITE_BOX.value: (
        "Weights",
        "The attacker holds the model itself, and defences of the answers do not touch it; these attacks "
        "read nothing but its scores.",
    ),
}


def form(before: Mapping[str, Any]) -> Draft:
    """Draw the choices, filled in from the scenario `before`, and return the draft."""
    kinds = _datasets()
    if before and before["dataset"]["name"] in kinds:
        cards.follow(before, PREFIX, _chosen(before))
    dataset = cards.component("Data", DATASET, kinds, default="clinic")
    modality = kinds[dataset].modality
    target = cards.component(
        "Target", f"{PREFIX}target-{modality}", _targets(modality), default=FIRST[modality]
    )
    defence = cards.component(
        "Defence", f"{PREFIX}defence", {cards.NONE: None, **_protecting()}, default=cards.NONE
    )
    access = cards.exposure(EXPOSURE, EXPOSURES, default=Access.SCORES.value)
    attack = cards.component("Attack", ATTACK, attacks_of(Family.MEMBERSHIP), default="rmia")
    draft: Draft = {
        "dataset": cards.dataset(before, dataset),
        "target": {"name": target, "params": {}, "defences": []},
        "exposure": {"access": access, "query_budget": None, "defences": []},
        "attack": {"name": attack, "params": {}},
    }
    cards.defend(draft, defence, before)
    with st.expander("Advanced settings", icon=":material/tune:", key=f"{PREFIX}advanced"):
        cards.parameters(draft, before, modality, prefix=PREFIX)
        cards.limits(
            draft,
            before,
            whom="Members asked about: people of pictures, or records of a table, counted from the first; "
            "empty asks about all.",
            prefix=PREFIX,
        )
    return draft


def _protecting() -> dict[str, type[Component]]:
    """Return the defences of trainings and answers: updates and published numbers are other exhibits."""
    targets = [find("targets", name, modality) for modality, name in FIRST.items()]
    return {
        name: kind
        for name, kind in components("defences").items()
        if issubclass(kind, TrainingDefence | OutputDefence)
        and any(kind().incompatible(target) is None for target in targets)
    }


def _datasets() -> dict[str, type[Dataset]]:
    """Return the datasets that need no path: pictures first."""
    found = {
        name: kind
        for name, kind in components("datasets").items()
        if issubclass(kind, Dataset) and not kind.takes_path and kind.modality in FIRST
    }
    return dict(sorted(found.items(), key=lambda one: (one[1].modality is Modality.TABLE, one[0])))


def _targets(modality: Modality) -> dict[str, type[Component]]:
    """Return the targets that are trained here: nobody knows what others were trained on."""
    every = targets_for(Family.MEMBERSHIP, modality=modality)
    return {name: kind for name, kind in every.items() if not issubclass(kind, RemoteTarget)}


def _chosen(before: Mapping[str, Any]) -> dict[str, str]:
    return {
        "dataset": before["dataset"]["name"],
        f"target-{_datasets()[before['dataset']['name']].modality}": before["target"]["name"],
        "defence": cards.first_defence(before),
        "exposure": before["exposure"]["access"],
        "attack": before["attack"]["name"],
    }


EXHIBIT = Exhibit(
    name="membership",
    family=Family.MEMBERSHIP,
    title="Membership",
    question="Can somebody who holds a record tell from the model whether it was trained on?",
    claim="whether a record was trained on, not what it contains",
    access="scores, each record asked about with its label, and mostly records of the same kind",
    cost="one query a record; seconds to minutes of training models of the attacker's own",
    lesson=(
        "Being on a list can be the secret. Models that remember their training records give the "
        "list away; those that do not, do not."
    ),
    form=form,
    finished=membership_curve.finished,
    measured=membership_measured.measured,
)
