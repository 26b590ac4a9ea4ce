"""A run as scripts read it: one JSON object, and a folder with the pictures of each victim."""

import json
import math
from pathlib import Path
from typing import Any

from inversion_core import pictures
from inversion_core.errors import StoreUnavailable
from inversion_core.store.runs import RunRecord, RunStore

SCORE_KEYS = ("name", "value", "low", "high", "n", "baseline", "control", "better")
TARGET_KEYS = ("train_accuracy", "test_accuracy", "epsilon")
SHEETS = {"reconstruction-sheet.png": "reconstruction", "original-sheet.png": "original"}


def summary(record: RunRecord, store: RunStore) -> dict[str, Any]:
    """Return what the command line prints last; a run without a result has its scores empty."""
    result = record.result or {}
    target = result.get("target", {})
    return {
        "run_id": record.id,
        "key": record.key,
        "state": record.state.value,
        "seconds": result.get("seconds", {}),
        "queries": result.get("queries", 0),
        "scores": [{key: score[key] for key in SCORE_KEYS} for score in result.get("scores", [])],
        "by_queries": result.get("by_queries", []),
        "remarks": result.get("remarks", []),
        "target": {key: target.get(key) for key in TARGET_KEYS},
        "artifacts": [{"name": one.name, "sha256": one.sha256} for one in store.artifacts(record.id)],
        "versions": result.get("versions", {}),
    }


def as_json(value: dict[str, Any], indent: int | None = None) -> str:
    """Return strict JSON: a number that is none becomes null."""
    return json.dumps(_finite(value), indent=indent, allow_nan=False, ensure_ascii=False)


def write_folder(record: RunRecord, store: RunStore, folder: Path) -> None:
    """Write result.json and, for a finished run, one picture a victim of the recovery and of the truth.

    Raises StoreUnavailable when the folder cannot be written.
    """
    result = record.result or {}
    told = {"scenario": record.scenario.model_dump(mode="json"), "error": record.error, "log": record.log}
    everything = told | result | summary(record, store) | {"scores": result.get("scores", [])}
    try:
        (folder / "result.json").write_text(as_json(everything, indent=2) + "\n")
        for one in store.artifacts(record.id):
            if one.name in SHEETS and result:
                sheet = pictures.read_png(store.artifact(one.sha256))
                _write_victims(sheet, result["victims"], folder, SHEETS[one.name])
            elif one.name == "records.csv":
                (folder / one.name).write_bytes(store.artifact(one.sha256))
    except OSError as error:
        raise StoreUnavailable(
            f"results are written to --out, {folder} failed ({error.strerror}); make room or choose another"
        ) from error


def _write_victims(sheet: Any, victims: list[dict[str, Any]], folder: Path, name: str) -> None:
    for victim, picture in zip(victims, pictures.cut(sheet, len(victims)), strict=True):
        (folder / f"{name}-{victim['class']}.png").write_bytes(pictures.png(picture))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
