"""Runs of the example assessment that ship with the product, read like a store that nobody can write to."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from inversion_core.errors import StoreUnavailable
from inversion_core.risk.assessment import Assessment
from inversion_core.scenario import Scenario
from inversion_core.settings import ASSETS
from inversion_core.store.records import ArtifactRef, RunRecord
from inversion_core.store.runs import RunStore
from inversion_core.values import State

ASSESSMENT = ASSETS / "assessments" / "people.json"
FOLDER = ASSETS / "evidence" / "review"
RUNS = "runs.json"
SHEETS = ("original-sheet.png", "reconstruction-sheet.png")
OF_VICTIM = ("class", "name", "evaluator_rank", "evaluator_probability")
OWNER = "shipped"


class ShippedRuns:
    """The runs of a folder by the keys of their scenarios, and their pictures by hash."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read the folder; raises StoreUnavailable."""
        self._folder = folder
        try:
            rows = json.loads((folder / RUNS).read_text())
            self._records = {one["key"]: _record(one) for one in rows}
            self._artifacts = {one["id"]: one["artifacts"] for one in rows}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreUnavailable(
                f"the example's runs are read from {folder.name}/{RUNS}, which is missing or damaged "
                f"({type(error).__name__}); restore it from the repository"
            ) from error

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
                f"a picture of the example, {sha256[:16]}.png, is missing; restore it from the repository"
            ) from error


@lru_cache(maxsize=1)
def example() -> tuple[Assessment, ShippedRuns]:
    """Return the example assessment with its runs, read once; raises StoreUnavailable."""
    try:
        return Assessment.model_validate_json(ASSESSMENT.read_text()), ShippedRuns()
    except OSError as error:
        raise StoreUnavailable(
            f"the example is read from {ASSESSMENT.name}, which is missing; restore it from the repository"
        ) from error


def keep(assessment: Assessment, store: RunStore, folder: Path = FOLDER) -> None:
    """Write the finished runs of an assessment to a folder, with the pictures of each attack's first seed."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.png"):
        stale.unlink()
    keys = [one.key() for one in assessment.scenarios]
    found = store.runs_of_keys(keys)
    rows = [_row(found[key], store, folder) for key in keys if key in found]
    (folder / RUNS).write_text(json.dumps(rows, separators=(",", ":")) + "\n")


def _row(record: RunRecord, store: RunStore, folder: Path) -> dict[str, Any]:
    kept = {one.name: one.sha256 for one in store.artifacts(record.id) if one.name in SHEETS}
    shown = kept if record.scenario.seed == 0 else {}
    for sha256 in shown.values():
        (folder / f"{sha256[:16]}.png").write_bytes(store.artifact(sha256))
    return {
        "id": record.id,
        "key": record.key,
        "scenario": record.scenario.model_dump(mode="json", exclude_defaults=True),
        "finished": record.finished,
        "artifacts": shown,
        "result": _slim(record.result or {}),
    }


def _slim(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result without what no review reads: traits of each victim, named values beside scores."""
    victims = [{name: one[name] for name in OF_VICTIM} for one in result["victims"]]
    scores = [one | {"rulers": {}} for one in result["scores"]]
    return {**result, "victims": victims, "scores": scores}


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
