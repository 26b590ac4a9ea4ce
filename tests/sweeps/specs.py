"""Sweeps for tests: over people, whose scenarios cost nothing to check, and over a folder of tiny photos."""

from pathlib import Path
from typing import Any

import torch

from inversion_core import pictures

ROWS: list[dict[str, Any]] = [
    {"title": "none"},
    {"title": "one decimal", "defences": [{"name": "rounding", "params": {"decimals": 1}}]},
    {"title": "smoothing", "defences": [{"name": "label-smoothing"}]},
    {"title": "labels only", "exposure": {"access": "labels"}},
]
COLUMNS: list[dict[str, Any]] = [
    {"title": "weights", "attack": {"name": "mi-face"}},
    {"title": "api", "attack": {"name": "nes-latent"}},
    {"title": "api", "attacker": "adaptive", "attack": {"name": "brep-mi"}, "against": ["labels only"]},
]


def grid(**changes: Any) -> dict[str, Any]:
    """Return a sweep over `people` with parts replaced."""
    base = {"target": {"name": "cnn"}, "victims": [0, 1]}
    return {"name": "test", "base": base, "rows": ROWS, "columns": COLUMNS, "seeds": [0, 1]} | changes


def many(runs: int) -> dict[str, Any]:
    """Return a sweep of so many runs."""
    return grid(rows=ROWS[:1], columns=COLUMNS[:1], seeds=list(range(runs)))


def tiny(folder: Path, steps: int = 5, seeds: int = 2) -> dict[str, Any]:
    """Return a sweep over three people who are easy to tell apart, whose photos are made in `folder`.

    Two of its three rows are the same computation: rounding does not touch an attack on the weights.
    """
    rng = torch.Generator().manual_seed(0)
    for person in range(3):
        (folder / f"person-{person}").mkdir(parents=True, exist_ok=True)
        for photo in range(4):
            image = 60 + 20 * torch.rand(1, 16, 16, generator=rng)
            image[:, 5 * person : 5 * person + 5] += 120
            picture = pictures.png(image.to(torch.uint8))
            (folder / f"person-{person}" / f"{photo}.png").write_bytes(picture)
    options = {"size": 16, "grayscale": True, "train_per_class": 3}
    return {
        "name": "tiny",
        "seeds": list(range(seeds)),
        "base": {
            "dataset": {"name": "image-folder", "path": str(folder), "options": options},
            "target": {"name": "softmax", "params": {"epochs": 30}},
        },
        "rows": ROWS[:3],
        "columns": [
            {
                "title": "weights",
                "attack": {"name": "mi-face", "params": {"steps": steps, "patience": 20000}},
            },
            {"title": "api", "attack": {"name": "nes-latent"}},
        ],
    }
