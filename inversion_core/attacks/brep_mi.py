"""Boundary repulsion: with nothing but labels, walk away from where the label ends.

Kahla, Chen, Just, Jia, "Label-only model inversion attacks via boundary repulsion" (CVPR 2022).
"""

from collections.abc import Callable, Generator

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.black_box import CALL, JITTER, REPEATS, Asking, Copies, Search, repeat
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Knowledge, Progress

ENOUGH = 0.75
"""A sphere is inside the class when the signs of its points add up to more than this share of them."""
GROWTH = 1.3
"""By how much the sphere then grows."""
LONGEST = 3.0
"""A move is a third of the radius and at most this long."""
LENGTH = 0.7
"""Length of a middle, as a share of a typical face's: a mean is nearer to the average face than anybody."""
SEED_SHARE = 0.2
"""Most of the rows that may go into finding a first face of everybody."""


class BrepMI(Attack):
    """Ask for labels on a sphere around the present face; step away from the points that fall outside.

    The paper's rules, for all victims at once: points uniformly on a sphere; where nearly all are inside the
    class, the sphere grows by 1.3 and the face is kept; otherwise the face moves away from the points outside
    (those inside do not pull), by a third of the radius; a move that leaves the class is discarded and
    drawn anew; after too many rounds at one radius the victim is finished. What is returned is the face at
    the last growth of the sphere.

    Departures: random public faces are labelled once and serve every victim; they are drawn more widely than
    the public is, since people unlike anybody are named by no typical face; a victim starts in the middle of
    those labelled as them, where that middle is labelled so too, else at the first of them as in the paper;
    these faces are capped, and who was never named is reported as without a seed, with a confidence of 0.
    Only the latents of the person are moved.

    Cost: `queries` rows a victim, the public faces, the check of every move and all repeats among them.
    """

    name = "brep-mi"
    title = "Boundary repulsion (labels only)"
    reference = "Kahla et al., CVPR 2022"
    needs = Access.LABELS
    needs_prior = True

    class Params(Attack.Params):
        """What may be spent, and the paper's constants."""

        prior: str = Field("auto", description="Prior by name, or path of one made with train-prior.")
        queries: int = Field(3000, ge=10, le=50000, description="Rows asked for each victim, all told.")
        pool: int = Field(
            10000, ge=1, le=200000, description="Most random public faces labelled to find a start."
        )
        pool_spread: float = Field(
            1.5, gt=0, le=5, description="How widely these faces are drawn, in units of the prior's spread."
        )
        middle: bool = Field(
            True, description="Start in the middle of the faces labelled as the victim, not at the first."
        )
        points: int = Field(32, ge=2, le=500, description="Points asked on each sphere.")
        radius: float = Field(2.0, gt=0, le=50, description="Radius of the first sphere, in latent units.")
        rounds: int = Field(150, ge=1, le=10000, description="Most rounds at one radius.")
        limit: float = Field(1.5, gt=0, le=10, description="Largest size of a single latent.")
        repeats: int = Field(1, ge=1, le=100, description=REPEATS)
        jitter: int = Field(0, ge=0, le=16, description=JITTER)

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return one picture for each of `knowledge.classes`, in the average pose; the confidence is the
        share of the points of the last sphere that lay inside the class.
        """
        assert knowledge.prior is not None, "the scenario was checked: this attack has a prior"
        copies = Copies(self.params.repeats, self.params.jitter, rng)
        search = Search(oracle, knowledge.prior, knowledge.classes, self.params.queries, copies)
        return search.run(self._repel(search, rng))

    def _repel(self, search: Search, rng: torch.Generator) -> Generator[Progress, None, None]:
        found = yield from self._seed(search, rng)
        people = search.prior.person_size

        def inside(persons: Tensor, victims: Tensor) -> Asking:
            """Ask whether persons (A, M, P) around `victims` (A,) are labelled as them: (A, M)."""
            plain = torch.zeros(len(victims), search.prior.latent_size)
            labels = yield from search.ask(repeat(plain, persons), search.oracle.labels)
            return labels.view(persons.shape[:2]) == search.classes[victims, None]

        walk = Repulsion(search.latents[:, :people], found, self.params)
        if not found.all():
            lost = ", ".join(str(label) for label in search.classes[~found].tolist())
            told = f"no seed found after {self._labelled:,} public faces for the classes {lost}"
            search.remarks.append(told)
        search.note = "; ".join(["walking away from the boundary", *search.remarks])
        shown = 0
        while walk.active.any() and search.left >= int(walk.active.sum()) * (self.params.points + 1):
            yield from walk.round(inside, rng)
            search.latents[:, :people] = walk.kept
            search.confidence = walk.confidence
            due = search.rows_a_victim() * 12 // max(self.params.queries, 1) > shown
            shown += due
            yield search.progress(search.draw(search.latents) if due else None)

    def _seed(self, search: Search, rng: torch.Generator) -> Generator[Progress, None, Tensor]:
        """Set the search to a start for each victim; return who has one (N,)."""
        people = search.prior.person_size
        cap = min(self.params.pool, max(1, int(SEED_SHARE * search.left)))
        pool, labels = torch.zeros(0, people), torch.zeros(0, dtype=torch.long)
        found = torch.zeros(len(search.classes), dtype=torch.bool)
        self._labelled = 0
        while self._labelled < cap and (self.params.middle or not found.all()):
            latents = search.strangers(min(CALL, cap - self._labelled), rng, self.params.pool_spread)
            answers = yield from search.ask(latents, search.oracle.labels)
            self._labelled += len(latents)
            pool, labels = torch.cat([pool, latents[:, :people]]), torch.cat([labels, answers])
            firsts, middles, found = seeds(pool, labels, search.classes)
            search.latents[:, :people] = middles if self.params.middle else firsts
        if self.params.middle and search.left > len(search.classes):
            answers = yield from search.ask(search.latents, search.oracle.labels)
            outside = answers != search.classes
            search.latents[outside, :people] = firsts[outside]
        return found


class Repulsion:
    """The paper's walk for all victims at once: each stands at `here` (N, P) and returns `kept` (N, P)."""

    def __init__(self, starts: Tensor, found: Tensor, params: BrepMI.Params) -> None:
        self.here = starts.clone()
        self.kept = starts.clone()
        self.active = found.clone()
        self.radius = torch.full((len(starts),), params.radius)
        self.rounds = torch.zeros(len(starts), dtype=torch.long)
        self.confidence = torch.zeros(len(starts))
        self.params = params

    def round(
        self, inside: Callable[[Tensor, Tensor], Asking], rng: torch.Generator
    ) -> Generator[Progress, None, None]:
        """Grow the sphere of each active victim, or move it if it stays in its class."""
        victims = self.active.nonzero()[:, 0]
        sphere = on_sphere(self.radius[victims], self.params.points, self.here.shape[1], rng)
        signs = 2.0 * (yield from inside(self.here[victims, None] + sphere, victims)) - 1  # (A, M)
        self.confidence[victims] = (signs > 0).float().mean(1)
        grown = signs.sum(1) > ENOUGH * self.params.points
        self._grow(victims[grown])
        moving = victims[~grown]
        if len(moving):
            step = push(sphere[~grown], signs[~grown], self.radius[moving])
            moved = (self.here[moving] + step).clamp(-self.params.limit, self.params.limit)
            stays = (yield from inside(moved[:, None], moving))[:, 0]
            self.here[moving[stays]] = moved[stays]
        self.rounds[moving] += 1
        self.active[moving] = self.rounds[moving] < self.params.rounds

    def _grow(self, victims: Tensor) -> None:
        self.kept[victims] = self.here[victims]
        self.radius[victims] *= GROWTH
        self.rounds[victims] = 0


