"""Targets by content key: shipped with the product, cached on this machine, or trained now."""

import time
from collections.abc import Generator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import Tensor

from inversion_core.datasets.base import Dataset, Split, TableDataset
from inversion_core.defences.base import TrainingDefence
from inversion_core.errors import ScenarioInvalid
from inversion_core.keys import content_key
from inversion_core.settings import ASSETS, settings
from inversion_core.tables import Records
from inversion_core.targets import weights
from inversion_core.targets.base import GrownTarget, NetworkTarget, RemoteTarget, Target, TargetCard
from inversion_core.targets.pretraining import pretrained
from inversion_core.targets.train import accuracy, fit
from inversion_core.values import Photos, Progress

SHIPPED = ASSETS / "targets"
VERSIONS = ("torch", "opacus", "scikit-learn")
RECIPE_VERSION = 1
"""Raised when training the same recipe would give other weights."""


def target_key(
    dataset: Dataset, target: Target, defences: Sequence[TrainingDefence], split: Split | None = None
) -> str:
    """Return the content key of a trained target: data, recipe, defences, seed."""
    return content_key(_recipe(dataset, target, defences) | ({"split": split.digest()} if split else {}))


def where(key: str) -> Path | None:
    """Return the file of a target that is already trained: shipped first, then cached; None when it is to be
    trained.
    """
    places = [SHIPPED / f"{key[:16]}.safetensors", settings().cache / "targets" / f"{key[:16]}.safetensors"]
    return next((place for place in places if place.exists()), None)


def shipped() -> list[TargetCard]:
    """Return the cards of the shipped targets, the most accurate first."""
    cards = [TargetCard(**weights.read_card(path)) for path in sorted(SHIPPED.glob("*.safetensors"))]
    return sorted(cards, key=lambda card: -(card.test_accuracy or 0))


def obtain(
    dataset: Dataset,
    target: Target,
    defences: Sequence[TrainingDefence] = (),
    *,
    into: Path | None = None,
    split: Split | None = None,
) -> Generator[Progress, None, Target]:
    """Return `target` trained: loaded when its key is known, else trained and kept in `into` (the cache by
    default). `split` replaces the dataset's own, for a model of somebody else's on part of the data.

    Weights are kept as float16 where that leaves the model what it is, and always used as read back, so that
    the run after training and the run after loading see the same network. A target that runs elsewhere is
    only made ready to be asked. Raises WeightsUnusable, DataUnusable, TargetUnavailable, and ScenarioInvalid
    for a defence that cannot protect this target.
    """
    if reasons := [
        told for one in defences if (told := one.incompatible(type(target)) or one.objection(defences))
    ]:
        raise ScenarioInvalid(reasons)
    if isinstance(target, RemoteTarget):
        yield Progress(0, 1, 0.0, note="making ready to ask the service")
        target.connect(dataset.name, dataset.card.shape, len(dataset.classes))
        return target
    key = target_key(dataset, target, defences, split)
    path = where(key) if into is None else None
    if path is None:
        path = (into or settings().cache / "targets") / f"{key[:16]}.safetensors"
        yield from _train(dataset, target, defences, key, path, split)
    else:
        yield Progress(0, 1, 0.0, note="loading the target")
    _load(target, dataset, defences, path)
    return target


def _recipe(dataset: Dataset, target: Target, defences: Sequence[TrainingDefence]) -> dict[str, Any]:
    # A first revision is left out, so that keys of those that never changed last.
    revised = {"revision": target.revision} if target.revision > 1 else {}
    return revised | {
        "version": RECIPE_VERSION,
        "dataset": [dataset.name, dataset.params.model_dump(mode="json"), dataset.fingerprint()],
        "target": [target.name, target.params.model_dump(mode="json")],
        "defences": [[defence.name, defence.params.model_dump(mode="json")] for defence in defences],
    }


def _train(
    dataset: Dataset,
    target: Target,
    defences: Sequence[TrainingDefence],
    key: str,
    path: Path,
    split: Split | None,
) -> Generator[Progress, None, None]:
    yield Progress(0, 1, 0.0, note="loading the data")
    split = split or Split(dataset.train(), dataset.held_out())
    photos, held_out = split.train, split.held_out
    for defence in defences:
        photos = defence.admit(photos) if isinstance(photos, Photos) else photos
    seconds, guarantees = yield from learn(target, dataset, photos, defences)
    target.network = getattr(target.network, "_module", target.network)  # Opacus wraps what it was given
    state = weights.half(target.network) if target.half_precision else weights.whole(target.network)
    weights.load_into(target.network, state, path)
    card = TargetCard(
        **described(key, dataset, target, defences, guarantees, len(photos)),
        train_accuracy=accuracy(target, photos),
        test_accuracy=accuracy(target, held_out),
        test_photos=len(held_out),
        seconds=round(seconds, 1),
        sha256=weights.digest(state),
        columns=tuple(column.name for column in target.columns),
    )
    weights.write(path, state, card.model_dump(mode="json"))


def described(
    key: str,
    dataset: Dataset,
    target: Target,
    defences: Sequence[TrainingDefence],
    guarantees: Mapping[str, Any],
    count: int,
) -> dict[str, Any]:
    """Return the fields of a card that say what was trained, on `count` inputs, and what was promised."""
    private = guarantees.get("dp-sgd", {})
    return {
        "key": key,
        "dataset": dataset.name,
        "target": target.name,
        "defences": [{"name": d.name, "params": d.params.model_dump(mode="json")} for d in defences],
        "input_shape": target.input_shape,
        "class_count": target.class_count,
        "train_photos": count,
        "photos_per_class": count / target.class_count,
        "epsilon": private.get("epsilon"),
        "delta": private.get("delta"),
        "guarantees": guarantees,
        "parameters": target.size(),
        "versions": {name: version(name) for name in VERSIONS},
    }


def learn(
    target: Target,
    dataset: Dataset,
    data: Photos | Records,
    defences: Sequence[TrainingDefence],
    *,
    per_person: int | None = None,
) -> Generator[Progress, None, tuple[float, dict[str, Any]]]:
    """Train in place on `data`; return the seconds spent and what the defences guarantee. `per_person` as
    `train.fit` takes it.
    """
    _tell_columns(target, dataset)
    classes = len(dataset.classes)
    if isinstance(target, NetworkTarget):
        start: dict[str, Tensor] = {}
        for wanted in filter(None, (defence.public_training() for defence in defences)):
            start |= yield from pretrained(dataset, target, wanted)
        return (yield from fit(target, data, classes, defences, start=start, per_person=per_person))
    assert isinstance(target, GrownTarget) and isinstance(data, Records)
    target.input_shape, target.class_count = tuple(data.inputs.shape[1:]), classes
    began = time.monotonic()
    target.network = (yield from target.grow(data, classes)).eval()
    return time.monotonic() - began, {}


def _tell_columns(target: Target, dataset: Dataset) -> None:
    if isinstance(dataset, TableDataset):
        target.columns = dataset.columns


def _load(target: Target, dataset: Dataset, defences: Sequence[TrainingDefence], path: Path) -> None:
    state, card = weights.read(path)
    _tell_columns(target, dataset)
    target.card = TargetCard(**card)
    target.input_shape, target.class_count = target.card.input_shape, target.card.class_count
    network = target.skeleton(state)
    for defence in defences:
        network = defence.reshape(network)
    weights.load_into(network, state, path)
    target.network = network
