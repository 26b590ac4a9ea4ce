"""Keep a finished sweep as the Compare page reads it: the matrix, its words, people and costs by defence.

A bundle is a folder: comparison.json, truth.webp, and for every cell with a run a sprite of its first seed
(the same people downwards, moments of the attack to the right). What each row costs an honest user is
measured as the bundle is written. Rows of one `group` become a dial, in their order; its stops are labelled
by what follows the group in their titles.
"""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from inversion_core import pictures
from inversion_core.compare.matrix import Attacker
from inversion_core.console import exhaust
from inversion_core.errors import InversionError
from inversion_core.registry import find
from inversion_core.scenario import Scenario
from inversion_core.store.records import RunRecord
from inversion_core.store.runs import RunStore
from inversion_core.sweeps import desk
from inversion_core.sweeps.cell import Cell
from inversion_core.sweeps.cells import expand, served
from inversion_core.sweeps.made import made
from inversion_core.sweeps.spec import Row, Sweep
from inversion_core.sweeps.utility import utilities
from inversion_core.trials.driver import SHOWN
from inversion_core.values import Modality

PEOPLE = 6
"""People shown of each cell."""
MOMENTS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
"""Shares of the attack's steps at which they are shown."""
QUALITY = 88
"""Of the WebP sprites; the runs behind them keep PNG."""

Place = tuple[str, str, Attacker]


def write_bundle(sweep: Sweep, store: RunStore, folder: Path) -> None:
    """Write the bundle of a sweep of rows and columns whose runs have ended.

    Raises InversionError for a plain list of scenarios, which has no rows to compare.
    """
    if sweep.base is None:
        raise InversionError("a comparison is made of rows and columns, this sweep is a list; give it a base")
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.webp"):
        stale.unlink()  # pictures of cells that an earlier sweep had
    matrix, cells = desk.matrix(sweep, store), expand(sweep)
    shown = {key: one.variant for key, one in matrix.strongest().items()}
    kept = [cell for cell in cells if shown.get((cell.row, cell.column, cell.attacker)) == cell.variant]
    people, entries = _whom(sweep), []
    for number, cell in enumerate(cell for cell in kept if cell.scenarios):
        entry = _entry(cell, store, people, folder / f"{number:03d}.webp")
        entries.append(entry)
    comparison = {
        "title": sweep.name,
        "matrix": matrix.model_dump(mode="json"),
        "rows": {row.title: _about(row) for row in sweep.rows},
        "columns": {one.title: _column(one.attack.name) for one in sweep.columns if one.attacker == "naive"},
        "dials": list(_dials(sweep.rows, matrix.undefended)),
        "moments": [_moment(share) for share in MOMENTS],
        "made": made(sweep, cells, store),
        "cells": entries,
        "utility": {title: one.model_dump(mode="json") for title, one in exhaust(utilities(sweep)).items()},
        **_truth(kept, store, people, folder),
    }
    (folder / "comparison.json").write_text(json.dumps(comparison, indent=1) + "\n")


def _whom(sweep: Sweep) -> list[int]:
    """Return the places, among the victims, of those shown: evenly spread over those that frames hold."""
    assert sweep.base is not None, "checked by the caller"
    if sweep.base.victims == "all":
        known = served(sweep, sweep.rows[0]).make_dataset().victim_count()
    else:
        known = len(sweep.base.victims)
    count = min(known, SHOWN)
    return [int(place) for place in np.linspace(0, count - 1, min(PEOPLE, count))]


def _entry(cell: Cell, store: RunStore, people: Sequence[int], path: Path) -> dict[str, Any]:
    """Return what the page knows of a cell beside the matrix, and write its sprite."""
    first = cell.scenarios[0]
    entry: dict[str, Any] = {
        "row": cell.row,
        "column": cell.column,
        "attacker": cell.attacker,
        "scenario": first.model_dump(mode="json", exclude_defaults=True),
    }
    record = _record(first, store)
    if record is not None and record.result is not None:
        entry["by_queries"] = record.result.get("by_queries", [])
        if first.modality() is Modality.IMAGE:
            _write(path, _over_time(record, store, people))
            entry["sprite"] = path.name
    return entry


def _record(scenario: Scenario, store: RunStore) -> RunRecord | None:
    key = scenario.key()
    return store.runs_of_keys([key]).get(key)


def _over_time(record: RunRecord, store: RunStore, people: Sequence[int]) -> Tensor:
    """Return the people (P, M, C, H, W) at the moments; the last is the result itself."""
    frames, count = store.frames(record.id), len(record.result["victims"]) if record.result else 0
    last = frames[-1].step
    columns = []
    for share in MOMENTS[:-1]:
        wanted = max(1, share * last)
        frame = max(
            (one for one in frames if one.step <= wanted), key=lambda one: one.step, default=frames[0]
        )
        columns.append(_cut(store.artifact(frame.sha256), min(count, SHOWN))[list(people)])
    columns.append(_sheet(record, store, "reconstruction-sheet", count)[list(people)])
    return torch.stack(columns, dim=1)


def _truth(cells: Sequence[Cell], store: RunStore, people: Sequence[int], folder: Path) -> dict[str, Any]:
    """Return names and size of the people shown, and write their photos; nothing of tables."""
    for cell in cells:
        record = _record(cell.scenarios[0], store) if cell.scenarios else None
        if record is None or record.result is None or "evaluator_accuracy" not in record.result:
            continue
        victims = record.result["victims"]
        photos = _sheet(record, store, "original-sheet", len(victims))[list(people)]
        _write(folder / "truth.webp", photos[:, None])
        return {"people": [victims[place]["name"] for place in people], "side": photos.shape[-1]}
    return {"people": [], "side": 0}


def _sheet(record: RunRecord, store: RunStore, name: str, count: int) -> Tensor:
    found = next(one for one in store.artifacts(record.id) if one.name == f"{name}.png")
    return _cut(store.artifact(found.sha256), count)


def _cut(png: bytes, count: int) -> Tensor:
    return pictures.cut(pictures.read_png(png), count)


def _write(path: Path, grid: Tensor) -> None:
    """Write pictures (P, M, C, H, W) as one: people downwards, moments to the right."""
    people, moments, channels, height, width = grid.shape
    whole = grid.permute(0, 3, 1, 4, 2).reshape(people * height, moments * width, channels)
    buffer = io.BytesIO()
    Image.fromarray(whole.expand(-1, -1, 3).contiguous().numpy()).save(
        buffer, "WEBP", quality=QUALITY, method=6
    )
    path.write_bytes(buffer.getvalue())


def _about(row: Row) -> str:
    """Return what the defences of a row are."""
    return " ".join(find("defences", one.name).summary() for one in row.defences)


def _column(attack: str) -> str:
    return f"needs {find('attacks', attack).needs.value}"  # type: ignore[attr-defined]


def _dials(rows: Sequence[Row], undefended: str | None) -> Iterator[dict[str, Any]]:
    off = [{"label": "off", "row": undefended}] if undefended else []
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.group:
            groups.setdefault(row.group, []).append(row)
    for group, members in groups.items():
        if len(off) + len(members) > 1:
            stops = off + [{"label": _label(group, row.title), "row": row.title} for row in members]
            yield {"title": group, "stops": stops}


def _label(group: str, title: str) -> str:
    return title.removeprefix(group).lstrip(" ,:") or title


def _moment(share: float) -> str:
    return "start" if share == 0 else "end" if share == 1 else f"{share:.0%} of the steps".replace("%", " %")
