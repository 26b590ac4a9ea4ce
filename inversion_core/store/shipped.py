"""Runs that ship with the product, read like a store that nobody can write to."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from inversion_core.errors import StoreUnavailable
from inversion_core.scenario import Scenario
from inversion_core.store.records import ArtifactRef, RunRecord
from inversion_core.store.runs import RunStore
from inversion_core.values import State

RUNS = "runs.json"
OWNER = "shipped"

Result = dict[str, Any]


class ShippedRuns:
    """The runs of a folder by the keys of their scenarios, and their pictures by hash."""

    def __init__(self, folder: Path) -> None:
        """Read the folder; raises StoreUnavailable."""
        self._folder = folder
        try:
            rows = json.loads((folder / RUNS).read_text())
            self._records = {one["key"]: _record(one) for one in rows}
            self._artifacts = {one["id"]: one["artifacts"] for one in rows}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreUnavailable(
                f"runs that ship are read from {folder.name}/{RUNS}, which is missing or damaged "
                f"({type(error).__name__}); restore it from the repository"
            ) from error

    def runs(self) -> list[RunRecord]:
        """Return every run in the order in which they were kept."""
        return list(self._records.values())

    def runs_of_keys(self, keys: Iterable[str]) -> dict[str, RunRecord]:
        """Return the run of each key that has one."""
        return {key: self._records[key] for key in keys if key in self._records}

    def artifacts(self, run_id: str) -> list[ArtifactRef]:
        """Return the named files of a run that ship."""
        return [ArtifactRef(name, sha256) for name, sha256 in self._artifacts.get(run_id, {}).items()]

    def artifact(self, sha256: str) -> bytes:
        """Return a file by its hash; raises StoreUnavailable."""
        try:
            return (self._folder / f"{sha256[:16]}.png").read_bytes()
        except OSError as error:
            raise StoreUnavailable(
                f"a picture that ships, {sha256[:16]}.png, is missing; restore it from the repository"
            ) from error


def keep(
    scenarios: Iterable[Scenario],
    store: RunStore,
    folder: Path,
    slim: Callable[[Result], Result] = dict,
) -> None:
    """Write the finished runs of some scenarios to a folder, `slim` of each result, and the pictures of those
    whose seed is 0.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.png"):
        stale.unlink()
    keys = list(dict.fromkeys(one.key() for one in scenarios))
    found = store.runs_of_keys(keys)
    rows = [_row(found[key], store, folder, slim) for key in keys if key in found]
    (folder / RUNS).write_text(json.dumps(rows, separators=(",", ":")) + "\n")


def _row(
    record: RunRecord, store: RunStore, folder: Path, slim: Callable[[Result], Result]
) -> dict[str, Any]:
    named = {one.name: one.sha256 for one in store.artifacts(record.id) if one.name.endswith(".png")}
    shown = named if record.scenario.seed == 0 else {}
    for sha256 in shown.values():
        (folder / f"{sha256[:16]}.png").write_bytes(store.artifact(sha256))
    return {
        "id": record.id,
        "key": record.key,
        "scenario": record.scenario.model_dump(mode="json", exclude_defaults=True),
        "finished": record.finished,
        "artifacts": shown,
        "result": slim(record.result or {}),
    }


def _record(row: Mapping[str, Any]) -> RunRecord:
    return RunRecord(
        id=row["id"],
        key=row["key"],
        scenario=Scenario.model_validate(row["scenario"]),
        owner=OWNER,
        owners=(OWNER,),
        state=State.DONE,
        phase="",
        step=0,
        total=0,
        loss=None,
        note="",
        error="",
        log="",
        attempt=1,
        losses=0,
        worker="",
        cancelling=False,
        created=row["finished"],
        started=row["finished"],
        finished=row["finished"],
        heartbeat=None,
        label="",
        result_json=json.dumps(row["result"]),
    )
