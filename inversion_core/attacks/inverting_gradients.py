"""Inverting gradients: Geiping, Bauermeister, Dröge and Moeller, "Inverting gradients: how easy is it to
break privacy in federated learning?" (NeurIPS 2020).
"""

import math
from collections.abc import Generator

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.update_attack import GREY, Redrawn, UpdateAttack, labels_of, statistics_loss
from inversion_core.oracles import GradientOracle
from inversion_core.updates import Tensors, Update
from inversion_core.values import Progress

DECAYS = (3 / 8, 5 / 8, 7 / 8)
"""Shares of the search after which the step size falls to a tenth, as in the authors' code."""
TOLD = 10
"""Steps between two reports."""


class InvertingGradients(UpdateAttack):
    """Search the photos whose update points the same way as the one that was sent.

    The loss is one minus the cosine between the update that the present pictures would cause and the one
    seen, plus total variation; Adam follows only the signs of its slope, the step size falls to a tenth at
    3/8, 5/8 and 7/8 of the search, and pictures are kept within their range. The local steps of FedAvg are
    gone through in full, and the slope taken through all of them. Labels are read off the last layer where
    they are not known. Where statistics of batch normalisation are sent, pictures must explain them too.

    Departures: sizes are in units of [0, 1] and not of standardised pictures; the search is shorter than the
    authors' 4,800 to 24,000 steps; the statistics term is not theirs. The best picture by loss is returned.
    """

    name = "inverting-gradients"
    title = "Inverting gradients"
    reference = "Geiping et al., NeurIPS 2020, https://arxiv.org/abs/2003.14053"

    class Params(UpdateAttack.Params):
        """How long the search is, and what it follows."""

        steps: int = Field(400, ge=8, le=24000, description="Steps of the search for each update.")
        step_size: float = Field(
            0.05, gt=0, le=1, description="First step, as a part of the range of a pixel."
        )
        total_variation: float = Field(
            0.5, ge=0, le=10, description="Weight of the total variation, which smooths the pictures."
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
        self, oracle: GradientOracle, update: Update, rng: torch.Generator
    ) -> Generator[Progress, None, Redrawn]:
        """Return the best pictures found."""
        params = self.params
        labels = labels_of(update, oracle.steps)
        pictures = GREY + 0.25 * torch.randn(len(update), *oracle.input_shape, generator=rng)
        pictures = pictures.clamp(0, 1).requires_grad_()
        optimiser = torch.optim.Adam([pictures], lr=params.step_size)
        drops = [math.ceil(share * params.steps) for share in DECAYS]
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, drops, gamma=0.1)
        best, least, agreement = pictures.detach().clone(), math.inf, 0.0
        for step in range(1, params.steps + 1):
            change, statistics = oracle.would_send(update, pictures, labels)
            alike = cosine(change, update.change, only_sent=params.only_sent)
            loss = 1 - alike + params.total_variation * variation(pictures)
            loss = loss + params.statistics * statistics_loss(statistics, update.statistics)
            if loss < least:
                best, least, agreement = pictures.detach().clone(), loss.item(), alike.item()
            (slope,) = torch.autograd.grad(loss, pictures)
            pictures.grad = slope.sign()
            optimiser.step()
            schedule.step()
            with torch.no_grad():
                pictures.clamp_(0, 1)
            if step == 1 or step % TOLD == 0 or step == params.steps:
                yield Progress(step, params.steps, least, best)
        return Redrawn(best, labels, agreement)


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
