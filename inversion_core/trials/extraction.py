"""One trial of a theft: how alike the copy answers, and whom the attacker reads off it.

A trial on pictures, judged twice: the pictures as any others, the copy by its answers to held-out photos.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from inversion_core.metrics.extraction import Answers, ExtractionMetric
from inversion_core.registry import metrics_of
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.trials import image
from inversion_core.trials.driver import Driver
from inversion_core.values import Family, Progress, Stolen, Truth

PART = 50
"""Photos that are shown to copy, model and judge at once."""


def play(scenario: Scenario, driver: Driver) -> dict[str, Any]:
    """Return the result of a scenario; pictures go to the store as they come."""
    carried = image.carry(scenario, driver)
    assert isinstance(carried.found, Stolen), "an attack that claims a model returns a copy of it"
    answers = driver.drive("copy", answered(carried.found.copy, carried.truth))
    of_copy = [
        asdict(kind().score(answers, torch_rng(scenario.seed, "metric", name)))
        for name, kind in metrics_of(ExtractionMetric).items()
    ]
    result = carried.result
    return result | {"family": Family.EXTRACTION.value, "scores": [*of_copy, *result["scores"]]}


def answered(copy: Callable[[Tensor], Tensor], truth: Truth) -> Generator[Progress, None, Answers]:
    """Show the held-out photos to the copy, the model and the judge; yields between parts."""
    assert truth.target is not None, "the scenario was checked: this model is here to be asked"
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    inputs = truth.held_out.inputs.split(PART)
    for number, part in enumerate(inputs, start=1):
        photos = part.float() / 255
        parts.append((copy(photos), truth.target(photos), truth.evaluator(photos)))
        yield Progress(number, len(inputs), math.nan, note="comparing the copy with the model")
    copied, model, apart = (torch.cat(column) for column in zip(*parts, strict=True))
    return Answers(copied, model, apart, labels=truth.held_out.labels)
