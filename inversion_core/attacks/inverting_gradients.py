"""Inverting gradients: Geiping, Bauermeister, Dröge and Moeller, "Inverting gradients: how easy is it to
break privacy in federated learning?" (NeurIPS 2020).
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.update_attack import GREY, Redrawn, UpdateAttack, labels_of, statistics_loss
from inversion_core.oracles import GradientOracle
from inversion_core.updates import Tensors, Update
from inversion_core.values import Knowledge, Prior, Progress

DECAYS = (3 / 8, 5 / 8, 7 / 8)
"""Shares of the search after which the step size falls to a tenth, as in the authors' code."""
LATER = 0.2
"""First step of the pixels after a prior, as a part of the first step without one: less is left to find."""
SPREAD = 0.3
"""Spread of the latents a search begins with, in units of the prior's."""
TOLD = 10
"""Steps between two reports."""


class InvertingGradients(UpdateAttack):
    """Search the photos whose update points the same way as the one that was sent.

    The loss is one minus the cosine between the update that the present pictures would cause and the one
    seen, plus total variation; Adam follows only the signs of its slope, the step size falls to a tenth at
    3/8, 5/8 and 7/8 of the search, and pictures are kept within their range. The local steps of FedAvg are
    gone through in full, and the slope taken through all of them. Labels are read off the last layer where
    they are not known. Where statistics of batch normalisation are sent, pictures must explain them too.

    With a prior of public pictures its latents are searched first (after Jeon et al., "Gradient inversion
    with generative image prior", NeurIPS 2021), and there the features that the last layer gives away
    (dW_i / db_i: Phong et al., 2018, exact for one photo) are matched too; the pixels start from what was
    found and stay near it.

    Departures: sizes are in units of [0, 1] and not of standardised pictures; the search is shorter than the
    authors' 4,800 to 24,000 steps and smooths more, both for the time it takes; the statistics, the features
    and the pull towards what the prior found are not theirs; Jeon et al. go on to change the weights of the
    generator, here pixels follow. The best picture by loss is returned.
    """

    name = "inverting-gradients"
    title = "Inverting gradients"
    reference = "Geiping et al., NeurIPS 2020, https://arxiv.org/abs/2003.14053"

    class Params(UpdateAttack.Params):
        """How long the search is, and what it follows."""

        steps: int = Field(
            1000, ge=8, le=24000, description="Steps of the search of the pixels for each update."
        )
        step_size: float = Field(
            0.1, gt=0, le=1, description="First step, as a part of the range of a pixel."
        )
        total_variation: float = Field(
            0.2, ge=0, le=10, description="Weight of the total variation, which smooths the pictures."
        )
        prior: str | None = Field(
            None,
            description="Prior by name, auto, or path of one made with train-prior; without, pixels only.",
        )
        prior_steps: int = Field(
            200, ge=8, le=5000, description="Steps in the prior for each update, where there is one."
        )
        prior_step_size: float = Field(
            0.1, gt=0, le=10, description="First step in the prior, in units of its spread."
        )
        plausibility: float = Field(0.001, ge=0, description="Weight of the penalty on unlikely latents.")
        features: float = Field(
            1.0,
            ge=0,
            le=100,
            description="Weight in the prior of the features that the last layer gives away.",
        )
        closeness: float = Field(
            0.2, ge=0, le=10, description="Weight of the roughness of what pixels add to the prior's picture."
        )
        statistics: float = Field(
            0.1, ge=0, le=10, description="Weight of the batch statistics, where they are sent."
        )
        only_sent: bool = Field(
            False,
            description="Compare only entries that are not zero: for updates from which some were removed.",
        )

    params: Params

    def redraw(
        self, oracle: GradientOracle, update: Update, knowledge: Knowledge, rng: torch.Generator
    ) -> Generator[Progress, None, Redrawn]:
        """Return the best pictures found."""
        goal = _Goal(oracle, update, labels_of(update, oracle.steps), self.params)
        if knowledge.prior is None:
            start = GREY + 0.25 * torch.randn(len(update), *oracle.input_shape, generator=rng)
            return (yield from self._in_pixels(goal, start.clamp(0, 1)))
        drawn = yield from self._in_prior(goal, knowledge.prior, rng)
        return (yield from self._in_pixels(goal, drawn.samples, near=True))

    def _in_prior(
        self, goal: "_Goal", prior: Prior, rng: torch.Generator
    ) -> Generator[Progress, None, Redrawn]:
        """Return the best pictures that the prior can draw."""
        params = self.params
        # Near the average, and apart: equal pictures of equal labels would stay equal.
        latents = (SPREAD * torch.randn(len(goal.labels), prior.latent_size, generator=rng)).requires_grad_()
        optimiser = torch.optim.Adam([latents], lr=params.prior_step_size)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, params.prior_steps)
        best = _Best(prior.decode(latents).detach(), goal.labels)
        for step in range(1, params.prior_steps + 1):
            pictures = prior.decode(latents).float()
            alike, loss, change = goal.compare(pictures)
            loss = loss + params.plausibility * latents.square().mean()
            loss = loss + params.features * feature_loss(change, goal.update.change, goal.labels)
            best.take(pictures, loss, alike)
            (latents.grad,) = torch.autograd.grad(loss, latents)
            optimiser.step()
            schedule.step()
            if step == 1 or step % TOLD == 0 or step == params.prior_steps:
                yield Progress(step, params.prior_steps + params.steps, best.least, best.pictures)
        return best.redrawn()

    def _in_pixels(
        self, goal: "_Goal", start: Tensor, *, near: bool = False
    ) -> Generator[Progress, None, Redrawn]:
        """Return the best pictures from `start` on; `near` it, it is where a prior left off."""
        params = self.params
        before = params.prior_steps if near else 0
        pictures = start.clone().requires_grad_()
        optimiser = torch.optim.Adam([pictures], lr=params.step_size * (LATER if near else 1))
        drops = [math.ceil(share * params.steps) for share in DECAYS]
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, drops, gamma=0.1)
        best = _Best(start, goal.labels)
        for step in range(1, params.steps + 1):
            alike, loss, _ = goal.compare(pictures)
            loss = loss + params.total_variation * variation(pictures)
            if near:
                loss = loss + params.closeness * variation(pictures - start)
            best.take(pictures, loss, alike)
            (slope,) = torch.autograd.grad(loss, pictures)
            pictures.grad = slope.sign()
            optimiser.step()
            schedule.step()
            with torch.no_grad():
                pictures.clamp_(0, 1)
            if step == 1 or step % TOLD == 0 or step == params.steps:
                yield Progress(before + step, before + params.steps, best.least, best.pictures)
        return best.redrawn()


