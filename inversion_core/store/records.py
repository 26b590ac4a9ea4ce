"""What the run store hands out: frozen records, made from rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from sqlalchemy import RowMapping

from inversion_core.errors import StoreUnavailable
from inversion_core.scenario import Scenario
from inversion_core.values import State


@dataclass(frozen=True)
class Frame:
    """A key picture of a run: PNG by hash, at a step of the attack; no loss where it was not a number."""

    step: int
    sha256: str
    loss: float | None


@dataclass(frozen=True)
class Point:
    """The loss at a step; each phase (target, attack, metrics) counts its own steps."""

    step: int
    loss: float
    phase: str = ""


@dataclass(frozen=True)
class ArtifactRef:
    """A named file of a run."""

    name: str
    sha256: str


@dataclass(frozen=True)
class RunRecord:
    """A run as it was when asked; times are seconds since 1970, None until they happen.

    `owners` are those who still wait for it or own its result; `owner` asked first. `note` is what the run
    says about its present step, `label` what people wrote about it. `losses` counts workers that died on it.
    """

    id: str
    key: str
    scenario: Scenario
    owner: str
    owners: tuple[str, ...]
    state: State
    phase: str
    step: int
    total: int
    loss: float | None
    note: str
    error: str
    log: str
    attempt: int
    losses: int
    worker: str
    cancelling: bool
    created: float
    started: float | None
    finished: float | None
    heartbeat: float | None
    label: str
    result_json: str | None = field(default=None, repr=False)

    @cached_property
    def result(self) -> dict[str, Any] | None:
        """What the run found, None until it is done; parsed when first asked for."""
        if self.result_json is None:
            return None
        parsed: dict[str, Any] = json.loads(self.result_json)
        return parsed


def record(row: RowMapping, owners: Sequence[str]) -> RunRecord:
    """Return the record of a row of `runs`; raises StoreUnavailable where its scenario cannot be read."""
    try:
        scenario = Scenario.model_validate_json(row["scenario"])
    except ValidationError as error:
        raise StoreUnavailable(
            f"the scenario of run {row['id']} cannot be read ({error.error_count()} problems); "
            "the store was written by another version or damaged: restore it from a copy"
        ) from error
    return RunRecord(
        id=row["id"],
        key=row["key"],
        scenario=scenario,
        owner=row["owner"],
        owners=tuple(owners),
        state=State(row["state"]),
        phase=row["phase"],
        step=row["step"],
        total=row["total"],
        loss=row["loss"],
        note=row["note"],
        error=row["error"],
        log=row["log"],
        attempt=row["attempt"],
        losses=row["losses"],
        worker=row["worker"],
        cancelling=row["cancelled"] is not None and not State(row["state"]).final,
        created=row["created"],
        started=row["started"],
        finished=row["finished"],
        heartbeat=row["heartbeat"],
        label=row["label"],
        result_json=row["result"],
    )


@dataclass(frozen=True)
class Pending:
    """A run that is not final, as the engine sees it; `cancelled` is when somebody asked for it to stop."""

    id: str
    state: State
    rank: int
    attempt: int
    losses: int
    worker: str
    heartbeat: float | None
    cancelled: float | None
