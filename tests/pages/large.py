"""A stored comparison as large as the standard sweeps make them: 28 rows, 6 columns, both attackers."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inversion_core.compare.matrix import Attacker, CellRuns, Run, build
from inversion_core.settings import ASSETS

SHIPPED = ASSETS / "evidence" / "compare" / "people-cnn"
BARE = "No defence"
TRAINING = (
    *("Label smoothing, +0.1", "Label smoothing, -0.05", "Information bottleneck", "Dependency penalties"),
    *("Early stopping, decay, dropout", "Frozen layers", "Five photos a person"),
    *(f"Differential privacy, epsilon {epsilon}" for epsilon in (8, 3, 1)),
)
ANSWERS = (
    *(f"Rounding, {decimals} decimals" for decimals in (4, 3, 2)),
    *("Top-3 scores", "Label only", "Temperature 4", "Noise, fresh", "Noise, by picture", "Purifier"),
    *("Votes over noisy copies", "Registered tier: top 3, 2 decimals"),
)
OPERATION = (
    *("Pseudonyms for names", "Anonymous tier: labels", "Query budget, 1,200 rows", "Query budget, 480 rows"),
    *("Rate limit, 120 rows a minute, two minutes", "Monitor that blocks"),
)
ROWS = (BARE, *TRAINING, *OPERATION[:2], *ANSWERS, *OPERATION[2:])
PAST = ("Plug & Play", "Template inversion", "MIFace")
COLUMNS = ("Plug & Play", "Evolution strategy", "Boundary repulsion", "Inversion network", *PAST[1:])


def write_large(folder: Path) -> Path:
    """Write the bundle into `folder`/people-cnn and return `folder`; its pictures are those that ship."""
    place = folder / "people-cnn"
    place.mkdir(parents=True)
    shutil.copy(SHIPPED / "truth.webp", place)
    sprites = sorted(SHIPPED.glob("[0-9]*.webp"))
    parts, chance = list(_parts()), random.Random(0)
    entries = []
    for number, part in enumerate(one for one in parts if one.runs):
        shutil.copy(chance.choice(sprites), place / f"{number:03d}.webp")
        entries.append(_entry(part, f"{number:03d}.webp"))
    shipped = json.loads((SHIPPED / "comparison.json").read_text())
    stops = [{"label": "off", "row": BARE}]
    stops += [{"label": row.split(", ")[1], "row": row} for row in ANSWERS if row.startswith("Rounding")]
    kept = shipped | {
        "matrix": build("Synthetic people, everything", parts).model_dump(mode="json"),
        "rows": dict.fromkeys(ROWS, "What this defence is, in a sentence."),
        "columns": dict.fromkeys(COLUMNS, "needs scores"),
        "dials": [{"title": "Rounding", "stops": stops}],
        "cells": entries,
    }
    (place / "comparison.json").write_text(json.dumps(kept))
    return folder


def _parts() -> Iterator[CellRuns]:
    chance = random.Random(1)
    for row in ROWS:
        for column in COLUMNS:
            past = column in PAST and row in ANSWERS + OPERATION
            naive, adaptive = (0.95 if row == BARE or past else chance.uniform(0.02, 0.98) for _ in range(2))
            yield _cell(row, column, "naive", naive, undefended=row == BARE, untouched=past)
            if row != BARE and not past:
                yield _cell(row, column, "adaptive", max(naive, adaptive), variant="knows it")


def _cell(row: str, column: str, attacker: Attacker, value: float, **given: Any) -> CellRuns:
    runs = tuple(_run(row, column, value, seed) for seed in range(3))
    return CellRuns(row=row, column=column, attacker=attacker, runs=runs, **given)


def _run(row: str, column: str, value: float, seed: int) -> Run:
    score = {"name": "evaluator-top1", "value": value, "n": 24, "baseline": 0.01}
    score |= {"low": max(0.0, value - 0.1), "high": min(1.0, value + 0.1)}
    terms = {"metric_version": 1, "data_version": 1, "dataset": "d", "victims": "v", "evaluator": "e"}
    accuracy = random.Random(row).uniform(0.4, 0.99)
    return Run(
        state="done",
        scenario=_scenario(row, column) | {"seed": seed},
        result={"scores": [score], "target": {"test_accuracy": accuracy}, "queries": 9, "terms": terms},
    )


def _scenario(row: str, column: str) -> dict[str, Any]:
    """Return a scenario in which the right part is defended, whatever the row is called."""
    trained = [{"name": "label-smoothing"}] if row in TRAINING else []
    released = [{"name": "rounding"}] if row in ANSWERS and column not in PAST else []
    return {
        "target": {"name": "cnn", "defences": trained},
        "attack": {"name": "mi-face" if column in PAST else "nes-latent"},
        "exposure": {"access": "white-box" if column in PAST else "scores", "defences": released},
        "victims": [0, 1],
    }


def _entry(part: CellRuns, sprite: str) -> dict[str, Any]:
    scenario = part.runs[0].scenario
    place = {"row": part.row, "column": part.column, "attacker": part.attacker}
    return place | {"scenario": scenario, "by_queries": [], "sprite": sprite}
