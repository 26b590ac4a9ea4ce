"""Networks trained on public people, for the defences that start from one: kept by content key.

What is kept does not depend on the private people or on the seed of the private training, so that all
scenarios of one architecture share it.
"""

from collections.abc import Generator
from dataclasses import asdict

import torch
from torch import Tensor

from inversion_core.datasets.base import Dataset, PhotoDataset
from inversion_core.defences.base import PublicTraining
from inversion_core.errors import DataUnusable
from inversion_core.keys import content_key
from inversion_core.settings import settings
from inversion_core.targets import weights
from inversion_core.targets.base import NetworkTarget
from inversion_core.targets.train import accuracy, fit
from inversion_core.values import Photos, Progress

PUBLIC_SEED = 6_001
"""Of the people drawn: neither those of the shipped prior nor those who taught the judges."""
HELD_OUT = 2
"""Photos of each public person that tell how much was learnt."""
VERSION = 1
"""Raised when the same public training would give other weights."""


def pretrained(
    dataset: Dataset, target: NetworkTarget, wanted: PublicTraining
) -> Generator[Progress, None, dict[str, Tensor]]:
    """Return the weights of `target`'s architecture trained on public people, all but the last layer's.

    The recipe is the target's default one, with the epochs `wanted`. Raises DataUnusable where the dataset
    has nobody else, WeightsUnusable for a damaged file.
    """
    student = _untrained(target, wanted)
    key = _key(dataset, student, wanted)
    path = settings().cache / "public" / f"{key[:16]}.safetensors"
    if not path.exists():
        yield Progress(0, 1, 0.0, note="drawing the public people")
        photos = _public(dataset, wanted)
        held_out = torch.arange(len(photos)) % wanted.photos >= wanted.photos - HELD_OUT
        learnt, others = (Photos(photos.inputs[rows], photos.labels[rows]) for rows in (~held_out, held_out))
        for progress in fit(student, learnt, wanted.people):
            yield Progress(progress.step, progress.total, progress.loss, note=f"public {progress.note}")
        state = weights.half(student.network) if student.half_precision else weights.whole(student.network)
        card = {"key": key, "dataset": dataset.name, "target": target.name, **asdict(wanted)}
        card |= {"sha256": weights.digest(state), "test_accuracy": accuracy(student, others)}
        weights.write(path, state, card)
    state, _ = weights.read(path)
    *_, (last, _) = student.build(dataset.card.shape, wanted.people).named_modules()
    return {
        name: part.float() if part.is_floating_point() else part
        for name, part in state.items()
        if name.rpartition(".")[0] != last
    }


def _untrained(target: NetworkTarget, wanted: PublicTraining) -> NetworkTarget:
    """Return a target of the same architecture; how the private one is trained does not matter to it."""
    training = NetworkTarget.Params.model_fields
    shape = {name: value for name, value in target.params.model_dump().items() if name not in training}
    return type(target)(**shape, epochs=wanted.epochs)


def _key(dataset: Dataset, student: NetworkTarget, wanted: PublicTraining) -> str:
    recipe = {
        "version": VERSION,
        "public": [dataset.name, dataset.fingerprint(), PUBLIC_SEED, asdict(wanted)],
        "target": [student.name, student.params.model_dump(mode="json")],
    }
    return content_key(recipe)


def _public(dataset: Dataset, wanted: PublicTraining) -> Photos:
    photos = None
    if isinstance(dataset, PhotoDataset):
        photos = dataset.public(wanted.people, wanted.photos, PUBLIC_SEED)
    if photos is None:
        raise DataUnusable(
            f"the training starts from photos of people outside the data, {dataset.name!r} has none; "
            "choose the dataset people or remove the defence"
        )
    return photos
