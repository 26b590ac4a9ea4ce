"""The client of two servers who each hold half of a secret: it splits the question and adds up the answers.

Fixed point in the ring of integers modulo 2^64: inputs with 20 binary digits after the point, weights with
24. Products have 44 and are never cut, since the client undoes the scale itself; what is lost is the rounding
of inputs and weights alone.
"""

import socket
import subprocess
import sys

import numpy as np

from inversion_core.channels.base import Affine, Numbers, Party, Traffic
from inversion_core.channels.party import SHAPE, Ring, noise, ring
from inversion_core.channels.wire import Wire
from inversion_core.settings import ROOT

INPUT_BITS, WEIGHT_BITS = 20, 24
PROGRAM = (sys.executable, "-m", "inversion_core.channels.party")


class SecretShared(Party):
    """Two servers and a dealer, each in a process of its own."""

    saw = (
        "each of the two servers saw numbers that are uniform noise, whatever the question; both together, "
        "or one with the dealer, could undo them"
    )
    protects = (
        "Protects the question, the answer and the weights from either server alone, as long as neither "
        "server joins the other or the dealer."
    )
    leaves_open = (
        "Protects nothing from the client, who reads every score and asks as often as the budget allows."
    )

    def __init__(self, model: Affine) -> None:
        """Start the processes and hand each server its share of the weights."""
        ends = [socket.socketpair() for _ in range(3)]
        (peer_0, peer_1), (deal_0, dealer_0), (deal_1, dealer_1) = ends
        self._processes = [
            _started("server", 0, peer_0, deal_0),
            _started("server", 1, peer_1, deal_1),
            _started("dealer", dealer_0, dealer_1),
        ]
        for pair in ends:
            for end in pair:
                end.close()
        self._servers = [_client_of(process) for process in self._processes[:2]]
        self._classes = len(model.bias)
        for server, weights, bias in zip(
            self._servers,
            shares(fixed(model.weights, WEIGHT_BITS)),
            shares(fixed(model.bias, INPUT_BITS + WEIGHT_BITS)),
            strict=True,
        ):
            server.send(SHAPE.pack(*model.weights.shape))
            server.send(weights.tobytes())
            server.send(bias.tobytes())
        self._setup = sum(server.sent for server in self._servers)
        self._between = 0
        self.views: tuple[bytes, ...] = ()

    def logits(self, inputs: Numbers) -> Numbers:
        """(N, D) -> (N, K)."""
        parts = shares(fixed(inputs, INPUT_BITS))
        self.views = tuple(part[0].tobytes() for part in parts)
        for server, part in zip(self._servers, parts, strict=True):
            server.send(part.tobytes())
        told = [server.receive() for server in self._servers]
        self._between = sum(sum(SHAPE.unpack(one[-SHAPE.size :])) for one in told)
        answers = [ring(one[: -SHAPE.size], len(inputs)) for one in told]
        return unfixed(answers[0] + answers[1], INPUT_BITS + WEIGHT_BITS)

    def traffic(self) -> Traffic:
        """Return the bytes of all questions so far; what each server reports of itself is counted too."""
        return Traffic(
            up=sum(server.sent for server in self._servers) - self._setup,
            down=sum(server.received for server in self._servers),
            between=self._between,
            setup=self._setup,
        )

    def close(self) -> None:
        """End the processes."""
        for server in self._servers:
            server.close()
        for process in self._processes:
            process.wait(timeout=20)


def shares(values: Ring) -> tuple[Ring, Ring]:
    """Return two shares that add up to `values`; each alone is uniform."""
    first = noise(*values.shape)
    return first, values - first


def fixed(values: Numbers, bits: int) -> Ring:
    """Return numbers as integers modulo 2^64 with `bits` binary digits after the point."""
    return np.rint(values * 2.0**bits).astype(np.int64).view(np.uint64)


def unfixed(values: Ring, bits: int) -> Numbers:
    """Return the numbers that integers modulo 2^64 stand for; the upper half is negative."""
    return values.view(np.int64).astype(np.float64) / 2.0**bits


def _started(role: str, *rest: "int | socket.socket") -> "subprocess.Popen[bytes]":
    told = [str(one if isinstance(one, int) else one.fileno()) for one in rest]
    kept = [one.fileno() for one in rest if isinstance(one, socket.socket)]
    piped = subprocess.PIPE if role == "server" else subprocess.DEVNULL
    return subprocess.Popen([*PROGRAM, role, *told], stdin=piped, stdout=piped, pass_fds=kept, cwd=ROOT)


def _client_of(process: "subprocess.Popen[bytes]") -> Wire:
    assert process.stdin is not None and process.stdout is not None
    return Wire(process.stdout, process.stdin)  # type: ignore[arg-type]  # both are buffered files of bytes
