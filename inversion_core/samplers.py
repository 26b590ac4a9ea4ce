"""What the adversary sees of a model that is no classifier: what it draws, how likely it finds each next
character, or the numbers that were published of it.

The access levels keep their names: `labels` is the answer alone, here the drawn sample, `scores` adds the
probabilities, as an API that returns log-probabilities does. Every sample and every context asked is a row.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from inversion_core.errors import AccessDenied
from inversion_core.oracles import Oracle
from inversion_core.released import Release
from inversion_core.values import Access

Draw = Callable[[int, torch.Generator], Tensor]
"""(count, rng) -> samples (count, *shape)."""
NextScores = Callable[[Tensor], Tensor]
"""Contexts (N, T) of character codes -> probabilities of the next character (N, V)."""


class SampleOracle(Oracle):
    """A service that draws pictures and releases nothing else."""

    def __init__(self, draw: Draw, shape: tuple[int, ...], budget: int | None = None) -> None:
        super().__init__(shape, 0, budget)
        self.access = Access.LABELS
        self._draw = draw

    def samples(self, count: int, rng: torch.Generator) -> Tensor:
        """Return `count` samples (count, *shape); raises QueryBudgetExceeded."""
        self._charge(count)
        return self._draw(count, rng)


class TextOracle(Oracle):
    """A service that completes text and tells how likely it finds each next character.

    `alphabet`: the characters in code order.
    """

    def __init__(
        self, ask: NextScores, alphabet: str, access: Access = Access.SCORES, budget: int | None = None
    ) -> None:
        super().__init__((), len(alphabet), budget)
        self.access = access
        self.alphabet = alphabet
        self._ask = ask

    def next_scores(self, contexts: Tensor) -> Tensor:
        """(N, T) -> (N, V), each row adding to 1; raises AccessDenied where only text is released."""
        if not self.access.covers(Access.SCORES):
            raise AccessDenied(f"probabilities need {Access.SCORES}, this oracle gives {self.access}")
        self._charge(len(contexts))
        return self._ask(contexts)


class ReleaseOracle(Oracle):
    """Hands out what was published; asking costs one row."""

    def __init__(self, release: Release, database_shape: tuple[int, ...], budget: int | None = None) -> None:
        super().__init__(database_shape, 0, budget)
        self.access = Access.WHITE_BOX
        self._release = release

    def release(self) -> Release:
        """Return the published numbers."""
        self._charge(1)
        return self._release