@dataclass(frozen=True)
class _Goal:
    """The update that is to be explained, and how near pictures come to that."""

    oracle: GradientOracle
    update: Update
    labels: Tensor
    params: InvertingGradients.Params

    def compare(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensors]:
        """Return the cosine, the loss from it and the statistics, and the change of these pictures."""
        change, statistics = self.oracle.would_send(self.update, pictures, self.labels)
        alike = cosine(change, self.update.change, only_sent=self.params.only_sent)
        loss = 1 - alike + self.params.statistics * statistics_loss(statistics, self.update.statistics)
        return alike, loss, change


@dataclass
class _Best:
    """The best pictures so far."""

    pictures: Tensor
    labels: Tensor
    least: float = math.inf
    agreement: float = 0.0

    def take(self, pictures: Tensor, loss: Tensor, alike: Tensor) -> None:
        """Keep the pictures if their loss is the least."""
        if loss.item() < self.least:
            self.pictures, self.least, self.agreement = pictures.detach().clone(), loss.item(), alike.item()

    def redrawn(self) -> Redrawn:
        """Return what was kept."""
        return Redrawn(self.pictures, self.labels, self.agreement)


def feature_loss(change: Tensors, seen: Tensors, labels: Tensor) -> Tensor:
    """Return the squared relative distance of the features the last layer gives away, 0 where it has no bias.

    The row of a label in the change of the weights, divided by its entry in that of the bias, is what entered
    the layer: exactly for one photo, a mix of all photos where there are several.
    """
    if len(seen) < 2 or seen[-1].ndim != 1 or seen[-2].ndim != 2:
        return torch.zeros(())
    rows = labels.unique()
    rows = rows[seen[-1][rows] != 0]
    one, other = (side[-2][rows] / side[-1][rows][:, None] for side in (change, seen))
    return (one - other).square().sum() / other.square().sum().clamp_min(1e-12)


def cosine(change: Tensors, seen: Tensors, *, only_sent: bool = False) -> Tensor:
    """Return the cosine of the angle between two changes, all layers as one vector."""
    if only_sent:
        change = tuple(one * (other != 0) for one, other in zip(change, seen, strict=True))
    product = torch.stack([(one * other).sum() for one, other in zip(change, seen, strict=True)]).sum()
    lengths = [torch.stack([one.square().sum() for one in side]).sum() for side in (change, seen)]
    # Inside the root: its slope is infinite at zero.
    return product / (lengths[0] * lengths[1] + 1e-24).sqrt()


def variation(pictures: Tensor) -> Tensor:
    """(N, C, H, W) -> the mean absolute difference of neighbours, down and across."""
    down, across = pictures.diff(dim=2), pictures.diff(dim=3)
    return down.abs().mean() + across.abs().mean()
