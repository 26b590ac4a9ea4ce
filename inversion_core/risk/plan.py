"""What to run for an assessment: the attacks that fit, as deployed, by who knows the controls, and without.

A plan is a proposal that people may shorten; what it leaves out is told as NOT RUN in the report. One attack
with more access than is deployed bounds what the others may have missed. Beside the attacks that are rated
stand one that tells who was trained on and one that copies the model, where they fit: told, not rated.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from inversion_core.adaptive import adapted
from inversion_core.choices import Choice, Exposure
from inversion_core.keys import content_key
from inversion_core.registry import attacks_of, find
from inversion_core.risk.assessment import System
from inversion_core.risk.evidence import HEADLINES
from inversion_core.scenario import Scenario, problems
from inversion_core.trials.candidates import MOST
from inversion_core.values import Access, Modality

SEEDS = (0, 1, 2)
PEOPLE = 24
"""Victims of a proposal, evenly spread over the classes: intervals of about 20 points each way."""
QUICK: dict[str, Any] = {"queries": 100, "public_photos": 1000}
"""Settings that let an attack end within a minute where it has them; its defaults may ask for much more."""
MEMBERSHIP = "loss-threshold"
"""Tells members by their loss; it needs no models of its own, which would take minutes a seed."""
THEFT, THEFT_ROWS = "knockoff", 3000
"""Copies the model, with so many rows in all or as few as the budget leaves."""
CANDIDATES = 2 * MOST
"""Most records that membership is asked of, a row each; a lower wall ends such a run without a result."""
STRONGEST = {Modality.IMAGE: "plug-and-play", Modality.TABLE: "neuron-attribute"}


def plan(system: System, *, seeds: Sequence[int] = SEEDS, people: int = PEOPLE) -> tuple[Scenario, ...]:
    """Return the scenarios proposed for a system, each once; raises what making its dataset raises."""
    found: dict[str, Scenario] = {}
    for one in _scenarios(system, people):
        for seed in seeds:
            seeded = one.model_copy(update={"seed": seed})
            found.setdefault(content_key(seeded.canonical()), seeded)
    return tuple(found.values())


def reduced(scenario: Scenario) -> bool:
    """Say whether an attack was given less than its defaults, as a plan does."""
    usual, own = find("attacks", scenario.attack.name)().params, scenario.make_attack().params
    return any(getattr(own, name, 0) < getattr(usual, name, 0) for name in QUICK)


def _scenarios(system: System, people: int) -> Iterator[Scenario]:
    """Yield the sound scenarios, with one seed."""
    open_ = Exposure(access=system.exposure.access, knowledge=system.exposure.knowledge)
    bare = system.model_copy(
        update={"target": system.target.model_copy(update={"defences": ()}), "exposure": open_}
    )
    for attack in _attacks(system):
        deployed = _scenario(system, attack, people)
        if not problems(deployed):
            yield deployed
            yield from (one.scenario for one in adapted(deployed) if not problems(one.scenario))
        if bare != system and not problems(without := _scenario(bare, attack, people)):
            yield without
    yield from _beside(system, bare, people)
    held = system.model_copy(update={"exposure": open_.model_copy(update={"access": Access.WHITE_BOX})})
    strongest = _scenario(held, STRONGEST[_modality(system)], people)
    if system.exposure.access is not Access.WHITE_BOX and not problems(strongest):
        yield strongest


def _beside(system: System, bare: System, people: int) -> Iterator[Scenario]:
    """Yield who was trained on and the copy of the model, as deployed and without the controls."""
    for one in (system,) if bare == system else (system, bare):
        budget = one.exposure.query_budget or math.inf
        found = []
        if budget >= CANDIDATES and not one.exposure.monitor:
            found.append(_choose(one, Choice(name=MEMBERSHIP)).model_copy(update={"victims": "all"}))
        if _modality(one) is Modality.IMAGE and one.exposure.access is not Access.WHITE_BOX:
            rows = int(min(budget, THEFT_ROWS))
            theft = _choose(one, Choice(name=THEFT, params={"queries": rows}))
            found.append(theft.model_copy(update={"victims": _victims(theft, people)}))
        yield from (scenario for scenario in found if not problems(scenario))


def _attacks(system: System) -> Iterator[str]:
    """Yield the names of attacks on such data that need no more than is deployed."""
    for name, kind in attacks_of(*HEADLINES, modality=_modality(system)).items():
        if system.exposure.access.covers(kind.needs):
            yield name


def _scenario(system: System, attack: str, people: int) -> Scenario:
    kind = find("attacks", attack)
    params = {name: value for name, value in QUICK.items() if name in kind.Params.model_fields}
    probe = _choose(system, Choice(name=attack, params=params))
    return probe.model_copy(update={"victims": _victims(probe, people)})


def _choose(system: System, attack: Choice) -> Scenario:
    return Scenario(dataset=system.dataset, target=system.target, exposure=system.exposure, attack=attack)


def _victims(probe: Scenario, people: int) -> Any:
    """Return victims evenly spread; a table's records are all attacked at once."""
    count = probe.make_dataset().victim_count()
    if probe.modality() is Modality.TABLE or count <= people:
        return "all"
    return tuple(count * place // people for place in range(people))


def _modality(system: System) -> Modality:
    return Scenario(dataset=system.dataset, target=system.target, attack=Choice(name="")).modality()
