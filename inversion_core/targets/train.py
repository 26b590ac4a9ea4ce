"""The one training loop: AdamW, one cosine from the peak to zero, progress as it goes.

Training defences exchange parts of the `Training` before the loop starts.
"""

import math
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from inversion_core.defences.base import Loss, Training, TrainingDefence
from inversion_core.seeds import derive, torch_rng
from inversion_core.tables import Records
from inversion_core.targets.base import NetworkTarget, Target
from inversion_core.values import Photos, Progress

WARM_UP = 0.1
"""Share of the training over which the step size rises to its peak."""


def cross_entropy(network: nn.Module, inputs: Tensor, labels: Tensor, progress: float) -> Tensor:
    """Return the mean cross-entropy: the loss of an undefended target."""
    return F.cross_entropy(network(inputs), labels)


def fit(
    target: NetworkTarget,
    photos: Photos | Records,
    class_count: int,
    defences: Sequence[TrainingDefence] = (),
    *,
    loss: Loss = cross_entropy,
    start: Mapping[str, Tensor] | None = None,
    per_person: int | None = None,
) -> Generator[Progress, None, tuple[float, dict[str, Any]]]:
    """Train `target.network` in place on pictures or records; return the seconds spent and what the
    defences guarantee. `start` are weights to begin with, by name; the others are drawn. `per_person`: how
    many of the data are of one person at most; photos are counted by class, records are one a person.

    Yields once an epoch or every half second, whichever is first.
    """
    params = target.params
    training = replace(_plain(target, photos, class_count), loss=loss)
    training.network.load_state_dict(start or {}, strict=False)
    for defence in defences:
        training = defence.protect(training, torch_rng(params.seed, "defence", defence.name))
    began = time.monotonic()
    yield from _loop(training, params.learning_rate)
    if per_person is None:
        # Behind a class of pictures is one person, and who has most photos is protected least.
        per_person = 1 if isinstance(photos, Records) else int(photos.labels.bincount().max())
    guarantees = {d.name: d.guarantee(training, records=len(photos), per_person=per_person) for d in defences}
    target.network = training.network.eval()
    return time.monotonic() - began, {name: told for name, told in guarantees.items() if told}


def accuracy(target: Target, photos: Photos | Records) -> float:
    """Return the share of pictures or records whose class the target names."""
    hits = 0
    pairs = zip(photos.inputs.split(target.chunk), photos.labels.split(target.chunk), strict=True)
    for inputs, labels in pairs:
        hits += int((target.predict(_floats(inputs)).argmax(1) == labels).sum())
    return hits / len(photos)


def _plain(target: NetworkTarget, photos: Photos | Records, class_count: int) -> Training:
    """Return the training of a target nobody defends."""
    params = target.params
    # Initial weights and dropout draw from torch's global generator; nothing else in this package does.
    torch.manual_seed(derive(params.seed, "weights"))
    target.input_shape, target.class_count = tuple(photos.inputs.shape[1:]), class_count
    network = target.build(target.input_shape, class_count)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=params.learning_rate, weight_decay=params.weight_decay
    )
    batches = _batches(photos, params.batch_size, torch_rng(params.seed, "batches"))
    rng = torch_rng(params.seed, "augment")
    passes = target.passes(len(photos))
    return Training(network, optimiser, batches, cross_entropy, lambda x: target.augment(x, rng), passes)


def _batches(photos: Photos | Records, size: int, rng: torch.Generator) -> DataLoader[Any]:
    """Return the data in random batches, a last incomplete one left out."""
    data = TensorDataset(photos.inputs, photos.labels)
    drop_last = len(photos) > size
    size = min(size, len(photos))
    if isinstance(photos, Photos):
        return DataLoader(data, batch_size=size, shuffle=True, drop_last=drop_last, generator=rng)
    # Records are small and many: taken a batch at a time, not one by one and stacked.
    sampler = BatchSampler(RandomSampler(data, generator=rng), size, drop_last)
    return DataLoader(data, batch_size=None, sampler=sampler, generator=rng)


def _floats(inputs: Tensor) -> Tensor:
    """Return bytes of pictures in [0, 1], records as they are."""
    return inputs.float() / 255 if inputs.dtype == torch.uint8 else inputs


def _loop(training: Training, peak: float) -> Generator[Progress, None, None]:
    training.network.train()
    _keep_frozen(training.network)
    batches = len(training.batches)  # type: ignore[arg-type]
    total, step, told = training.epochs * batches, 0, time.monotonic()
    for epoch in range(1, training.epochs + 1):
        for inputs, labels in training.batches:
            for group in training.optimiser.param_groups:
                group["lr"] = peak * _schedule(step / total)
            loss = _step(training, inputs, labels, step / total)
            step += 1
            if time.monotonic() - told > 0.5 or step == epoch * batches:
                told = time.monotonic()
                yield Progress(step, total, loss, note=f"training, epoch {epoch} of {training.epochs}")


def _keep_frozen(network: nn.Module) -> None:
    """Leave the layers that do not learn in the mode of use, so that their statistics do not move either."""
    for layer in network.modules():
        own = list(layer.parameters())
        if own and not any(part.requires_grad for part in own):
            layer.eval()


def _step(training: Training, inputs: Tensor, labels: Tensor, done: float) -> float:
    training.optimiser.zero_grad()
    loss = training.loss(training.network, training.augment(_floats(inputs)), labels, done)
    loss.backward()
    training.optimiser.step()
    return float(loss.detach())


def _schedule(done: float) -> float:
    """Return the step size as a share of its peak: linear up, then one cosine down."""
    if done < WARM_UP:
        return (done + 1e-3) / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))
