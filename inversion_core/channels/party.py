"""The processes that compute on shares: two servers and a dealer of triples, of whom no two collude.

A server holds a share of the weights and is sent a share of a question; each share alone is uniform noise in
the ring of integers modulo 2^64. The product is Beaver's ("Efficient multiparty protocols using circuit
randomization", CRYPTO 1991), for a matrix and vectors as in SecureML (Mohassel and Zhang, IEEE S&P 2017): the
weights are masked once, every question with a fresh mask. The dealer knows masks and never sees a question;
with one server it could undo both. All are honest but curious; nothing here notices a server that computes
something else.

    python -m inversion_core.channels.party server NUMBER PEER DEALER     (file descriptors)
    python -m inversion_core.channels.party dealer FIRST SECOND
"""

import contextlib
import os
import socket
import struct
import sys

import numpy as np
import numpy.typing as npt

from inversion_core.channels.wire import Wire

Ring = npt.NDArray[np.uint64]
"""Integers modulo 2^64: numpy's wrap around on their own."""
SHAPE = struct.Struct("<QQ")


def serve(number: int, client: Wire, peer: Wire, dealer: Wire) -> None:
    """Answer questions until the client leaves; `number` is 0 or 1."""
    classes, size = SHAPE.unpack(client.receive())
    dealer.send(SHAPE.pack(classes, size))
    weights, bias = ring(client.receive(), classes), ring(client.receive())
    mask = ring(dealer.receive(), classes)
    # The masked weights, opened once: uniform, since the dealer's mask is.
    opened = exchanged(number, peer, weights - mask)
    while True:
        try:
            question = ring(client.receive(), -1, size)
        except EOFError:
            return
        dealer.send(SHAPE.pack(len(question), size))
        veil, product = ring(dealer.receive(), -1, size), ring(dealer.receive(), -1, classes)
        difference = exchanged(number, peer, question - veil)
        # W x = (E + A)(d + b) = E d + E b + A d + A b, and the first term counts once.
        left = veil + difference if number == 0 else veil
        answer = left @ opened.T + difference @ mask.T + product + bias
        client.send(answer.tobytes() + SHAPE.pack(peer.sent, dealer.received))


def deal(first: Wire, second: Wire) -> None:
    """Hand both servers shares of a random matrix, then of a random vector and their product a question."""
    classes, size = SHAPE.unpack(first.receive())
    second.receive()
    parts = [noise(classes, size) for _ in range(2)]
    for server, part in zip((first, second), parts, strict=True):
        server.send(part.tobytes())
    mask = parts[0] + parts[1]
    while True:
        try:
            rows, _ = SHAPE.unpack(first.receive())
            second.receive()
        except EOFError:
            return
        veils = [noise(rows, size) for _ in range(2)]
        shared = noise(rows, classes)
        products = [shared, (veils[0] + veils[1]) @ mask.T - shared]
        for server, veil, product in zip((first, second), veils, products, strict=True):
            server.send(veil.tobytes())
            server.send(product.tobytes())


def exchanged(number: int, peer: Wire, part: Ring) -> Ring:
    """Return the sum of both servers' parts; the first speaks first, so that neither waits for the other."""
    if number == 0:
        peer.send(part.tobytes())
        return part + ring(peer.receive()).reshape(part.shape)
    theirs = ring(peer.receive()).reshape(part.shape)
    peer.send(part.tobytes())
    return part + theirs


def noise(*shape: int) -> Ring:
    """Return uniform integers modulo 2^64 from the operating system's source, which nobody can predict."""
    return ring(os.urandom(8 * int(np.prod(shape)))).reshape(shape)


def ring(data: bytes, *rows: int) -> Ring:
    """Return the numbers of a message, in rows where their count (and length) is given."""
    values: Ring = np.frombuffer(data, np.uint64)
    if not rows:
        return values
    return values.reshape(rows if len(rows) > 1 else (rows[0], -1))


def _wire(descriptor: str) -> Wire:
    end = socket.socket(fileno=int(descriptor))
    return Wire(end.makefile("rb"), end.makefile("wb"))


def main(role: str, *rest: str) -> None:
    """Play a role until the others are gone."""
    with contextlib.suppress(EOFError, ConnectionError):
        if role == "dealer":
            deal(*map(_wire, rest))
        else:
            client = Wire(sys.stdin.buffer, sys.stdout.buffer)
            serve(int(rest[0]), client, _wire(rest[1]), _wire(rest[2]))


if __name__ == "__main__":
    main(*sys.argv[1:])
