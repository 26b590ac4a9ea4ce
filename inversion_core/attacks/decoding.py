"""What inversion-network and template-inversion share: ask about public photos, learn a decoder, draw.

Everything that is learnt comes from photos of people who are not in the target's data and from the very
oracle that is attacked, so the decoder sees answers truncated, rounded or reduced to labels exactly as the
victims' answers are. The pass to stop at is chosen on public photos held back, where the code of Yang et al.
chooses on private ones.
"""

import math
from abc import abstractmethod
from collections.abc import Generator

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.decoder import Decoder, learn
from inversion_core.errors import QueryBudgetExceeded
from inversion_core.oracles import Oracle
from inversion_core.values import Claim, Knowledge, Progress, Reconstruction

ASKED = 250
"""Public photos asked about at once."""
FEWEST = 20
"""Answered photos below which nothing is learnt."""


class DecoderAttack(Attack):
    """Draw what an answer was given for, with a decoder learnt from public photos."""

    needs_public = True
    claim = Claim.INPUT

    class Params(Attack.Params):
        """How much is asked and learnt."""

        public_photos: int = Field(
            6000, ge=FEWEST, le=50_000, description="Photos of public people that the model is asked about."
        )
        passes: int = Field(30, ge=1, le=1000, description="Passes over the public photos in training.")
        hidden: int = Field(512, ge=8, le=4096, description="Units in each of the two hidden layers.")
        learning_rate: float = Field(5e-3, gt=0, le=1, description="Peak step size of the optimiser.")

    params: Params

    @abstractmethod
    def observed(self, knowledge: Knowledge) -> Tensor:
        """Return the answers (N, A) that are to be turned back into pictures."""

    @abstractmethod
    def ask(self, oracle: Oracle, inputs: Tensor) -> Tensor:
        """(M, C, H, W) in [0, 1] -> answers (M, A) of the same kind."""

    @abstractmethod
    def agreement(self, answers: Tensor, others: Tensor) -> Tensor:
        """(N, A) and (N, A) -> (N,) in [0, 1]: how well two answers agree."""

    def read(self, answers: Tensor) -> Tensor:
        """(M, A) -> (M, A): the form in which the decoder is given answers; unchanged by default."""
        return answers

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return one picture for each of `knowledge.classes`; a budget leaves fewer photos to learn from."""
        assert knowledge.public is not None, "the trial was checked: this attack has public photos"
        observed = self.observed(knowledge)
        photos = knowledge.public[: self.params.public_photos]
        # The mean of public faces: what is shown before anything is learnt, and all there is without answers.
        mean = (photos.float().mean(0) / 255).repeat(len(observed), 1, 1, 1)
        total = -(-len(photos) // ASKED) + self.params.passes + 1
        answers = yield from self._question(oracle, photos, mean, total)
        if len(answers) < FEWEST:
            note = f"the query budget pays for fewer than {FEWEST} answers: nothing is learnt"
            yield Progress(total, total, math.nan, mean, note)
            return Reconstruction(mean, knowledge.classes, torch.zeros(len(mean)), remarks=(note,))
        decoder = yield from self._learn(answers, photos[: len(answers)], observed, rng, total)
        samples = decoder.draw(self.read(observed))
        confidence = self._check(oracle, samples, observed)
        note = f"learnt from {len(answers):,} public photos"
        short = len(answers) < len(knowledge.public[: self.params.public_photos])
        remarks = (f"the query budget ended the questions: {note}",) if short else ()
        yield Progress(total, total, 1 - confidence.mean().item(), samples, "; ".join(remarks) or note)
        return Reconstruction(samples, knowledge.classes, confidence, remarks=remarks)

    def _question(
        self, oracle: Oracle, photos: Tensor, mean: Tensor, total: int
    ) -> Generator[Progress, None, Tensor]:
        """Return the answers (M, A) to as many photos as the budget pays for, a row a victim kept back."""
        left = len(photos) if oracle.remaining is None else max(0, oracle.remaining - len(mean))
        answers = [torch.zeros(0)]
        yield Progress(1, total, math.nan, mean, "asking about public photos")
        for step, part in enumerate(photos[:left].split(ASKED), start=1):
            try:
                answers.append(self.ask(oracle, part.float() / 255))
            except QueryBudgetExceeded:
                break
            yield Progress(step, total, math.nan, note="asking about public photos")
        return torch.cat(answers[1:] or answers)

    def _learn(
        self, answers: Tensor, photos: Tensor, observed: Tensor, rng: torch.Generator, total: int
    ) -> Generator[Progress, None, Decoder]:
        """Learn, showing the victims as they come."""
        params, start = self.params, total - self.params.passes - 1
        steps = learn(
            self.read(answers),
            photos,
            hidden=params.hidden,
            passes=params.passes,
            learning_rate=params.learning_rate,
            rng=rng,
        )
        while True:
            try:
                done, error, decoder = next(steps)
            except StopIteration as stop:
                learnt: Decoder = stop.value
                return learnt
            shown = decoder.draw(self.read(observed))
            yield Progress(start + done, total, error, shown, "learning to draw")

    def _check(self, oracle: Oracle, samples: Tensor, observed: Tensor) -> Tensor:
        """Return (N,): how well the answers to the drawn pictures agree with those that were given."""
        try:
            return self.agreement(self.ask(oracle, samples), observed).clamp(0, 1)
        except QueryBudgetExceeded:
            return torch.zeros(len(samples))
