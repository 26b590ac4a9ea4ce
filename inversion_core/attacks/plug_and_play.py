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
from inversion_core.lanes import in_lanes, together
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Knowledge, Prior, Progress, Reconstruction

CHUNK = 25
"""Pictures that go through the networks at once: their activations then stay in a core's cache."""

RIDGE = 1.0
"""Weight of the ridge in learning faces from features, in units of the features' mean square."""

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
    Departures: the prior is a small decoder instead of StyleGAN; the first candidate is not one of the random
    faces but what they teach (see `_taught`); where the prior tells the person from the photo, pose, light
    and expression are drawn afresh at each step like the crops, and the result is shown in the average pose;
    the weaker candidates are dropped after an eighth of the steps; latents are kept plausible by a penalty on
    their length instead of truncation.

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
            3000, ge=1, le=5000, description="Random public faces, from which each victim's start is learnt."
        )
        candidates: int = Field(1, ge=1, le=50, description="Starting points kept for each victim.")
        steps: int = Field(40, ge=1, le=2000, description="Steps of the optimiser.")
        learning_rate: float = Field(
            0.12, gt=0, le=10, description="Step size of Adam, in units of the prior's spread."
        )
        plausibility: float = Field(3.0, ge=0, description="Weight of the penalty on unlikely latents.")
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
        quiet: bool = Field(
            False,
            description="Switch off what the network draws at random in use; who holds the weights can.",
        )

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return one picture for each of `knowledge.classes`, in the average pose."""
        assert knowledge.prior is not None, "the scenario was checked: this attack has a prior"
        if self.params.quiet:
            oracle.quieten()
        scene = _Scene(oracle, knowledge.prior, knowledge.classes, self.params, rng)
        total = self.params.steps + 2
        latents = yield from self._choose_starts(scene, total)
        latents = yield from self._optimise(scene, latents, total)
        confidence, index = scene.robustness(latents, self.params.checks).max(0)
        best = scene.pictures(latents[index, torch.arange(len(index))])
        yield Progress(total, total, 1 - confidence.mean().item(), best, "final selection")
        return Reconstruction(best, knowledge.classes, confidence)

    def _choose_starts(self, scene: "_Scene", total: int) -> Generator[Progress, None, Tensor]:
        """Return (candidates, N, D): for each victim what the random faces teach, then the single faces the
        target takes for them most.
        """
        pool = scene.strangers(self.params.pool)
        gains, features = [], []
        best = torch.zeros(len(scene.classes), *scene.prior.image_shape)
        record = torch.full((len(scene.classes),), -math.inf)
        for part in pool.split(8 * CHUNK):
            drawn, seen, gain = scene.look(part)
            gains.append(gain)
            features.append(seen)
            top, index = gain.max(0)
            better = top > record
            best[better], record[better] = drawn[index[better]], top[better]
            yield Progress(1, total, -record.mean().item(), best.clone(), "choosing starting points")
        gain = torch.cat(gains)
        single = pool[gain.topk(min(self.params.candidates, len(pool)), dim=0).indices]
        starts = torch.cat([_taught(scene, pool, torch.cat(features), gain)[None], single])
        starts[..., scene.prior.person_size :] = 0
        return starts[: self.params.candidates]

    def _optimise(self, scene: "_Scene", latents: Tensor, total: int) -> Generator[Progress, None, Tensor]:
        """Return (candidates left, N, D)."""
        drop_at = max(1, self.params.steps // 8)
        left = max(1, len(latents) // 3)
        search = _Adam(latents, self.params.learning_rate)
        for step in range(1, self.params.steps + 1):
            if step == drop_at + 1 and len(search.values) > left:
                order = scene.robustness(search.values, 2).argsort(dim=0, descending=True)
                search = search.keep(order[:left])
            losses, gradients = scene.slopes(search.values)
            search.step(gradients, 0.5 * (1 + math.cos(math.pi * step / (self.params.steps + 1))))
            shown = None
            if step == 1 or step % max(1, self.params.steps // 12) == 0:
                shown = scene.pictures(search.values[0])
            yield Progress(step + 1, total, losses.mean().item(), shown, "searching the prior")
        return search.values


class _Scene:
    """What the search looks at: the oracle through the prior, under views drawn afresh each time."""

    def __init__(
        self, oracle: Oracle, prior: Prior, classes: Tensor, params: PlugAndPlay.Params, rng: torch.Generator
    ) -> None:
        self.oracle = oracle
        self.prior = prior
        self.classes = classes
        self.params = params
        self.rng = rng
        self.directions = oracle.directions()

    def strangers(self, count: int) -> Tensor:
        """Return the latents (count, D) of random people, each in a photo of its own."""
        latents = torch.randn(count, self.prior.latent_size, generator=self.rng)
        latents[:, self.prior.person_size :] *= self.params.variety
        return latents

    def look(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(M, D) -> the pictures (M, C, H, W), and under a fresh crop the features (M, F) and how little each
        is lost on each victim (M, N); where the target shows no features, the logits stand in for them.
        """
        crops = random_crops(len(latents), self.params.crop, self.rng)
        parts = in_lanes(self._look, latents.split(CHUNK), crops.split(CHUNK))
        drawn, features, gain = (torch.cat(column) for column in zip(*parts, strict=True))
        return drawn, features, gain

    def _look(self, latents: Tensor, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        with torch.no_grad():
            drawn = self.prior.decode(latents)
            seen = cropped(drawn, crops)
            if self.directions is None:
                features = logits = self.oracle.logits(seen)
            else:
                features, logits = self.oracle.features(seen)
            return drawn, features, -_losses(self.params.loss, logits, self.classes)

    def slopes(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """(candidates, N, D) -> the losses (candidates, N) and the gradients of loss and penalty."""
        classes = self.classes.repeat(len(latents))
        parts = in_lanes(self._slope, *self._views(latents.flatten(0, 1)), classes.split(CHUNK))
        losses, gradients = (torch.cat(column) for column in zip(*parts, strict=True))
        return losses.view(latents.shape[:2]), gradients.view_as(latents)

    def _slope(self, latents: Tensor, photo: Tensor, crops: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
        z = latents.detach().requires_grad_(True)
        loss = LOSSES[self.params.loss](self._logits(z, photo, crops), classes)
        penalty = self.params.plausibility * z[:, : self.prior.person_size].square().mean(1)
        (gradient,) = torch.autograd.grad((loss + penalty).sum(), z)
        return loss.detach(), gradient

    def robustness(self, latents: Tensor, checks: int) -> Tensor:
        """(candidates, N, D) -> (candidates, N): the mean probability of the wanted class over fresh views,
        the paper's criterion.
        """
        flat = latents.flatten(0, 1).repeat(checks, 1)
        classes = self.classes.repeat(checks * len(latents))
        sure = together(self._probability, *self._views(flat), classes.split(CHUNK))
        return sure.view(checks, *latents.shape[:2]).mean(0)

    def _probability(self, latents: Tensor, photo: Tensor, crops: Tensor, classes: Tensor) -> Tensor:
        with torch.no_grad():
            return self._logits(latents, photo, crops).softmax(1).gather(1, classes[:, None])[:, 0]

    def pictures(self, latents: Tensor) -> Tensor:
        """Decode (N, D) in the average pose and light."""
        plain = latents.detach().clone()
        plain[:, self.prior.person_size :] = 0
        return together(torch.no_grad()(self.prior.decode), plain.split(CHUNK))

    def _views(self, latents: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...], tuple[Tensor, ...]]:
        """(M, D) -> the parts of the latents, a fresh pose and light for each where the prior knows them, and
        a fresh crop for each.
        """
        photo = torch.randn(len(latents), self.prior.latent_size - self.prior.person_size, generator=self.rng)
        crops = random_crops(len(latents), self.params.crop, self.rng)
        return latents.split(CHUNK), photo.split(CHUNK), crops.split(CHUNK)

    def _logits(self, latents: Tensor, photo: Tensor, crops: Tensor) -> Tensor:
        """(N, D) -> (N, K), each under the view given."""
        person = latents[:, : self.prior.person_size]
        drawn = self.prior.decode(torch.cat([person, self.params.variety * photo], dim=1))
        return self.oracle.logits(cropped(drawn, crops))


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


def random_crops(count: int, share: float, rng: torch.Generator) -> Tensor:
    """Return (count, 2, 3): random squares of at least 1 - share of the side, as `cropped` takes them."""
    scale = 1 - share * torch.rand(count, generator=rng)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = scale
    theta[:, :, 2] = (1 - scale)[:, None] * (2 * torch.rand(count, 2, generator=rng) - 1)
    return theta


def cropped(images: Tensor, crops: Tensor) -> Tensor:
    """(N, C, H, W) and crops (N, 2, 3) -> the same size: each picture's own square, resized."""
    grid = F.affine_grid(crops, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _taught(scene: _Scene, pool: Tensor, features: Tensor, gain: Tensor) -> Tensor:
    """Return (N, D): the faces to expect behind the victims, by what random faces teach of the target.

    Ridge regression from the target's features (M, F) to the latents of the public faces (M, D) that gave
    them, applied to the direction in which the last layer looks for each victim: as far as the features of a
    class gather around its weights (Papyan, Han and Donoho, PNAS 2020), that is what a photo of the victim
    would give. A target that ends otherwise is asked for the middle of the faces it takes for the victim.
    """
    if scene.directions is None:
        faces = gain.softmax(0).T @ pool
    else:
        centred = features - features.mean(0)
        kernel = together(lambda rows: rows @ centred.T, centred.split(8 * CHUNK))
        kernel += RIDGE * kernel.diagonal().mean() * torch.eye(len(kernel))
        dual = torch.cholesky_solve(pool - pool.mean(0), torch.linalg.cholesky(kernel))
        looked_for = (scene.directions - scene.directions.mean(0))[scene.classes]
        faces = looked_for @ (centred.T @ dual)
    faces = faces[:, : scene.prior.person_size]
    # As long as four fifths of a typical face is: an expectation is nearer to the average face than anybody.
    length = faces.norm(dim=1, keepdim=True).clamp_min(1e-6)
    starts = torch.zeros(len(faces), scene.prior.latent_size)
    starts[:, : scene.prior.person_size] = 0.8 * scene.prior.person_size**0.5 / length * faces
    return starts


def _losses(loss: Loss, logits: Tensor, classes: Tensor) -> Tensor:
    """(M, K), (N,) -> (M, N): the loss of each picture for each wanted class."""
    each = LOSSES[loss](logits.repeat_interleave(len(classes), 0), classes.repeat(len(logits)))
    return each.view(len(logits), len(classes))


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
