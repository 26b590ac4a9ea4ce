"""Independent judges: who is on a picture, and what the person looks like.

The evaluator shares nothing with a target but the task: another architecture, another seed, more photos
where there are more. The attribute reader has never seen the private people at all. Neither is ever shown
to an attack.
"""

from collections.abc import Generator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from inversion_core.datasets.base import PhotoDataset
from inversion_core.keys import content_key
from inversion_core.settings import ASSETS, settings
from inversion_core.targets import weights
from inversion_core.targets.augment import shift_and_light
from inversion_core.targets.base import NetworkTarget
from inversion_core.targets.train import accuracy, fit
from inversion_core.values import Photos, Progress

SHIPPED = ASSETS / "evaluators"
EXTRA_PHOTOS = 40
"""Further photos of each person that only the evaluator learns from, where a dataset has them."""
PUBLIC_PEOPLE, PUBLIC_PHOTOS, PUBLIC_SEED = 2500, 4, 9_001
"""Whom the attribute reader learns from; one more photo of 500 further people measures it."""
JUDGE_VERSION = 1


class Residual(nn.Module):
    """Two convolutions around a shortcut, halving the size."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, after, 3, 2, 1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, 1, 1, bias=False),
            nn.BatchNorm2d(after),
        )
        self.shortcut = nn.Sequential(nn.AvgPool2d(2, ceil_mode=True), nn.Conv2d(before, after, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, S, S) -> (N, after, S/2, S/2)."""
        return F.relu(self.body(x) + self.shortcut(x))


class Judge(NetworkTarget):
    """A residual network with pooled features; not offered as a target.

    Its training pictures are blurred, noised, shifted and relit at random: a judge should know a face on a
    poor picture too, or it would score the attack's picture quality instead of the likeness.
    """

    name = "judge"
    title = "Independent evaluator"

    class Params(NetworkTarget.Params):
        """As every network; another seed than any target's default."""

        epochs: int = Field(16, ge=1, le=1000, description="Passes over the training photos.")
        learning_rate: float = Field(3e-3, gt=0, le=10, description="Peak step size of the optimiser.")
        seed: int = Field(77_001, ge=0, description="Seed of initialisation, batches and augmentation.")

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return stem, three residual stages, pooling over 2x2 fields, one linear layer."""
        stem = [nn.Conv2d(input_shape[0], 32, 5, 2, 2, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
        stages = [Residual(32, 64), Residual(64, 128), Residual(128, 192)]
        body = nn.Sequential(*stem, *stages, nn.AdaptiveAvgPool2d(2), nn.Flatten())
        return nn.Sequential(body, nn.Dropout(0.2), nn.Linear(192 * 4, class_count))

    def augment(self, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """Shift, relight; blur half of the batch; add noise."""
        varied = shift_and_light(inputs, rng, pixels=4, light=0.25)
        soft = F.avg_pool2d(F.pad(varied, (1, 1, 1, 1), mode="replicate"), 3, 1)
        share = torch.rand(len(varied), 1, 1, 1, generator=rng) * (
            torch.rand(len(varied), 1, 1, 1, generator=rng) < 0.5
        )
        noise = (
            0.04 * torch.rand(len(varied), 1, 1, 1, generator=rng) * torch.randn(varied.shape, generator=rng)
        )
        return (varied.lerp(soft, share) + noise).clamp(0, 1)

    def features(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, F): the pooled features before the last layer."""
        assert isinstance(self.network, nn.Sequential)
        with torch.inference_mode():
            return torch.cat([self.network[0](part) for part in inputs.split(256)]).clone()


def obtain_evaluator(
    dataset: PhotoDataset, *, into: Path | None = None
) -> Generator[Progress, None, tuple[Judge, float]]:
    """Return the evaluator of a dataset and its own accuracy on held-out photos; trained when not known."""
    judge, key = _recipe(dataset), evaluator_key(dataset)
    path = _where(key, into)
    if into is not None or not path.exists():
        yield Progress(0, 1, 0.0, note="training the independent evaluator")
        photos = _more(dataset.train(), dataset.extra(EXTRA_PHOTOS))
        yield from _named("training the independent evaluator", fit(judge, photos, len(dataset.classes)))
        measured = accuracy(judge, dataset.held_out())
        card = {"key": key, "photos": len(photos), "accuracy": measured, "input_shape": judge.input_shape}
        _keep(judge, path, card)
    return judge, float(_load(judge, path, len(dataset.classes))["accuracy"])


def evaluator_key(dataset: PhotoDataset) -> str:
    """Return what decides the evaluator of a dataset: equal keys are the same judge."""
    recipe = _recipe(dataset).params.model_dump(mode="json")
    return content_key(["evaluator", JUDGE_VERSION, *_identity(dataset), recipe])


def _recipe(dataset: PhotoDataset) -> Judge:
    has_more = type(dataset).extra is not PhotoDataset.extra
    return Judge(epochs=16 if has_more else 60)


