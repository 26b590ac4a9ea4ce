"""Knockoff: steal the model through its API, then read the copy.

Orekondy, Schiele and Fritz, "Knockoff nets: stealing functionality of black-box models" (CVPR 2019), the
random strategy. What is done with the copy is `plug_and_play`.
"""

import math
from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.plug_and_play import PlugAndPlay
from inversion_core.attacks.student import Architecture, Copy, learn
from inversion_core.errors import QueryBudgetExceeded
from inversion_core.oracles import Oracle, WhiteBox
from inversion_core.values import Access, Claim, Family, Knowledge, Prior, Progress, Stolen

CALL = 250
"""Rows in one question to the oracle."""
DRAWN = 32
"""Pictures drawn at once."""
FEWEST = 20
"""Answers below which nothing is learnt."""
STAGE = 100
"""Steps of progress a stage is told in; there are three."""

T = TypeVar("T")


class Knockoff(Attack):
    """Ask an API about strangers, teach a network of one's own to answer alike, and search that network.

    The API sees faces of people it has never met, and each answer says how much the stranger looks like every
    person it knows. A network taught by these answers is a copy that is asked for nothing, logged by nobody
    and shows its gradients: the attack for whoever holds the weights (`plug-and-play`) then runs on it, and
    no further row is asked. Where only labels come back, the copy learns from those.

    Departures from Orekondy et al.: the strangers are photos of public people, then faces a public prior
    draws, instead of ImageNet; the adaptive strategy is left out, which they found little better; the copy
    is small and is taught for a fixed number of steps (see `student`).

    Cost: `queries` rows, for all victims together.
    """

    name = "knockoff"
    title = "Knockoff (steal a copy, then invert it)"
    reference = "Orekondy, Schiele and Fritz, CVPR 2019"
    family = Family.EXTRACTION
    claim = Claim.MODEL
    needs = Access.LABELS
    needs_prior = True
    needs_public = True

    class Params(Attack.Params):
        """What is asked, what is taught, and how the copy is searched."""

        prior: str = Field("auto", description="Prior by name, or path of one made with train-prior.")
        queries: int = Field(3000, ge=FEWEST, le=100_000, description="Rows asked of the model, all told.")
        public_photos: int = Field(
            1000,
            ge=0,
            le=50_000,
            description="Public photos that are asked first; the prior draws the rest.",
        )
        architecture: Architecture = Field(
            Architecture.CONVOLUTIONS, description="What the copy is built as, whatever the model is."
        )
        width: int = Field(16, ge=4, le=128, description="Channels of the copy's first layer.")
        steps: int = Field(400, ge=1, le=20_000, description="Training steps of the copy, 64 pictures each.")
        learning_rate: float = Field(3e-3, gt=0, le=1, description="Peak step size of the optimiser.")
        pool: int = Field(
            1000, ge=1, le=5000, description="Random public faces the copy is shown, to start from."
        )
        search: int = Field(40, ge=1, le=2000, description="Steps of the search through the copy.")

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return one picture for each of `knowledge.classes`, and the copy they were read from."""
        assert knowledge.prior is not None, "the scenario was checked: this attack has a prior"
        assert knowledge.public is not None, "the trial prepares public photos"
        params = self.params
        strangers = _Strangers(knowledge.public[: params.public_photos], knowledge.prior, rng)
        plain = strangers.average(len(knowledge.classes))
        yield Progress(1, 3 * STAGE, math.nan, plain, "the average public face")
        questions, answers = yield from _staged(self._question(oracle, strangers), 0)
        copy = Copy(params.architecture, oracle.input_shape, oracle.class_count, params.width, rng)
        remarks = () if len(answers) >= params.queries else (_ended(len(answers), params.queries),)
        if len(answers) < FEWEST:
            yield Progress(3 * STAGE, 3 * STAGE, math.nan, plain, "; ".join(remarks))
            nothing = torch.zeros(len(plain))
            return Stolen(plain, knowledge.classes, nothing, remarks=remarks, copy=copy.predict)
        taught = learn(
            copy, questions, answers, steps=params.steps, learning_rate=params.learning_rate, rng=rng
        )
        yield from _staged(taught, 1)
        # The copy is the adversary's own: what is asked of it is asked of nobody.
        search = PlugAndPlay(pool=params.pool, steps=params.search)
        found = yield from _staged(search.run(WhiteBox(copy), knowledge, rng), 2)
        return Stolen(found.samples, found.classes, found.confidence, remarks=remarks, copy=copy.predict)

    def _question(
        self, oracle: Oracle, strangers: "_Strangers"
    ) -> Generator[Progress, None, tuple[Tensor, Tensor]]:
        """Return the pictures (M, C, H, W) uint8 that were asked and what came back (M, K)."""
        wanted = self.params.queries
        if oracle.remaining is not None:
            wanted = min(wanted, oracle.remaining)
        questions, answers = [torch.zeros(0, *oracle.input_shape)], [torch.zeros(0, oracle.class_count)]
        for start in range(0, wanted, CALL):
            part = strangers.rows(start, min(start + CALL, wanted))
            try:
                answers.append(oracle.answers(part.float() / 255))
            except QueryBudgetExceeded:
                break
            questions.append(part)
            yield Progress(start + len(part), wanted, math.nan, note="asking the model about strangers")
        return torch.cat(questions[1:] or questions), torch.cat(answers)


class _Strangers:
    """Pictures of people who are not in the data: photos as far as there are any, then drawn ones."""

    def __init__(self, photos: Tensor, prior: Prior, rng: torch.Generator) -> None:
        self._photos = photos
        self._prior = prior
        self._rng = rng

    def rows(self, start: int, end: int) -> Tensor:
        """Return pictures `start` to `end`, (end - start, C, H, W) uint8; asked for in order, once."""
        photos = self._photos[start:end]
        missing = end - start - len(photos)
        if not missing:
            return photos
        latents = torch.randn(missing, self._prior.latent_size, generator=self._rng)
        return torch.cat([photos, self._drawn(latents)])

    def average(self, count: int) -> Tensor:
        """Return the average public face, `count` times, in [0, 1]."""
        return self._drawn(torch.zeros(1, self._prior.latent_size)).float().repeat(count, 1, 1, 1) / 255

    def _drawn(self, latents: Tensor) -> Tensor:
        """(M, D) -> (M, C, H, W) uint8."""
        with torch.no_grad():
            drawn = torch.cat([self._prior.decode(part) for part in latents.split(DRAWN)])
        return (drawn.clamp(0, 1) * 255).round().to(torch.uint8)


def _staged(steps: Generator[Progress, None, T], stage: int) -> Generator[Progress, None, T]:
    """Tell the progress of one stage as a part of the whole, and return what it returns."""
    while True:
        try:
            progress = next(steps)
        except StopIteration as stop:
            value: T = stop.value
            return value
        done = max(1, STAGE * progress.step // progress.total)
        yield replace(progress, step=stage * STAGE + done, total=3 * STAGE)


def _ended(answered: int, wanted: int) -> str:
    told = f"the query budget ended the questions after {answered:,} of {wanted:,} rows"
    return told if answered >= FEWEST else f"{told}: fewer than {FEWEST} teach nothing"
