"""What both ways of hiding a question share: the model they compute, and who computes it.

Imported by processes that start for a single run, so it does without torch.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Affine:
    """The model as x -> W x + b: `weights` (K, D), `bias` (K,), for inputs (D,) in [0, 1]."""

    weights: Numbers
    bias: Numbers


@dataclass(frozen=True)
class Traffic:
    """Bytes: `up` and `down` between client and servers, `between` servers and dealer, `setup` once."""

    up: int
    down: int
    between: int
    setup: int


class Party(ABC):
    """Whoever computes without seeing; `views` are the bytes each server was sent of the last message's
    first question.

    `saw`, `protects` and `leaves_open` are sentences for everybody.
    """

    saw: ClassVar[str]
    protects: ClassVar[str]
    leaves_open: ClassVar[str]
    views: tuple[bytes, ...]

    @abstractmethod
    def logits(self, inputs: Numbers) -> Numbers:
        """(N, D) in [0, 1] -> (N, K)."""

    @abstractmethod
    def traffic(self) -> Traffic:
        """Return what has travelled so far."""

    @abstractmethod
    def close(self) -> None:
        """End the processes."""
