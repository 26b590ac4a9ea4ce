"""Deep leakage from gradients: Zhu, Liu and Han (NeurIPS 2019), and its improvement iDLG: Zhao, Mopuri and
Bilen (2020).
"""

import math
from collections.abc import Generator
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.update_attack import GREY, Redrawn, UpdateAttack, labels_of
from inversion_core.oracles import GradientOracle
from inversion_core.updates import Tensors, Update
from inversion_core.values import Knowledge, Progress

TOLD = 5
"""Iterations between two reports."""


class DeepLeakage(UpdateAttack):
    """Change random pictures until they cause the very update that was sent.

    L-BFGS on the squared distance between the two updates, from noise. Labels are read off the last layer
    first (iDLG), or searched together with the pictures as in the first paper (DLG). Made for networks that
    are smooth and not yet trained: with rectifiers the second derivative it follows is nought almost
    everywhere, and the search often stays where it began.

    Departures: the distance is relative to the length of the update, so that single precision bears it; the
    line search of strong Wolfe conditions replaces a fixed step, which diverges; pictures are cut to their
    range at the end, not on the way. The best picture by loss is returned.
    """

    name = "deep-leakage"
    title = "Deep leakage (DLG)"
    reference = "Zhu, Liu and Han, NeurIPS 2019, https://arxiv.org/abs/1906.08935"

    class Params(UpdateAttack.Params):
        """How long the search is, and where labels come from."""

        iterations: int = Field(200, ge=1, le=5000, description="Iterations of L-BFGS for each update.")
        labels: Literal["recovered", "searched"] = Field(
            "recovered",
            description="Whether unknown labels are read off first or searched with the pictures.",
        )

    params: Params

    def redraw(
        self, oracle: GradientOracle, update: Update, knowledge: Knowledge, rng: torch.Generator
    ) -> Generator[Progress, None, Redrawn]:
        """Return the best pictures found."""
        searched = self.params.labels == "searched" and update.labels is None
        pictures = GREY + 0.25 * torch.randn(len(update), *oracle.input_shape, generator=rng)
        pictures.requires_grad_()
        logits = torch.randn(len(update), oracle.class_count, generator=rng).requires_grad_(searched)
        labels = torch.zeros(len(update), dtype=torch.int64) if searched else labels_of(update, oracle.steps)
        optimiser = torch.optim.LBFGS(
            [pictures, logits] if searched else [pictures],
            lr=1.0,
            max_iter=1,
            max_eval=25,
            history_size=50,
            tolerance_grad=0.0,
            tolerance_change=0.0,
            line_search_fn="strong_wolfe",
        )
        best, least = (pictures.detach().clone(), logits.detach().clone()), math.inf

        def closure() -> Tensor:
            nonlocal best, least
            change, _ = oracle.would_send(update, pictures, logits.softmax(1) if searched else labels)
            loss = relative_distance(change, update.change)
            if loss.item() < least:
                best, least = (pictures.detach().clone(), logits.detach().clone()), loss.item()
            optimiser.zero_grad()
            loss.backward()
            return loss

        total = self.params.iterations
        for step in range(1, total + 1):
            optimiser.step(closure)
            if step == 1 or step % TOLD == 0 or step == total:
                yield Progress(step, total, least, best[0].clamp(0, 1))
        found = best[1].argmax(1) if searched else labels
        return Redrawn(best[0].nan_to_num(GREY).clamp(0, 1), found, max(0.0, 1 - least))


def relative_distance(change: Tensors, seen: Tensors) -> Tensor:
    """Return the squared distance of two changes, as a part of the squared length of the one seen."""
    pairs = list(zip(change, seen, strict=True))
    distance = torch.stack([(one - other).square().sum() for one, other in pairs]).sum()
    length = torch.stack([other.square().sum() for _, other in pairs]).sum()
    return distance / length.clamp_min(1e-30)
