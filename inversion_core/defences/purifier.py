"""Purifier: release what an autoencoder makes of the scores, so that they tell less about the picture.

Yang, Shao, Xuan, Chang and Zhang, "Defending model inversion and membership inference attacks via prediction
purification" (2020, arXiv 2005.03915).
"""

from collections.abc import Generator
from itertools import pairwise

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils import skip_init

from inversion_core.defences.base import LearntDefence
from inversion_core.values import Progress

BATCH = 64


class Purifier(LearntDefence):
    """Pass the scores through a narrow autoencoder that has only seen answers to strangers' photos.

    What is peculiar to one photo does not fit through; the label is meant to. It learns once, from the
    model's answers p to public people: |G(p) - p|^2 + weight x CE(G(p), argmax p), lambda 0.2 in the paper.
    G ends in a softmax, so a released row adds up to one, and never holds a 0. The label may change, seldom,
    so labels are touched a little; an adversary with the weights, or with stored templates, is not. Data
    without public people cannot be purified.

    Departures: the widths of the layers are ours, since the paper's belong to its classes; the distance is
    the squared length of the difference, not its mean over the classes, which would leave the label loss
    alone with many classes; the adversarial variant against a given inversion model is left out. Wherever it
    stands among other defences, it has learnt from what the model itself says.
    """

    name = "purifier"
    title = "Purified scores"
    reference = "Yang et al., 2020, https://arxiv.org/abs/2005.03915"
    renormalises = True

    class Params(LearntDefence.Params):
        """What it learns from, and how."""

        public_photos: int = Field(
            2000, ge=100, le=20_000, description="Photos of public people whose answers it learns from."
        )
        code: int = Field(16, ge=1, le=1024, description="Numbers that pass through its narrowest layer.")
        weight: float = Field(
            0.2, ge=0, le=100, description="Weight of keeping the label against keeping the scores (lambda)."
        )
        passes: int = Field(60, ge=1, le=1000, description="Passes over these answers.")
        learning_rate: float = Field(2e-3, gt=0, le=1, description="Peak step size of the optimiser.")

    params: Params

    def build(self, class_count: int) -> nn.Module:
        """Return the untrained network, scores (N, K) -> logits (N, K)."""
        middle = max(class_count // 2, self.params.code)
        layers: list[nn.Module] = []
        for before, after in pairwise([class_count, middle, self.params.code, middle, class_count]):
            layers += [skip_init(nn.Linear, before, after), nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def learn(self, scores: Tensor, rng: torch.Generator) -> Generator[Progress, None, None]:
        """Set `network` to one that has learnt from answers (M, K); yields after each pass."""
        network = self._begin(scores.shape[1], rng)
        optimiser = torch.optim.Adam(network.parameters(), lr=self.params.learning_rate)
        pace = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, self.params.passes)
        for done in range(1, self.params.passes + 1):
            for rows in torch.randperm(len(scores), generator=rng).split(BATCH):
                optimiser.zero_grad()
                loss = purifier_loss(network(scores[rows]), scores[rows], self.params.weight)
                loss.backward()
                optimiser.step()
            pace.step()
            yield Progress(done, self.params.passes, loss.item(), note="learning to purify the scores")
        self.network = network.eval().requires_grad_(False)

    def _begin(self, class_count: int, rng: torch.Generator) -> nn.Module:
        """Return the network with initial weights from `rng` alone."""
        network = self.build(class_count)
        for layer in network.modules():
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=rng)
                nn.init.zeros_(layer.bias)
        return network

    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        """(N, K) -> (N, K)."""
        with torch.no_grad():
            released: Tensor = self.network(scores).softmax(1)
        return released


def purifier_loss(logits: Tensor, scores: Tensor, weight: float) -> Tensor:
    """(M, K) logits of G(p), (M, K) p -> the mean of |G(p) - p|^2 + weight CE(G(p), argmax p)."""
    distance = (logits.softmax(1) - scores).square().sum(1).mean()
    return distance + weight * F.cross_entropy(logits, scores.argmax(1))