def obtain_features(dataset: PhotoDataset, judge: Judge, photos: Photos) -> Tensor:
    """Return the evaluator's features (N, F) of all training photos, kept beside its weights in the cache."""
    key = content_key(["features", weights.digest(judge.network.state_dict()), *_identity(dataset)])
    path = settings().cache / "features" / f"{key[:16]}.safetensors"
    if not path.exists():
        found = torch.cat([judge.features(part.float() / 255) for part in photos.inputs.split(256)])
        weights.write(path, {"features": found}, {"sha256": weights.digest({"features": found})})
    return weights.read(path)[0]["features"]


class AttributeReader:
    """Reads named attributes off pictures: (N, C, H, W) -> attribute -> N values."""

    def __init__(self, judge: Judge, heads: dict[str, list[str]], accuracies: dict[str, float]) -> None:
        self.judge = judge
        self.heads = heads
        self.accuracies = accuracies

    def __call__(self, images: Tensor) -> dict[str, list[str]]:
        """Return the likeliest value of each attribute."""
        with torch.inference_mode():
            logits = torch.cat([self.judge.network(part) for part in images.split(256)])
        parts = logits.split([len(values) for values in self.heads.values()], dim=1)
        picks = (part.argmax(1).tolist() for part in parts)
        return {
            name: [values[i] for i in pick]
            for (name, values), pick in zip(self.heads.items(), picks, strict=True)
        }


def obtain_reader(
    dataset: PhotoDataset, *, into: Path | None = None
) -> Generator[Progress, None, AttributeReader | None]:
    """Return the attribute reader of a dataset, None where nobody named attributes; trained when not yet
    known.
    """
    if dataset.attributes() is None:
        return None
    judge = Judge(epochs=14, seed=77_002)
    # Strangers teach it, so how many people are private makes no other reader.
    parts = ["reader", JUDGE_VERSION, dataset.name, dataset.fingerprint()]
    key = content_key([*parts, judge.params.model_dump(mode="json")])
    path = _where(key, into)
    if into is not None or not path.exists():
        yield from _named("training the attribute reader", _train_reader(dataset, judge, key, path))
    card = weights.read_card(path)
    heads = {str(name): list(values) for name, values in card["heads"]}
    _load(judge, path, sum(map(len, heads.values())))
    return AttributeReader(judge, heads, card["accuracies"])


def _train_reader(
    dataset: PhotoDataset, judge: Judge, key: str, path: Path
) -> Generator[Progress, None, None]:
    photos = dataset.public(PUBLIC_PEOPLE, PUBLIC_PHOTOS, PUBLIC_SEED)
    named = dataset.public_attributes(PUBLIC_PEOPLE, PUBLIC_SEED)
    fresh, truth = dataset.public(500, 1, PUBLIC_SEED + 1), dataset.public_attributes(500, PUBLIC_SEED + 1)
    assert photos is not None and named is not None and fresh is not None and truth is not None
    heads = {name: sorted(set(values)) for name, values in named.items()}
    codes = torch.tensor(
        [[heads[name].index(v) for v in values] for name, values in named.items()]
    ).T  # (people, A)
    sizes = [len(values) for values in heads.values()]

    def loss(network: nn.Module, inputs: Tensor, labels: Tensor, progress: float) -> Tensor:
        parts = network(inputs).split(sizes, dim=1)
        return torch.stack([F.cross_entropy(p, labels[:, i]) for i, p in enumerate(parts)]).mean()

    yield from fit(judge, Photos(photos.inputs, codes[photos.labels]), sum(sizes), loss=loss)
    judge.network.eval()
    read = AttributeReader(judge, heads, {})(fresh.floats())
    right = {name: sum(a == b for a, b in zip(read[name], truth[name], strict=True)) / 500 for name in heads}
    card = {
        "key": key,
        "photos": len(photos),
        "heads": list(heads.items()),
        "accuracies": right,
        "input_shape": judge.input_shape,
    }
    _keep(judge, path, card)


def _identity(dataset: PhotoDataset) -> list[Any]:
    return [dataset.name, dataset.params.model_dump(mode="json"), dataset.fingerprint()]


def _where(key: str, into: Path | None) -> Path:
    name = f"{key[:16]}.safetensors"
    shipped = SHIPPED / name
    if into is None and shipped.exists():
        return shipped
    return (into or settings().cache / "evaluators") / name


def _more(photos: Photos, extra: Photos | None) -> Photos:
    if extra is None:
        return photos
    return Photos(torch.cat([photos.inputs, extra.inputs]), torch.cat([photos.labels, extra.labels]))


def _named(note: str, steps: Generator[Progress, None, Any]) -> Generator[Progress, None, None]:
    """Pass progress on under another note."""
    for progress in steps:
        yield Progress(progress.step, progress.total, progress.loss, note=note)


def _keep(judge: Judge, path: Path, card: dict[str, Any]) -> None:
    state = weights.half(judge.network)
    weights.write(
        path, state, card | {"sha256": weights.digest(state), "versions": {"torch": version("torch")}}
    )


def _load(judge: Judge, path: Path, outputs: int) -> dict[str, Any]:
    state, card = weights.read(path)
    judge.input_shape, judge.class_count = tuple(card["input_shape"]), outputs
    network = judge.build(judge.input_shape, outputs)
    weights.load_into(network, state, path)
    judge.network = network
    return card
