"""A server that computes on what it cannot read: CKKS ciphertexts, by way of TenSEAL's Microsoft SEAL.

Cheon, Kim, Kim and Song, "Homomorphic encryption for arithmetic of approximate numbers" (ASIACRYPT 2017). The
matrix is multiplied by its diagonals (Halevi and Shoup, CRYPTO 2014), as many as there are classes and folded
at the end (Juvekar, Vaikuntanathan and Chandrakasan, "Gazelle", USENIX Security 2018), with baby and giant
steps. Ring of degree 8,192 with a modulus of 160 bits: SEAL's own table of 128-bit security allows 218.

Two runs do not give equal bytes: the noise of encryption is fresh, and the scores differ by it (about 1e-7).
Left out: circuit privacy, so the noise of an answer may tell the client a little of the weights; and a server
that computes something else. What is decrypted stays with the client, since given away it would weaken the
key (Li and Micciancio, EUROCRYPT 2021).

    python -m inversion_core.channels.homomorphic      (the server, questions on its input)
"""

import contextlib
import os
import struct
import subprocess
import sys
import tempfile
from typing import Any

import numpy as np

from inversion_core.channels.base import Affine, Numbers, Party, Traffic
from inversion_core.channels.wire import Wire
from inversion_core.errors import TargetUnavailable
from inversion_core.settings import ROOT

try:
    from tenseal import sealapi as seal
except ImportError as error:
    raise TargetUnavailable(
        "the homomorphic channel needs TenSEAL, which is not installed; pip install -r requirements.txt"
    ) from error

DEGREE, MODULUS, SCALE = 8192, (60, 40, 60), 2.0**40
SLOTS = DEGREE // 2
BABY = 8
"""Diagonals that share one giant step; the rotations are fewest near the root of their number."""
SHAPE = struct.Struct("<QQ")


class Context:
    """The parameters both sides agree on, and how their things become bytes."""

    def __init__(self) -> None:
        parameters = seal.EncryptionParameters(seal.SCHEME_TYPE.CKKS)
        parameters.set_poly_modulus_degree(DEGREE)
        parameters.set_coeff_modulus(seal.CoeffModulus.Create(DEGREE, list(MODULUS)))
        self.seal = seal.SEALContext(parameters, True, seal.SEC_LEVEL_TYPE.TC128)
        self.encoder = seal.CKKSEncoder(self.seal)
        self._folder = tempfile.TemporaryDirectory()
        self._file = os.path.join(self._folder.name, "message")

    def packed(self, thing: Any) -> bytes:
        """Return the bytes of a key or a ciphertext; SEAL writes to files alone."""
        thing.save(self._file)
        with open(self._file, "rb") as file:
            return file.read()

    def unpacked(self, thing: Any, data: bytes) -> Any:
        """Return an empty key or ciphertext filled from its bytes."""
        with open(self._file, "wb") as file:
            file.write(data)
        thing.load(self.seal, self._file)
        return thing

    def encoded(self, values: Numbers, like: Any = None) -> Any:
        """Return numbers (at most SLOTS) as a plaintext, at the level and scale of a ciphertext if given."""
        plain = seal.Plaintext()
        if like is None:
            self.encoder.encode(values.tolist(), SCALE, plain)
        else:
            self.encoder.encode(values.tolist(), like.parms_id(), like.scale, plain)
        return plain

    def close(self) -> None:
        """Remove the folder that things pass through."""
        self._folder.cleanup()


