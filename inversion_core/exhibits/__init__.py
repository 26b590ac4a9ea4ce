"""Systems beside the main one that leak in their own way, each with runs that ship.

One file an exhibit: `scenarios()` names the runs that lie under `assets/evidence/exhibits`, made by
`python -m inversion_core.shipping NAME`.
"""

import importlib
import pkgutil
from functools import lru_cache
from typing import cast

from inversion_core.scenario import Scenario
from inversion_core.settings import ASSETS
from inversion_core.store.shipped import ShippedRuns

FOLDER = ASSETS / "evidence" / "exhibits"


def names() -> tuple[str, ...]:
    """Return the names of the exhibits in alphabetical order."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(__path__)))


def scenarios(name: str) -> tuple[Scenario, ...]:
    """Return the scenarios whose runs ship with an exhibit."""
    module = importlib.import_module(f"{__name__}.{name}")
    return cast(tuple[Scenario, ...], module.scenarios())


@lru_cache(maxsize=16)
def stored(name: str) -> ShippedRuns:
    """Return the runs that ship with an exhibit; raises StoreUnavailable."""
    return ShippedRuns(FOLDER / name)
