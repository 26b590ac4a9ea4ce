"""Evolution strategy in latent space: follow the scores of an API uphill through the faces of a public prior.

Natural evolution strategies with antithetic pairs: Wierstra et al. (JMLR 2014); against a model that only
answers: Ilyas et al., "Black-box adversarial attacks with limited queries and information" (ICML 2018).
"""

import math
from collections.abc import Generator

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.black_box import JITTER, REPEATS, Copies, Search, repeat
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Knowledge, Progress

SMALLEST = 1e-7
"""A released score below this, or none at all, counts as this."""
RIDGES = (3.0, 0.3)
"""Strengths of the regression that are tried: the first suits full scores, the second truncated ones."""


class NESLatent(Attack):
    """Climb the scores an API releases through the faces a public prior can draw, for all victims at once.

    Two stages. A pool of random public faces is shown to the API once and serves every victim, since each
    answer tells the score of all classes: a ridge regression from the scores to the latents predicts the
    face that would be scored as one person and nobody else, beside it stands the middle of the faces scored
    highest, and the one the API is surest of is the start. The pool is drawn more widely than the public is:
    people unlike anybody else get a score worth reading only from unusual faces. It is the attacker's own;
    nothing private enters it.

    Then an evolution strategy: pairs of opposite steps from the present face, each pair under its own pose,
    light and expression; the move follows the differences within the pairs. Scores that were rounded to
    nothing or cut off count as a small floor; where no face of a step scores at all, the victim starts again
    elsewhere.

    Departures from Ilyas et al.: latents of a prior instead of pixels; the slope gives the direction of a
    move and not its length, which grows while moves agree and shrinks while they do not; what is returned is
    a running average of the later faces.

    Cost: `queries` rows a victim, the pool, all checks and all repeats among them.
    """

    name = "nes-latent"
    title = "Evolution strategy (scores only)"
    reference = "Ilyas et al., ICML 2018"
    needs = Access.SCORES
    needs_prior = True

    class Params(Attack.Params):
        """What may be spent, and on what."""

        prior: str = Field("auto", description="Prior by name, or path of one made with train-prior.")
        queries: int = Field(1000, ge=10, le=20000, description="Rows asked for each victim, all told.")
        pool: int = Field(
            10000, ge=1, le=100000, description="Most random public faces shown once, for all victims."
        )
        pool_spread: float = Field(
            1.5, gt=0, le=5, description="How widely these faces are drawn, in units of the prior's spread."
        )
        pairs: int = Field(16, ge=1, le=500, description="Pairs of opposite steps tried before each move.")
        spread: float = Field(
            0.25,
            gt=0,
            le=2,
            description="Length of a tried step in each latent, in units of the prior's spread.",
        )
        step_size: float = Field(
            0.9, gt=0, le=10, description="Length of the first move, in units of the prior's spread."
        )
        variety: float = Field(
            0.5,
            ge=0,
            le=2,
            description="Spread of the poses and lights drawn afresh, in units of the prior's.",
        )
        checks: int = Field(4, ge=1, le=100, description="Fresh views on which starts are compared.")
        floor: float = Field(
            0.0,
            ge=0,
            lt=0.5,
            description="A score below this, cut or noise, counts as this; 0: half of the smallest one seen.",
        )
        repeats: int = Field(1, ge=1, le=100, description=REPEATS)
        jitter: int = Field(0, ge=0, le=16, description=JITTER)

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return one picture for each of `knowledge.classes`, in the average pose."""
        assert knowledge.prior is not None, "the scenario was checked: this attack has a prior"
        copies = Copies(self.params.repeats, self.params.jitter, rng)
        search = Search(oracle, knowledge.prior, knowledge.classes, self.params.queries, copies)
        return search.run(self._climb(search, rng))

    def _climb(self, search: Search, rng: torch.Generator) -> Generator[Progress, None, None]:
        yield from self._start(search, rng)
        search.note = "following the scores"
        walk = Walk(search.latents, search.prior.person_size, self.params)
        cost = 2 * self.params.pairs * len(search.classes)
        moves = max(1, search.left // cost)
        for move in range(moves):
            if search.left < cost:
                break
            offsets, points = walk.propose(rng)
            released = yield from search.ask(points, search.oracle.scores)
            rewards, wanted = self._rewards(released, search.classes)
            walk.follow(offsets, rewards, 1 - move / moves)
            silent = (wanted <= 0).all(1)
            walk.restart(silent, search.strangers(len(search.classes), rng))
            search.latents = walk.average
            search.confidence = wanted.mean(1).clamp(0, 1)
            yield search.progress(search.draw(search.latents) if move % max(1, moves // 12) == 0 else None)

    def _start(self, search: Search, rng: torch.Generator) -> Generator[Progress, None, None]:
        """Set the search to the best start the pool gives."""
        count = min(self.params.pool, max(1, search.left // 5))
        pool = search.strangers(count, rng, self.params.pool_spread)
        released: list[Tensor] = []
        asked = 0
        self._floor = SMALLEST
        for part in pool.split(max(1, count // 8)):
            released.append((yield from search.ask(part, search.oracle.scores)))
            asked += len(part)
            scores = torch.cat(released).clamp_min(self.params.floor)
            starts = starts_from(pool[:asked], scores, search.classes, search.prior.person_size)
            search.latents = starts[1]
            yield search.progress(search.draw(search.latents))
        self._floor = self.params.floor or floor_of(torch.cat(released))
        if self.params.checks * len(starts) * len(search.classes) < search.left:
            yield from self._choose(search, starts, rng)

    def _choose(
        self, search: Search, starts: Tensor, rng: torch.Generator
    ) -> Generator[Progress, None, None]:
        """Set the search to the start (S, N, D) that the API is surest of under fresh views."""
        people, views = search.prior.person_size, self.params.checks
        rewards, scores = [], []
        for start in starts:
            points = repeat(start, torch.zeros(len(start), views, people))
            points[:, people:] = self.params.variety * torch.randn(
                len(points), points.shape[1] - people, generator=rng
            )
            released = yield from search.ask(points, search.oracle.scores)
            reward, wanted = self._rewards(released, search.classes)
            rewards.append(reward.mean(1))
            scores.append(wanted.mean(1))
        best = torch.stack(rewards).argmax(0)
        rows = torch.arange(len(best))
        search.latents = starts[best, rows]
        search.confidence = torch.stack(scores)[best, rows].clamp(0, 1)

    def _rewards(self, released: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        """Return the log odds and the wanted scores, both (N, M), from released scores (N M, K)."""
        wanted = classes.repeat_interleave(len(released) // len(classes))
        rewards = log_odds(released, wanted, self._floor)
        return rewards.unflatten(0, (len(classes), -1)), released.gather(1, wanted[:, None]).view(
            len(classes), -1
        )


class Walk:
    """Where every victim's search stands, and how it moves."""

    def __init__(self, latents: Tensor, people: int, params: NESLatent.Params) -> None:
        self.here = latents.clone()
        self.average = latents.clone()
        self.people = people
        self.params = params
        self.drift = torch.zeros(len(latents), people)
        self.pace = torch.full((len(latents), 1), params.step_size)

    def propose(self, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return offsets (N, pairs, P) and the points (N 2 pairs, D), opposite ones next to each other;
        the two of a pair share a view.
        """
        count, pairs = len(self.here), self.params.pairs
        offsets = self.params.spread * torch.randn(count, pairs, self.people, generator=rng)
        both = torch.stack([offsets, -offsets], dim=2).flatten(1, 2)
        points = repeat(self.here, both)
        photo = self.params.variety * torch.randn(count * pairs, points.shape[1] - self.people, generator=rng)
        points[:, self.people :] = photo.repeat_interleave(2, dim=0)
        return offsets, points

    def follow(self, offsets: Tensor, rewards: Tensor, pace: float) -> None:
        """Move along the estimated slope; rewards (N, 2 pairs)."""
        slope = estimate(offsets, rewards, self.params.spread)
        direction = slope / slope.norm(dim=1, keepdim=True).clamp_min(1e-12)
        # Two successive slopes that agree lengthen the moves, two that disagree shorten them.
        agreement = (direction * self.drift).sum(1, keepdim=True)
        self.pace = (self.pace * (0.4 * agreement).exp()).clamp(0.1, 2 * self.params.step_size)
        self.drift = 0.6 * self.drift + 0.4 * direction
        moved = self.here[:, : self.people] + pace * self.pace * self.drift / self.drift.norm(
            dim=1, keepdim=True
        ).clamp_min(1e-12)
        self.here[:, : self.people] = within(moved, self.people**0.5)
        self.average = self.average.lerp(self.here, 0.3)

    def restart(self, silent: Tensor, elsewhere: Tensor) -> None:
        """Send the victims (N,) for whom nothing was released to another face."""
        self.here[silent] = elsewhere[silent]
        self.average[silent] = elsewhere[silent]
        self.drift[silent] = 0


def estimate(offsets: Tensor, rewards: Tensor, spread: float) -> Tensor:
    """Return the slope (N, P) from offsets (N, n, P) and rewards (N, 2 n), opposite ones next to each other:
    the sum of (r+ - r-) offset / (2 n spread^2), Ilyas et al. section 2.
    """
    pairs = rewards.unflatten(1, (-1, 2))
    difference = pairs[..., 0] - pairs[..., 1]
    return torch.einsum("nk,nkp->np", difference, offsets) / (2 * offsets.shape[1] * spread**2)


def within(latents: Tensor, length: float) -> Tensor:
    """Return latents (N, P) no longer than `length`."""
    shrink: Tensor = length / latents.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return latents * shrink.clamp_max(1)


def log_odds(scores: Tensor, classes: Tensor, floor: float) -> Tensor:
    """(M, K), (M,) -> (M,): log of the wanted score over the best other one; either counts as at least
    `floor`, so that rounded and truncated scores give finite numbers.
    """
    wanted = scores.gather(1, classes[:, None])[:, 0]
    others = scores.scatter(1, classes[:, None], -math.inf).amax(1)
    return wanted.clamp_min(floor).log() - others.clamp_min(floor).log()


def floor_of(scores: Tensor) -> float:
    """Return what a score of 0 counts as: half of the smallest released one, at least 1e-7."""
    positive = scores[scores > 0]
    return max(SMALLEST, positive.min().item() / 2) if len(positive) else SMALLEST


def starts_from(pool: Tensor, scores: Tensor, classes: Tensor, people: int) -> Tensor:
    """Return the starts (S, N, D) that a pool (M, D) and its scores (M, K) suggest, one set a way."""
    persons = pool[:, :people]
    middle = (scores / scores.sum(0).clamp_min(1e-12)).T @ persons  # (K, P)
    ways = [(middle, 0.8), *((predict_faces(persons, scores, ridge), 0.9) for ridge in RIDGES)]
    starts = []
    for faces, length in ways:
        start = torch.zeros(len(classes), pool.shape[1])
        start[:, :people] = faces[classes] * (
            length * people**0.5 / faces[classes].norm(dim=1, keepdim=True).clamp_min(1e-6)
        )
        starts.append(start)
    return torch.stack(starts)


def predict_faces(persons: Tensor, scores: Tensor, ridge: float) -> Tensor:
    """Return the person latents (K, P) that would be scored as each class and no other.

    Ridge regression from the scores and their logarithms, each to unit scale, to the latents; `ridge` is in
    units of the mean variance of a column. The direction counts, the length is set by the caller.
    """
    logs = scores.clamp_min(floor_of(scores)).log()
    logs = logs - logs.mean(1, keepdim=True)
    columns = torch.cat(
        [logs / logs.std().clamp_min(1e-6), scores / scores.std().clamp_min(1e-6)], 1
    ).double()
    columns = columns - columns.mean(0)
    variance = columns.T @ columns / len(columns)
    penalty = ridge * variance.diagonal().mean().clamp_min(1e-12) * torch.eye(len(variance))
    weights: Tensor = torch.linalg.solve(variance + penalty, columns.T @ persons.double() / len(columns))
    one_person = torch.eye(scores.shape[1], dtype=torch.float64) - 1 / scores.shape[1]
    return (torch.cat([one_person, one_person], 1) @ weights).float()
