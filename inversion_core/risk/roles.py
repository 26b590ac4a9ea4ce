"""What a scenario says about a deployed system: the roles that rows of evidence are told apart by."""

import math
from collections.abc import Sequence
from enum import StrEnum

from inversion_core.choices import Choice, Exposure, SideKnowledge
from inversion_core.defences.data_minimisation import DataMinimisation
from inversion_core.registry import find
from inversion_core.risk.assessment import System, foreign
from inversion_core.scenario import Scenario


class Role(StrEnum):
    """What a row of evidence stands for, told from its scenario and the deployed system."""

    DEPLOYED = "deployed"
    STRONGER = "stronger"
    BARE = "without controls"
    CONTROL = "control group"
    OTHER = "other"


AS_DEPLOYED = (Role.DEPLOYED, Role.STRONGER)
"""Roles of attackers who had at least what is deployed."""


def role(system: System, scenario: Scenario) -> Role:
    """Return what a scenario says about the deployed system.

    The same training defences, attacked through the deployed exposure: deployed; through more than it gives:
    stronger; no control at all: without controls; a target that met none of the victims: control group. Who
    may ask less, or knows less, than whoever meets the deployed system says nothing about it.
    """
    run, deployed = scenario.exposure, system.exposure
    if foreign(system, scenario):
        return Role.OTHER
    if _never_met(scenario):
        return Role.CONTROL
    if not run.access.covers(deployed.access) or not _knows_as_much(run, deployed):
        return Role.OTHER
    same_training = spelled(scenario.target.defences) == spelled(system.target.defences)
    if same_training and _same_exposure(run, deployed):
        return Role.DEPLOYED
    bare = not scenario.target.defences and not run.defences and not run.monitor and run.query_budget is None
    if bare and run.access is deployed.access:
        return Role.BARE
    watched = run.monitor and not deployed.monitor
    if same_training and not run.defences and not watched and _asks_as_much(run, deployed):
        return Role.STRONGER
    return Role.BARE if bare else Role.OTHER


def spelled(choices: Sequence[Choice]) -> list[object]:
    """Return defences with every default written out, so that equal ones are equal."""
    made = [find("defences", one.name)(**one.params) for one in choices]
    return [[one.name, one.params.model_dump(mode="json")] for one in made]


def _same_exposure(run: Exposure, deployed: Exposure) -> bool:
    """Say whether an attacker met what is deployed, with no fewer rows than it lets anybody ask."""
    if run.access is not deployed.access or spelled(run.defences) != spelled(deployed.defences):
        return False
    return run.monitor == deployed.monitor and _asks_as_much(run, deployed)


def _asks_as_much(run: Exposure, deployed: Exposure) -> bool:
    return (run.query_budget or math.inf) >= (deployed.query_budget or math.inf)


def _knows_as_much(run: Exposure, deployed: Exposure) -> bool:
    """Say whether the adversary of a table brings along no less than is assumed of the deployed system."""
    own, wanted = (one.knowledge or SideKnowledge() for one in (run, deployed))
    return set(own.clues) >= set(wanted.clues) and set(own.unknown) <= set(wanted.unknown)


def _never_met(scenario: Scenario) -> bool:
    """Say whether the training left out every victim."""
    left_out = {
        person
        for one in scenario.training_defences()
        if isinstance(one, DataMinimisation)
        for person in one.params.without
    }
    if scenario.victims == "all" or not left_out:
        return False
    return set(scenario.victims) <= left_out
