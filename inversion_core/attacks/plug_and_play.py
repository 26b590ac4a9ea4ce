"""Plug & Play: search the latent space of a public prior for the pictures a target is surest of.

Struppek et al., "Plug & Play attacks" (ICML 2022), with the logit margin of LOMMA (Nguyen et al., CVPR
2023) as one of the losses. The prior has learnt only from public people, so what it knows about a victim
comes from the target.
"""

import math
from collections.abc import Callable, Generator
from enum import StrEnum

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Knowledge, Prior, Progress, Reconstruction

CHUNK = 25
"""Pictures that go through the networks at once: their activations then stay in a core's cache."""

MOMENTUM = 0.7
"""Adam's first beta: less than usual, since few steps are made."""


class Loss(StrEnum):
    """What the search minimises."""

    CROSS_ENTROPY = "cross-entropy"
    MARGIN = "margin"
    POINCARE = "poincare"


class PlugAndPlay(Attack):
    """Walk through the faces a public prior can draw until the target is sure, whatever the crop, pose or
    light.

    Three stages, as in the paper: choose starting points among random public faces; optimise them under
    fresh random crops; keep, for each victim, the candidate that stays convincing under many other crops.
    Departures: the prior is a small decoder instead of StyleGAN; where it tells the person from the photo,
    pose, light and expression are drawn afresh at each step like the crops, and the result is shown in the
    average pose; the weaker candidates are dropped after an eighth of the steps; latents are kept plausible
    by a penalty on their length instead of truncation.

    Cost: pool + steps x candidates (fewer after an eighth) + checks, forward and backward, for each victim.
    """

    name = "plug-and-play"
    title = "Plug & Play (public prior)"
    reference = "Struppek et al., ICML 2022"
    needs = Access.WHITE_BOX
    needs_prior = True

    class Params(Attack.Params):
        """Stages and their sizes."""

        prior: str = Field("auto", description="Prior by name, or path of one made with train-prior.")
        loss: Loss = Field(Loss.MARGIN, description="What the search minimises.")
        pool: int = Field(
            600, ge=1, le=20000, description="Random public faces, from which each victim's start is chosen."
        )
        candidates: int = Field(2, ge=1, le=50, description="Starting points kept for each victim.")
        steps: int = Field(80, ge=1, le=2000, description="Steps of the optimiser.")
        learning_rate: float = Field(
            0.12, gt=0, le=10, description="Step size of Adam, in units of the prior's spread."
        )
        plausibility: float = Field(0.3, ge=0, description="Weight of the penalty on unlikely latents.")
        crop: float = Field(
            0.2, ge=0, lt=0.5, description="Largest share of the side that a random crop cuts off."
        )
        variety: float = Field(
            0.5,
            ge=0,
            le=2,
            description="Spread of the poses and lights drawn afresh, in units of the prior's.",
        )
        checks: int = Field(
            3, ge=1, le=200, description="Fresh crops on which the final candidates are compared."
        )

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return one picture for each of `knowledge.classes`, in the average pose."""
        prior = knowledge.prior
        assert prior is not None, "the scenario was checked: this attack has a prior"
        classes = knowledge.classes
        total = self.params.steps + 2
        latents = yield from self._choose_starts(oracle, prior, classes, total, rng)
        latents = yield from self._optimise(oracle, prior, classes, latents, total, rng)
        chosen, confidence = self._select(oracle, prior, classes, latents, self.params.checks, rng)
        best = _pictures(prior, chosen)
        yield Progress(total, total, 1 - confidence.mean().item(), best, "final selection")
        return Reconstruction(best, classes, confidence)

    def _choose_starts(
        self, oracle: Oracle, prior: Prior, classes: Tensor, total: int, rng: torch.Generator
    ) -> Generator[Progress, None, Tensor]:
        """Return (candidates, N, D): for each victim the middle of the random faces the target takes for
        them, then the single faces it takes for them most.
        """
        pool = torch.randn(self.params.pool, prior.latent_size, generator=rng)
        pool[:, prior.person_size :] = 0
        gains: list[Tensor] = []
        best = torch.zeros(len(classes), *prior.image_shape)
        record = torch.full((len(classes),), -math.inf)
        for part in pool.split(4 * CHUNK):
            with torch.no_grad():
                drawn = prior.decode(part)
                gain = -_losses(self.params.loss, oracle.logits(drawn), classes)  # (part, N)
            gains.append(gain)
            top, index = gain.max(0)
            better = top > record
            best[better], record[better] = drawn[index[better]], top[better]
            yield Progress(1, total, -record.mean().item(), best.clone(), "choosing starting points")
        gain = torch.cat(gains)
        middle = gain.softmax(0).T @ pool  # (N, D)
        # As long as four fifths of a typical face is: a mean is nearer to the average face than anybody.
        middle *= 0.8 * prior.person_size**0.5 / middle.norm(dim=1, keepdim=True).clamp_min(1e-6)
        single = pool[gain.topk(min(self.params.candidates, len(pool)), dim=0).indices]
        return torch.cat([middle[None], single])[: self.params.candidates]

    def _optimise(
        self, oracle: Oracle, prior: Prior, classes: Tensor, latents: Tensor, total: int, rng: torch.Generator
    ) -> Generator[Progress, None, Tensor]:
        """Return (candidates left, N, D)."""
        drop_at = max(1, self.params.steps // 8)
        search = _Adam(latents, self.params.learning_rate)
        for step in range(1, self.params.steps + 1):
            if step == drop_at + 1 and len(search.values) > 1:
                search = search.keep(
                    self._ranking(oracle, prior, classes, search.values, rng)[: len(latents) // 3 or 1]
                )
            losses = self._descend(oracle, prior, classes, search, step, rng)
            shown = None
            if step == 1 or step % max(1, self.params.steps // 12) == 0:
                shown = _pictures(prior, search.values[0])
            yield Progress(step + 1, total, losses.mean().item(), shown, "searching the prior")
        return search.values

    def _descend(
        self, oracle: Oracle, prior: Prior, classes: Tensor, search: "_Adam", step: int, rng: torch.Generator
    ) -> Tensor:
        """Move every candidate one step; return the losses (candidates, N)."""
        people = prior.person_size
        gradients, losses = torch.zeros_like(search.values), torch.zeros(search.values.shape[:2])
        for row, values in enumerate(search.values):
            for part in torch.arange(len(classes)).split(CHUNK):
                z = values[part].requires_grad_(True)
                logits = oracle.logits(self._view(prior, z, rng))
                loss = LOSSES[self.params.loss](logits, classes[part])
                penalty = self.params.plausibility * z[:, :people].square().mean(1)
                (gradients[row, part],) = torch.autograd.grad((loss + penalty).sum(), z)
                losses[row, part] = loss.detach()
        search.step(gradients, 0.5 * (1 + math.cos(math.pi * step / (self.params.steps + 1))))
        return losses

    def _view(self, prior: Prior, latents: Tensor, rng: torch.Generator) -> Tensor:
        """Decode under a fresh crop, and a fresh pose and light where the prior knows them: (N, D) -> (N, C,
        H, W).
        """
        photo = torch.randn(len(latents), prior.latent_size - prior.person_size, generator=rng)
        drawn = prior.decode(torch.cat([latents[:, : prior.person_size], self.params.variety * photo], dim=1))
        return random_crop(drawn, self.params.crop, rng)

    def _robustness(
        self,
        oracle: Oracle,
        prior: Prior,
        classes: Tensor,
        latents: Tensor,
        checks: int,
        rng: torch.Generator,
    ) -> Tensor:
        """Return (candidates, N): the mean probability of the wanted class over fresh crops, the paper's
        criterion.
        """
        rows = torch.arange(len(classes))
        total = torch.zeros(latents.shape[:2])
        with torch.no_grad():
            for row, values in enumerate(latents):
                for _ in range(checks):
                    total[row] += oracle.logits(self._view(prior, values, rng)).softmax(1)[rows, classes]
        return total / checks

    def _ranking(
        self, oracle: Oracle, prior: Prior, classes: Tensor, latents: Tensor, rng: torch.Generator
    ) -> Tensor:
        """Return (candidates, N) indices, the most robust candidate of each victim first."""
        return self._robustness(oracle, prior, classes, latents, 2, rng).argsort(dim=0, descending=True)

    def _select(
        self,
        oracle: Oracle,
        prior: Prior,
        classes: Tensor,
        latents: Tensor,
        checks: int,
        rng: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        """Return the most robust candidate of each victim (N, D) and its mean probability (N,)."""
        robustness = self._robustness(oracle, prior, classes, latents, checks, rng)
        confidence, index = robustness.max(0)
        return latents[index, torch.arange(len(classes))], confidence


def poincare(logits: Tensor, classes: Tensor) -> Tensor:
    """(N, K), (N,) -> (N,) hyperbolic distance of the logits, scaled to unit L1 length, to the wanted corner.

    Struppek et al. eq. 4; the corner is drawn in by 1e-4, so that it lies inside the ball.
    """
    u = logits / logits.abs().sum(1, keepdim=True)
    v = (F.one_hot(classes, logits.shape[1]).to(logits.dtype) - 1e-4).clamp_min(0)
    gap = (u - v).square().sum(1)
    room = (1 - u.square().sum(1)) * (1 - v.square().sum(1))
    return torch.acosh(1 + 2 * gap / room)


def margin(logits: Tensor, classes: Tensor) -> Tensor:
    """(N, K), (N,) -> (N,) how far the best other class is ahead of the wanted one; negative when it is
    behind.
    """
    wanted = logits.gather(1, classes[:, None])
    others = logits.scatter(1, classes[:, None], -math.inf)
    return (others.amax(1, keepdim=True) - wanted)[:, 0]


def cross_entropy(logits: Tensor, classes: Tensor) -> Tensor:
    """(N, K), (N,) -> (N,)."""
    return F.cross_entropy(logits, classes, reduction="none")


LOSSES: dict[Loss, Callable[[Tensor, Tensor], Tensor]] = {
    Loss.CROSS_ENTROPY: cross_entropy,
    Loss.MARGIN: margin,
    Loss.POINCARE: poincare,
}


def random_crop(images: Tensor, share: float, rng: torch.Generator) -> Tensor:
    """(N, C, H, W) -> the same size: each picture's own random square of at least 1 - share of the side,
    resized.
    """
    count = len(images)
    scale = 1 - share * torch.rand(count, generator=rng)
    shift = (1 - scale)[:, None] * (2 * torch.rand(count, 2, generator=rng) - 1)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = scale
    theta[:, :, 2] = shift
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _losses(loss: Loss, logits: Tensor, classes: Tensor) -> Tensor:
    """(M, K), (N,) -> (M, N): the loss of each picture for each wanted class."""
    return torch.stack([LOSSES[loss](logits, wanted.expand(len(logits))) for wanted in classes], dim=1)


def _pictures(prior: Prior, latents: Tensor) -> Tensor:
    """Decode (N, D) in the average pose and light, in chunks."""
    plain = latents.detach().clone()
    plain[:, prior.person_size :] = 0
    with torch.no_grad():
        return torch.cat([prior.decode(part) for part in plain.split(CHUNK)])


class _Adam:
    """Adam on (candidates, N, D) values, whose candidates may be dropped on the way."""

    def __init__(self, values: Tensor, learning_rate: float) -> None:
        self.values = values
        self.learning_rate = learning_rate
        self.first, self.second, self.count = torch.zeros_like(values), torch.zeros_like(values), 0

    def step(self, gradients: Tensor, pace: float) -> None:
        """Move against the gradients, at `pace` times the learning rate; betas (0.7, 0.999)."""
        self.count += 1
        self.first = self.first.lerp(gradients, 1 - MOMENTUM)
        self.second = self.second.lerp(gradients.square(), 0.001)
        mean = self.first / (1 - MOMENTUM**self.count)
        spread = (self.second / (1 - 0.999**self.count)).sqrt() + 1e-8
        self.values = self.values - pace * self.learning_rate * mean / spread

    def keep(self, order: Tensor) -> "_Adam":
        """Return the search over the candidates (M, N) of `order` alone."""
        kept = _Adam(self._pick(self.values, order), self.learning_rate)
        kept.first, kept.second, kept.count = (
            self._pick(self.first, order),
            self._pick(self.second, order),
            self.count,
        )
        return kept

    @staticmethod
    def _pick(values: Tensor, order: Tensor) -> Tensor:
        return values.gather(0, order[..., None].expand(-1, -1, values.shape[-1]))
