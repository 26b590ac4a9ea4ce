"""Runs that asked the same model about the same people, each through its own place or by its own attack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from inversion_core.choices import Choice, Exposure
from inversion_core.errors import InversionError
from inversion_core.places import place_of
from inversion_core.scenario import Scenario
from inversion_core.values import State
from pages.ui import library

MOST = 6
"""Other runs drawn beside one."""
LOOKED_AT = 200
"""Stored runs looked through for them; older ones are left out."""

Row = Mapping[str, Any]
"""Success after some rows a victim: `queries`, `value`, `low`, `high`, `n` and `baseline`."""


@dataclass(frozen=True)
class Curve:
    """Success against queries of one run; the label is its attack and its place."""

    label: str
    rows: Sequence[Row]


def own(scenario: Scenario, result: Mapping[str, Any]) -> Curve:
    """Return the curve of a run; without rows where the run kept nothing on its way."""
    return Curve(_label(scenario), result.get("by_queries", []))


def others(scenario: Scenario) -> list[Curve]:
    """Return the curves of other runs against the same target and victims, the latest first, MOST at most.

    Of every other attack and place it is the latest run. Raises StoreUnavailable.
    """
    found: dict[str, Curve] = {}
    for record in library.store().runs(states=[State.DONE], text=scenario.target.name, limit=LOOKED_AT):
        label = _label(record.scenario)
        if label == _label(scenario) or label in found or not _same(record.scenario, scenario):
            continue
        curve = own(record.scenario, record.result or {})
        if curve.rows:
            found[label] = curve
        if len(found) == MOST:
            break
    return list(found.values())


def _label(scenario: Scenario) -> str:
    """Return attack and place in words; an exposure that is no place is told as it is."""
    attack = library.component_title("attacks", scenario.attack.name).split(" (")[0]
    place = place_of(scenario.exposure)
    return f"{attack}, {place.title if place else _exposure(scenario.exposure)}"


def _exposure(exposure: Exposure) -> str:
    return " + ".join([exposure.access.value, *(_spelled(defence) for defence in exposure.defences)])


def _spelled(defence: Choice) -> str:
    return " ".join([defence.name, *(f"{name}={value}" for name, value in defence.params.items())])


def _same(one: Scenario, other: Scenario) -> bool:
    """Say whether two scenarios attack the same people in the same model; the seed is the attack's alone."""
    if (one.dataset.name, one.target.name, one.victims) != (
        other.dataset.name,
        other.target.name,
        other.victims,
    ):
        return False
    try:
        return _attacked(one) == _attacked(other)
    except (InversionError, ValidationError):  # one of them is of another version
        return False


def _attacked(scenario: Scenario) -> tuple[Any, ...]:
    """Return data and target with every default written out."""
    return (
        scenario.dataset.path,
        scenario.make_dataset().params,
        scenario.make_target().params,
        [(type(defence), defence.params) for defence in scenario.training_defences()],
    )
