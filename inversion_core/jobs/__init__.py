"""Submitting, watching, cancelling and recovering runs; one path for a laptop and a cluster."""

import threading
from functools import cache

from inversion_core.jobs.dispatch import Engine, EngineHealth, embedded
from inversion_core.jobs.work import beating
from inversion_core.scenario import Scenario
from inversion_core.store.runs import open_store

__all__ = ["Engine", "EngineHealth", "beating", "cancel", "embedded", "engine", "submit"]

_lock = threading.Lock()


def engine() -> Engine:
    """Return the engine of this process, started when first asked for; it ends with the process.

    Raises StoreUnavailable, EngineUnavailable.
    """
    with _lock:
        return _engine()


def submit(scenario: Scenario, owner: str) -> str:
    """Queue a scenario and return its run at once, the one there is if an equal one was asked for.

    Raises ScenarioInvalid, StoreUnavailable, EngineUnavailable.
    """
    return engine().submit(scenario, owner)


def cancel(run_id: str, owner: str) -> bool:
    """Take `owner` off a run and return whether it stops; one that others wait for goes on."""
    return engine().cancel(run_id, owner)


@cache
def _engine() -> Engine:
    return Engine(open_store()).start()
