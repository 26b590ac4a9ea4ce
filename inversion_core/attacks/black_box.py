"""What every black-box search through a prior shares: asking within a budget, a pool, and states on the way.

Rows are planned and told a victim: all victims are searched at once, and what is asked for all of them
together is shared out evenly. The wall of the exposure ends a search early, with what it has found.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.attacks.base import MARKS
from inversion_core.errors import QueryBudgetExceeded
from inversion_core.lanes import together
from inversion_core.oracles import Oracle
from inversion_core.values import Checkpoint, Prior, Progress, Reconstruction

CHUNK = 32
"""Pictures drawn at once: their activations then stay in a core's cache."""
CALL = 256
"""Rows in one question to the oracle."""

REPEATS = "Times each picture is asked; the mean of the answers, or the commonest label, counts."
JITTER = (
    "Largest change of each pixel between the times a picture is asked, in grey levels of 255: other bytes, "
    "hardly another picture."
)
"""What an attack's parameters of these names do."""

Asking = Generator[Progress, None, Tensor]
Answer = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Copies:
    """How often each picture is asked, against answers with noise: with `jitter`, where the noise is decided
    by the picture's bytes, as pictures that differ by at most so many grey levels a pixel.
    """

    repeats: int
    jitter: int
    rng: torch.Generator

    def made(self, images: Tensor) -> Tensor:
        """(M, C, H, W) -> (repeats M, C, H, W), the first M the pictures themselves."""
        copies = images.repeat(self.repeats, 1, 1, 1)
        if self.jitter and self.repeats > 1:
            others = copies[len(images) :]
            levels = torch.randint(-self.jitter, self.jitter + 1, others.shape, generator=self.rng)
            copies[len(images) :] = (others + levels / 255).clamp(0, 1)
        return copies

    def joined(self, answers: Tensor) -> Tensor:
        """(repeats M, ...) -> (M, ...): the mean of scores, the commonest of labels."""
        each = answers.unflatten(0, (self.repeats, -1))
        joined: Tensor = each.mean(0) if answers.is_floating_point() else each.mode(0).values
        return joined


class Search:
    """The state of a search: `latents` (N, D) and `confidence` (N,) are the best found so far.

    It starts at the average public face, for which nothing was asked. `queries` is what may be spent a
    victim, less where the budget of the oracle holds less.
    """

    def __init__(
        self, oracle: Oracle, prior: Prior, classes: Tensor, queries: int, copies: Copies | None = None
    ) -> None:
        self.oracle = oracle
        self.prior = prior
        self.classes = classes
        self.rows = queries * len(classes)
        self.queries = queries
        self.copies = copies or Copies(1, 0, torch.Generator())
        self.latents = torch.zeros(len(classes), prior.latent_size)
        self.confidence = torch.zeros(len(classes))
        self.note = "choosing starting points"
        self.remarks: list[str] = []
        self._spent_before = oracle.spent
        self._checkpoints: list[Checkpoint] = []
        if oracle.remaining is not None and oracle.remaining < self.rows:
            self.rows, self.queries = oracle.remaining, oracle.remaining // len(classes)
            self.remarks.append(f"the query budget allows {self.queries:,} of {queries:,} rows a victim")

    @property
    def spent(self) -> int:
        """Rows asked in this search."""
        return self.oracle.spent - self._spent_before

    @property
    def left(self) -> int:
        """Pictures the rows of the plan that are left pay for, for all victims together."""
        return (self.rows - self.spent) // self.copies.repeats

    def rows_a_victim(self) -> int:
        """Return the rows spent so far for each victim, rounded up."""
        return math.ceil(self.spent / len(self.classes))

    def strangers(self, count: int, rng: torch.Generator, spread: float = 1.0) -> Tensor:
        """Return the latents (count, D) of random people in the average photo; above a spread of 1 they are
        more unusual than the public is.
        """
        latents = spread * torch.randn(count, self.prior.latent_size, generator=rng)
        latents[:, self.prior.person_size :] = 0
        return latents

    def draw(self, latents: Tensor) -> Tensor:
        """(M, D) -> pictures (M, C, H, W) in [0, 1]."""
        return together(torch.no_grad()(self.prior.decode), latents.split(CHUNK))

    def ask(self, latents: Tensor, answer: Answer) -> Asking:
        """Draw `latents` (M, D) and return what `answer` says of the pictures, (M, ...).

        Raises QueryBudgetExceeded at the wall; what was asked until then is counted.
        """
        answers = []
        for part in latents.split(max(1, CALL // self.copies.repeats)):
            self.keep_marks(len(part) * self.copies.repeats)
            with torch.no_grad():
                answers.append(self.copies.joined(answer(self.copies.made(self.draw(part)))))
            yield self.progress()
        return torch.cat(answers)

    def keep_marks(self, rows: int) -> None:
        """Keep the present state for every mark that asking `rows` more would pass."""
        coming = self.spent + rows
        for mark in MARKS[len(self._checkpoints) :]:
            if mark <= self.queries and coming > mark * len(self.classes):
                self._checkpoints.append(Checkpoint(mark, self.draw(self.latents)))

    def progress(self, shown: Tensor | None = None) -> Progress:
        """Return how far the search is, in rows a victim."""
        step = min(max(self.rows_a_victim(), 1), max(self.queries, 1))
        return Progress(step, max(self.queries, 1), 1 - self.confidence.mean().item(), shown, self.note)

    def run(self, steps: Generator[Progress, None, None]) -> Generator[Progress, None, Reconstruction]:
        """Carry the search out and return what it found, also where the wall of the budget ends it."""
        yield Progress(1, max(self.queries, 1), 1.0, self.draw(self.latents), "the average public face")
        try:
            yield from steps
            reached = self.queries
        except QueryBudgetExceeded:
            reached = self.rows_a_victim()
            self.remarks.append(f"the query budget ended the search after {reached:,} rows a victim")
        samples = self.draw(self.latents)
        last = max(self.queries, 1)
        told = "; ".join(self.remarks) or "done"
        yield Progress(last, last, 1 - self.confidence.mean().item(), samples, told)
        self.keep_marks(self.rows + 1)
        checkpoints = [one for one in self._checkpoints if one.queries < reached]
        checkpoints.append(Checkpoint(reached, samples))
        return Reconstruction(
            samples,
            self.classes,
            self.confidence,
            checkpoints=tuple(checkpoints),
            remarks=tuple(self.remarks),
        )


def repeat(latents: Tensor, offsets: Tensor) -> Tensor:
    """(N, D) and offsets (N, M, P) of the first P values -> the points around each, (N M, D)."""
    around = latents[:, None].repeat(1, offsets.shape[1], 1)
    around[..., : offsets.shape[2]] += offsets
    return around.flatten(0, 1)
