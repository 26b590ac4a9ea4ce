"""Table runs made up for the pages: the shipped result, its numbers changed, through the real store."""

import copy
from typing import Any

from inversion_core.scenario import Scenario
from inversion_core.store.runs import open_store
from inversion_core.values import State
from pages.ui import evidence
from tests.pages.world import OWNER


def scenario(seed: int = 0, **changes: Any) -> Scenario:
    """Return a small valid scenario; another seed makes another run."""
    basis: dict[str, Any] = {
        "dataset": {"name": "clinic", "options": {"records": 400}},
        "target": {"name": "decision-tree"},
        "exposure": {"access": "scores"},
        "attack": {"name": "csmia"},
        "seed": seed,
    }
    return Scenario.model_validate(basis | changes)


def result(gain: tuple[float, float, float] | None = None) -> dict[str, Any]:
    """Return a stored result; `gain` sets value, low and high of the headline."""
    found = copy.deepcopy(evidence.table(evidence.TABLES[0]).result)
    if gain is not None:
        for score in found["scores"]:
            if score["name"] == "residual-over-imputation":
                score.update(zip(("value", "low", "high"), gain, strict=True))
    return found


RECORDS = (
    "record,truth,guess,right,confidence,case,imputer_guess,imputer_right,imputer_confidence,group: sex\n"
    "0,yes,yes,1,0.9,1,no,0,0.6,female\n"
    "1,no,yes,0,0.8,2,no,1,0.7,male\n"
    "2,no,no,1,0.7,1,no,1,0.8,male\n"
    "3,yes,no,0,0.5,3,no,0,0.9,female\n"
    "4,,no,,0.5,3,no,,0.9,female\n"
)
"""Every way of being right, and a record whose truth nobody knows."""


def queued(seed: int = 0, owner: str = OWNER, **changes: Any) -> str:
    """Return a run that waits."""
    return open_store().create(scenario(seed, **changes), owner)[0]


def running(seed: int = 0, owner: str = OWNER, **changes: Any) -> str:
    """Return a run in the middle of its attack."""
    store, run_id = open_store(), queued(seed, owner, **changes)
    store.begin(run_id)
    store.advance(run_id, phase="attack", state=State.RUNNING)
    store.advance(run_id, step=1, total=2, note="trying value 1 of 2")
    return run_id


def done(
    seed: int = 0,
    owner: str = OWNER,
    *,
    gain: tuple[float, float, float] | None = None,
    records: str | None = RECORDS,
    **changes: Any,
) -> str:
    """Return a run that is done; without its guesses where `records` is None."""
    store, run_id = open_store(), running(seed, owner, **changes)
    if records is not None:
        store.add_artifact(run_id, "records.csv", records.encode())
    store.finish(run_id, State.DONE, result=result(gain))
    return run_id