def push(sphere: Tensor, signs: Tensor, radius: Tensor) -> Tensor:
    """Return the move (A, P) away from the points (A, M, P) whose sign (A, M) is -1: their mean direction,
    points inside counting as 0, times a third of the radius (A,) or 3.
    """
    repelling = (signs - 1) / 2
    direction = (repelling[..., None] * sphere).mean(1) / radius[:, None]
    return (radius / 3).clamp_max(LONGEST)[:, None] * direction


def on_sphere(radius: Tensor, points: int, size: int, rng: torch.Generator) -> Tensor:
    """Return offsets (A, points, size) spread evenly over a sphere of each radius (A,)."""
    drawn = torch.randn(len(radius), points, size, generator=rng)
    length: Tensor = drawn.norm(dim=2, keepdim=True)
    return radius[:, None, None] * drawn / length


def seeds(pool: Tensor, labels: Tensor, classes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return for each class (N,) the first face of the pool (M, P) labelled so, the middle of all of them
    drawn out to LENGTH, and whether there is any; where there is none, both are the average face.
    """
    hits = labels[None] == classes[:, None]  # (N, M)
    found = hits.any(1)
    firsts = pool[hits.float().argmax(1)] * found[:, None]
    middles = hits.float() @ pool
    length = LENGTH * pool.shape[1] ** 0.5 / middles.norm(dim=1, keepdim=True).clamp_min(1e-6)
    return firsts, middles * length, found
