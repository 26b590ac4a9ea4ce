"""The first card of the Attributes page: which table, and the dials of synthetic ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from pydantic import BaseModel, ValidationError

from inversion_core.datasets.base import TableDataset
from inversion_core.datasets.planted import PlantedTable
from inversion_core.errors import InversionError
from inversion_core.registry import components
from inversion_core.scenario import Scenario, sentences
from inversion_core.values import Modality
from pages.ui import cards, own_table, words
from pages.ui.params_form import fields, params_form

DATASET = "table-dataset"
FIRST, OWN = "clinic", "table"
SHOWN_LEVELS = 6


@dataclass(frozen=True)
class Chosen:
    """A table as chosen: its part of a scenario, the columns an attacker may know, and why it is not usable.

    `waits` is what is still to be done, where nothing is wrong yet.
    """

    choice: dict[str, Any]
    others: tuple[str, ...] = ()
    problem: str = ""
    waits: str = ""


def prefill(scenario: Scenario) -> None:
    """Set the card to the table of a scenario, before its widgets are drawn."""
    st.session_state[DATASET] = scenario.dataset.name
    if scenario.dataset.path:
        own_table.prefill(scenario.dataset)


def card(before: Mapping[str, Any]) -> Chosen:
    """Draw the card and return what was chosen; options that have a default come later."""
    kinds = _kinds()
    with cards.frame(DATASET):
        name = cards.choose("Table", DATASET, kinds, default=FIRST)
        kind = kinds[name]
        chosen: dict[str, Any] = {"name": name, "path": None, "options": {}}
        if kind.takes_path:
            waits = own_table.card(chosen)
        else:
            waits = ""
            chosen["options"] = _dials(kind.Params, key=f"datasets-{name}", before=_earlier(name, before))
        return Chosen(chosen, waits=waits) if waits else _looked_at(kind, chosen)


def options(choice: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Draw the options of a table that the card left out, and add them to its choice."""
    name = choice["name"]
    kind = _kinds()[name]
    drawn = own_table.DRAWN if kind.takes_path else dials(kind.Params)
    st.markdown(f"**Table: {kind.title}**")
    choice["options"] |= params_form(
        kind.Params, key=f"datasets-{name}", initial=_earlier(name, before), leave=drawn
    )


def dials(params: type[BaseModel]) -> list[str]:
    """Return the fields that run from 0 to 1, both included: they are turned on the card."""
    return [name for name, field in fields(params).items() if _unit(field)]


def _unit(field: Mapping[str, Any]) -> bool:
    return field.get("type") == "number" and (field.get("minimum"), field.get("maximum")) == (0, 1)


def _dials(params: type[BaseModel], *, key: str, before: Mapping[str, Any]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    names = dials(params)
    for name, place in zip(names, st.columns(len(names)) if names else (), strict=True):
        field = fields(params)[name]
        value = place.slider(
            name.replace("_", " ").capitalize(),
            0.0,
            1.0,
            float(before.get(name, field["default"])),
            0.05,
            key=f"{key}-{name}",
            help=field.get("description"),
            persist_state="session",
        )
        if value != field["default"]:
            chosen[name] = value
    return chosen


def _looked_at(kind: type[TableDataset], choice: dict[str, Any]) -> Chosen:
    """Look at the table and say what is asked of it, or why it cannot be used."""
    try:
        dataset = kind(**({"path": choice["path"]} if kind.takes_path else {}), **choice["options"])
        if kind.takes_path:
            own_table.positive(choice, dataset)
        columns, hidden = dataset.columns, dataset.columns[dataset.sensitive]
        told = f"The model predicts one of {len(dataset.classes)} answers: {_some(dataset.classes)}."
        words.quiet(f"{told} The attack guesses {hidden.name!r}: {_some(hidden.levels or ())}.")
        if isinstance(dataset, PlantedTable):
            size = dataset.planted
            words.quiet(
                f"Planted: anyone can be right about {size.imputable:.0%}, who reads all the model learnt "
                f"about {size.reachable:.0%}."
            )
    except ValidationError as error:
        for told in (found := sentences(error, "table")):
            st.error(told, icon=":material/error:")
        return Chosen(choice, problem="; ".join(found))
    except InversionError as error:
        problem = own_table.told(str(error))
        st.error(problem, icon=":material/error:")
        return Chosen(choice, problem=problem)
    return Chosen(choice, tuple(column.name for column in columns if column is not hidden))


def _some(names: tuple[str, ...]) -> str:
    """Return names in a row, the first few where there are many."""
    more = f" and {len(names) - SHOWN_LEVELS} more" if len(names) > SHOWN_LEVELS else ""
    return ", ".join(names[:SHOWN_LEVELS]) + more


def _kinds() -> dict[str, type[TableDataset]]:
    """Return the tables by name: the ruler first, one's own last."""
    found = {
        name: kind
        for name, kind in components("datasets", Modality.TABLE).items()
        if issubclass(kind, TableDataset)
    }
    return dict(sorted(found.items(), key=lambda one: (one[1].takes_path, one[0] != FIRST)))


def _earlier(name: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the same table in the scenario the form started from."""
    earlier = before.get("dataset", {})
    found: dict[str, Any] = earlier.get("options", {}) if earlier.get("name") == name else {}
    return found
