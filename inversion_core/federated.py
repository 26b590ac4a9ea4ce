"""One round of federated learning: clients with private photos, and what the server sees of their updates.

Everything here is on the clients' side and private; the server's side is `oracles.GradientOracle`.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inversion_core.choices import FederatedRound
from inversion_core.datasets.base import PhotoDataset
from inversion_core.defences.base import UpdateDefence
from inversion_core.errors import ScenarioInvalid
from inversion_core.seeds import derive, torch_rng
from inversion_core.targets.base import Target, TargetCard
from inversion_core.updates import Tensors, Update, as_sent_out, local_update
from inversion_core.values import Photos, Progress


@dataclass(frozen=True, eq=False)
class Played:
    """A round that was played: `private` are the photos (clients photos) in the order of the clients,
    `places` (clients photos,) where they lie in the training photos, `updates` what reached the server.
    """

    private: Photos
    places: Tensor
    updates: tuple[Update, ...]


def untrained(target: Target, dataset: PhotoDataset, seed: int) -> Target:
    """Return `target` with fresh weights: the network a federation begins with."""
    target.input_shape, target.class_count = dataset.card.shape, len(dataset.classes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "weights"))
        target.network = target.build(target.input_shape, target.class_count)
    target.card = TargetCard(
        key="",
        dataset=dataset.name,
        target=target.name,
        input_shape=target.input_shape,
        class_count=target.class_count,
        train_photos=0,
        photos_per_class=0,
        train_accuracy=None,
        test_accuracy=None,
        test_photos=0,
        parameters=target.size(),
        seconds=0,
    )
    return target


def draw(
    dataset: PhotoDataset, setting: FederatedRound, classes: Sequence[int], seed: int
) -> tuple[Photos, Tensor]:
    """Return the photos of all clients, drawn from the training photos of `classes`, and their places there.

    Raises ScenarioInvalid where there are not enough.
    """
    train = dataset.train()
    allowed = torch.isin(train.labels, torch.tensor(list(classes))).nonzero().flatten()
    wanted = setting.clients * setting.photos
    if wanted > len(allowed):
        raise ScenarioInvalid(
            [
                f"exposure.round gives every client photos of its own, {setting.clients} clients x "
                f"{setting.photos} photos need {wanted} and there are {len(allowed)}; lower one of them"
            ]
        )
    order = torch.randperm(len(allowed), generator=torch_rng(seed, "round", "photos"))
    places = allowed[order[:wanted]]
    return Photos(train.inputs[places], train.labels[places]), places


def play_round(
    network: nn.Module, private: Photos, setting: FederatedRound
) -> Generator[Progress, None, list[tuple[Tensors, Tensors]]]:
    """Return the change and the statistics of every client, each of whom updates `network` once."""
    sent_out = as_sent_out(network)
    messages = []
    pairs = zip(private.floats().split(setting.photos), private.labels.split(setting.photos), strict=True)
    for number, (inputs, labels) in enumerate(pairs, start=1):
        yield Progress(number, setting.clients, math.nan, note=f"client {number} learns")
        try:
            messages.append(
                local_update(sent_out, inputs, labels, setting.local_steps, setting.learning_rate)
            )
        except ValueError as error:  # of batch normalisation, where a batch is a single number a channel
            raise ScenarioInvalid(
                [
                    f"exposure.round.photos: this network normalises by the batch, {setting.photos} of this "
                    "size are too few for that; give each client more or choose cnn-gn"
                ]
            ) from error
    return messages


def sent(
    messages: Sequence[tuple[Tensors, Tensors]],
    labels: Tensor,
    setting: FederatedRound,
    defences: Sequence[UpdateDefence],
    seed: int,
) -> tuple[Update, ...]:
    """Return the updates that reach the server from what the clients computed: (change, statistics) each."""
    changes = len(messages[0][0])
    parts = [change + (statistics if setting.buffers_sent else ()) for change, statistics in messages]
    for defence in defences:
        rng = torch_rng(seed, "round", defence.name)
        parts = [defence.guard(part, changes, rng) for part in parts]
        parts = defence.gather(parts, rng)
    together = len(messages) // len(parts)
    count = together * setting.photos
    return tuple(
        Update(
            part[:changes],
            part[changes:],
            together,
            setting.photos,
            labels[place * count : (place + 1) * count] if setting.labels_known else None,
        )
        for place, part in enumerate(parts)
    )