class Client:
    """Holds the secret key: encrypts questions, decrypts answers."""

    def __init__(self) -> None:
        self.context = Context()
        generator = seal.KeyGenerator(self.context.seal)
        secret = generator.secret_key()
        self._encryptor = seal.Encryptor(self.context.seal, secret)
        self._decryptor = seal.Decryptor(self.context.seal, secret)
        self._generator = generator

    def keys(self, classes: int) -> bytes:
        """Return what the server needs to rotate, and cannot decrypt with."""
        # The binding takes Galois elements, not steps: 3^step modulo twice the degree turns left by `step`.
        elements = [pow(3, step, 2 * DEGREE) for step in steps(classes)]
        return self.context.packed(self._generator.create_galois_keys(elements))

    def encrypted(self, question: Numbers) -> list[bytes]:
        """(D,) -> one ciphertext for each SLOTS of them."""
        count = -(-len(question) // SLOTS)
        padded = np.zeros(count * SLOTS)
        padded[: len(question)] = question
        parts = [self.context.encoded(part) for part in padded.reshape(count, SLOTS)]
        return [self.context.packed(self._encryptor.encrypt_symmetric(part)) for part in parts]

    def decrypted(self, data: bytes, classes: int) -> Numbers:
        """Return the logits (K,) in a ciphertext."""
        plain = seal.Plaintext()
        self._decryptor.decrypt(self.context.unpacked(seal.Ciphertext(), data), plain)
        return np.array(self.context.encoder.decode_double(plain)[:classes])


class Server:
    """Multiplies ciphertexts by weights it knows; `weights` (K, D), `bias` (K,)."""

    def __init__(self, weights: Numbers, bias: Numbers, keys: bytes) -> None:
        self.context = Context()
        self._evaluator = seal.Evaluator(self.context.seal)
        self._keys = self.context.unpacked(seal.GaloisKeys(), keys)
        self._width = width(len(bias))
        parts = -(-weights.shape[1] // SLOTS)
        padded = np.zeros((self._width, parts * SLOTS))
        padded[: len(bias), : weights.shape[1]] = weights
        self._diagonals = [
            [self._diagonal(padded[:, part * SLOTS : (part + 1) * SLOTS], place) for part in range(parts)]
            for place in range(self._width)
        ]
        self._bias = np.zeros(self._width)
        self._bias[: len(bias)] = bias

    def answer(self, question: list[bytes]) -> bytes:
        """Return the encrypted logits of an encrypted question."""
        turned = [self._babies(self.context.unpacked(seal.Ciphertext(), part)) for part in question]
        total = None
        for giant in range(0, self._width, BABY):
            inner = self._inner(turned, giant)
            if giant:
                inner = self._turned(inner, giant)
            total = inner if total is None else self._sum(total, inner)
        self._evaluator.rescale_to_next_inplace(total)
        turn = SLOTS // 2
        while turn >= self._width:
            total = self._sum(total, self._turned(total, turn))
            turn //= 2
        repeated = np.tile(self._bias, SLOTS // self._width)
        self._evaluator.add_plain_inplace(total, self.context.encoded(repeated, total))
        return self.context.packed(total)

    def _diagonal(self, weights: Numbers, place: int) -> Any:
        """Return diagonal `place` of (width, SLOTS) weights, turned back by the giant step that follows."""
        slots = np.arange(SLOTS)
        values = weights[slots % self._width, (slots + place) % SLOTS]
        return self.context.encoded(np.roll(values, place - place % BABY))

    def _babies(self, part: Any) -> list[Any]:
        return [part, *(self._turned(part, turn) for turn in range(1, BABY))]

    def _inner(self, turned: list[list[Any]], giant: int) -> Any:
        total = None
        for baby in range(BABY):
            for part, plain in zip(turned, self._diagonals[giant + baby], strict=True):
                product = seal.Ciphertext()
                self._evaluator.multiply_plain(part[baby], plain, product)
                total = product if total is None else self._sum(total, product)
        return total

    def _turned(self, part: Any, turn: int) -> Any:
        made = seal.Ciphertext()
        self._evaluator.rotate_vector(part, turn, self._keys, made)
        return made

    def _sum(self, one: Any, other: Any) -> Any:
        self._evaluator.add_inplace(one, other)
        return one


class Homomorphic(Party):
    """One server that holds the weights, in a process of its own, and never sees a question."""

    saw = "the server saw ciphertexts and keys that cannot decrypt them; it did the sum without reading it"
    protects = "Protects the question and the answer from the server, which holds the model in the clear."
    leaves_open = (
        "Protects nothing from the client, who decrypts every score and asks as often as the budget allows."
    )

    def __init__(self, model: Affine) -> None:
        """Start the server with the weights, and hand it the client's keys."""
        program = (sys.executable, "-m", "inversion_core.channels.homomorphic")
        self._process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._server = Wire(self._process.stdout, self._process.stdin)  # type: ignore[arg-type]  # files of bytes
        self._client = Client()
        self._classes = len(model.bias)
        self._server.send(SHAPE.pack(*model.weights.shape))
        self._server.send(model.weights.tobytes())
        self._server.send(model.bias.tobytes())
        owner = self._server.sent  # what the model's owner installs; no client sends it
        self._server.send(self._client.keys(self._classes))
        self._before = self._server.sent
        self._setup = self._before - owner
        self.views: tuple[bytes, ...] = ()

    def logits(self, inputs: Numbers) -> Numbers:
        """(N, D) in [0, 1] -> (N, K)."""
        answers = []
        for place, question in enumerate(inputs):
            parts = self._client.encrypted(question)
            if place == 0:
                self.views = (b"".join(parts),)
            for part in parts:
                self._server.send(part)
            answers.append(self._client.decrypted(self._server.receive(), self._classes))
        return np.stack(answers)

    def traffic(self) -> Traffic:
        """Return the bytes of all questions so far; `setup` are the keys."""
        return Traffic(self._server.sent - self._before, self._server.received, 0, self._setup)

    def close(self) -> None:
        """End the server."""
        self._server.close()
        self._process.wait(timeout=20)
        self._client.context.close()


def width(classes: int) -> int:
    """Return the power of two the classes are padded to, at least a giant step."""
    return int(max(BABY, 2 ** int(np.ceil(np.log2(classes)))))


def steps(classes: int) -> list[int]:
    """Return every rotation the server makes."""
    giants = range(BABY, width(classes), BABY)
    folds = [2**power for power in range(SLOTS.bit_length()) if width(classes) <= 2**power < SLOTS]
    return sorted({*range(1, BABY), *giants, *folds})


def main() -> None:
    """Answer questions until the client leaves."""
    client = Wire(sys.stdin.buffer, sys.stdout.buffer)
    with contextlib.suppress(EOFError, ConnectionError):
        classes, size = SHAPE.unpack(client.receive())
        weights = np.frombuffer(client.receive()).reshape(classes, size)
        server = Server(weights, np.frombuffer(client.receive()), client.receive())
        while True:
            question = [client.receive() for _ in range(-(-size // SLOTS))]
            client.send(server.answer(question))


if __name__ == "__main__":
    main()
