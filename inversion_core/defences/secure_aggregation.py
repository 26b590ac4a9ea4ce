"""Secure aggregation: Bonawitz et al., "Practical secure aggregation for privacy-preserving machine learning"
(CCS 2017), without its recovery of clients that drop out.
"""

from collections.abc import Sequence

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.defences.base import Message, UpdateDefence

WORD = 64
"""Bits of the ring in which masks are added."""


class SecureAggregation(UpdateDefence):
    """The server learns the sum of the updates and no single one.

    Every two clients share a secret stream of random numbers; one adds it to its update, the other takes it
    away. A masked update is uniform noise, and in the sum all masks cancel exactly: updates are fixed-point
    numbers in the ring of integers modulo 2^64. With one client there is nobody to hide behind.

    Departures from the paper: all clients stay until the end, so no secret is shared in parts, and the pairs'
    secrets are drawn by the simulator instead of being agreed on with keys. The server is honest: it does
    not choose who takes part, nor sends each client another network.
    """

    name = "secure-aggregation"
    title = "Secure aggregation"
    reference = "Bonawitz et al., CCS 2017, https://doi.org/10.1145/3133956.3133982"

    class Params(UpdateDefence.Params):
        """How fine the fixed-point numbers are."""

        bits: int = Field(
            32, ge=8, le=40, description="Binary digits behind the point; the rest is for size and sum."
        )

    params: Params

    def gather(self, messages: list[Message], rng: torch.Generator) -> list[Message]:
        """Return the one message the server can read: the mean of all clients."""
        sizes = [part.numel() for part in messages[0]]
        vectors = [torch.cat([part.flatten() for part in message]) for message in messages]
        total = summed(masked(vectors, self.params.bits, rng))
        mean = decoded(total, self.params.bits) / len(messages)
        pairs = zip(mean.float().split(sizes), messages[0], strict=True)
        return [tuple(part.view_as(like) for part, like in pairs)]

    def promise(self, clients: int) -> str | None:
        """Return what the masks guarantee: of one client the sum is its own update."""
        if clients == 1:
            return "nothing here: the sum over one client is the update of this client"
        return "the server learns the sum of all clients' updates and nothing else of a single one"


def masked(vectors: Sequence[Tensor], bits: int, rng: torch.Generator) -> list[Tensor]:
    """Return what each client sends, (S,) int64 for each of `vectors` (S,): alone uniform noise."""
    sent = [encoded(vector, bits) for vector in vectors]
    for first in range(len(sent)):
        for second in range(first + 1, len(sent)):
            mask = torch.empty_like(sent[first]).random_(-(2 ** (WORD - 1)), None, generator=rng)
            sent[first] += mask  # int64 wraps around, which is addition modulo 2^64
            sent[second] -= mask
    return sent


def summed(sent: Sequence[Tensor]) -> Tensor:
    """Return the sum of what came, in the ring."""
    total = torch.zeros_like(sent[0])
    for one in sent:
        total += one
    return total


def encoded(vector: Tensor, bits: int) -> Tensor:
    """Return fixed-point numbers as int64; beyond 2^56 units a number stays at the border."""
    border = 2.0 ** (WORD - 8)
    return (vector.double() * 2.0**bits).round().clamp(-border, border).to(torch.int64)


def decoded(units: Tensor, bits: int) -> Tensor:
    """Undo `encoded`, in double precision."""
    return units.double() / 2.0**bits
