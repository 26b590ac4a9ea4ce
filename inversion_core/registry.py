"""Find every component by walking the packages: a new attack is one new file, nothing else to register."""

import importlib
import inspect
import pkgutil
from functools import cache

from inversion_core.attacks.base import Attack
from inversion_core.component import Component
from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import Defence
from inversion_core.errors import UnknownName
from inversion_core.metrics.base import Metric
from inversion_core.targets.base import Target

KINDS: dict[str, tuple[str, type[Component]]] = {
    "datasets": ("inversion_core.datasets", Dataset),
    "targets": ("inversion_core.targets", Target),
    "attacks": ("inversion_core.attacks", Attack),
    "defences": ("inversion_core.defences", Defence),
    "metrics": ("inversion_core.metrics", Metric),
}


@cache
def components(kind: str) -> dict[str, type[Component]]:
    """Return name -> class for one of KINDS, in alphabetical order; an import error in any file is raised."""
    package_name, base = KINDS[kind]
    package = importlib.import_module(package_name)
    found: dict[str, type[Component]] = {}
    for module_info in pkgutil.iter_modules(package.__path__, package_name + "."):
        for member in vars(importlib.import_module(module_info.name)).values():
            if inspect.isclass(member) and issubclass(member, base) and "name" in vars(member):
                found[member.name] = member
    return dict(sorted(found.items()))


def find(kind: str, name: str) -> type[Component]:
    """Return the component `name`; raises UnknownName with the names that exist."""
    known = components(kind)
    if name not in known:
        raise UnknownName(
            f"{kind} are chosen by name, {name!r} is none of them; use one of {', '.join(known)}"
        )
    return known[name]
