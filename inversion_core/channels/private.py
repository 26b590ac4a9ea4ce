"""The client's side of a hidden question: what it asks, what it decrypts, what travelled.

The other side computes one affine map, from the picture to the logits; the softmax is the client's, after
decryption. So the client reads every score, and nothing the service would do to scores is possible.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from inversion_core.channels.base import Affine, Party
from inversion_core.values import Channel

ROWS = 32
"""Questions that travel in one message."""


class Asked(Protocol):
    """The target that a channel leads to."""

    network: nn.Module
    input_shape: tuple[int, ...]
    class_count: int


class PrivateTarget:
    """A target asked through such a party: scores as ever, for whoever holds the key."""

    def __init__(self, target: Asked, channel: Channel, party: Party) -> None:
        self.network = target.network
        self.input_shape = target.input_shape
        self.class_count = target.class_count
        self.channel = channel
        self.party = party

    def predict(self, inputs: Tensor) -> Tensor:
        """(N, *shape) in [0, 1] -> (N, K) probabilities."""
        parts = [part.flatten(1).double().numpy() for part in inputs.cpu().split(ROWS)]
        logits = np.concatenate([self.party.logits(part) for part in parts])
        return torch.from_numpy(logits).softmax(1).float()


def affine(network: nn.Module, input_shape: tuple[int, ...]) -> Affine:
    """Return the one affine map that a network is, preprocessing included: its value at 0 and its slopes."""
    whole = copy.deepcopy(network).double().eval()
    at = torch.zeros(1, *input_shape, dtype=torch.float64)
    with torch.enable_grad():
        slopes = torch.autograd.functional.jacobian(lambda x: whole(x)[0], at)
    with torch.no_grad():
        return Affine(slopes.flatten(1).numpy(), whole(at)[0].numpy())


@contextmanager
def reached(channel: Channel, target: Asked) -> Iterator[PrivateTarget | None]:
    """Give the target as it is reached through a channel, None through the plain one; its processes end with
    the block. Raises TargetUnavailable where a package is missing.
    """
    if not channel.hides:
        yield None
        return
    party = _party(channel, affine(target.network, target.input_shape))
    try:
        yield PrivateTarget(target, channel, party)
    finally:
        party.close()


def _party(channel: Channel, model: Affine) -> Party:
    # Imported where they are used: they import this module, and one of them a package of its own.
    if channel is Channel.HOMOMORPHIC:
        from inversion_core.channels.homomorphic import Homomorphic

        return Homomorphic(model)
    from inversion_core.channels.secret_sharing import SecretShared

    return SecretShared(model)
