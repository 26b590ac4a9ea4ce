"""A network that tells public people apart, whose features say what in a face makes the person.

Distances of pixels hardly notice a pair of glasses; distances of the features of a trained network do
(Dosovitskiy and Brox, NeurIPS 2016). Departure: the network is taught the very people the prior is learnt
from instead of ImageNet, so nothing comes from anywhere but the attacker's public pictures.
"""

import time
from collections.abc import Callable, Generator
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inversion_core.priors.networks import halves
from inversion_core.values import Progress

BATCH = 64
SHARPNESS = 16.0
"""Scale of the cosines between a face and the people, before the softmax."""


class Recogniser(nn.Module):
    """(N, C, S, S) in [0, 1] -> the features of four scales, the last of them a unit vector (N, 128)."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__()
        sizes = [channels, 32, 48, 64, 96]
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(before, after, 4, 2, 1, bias=False), nn.BatchNorm2d(after), nn.LeakyReLU(0.2)
            )
            for before, after in pairwise(sizes)
        )
        self.head = nn.Linear(sizes[-1] * (size // 16) ** 2, 128)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return (N, 32, S/2, S/2), (N, 48, S/4, S/4), (N, 64, S/8, S/8), (N, 128)."""
        x, features = images * 2 - 1, []
        with halves():
            for layer in self.layers:
                x = layer(x)
                features.append(x.float())
            vector = self.head(x.flatten(1)).float()
        return [*features[:3], F.normalize(vector)]

    def distance(self, drawn: Tensor, images: Tensor) -> Tensor:
        """Return how far apart two batches lie: a scalar, the mean over the scales, each in its own units."""
        with torch.no_grad():
            wanted = self(images)
        parts = [
            (one - other).square().mean() / other.square().mean()
            for one, other in zip(self(drawn), wanted, strict=True)
        ]
        return torch.stack(parts).mean()


def teach(
    recogniser: Recogniser, people: int, draw: Callable[[int], tuple[Tensor, Tensor]], steps: int
) -> Generator[Progress, None, None]:
    """Teach in place, in `steps` steps, to name `people`; `draw(n)` gives pictures (n, C, H, W) and who they
    show (n,).
    """
    corners = nn.Parameter(F.normalize(torch.randn(people, 128)))
    optimiser = torch.optim.AdamW([*recogniser.parameters(), corners], lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    told = time.monotonic()
    for step in range(1, steps + 1):
        images, who = draw(BATCH)
        vector = recogniser(images.contiguous(memory_format=torch.channels_last))[-1]
        loss = F.cross_entropy(SHARPNESS * vector @ F.normalize(corners).T, who)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        if time.monotonic() - told > 1 or step == steps:
            told = time.monotonic()
            yield Progress(step, steps, loss.item(), None, "learning to tell public people apart")
    recogniser.eval().requires_grad_(False)
