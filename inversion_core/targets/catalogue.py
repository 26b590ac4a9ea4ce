"""Targets by content key: shipped with the product, cached on this machine, or trained now."""

from collections.abc import Generator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import TrainingDefence
from inversion_core.keys import content_key
from inversion_core.settings import ASSETS, settings
from inversion_core.targets import weights
from inversion_core.targets.base import Target, TargetCard
from inversion_core.targets.train import accuracy, fit
from inversion_core.values import Progress

SHIPPED = ASSETS / "targets"
RECIPE_VERSION = 1
"""Raised when training the same recipe would give other weights."""


def target_key(dataset: Dataset, target: Target, defences: Sequence[TrainingDefence]) -> str:
    """Return the content key of a trained target: data, recipe, defences, seed."""
    return content_key(_recipe(dataset, target, defences))


def where(key: str) -> Path | None:
    """Return the file of a target that is already trained: shipped first, then cached; None when it is to be
    trained.
    """
    places = [SHIPPED / f"{key[:16]}.safetensors", settings().cache / "targets" / f"{key[:16]}.safetensors"]
    return next((place for place in places if place.exists()), None)


def shipped() -> list[TargetCard]:
    """Return the cards of the shipped targets, the most accurate first."""
    cards = [TargetCard(**weights.read_card(path)) for path in sorted(SHIPPED.glob("*.safetensors"))]
    return sorted(cards, key=lambda card: -card.test_accuracy)


def obtain(
    dataset: Dataset, target: Target, defences: Sequence[TrainingDefence] = (), *, into: Path | None = None
) -> Generator[Progress, None, Target]:
    """Return `target` trained: loaded when its key is known, else trained and kept in `into` (the cache by
    default).

    Weights are kept as float16 and always used as read back, so that the run after training and the run
    after loading see the same network. Raises WeightsUnusable, DataUnusable.
    """
    key = target_key(dataset, target, defences)
    path = where(key) if into is None else None
    if path is None:
        path = (into or settings().cache / "targets") / f"{key[:16]}.safetensors"
        yield from _train(dataset, target, defences, key, path)
    else:
        yield Progress(0, 1, 0.0, note="loading the target")
    _load(target, path)
    return target


def _recipe(dataset: Dataset, target: Target, defences: Sequence[TrainingDefence]) -> dict[str, Any]:
    return {
        "version": RECIPE_VERSION,
        "dataset": [dataset.name, dataset.params.model_dump(mode="json"), dataset.fingerprint()],
        "target": [target.name, target.params.model_dump(mode="json")],
        "defences": [[defence.name, defence.params.model_dump(mode="json")] for defence in defences],
    }


def _train(
    dataset: Dataset, target: Target, defences: Sequence[TrainingDefence], key: str, path: Path
) -> Generator[Progress, None, None]:
    yield Progress(0, 1, 0.0, note="loading the photos")
    photos, held_out = dataset.train(), dataset.held_out()
    classes = len(dataset.classes)
    seconds, guarantees = yield from fit(target, photos, classes, defences)
    network = getattr(target.network, "_module", target.network)  # Opacus wraps the network it was given
    state = weights.half(network)
    weights.load_into(network, state, path)
    target.network = network
    private = guarantees.get("dp-sgd", {})
    card = TargetCard(
        key=key,
        dataset=dataset.name,
        target=target.name,
        defences=[{"name": d.name, "params": d.params.model_dump(mode="json")} for d in defences],
        input_shape=target.input_shape,
        class_count=classes,
        train_photos=len(photos),
        photos_per_class=len(photos) / classes,
        train_accuracy=accuracy(target, photos),
        test_accuracy=accuracy(target, held_out),
        test_photos=len(held_out),
        epsilon=private.get("epsilon"),
        delta=private.get("delta"),
        guarantees=guarantees,
        parameters=sum(p.numel() for p in network.parameters()),
        seconds=round(seconds, 1),
        sha256=weights.digest(state),
        versions={"torch": version("torch"), "opacus": version("opacus")},
    )
    weights.write(path, state, card.model_dump(mode="json"))


def _load(target: Target, path: Path) -> None:
    state, card = weights.read(path)
    target.card = TargetCard(**card)
    target.input_shape, target.class_count = target.card.input_shape, target.card.class_count
    network = target.build(target.input_shape, target.class_count)
    weights.load_into(network, state, path)
    target.network = network
