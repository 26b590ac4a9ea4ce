"""One row a victim: what was recovered of this person, as plain values that go into the stored result."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from inversion_core.metrics.attributes import read
from inversion_core.metrics.closest_photo import pictures
from inversion_core.metrics.image_similarity import luminance
from inversion_core.metrics.recognition import ranks, recognise
from inversion_core.metrics.ssim import WINDOW, ssim
from inversion_core.values import Reconstruction, Truth

Row = dict[str, Any]


def describe_victims(reconstruction: Reconstruction, truth: Truth, names: Sequence[str]) -> list[Row]:
    """Return one row a victim, in the order of the reconstruction.

    Keys: `class`, `name`, `family` (None: no look-alikes), `evaluator_rank` (1 = recognised),
    `evaluator_probability`, `target_probability`, `confidence` (the adversary's), `ssim` to the closest
    training photo or to the original (None for pictures smaller than its window), `attributes`: name ->
    {guess, truth, right}. A number that is none becomes None.
    """
    seen = recognise(reconstruction, truth)
    classes = reconstruction.classes
    columns = {
        "evaluator_probability": seen.evaluator.gather(1, classes[:, None])[:, 0],
        "target_probability": seen.target.gather(1, classes[:, None])[:, 0],
        "confidence": reconstruction.confidence,
        "ssim": _closest_ssim(reconstruction, truth),
    }
    traits = _traits(reconstruction, truth)
    places = ranks(seen.evaluator, classes).tolist()
    return [
        {
            "class": label,
            "name": names[place],
            "family": truth.families[label] if truth.families else None,
            "evaluator_rank": places[place],
            **{key: _number(column[place].item()) for key, column in columns.items()},
            "attributes": traits[place],
        }
        for place, label in enumerate(classes.tolist())
    ]


def best(rows: Sequence[Row]) -> Row:
    """Return the victim recovered best: by the evaluator's rank, its probability, then SSIM, then class."""
    return ordered(rows)[0]


def median(rows: Sequence[Row]) -> Row:
    """Return the victim in the middle of the same order; of two middle ones the worse."""
    return ordered(rows)[len(rows) // 2]


def ordered(rows: Sequence[Row]) -> list[Row]:
    """Return the victims, the one recovered best first."""
    if not rows:
        raise ValueError("victims are ordered to name the best and the median, none was given")
    return sorted(rows, key=_order)


def _order(row: Mapping[str, Any]) -> tuple[float, float, float, int]:
    probability, likeness = row["evaluator_probability"], row["ssim"]
    return (
        row["evaluator_rank"],
        -probability if probability is not None else math.inf,
        -likeness if likeness is not None else math.inf,
        row["class"],
    )


def _closest_ssim(reconstruction: Reconstruction, truth: Truth) -> Tensor:
    """Return (N,): SSIM of each picture to the closest of the photos wanted of its victim."""
    if min(truth.train.inputs.shape[-2:]) < WINDOW:
        return torch.full((len(reconstruction.classes),), math.nan)
    recovered = luminance(pictures(reconstruction))
    return torch.stack(
        [
            ssim(picture[None], luminance(truth.wanted(label).float() / 255)).max()
            for picture, label in zip(recovered, reconstruction.classes.tolist(), strict=True)
        ]
    )


def _traits(reconstruction: Reconstruction, truth: Truth) -> list[dict[str, dict[str, str | bool]]]:
    """Return for each victim: attribute -> guess, truth and whether they agree."""
    classes = reconstruction.classes.tolist()
    if not truth.attributes or truth.read_attributes is None:
        return [{} for _ in classes]
    guesses = read(pictures(reconstruction), truth)
    return [
        {
            name: {
                "guess": guesses[name][place],
                "truth": values[label],
                "right": guesses[name][place] == values[label],
            }
            for name, values in truth.attributes.items()
        }
        for place, label in enumerate(classes)
    ]


def _number(value: float) -> float | None:
    """Return a number JSON can hold."""
    return round(value, 6) if math.isfinite(value) else None
