"""Trainings small enough to run in a test: forty photos of four classes, networks of a few channels."""

from collections.abc import Sequence
from typing import Any

import torch

from inversion_core.defences.base import Training, TrainingDefence
from inversion_core.seeds import torch_rng
from inversion_core.targets.base import NetworkTarget
from inversion_core.targets.train import _plain, fit
from inversion_core.values import Photos
from tests.steps import finish

PHOTOS = Photos(
    torch.randint(0, 256, (40, 1, 16, 16), generator=torch.Generator().manual_seed(0)).to(torch.uint8),
    torch.arange(40) % 4,
)


def train(target: NetworkTarget, defences: Sequence[TrainingDefence], **given: Any) -> dict[str, Any]:
    """Train on PHOTOS; return what the defences guarantee."""
    return finish(fit(target, PHOTOS, 4, defences, **given))[1]


def set_up(target: NetworkTarget, defences: Sequence[TrainingDefence]) -> Training:
    """Return the training with the defences in it, not begun."""
    training = _plain(target, PHOTOS, 4)
    for defence in defences:
        training = defence.protect(training, torch_rng(0, defence.name))
    return training
