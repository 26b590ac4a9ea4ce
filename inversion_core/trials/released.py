"""How often the answers are right that leave the model behind its output defences: what these cost."""

import math
from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from inversion_core.defences.base import OutputDefence
from inversion_core.scenario import Scenario
from inversion_core.tables import Records
from inversion_core.targets.base import RemoteTarget, Target
from inversion_core.trials.oracle import open_for
from inversion_core.values import Photos, Progress

MOST = 1000
"""Held-out pictures or records asked about at most, evenly spread: some defences ask the model many times."""
PART = 100

Released = dict[str, float | int]


def released_accuracy(
    scenario: Scenario, target: Target, defences: Sequence[OutputDefence], held_out: Photos | Records
) -> Generator[Progress, None, Released | None]:
    """Return `accuracy`, the share of `held_out` named right by what is released, and `n`; None where no
    defence changes the answers, or the model runs elsewhere and would be sent private data.
    """
    if not defences or isinstance(target, RemoteTarget):
        return None
    places = torch.linspace(0, len(held_out.labels) - 1, min(MOST, len(held_out.labels))).long()
    oracle = open_for(scenario, target, defences, budgeted=False)
    right: list[Tensor] = []
    for part in places.split(PART):
        yield Progress(len(right), math.ceil(len(places) / PART), math.nan, note="asking as honest users do")
        right.append(oracle.labels(_floats(held_out, part)) == held_out.labels[part])
    return {"accuracy": torch.cat(right).double().mean().item(), "n": len(places)}


def _floats(held_out: Photos | Records, places: Tensor) -> Tensor:
    inputs = held_out.inputs[places]
    return inputs.float() / 255 if isinstance(held_out, Photos) else inputs
