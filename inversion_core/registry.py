"""Find every component by walking the packages: a new attack is one new file, nothing else to register."""

import importlib
import inspect
import pkgutil
from functools import cache
from typing import TypeVar

from inversion_core.attacks.base import Attack
from inversion_core.component import Component
from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import Defence
from inversion_core.errors import UnknownName
from inversion_core.metrics.base import Metric
from inversion_core.targets.base import Target
from inversion_core.values import Family, Modality

KINDS: dict[str, tuple[str, type[Component]]] = {
    "datasets": ("inversion_core.datasets", Dataset),
    "targets": ("inversion_core.targets", Target),
    "attacks": ("inversion_core.attacks", Attack),
    "defences": ("inversion_core.defences", Defence),
    "metrics": ("inversion_core.metrics", Metric),
}

M = TypeVar("M", bound=Metric)


@cache
def every(kind: str) -> tuple[type[Component], ...]:
    """Return the classes of one of KINDS by name, then modality; an import error in any file is raised.

    A name is unique within a modality: pictures and tables both have a target `mlp`.
    """
    package_name, base = KINDS[kind]
    package = importlib.import_module(package_name)
    found: set[type[Component]] = set()
    for module_info in pkgutil.iter_modules(package.__path__, package_name + "."):
        for member in vars(importlib.import_module(module_info.name)).values():
            if inspect.isclass(member) and issubclass(member, base) and "name" in vars(member):
                found.add(member)
    return tuple(sorted(found, key=lambda part: (part.name, _modality(part) or "")))


def components(kind: str, modality: Modality | None = None) -> dict[str, type[Component]]:
    """Return name -> class in alphabetical order, of one modality where it is given and the kind has any.

    Without a modality a name that pictures and tables share stands for the picture's component.
    """
    found: dict[str, type[Component]] = {}
    for part in every(kind):
        if modality is None or _modality(part) in (None, modality):
            found.setdefault(part.name, part)
    return found


def attacks_of(*families: Family, modality: Modality | None = None) -> dict[str, type[Attack]]:
    """Return name -> attack in alphabetical order, of some families, on one modality where it is given."""
    return {
        part.name: part
        for part in every("attacks")
        if issubclass(part, Attack) and part.family in families
        if modality is None or part.modality in (None, modality)
    }


def targets_for(*families: Family, modality: Modality | None = None) -> dict[str, type[Target]]:
    """Return name -> target in alphabetical order, of those that attacks of some families can be run against,
    of one modality where it is given.
    """
    return {
        name: part
        for name, part in components("targets", modality).items()
        if issubclass(part, Target) and set(part.families) & set(families)
    }


def metrics_of(base: type[M]) -> dict[str, type[M]]:
    """Return name -> metric in alphabetical order, of those that judge what `base` is handed."""
    return {part.name: part for part in every("metrics") if issubclass(part, base)}


def find(kind: str, name: str, modality: Modality | None = None) -> type[Component]:
    """Return the component `name`, of the modality where one has it; raises UnknownName with the names."""
    for known in (components(kind, modality), components(kind)):
        if name in known:
            return known[name]
    names = ", ".join(sorted(components(kind)))
    raise UnknownName(f"{kind} are chosen by name, {name!r} is none of them; use one of {names}")


def _modality(part: type[Component]) -> Modality | None:
    return getattr(part, "modality", None)
