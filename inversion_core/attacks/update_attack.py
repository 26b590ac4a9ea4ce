"""What attacks on the updates of a federated round share: one update after another, and the labels."""

from abc import abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.errors import AccessDenied
from inversion_core.oracles import GradientOracle, Oracle
from inversion_core.updates import Tensors, Update
from inversion_core.values import Access, Claim, Family, Knowledge, Progress, Reconstruction

GREY = 0.5


@dataclass(frozen=True, eq=False)
class Redrawn:
    """What one update gave away: `samples` (N, C, H, W) in [0, 1], their `labels` (N,), and how well they
    explain the update, from 0 to 1.
    """

    samples: Tensor
    labels: Tensor
    agreement: float


class UpdateAttack(Attack):
    """Redraw the very photos behind the updates of a federated round, one update after another."""

    family = Family.GRADIENTS
    needs = Access.GRADIENTS
    claim = Claim.INPUT

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return a picture for every photo of every update, in no particular order within an update."""
        if not isinstance(oracle, GradientOracle):
            raise AccessDenied(f"updates need {Access.GRADIENTS}, this oracle gives {oracle.access}")
        counts = [len(update) for update in oracle.updates]
        shown = torch.full((sum(counts), *oracle.input_shape), GREY)
        ends = torch.tensor([0, *counts]).cumsum(0).tolist()
        found = []
        for number, (update, (begin, end)) in enumerate(zip(oracle.updates, pairwise(ends), strict=True)):
            steps = self.redraw(oracle, update, knowledge, rng)
            while True:
                try:
                    progress = next(steps)
                except StopIteration as stop:
                    found.append(stop.value)
                    break
                if progress.best is not None:
                    shown[begin:end] = progress.best
                yield Progress(
                    number * progress.total + progress.step,
                    len(counts) * progress.total,
                    progress.loss,
                    shown.clone(),
                    f"update {number + 1} of {len(counts)}",
                )
            shown[begin:end] = found[-1].samples
        sure = [torch.full((len(one.labels),), min(max(one.agreement, 0.0), 1.0)) for one in found]
        return Reconstruction(shown, torch.cat([one.labels for one in found]), torch.cat(sure))

    @abstractmethod
    def redraw(
        self, oracle: GradientOracle, update: Update, knowledge: Knowledge, rng: torch.Generator
    ) -> Generator[Progress, None, Redrawn]:
        """Return what one update gives away; `step` and `total` of the progress are this update's own, and
        `total` is the same for all updates.
        """


def labels_of(update: Update, steps: int) -> Tensor:
    """Return the labels (N,), as known, or read off the change of the last layer.

    The gradient of its bias is the mean over photos of probability minus one-hot label, so each photo takes
    1/N from the entry of its label: the most negative entry is a label, 1/N is given back to it, and so on
    for all N. For one photo that is iDLG (Zhao, Mopuri and Bilen, 2020), for distinct labels the N most
    negative entries, for repeated ones a simple form of LLG (Wainakh et al., PoPETs 2022). Without a bias the
    row sums of the weights stand in, as in iDLG, which is exact up to scale for one photo alone.
    """
    if update.labels is not None:
        return update.labels
    last = update.change[-1]
    entries = (last if last.ndim == 1 else last.sum(1)) / steps
    entries = entries.clone()
    labels = []
    for _ in range(len(update)):
        labels.append(int(entries.argmin()))
        entries[labels[-1]] += 1 / len(update)
    return torch.tensor(labels)


def statistics_loss(would_be: Tensors, sent: Tensors) -> Tensor:
    """Return the mean over layers of the squared relative distance of two sets of statistics; 0 without any.

    As the batch-norm term of GradInversion (Yin et al., CVPR 2021), on the statistics that were sent.
    """
    terms = [
        (one - other).square().sum() / other.square().sum().clamp_min(1e-12)
        for one, other in zip(would_be, sent, strict=False)
        if other.count_nonzero()
    ]
    return torch.stack(terms).mean() if terms else torch.zeros(())
