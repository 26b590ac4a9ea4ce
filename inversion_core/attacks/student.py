"""A copy of a model, learnt from nothing but its answers.

The student of Orekondy, Schiele and Fritz, "Knockoff nets" (CVPR 2019): the cross-entropy between what the
victim released and what the copy says. Departures: one cosine of AdamW for a fixed number of steps instead of
SGD for 100 passes, so that the training costs the same whatever was asked; the network is small and starts
from random weights instead of ImageNet's, which nobody ships here.
"""

import math
import time
from collections.abc import Generator
from enum import StrEnum
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from inversion_core.values import Progress

BATCH = 64
DEPTH = 4
WARM_UP = 0.1
"""Share of the training over which the step size rises to its peak."""
PREDICTED = 64
"""Pictures that go through the copy at once."""


class Architecture(StrEnum):
    """What the copy is built as, whatever the model is."""

    CONVOLUTIONS = "convolutions"
    LINEAR = "linear"


class Copy(nn.Module):
    """A network that was taught by another's answers: pictures (N, C, H, W) in [0, 1] -> logits (N, K)."""

    def __init__(
        self, kind: Architecture, shape: tuple[int, ...], class_count: int, width: int, rng: torch.Generator
    ) -> None:
        """Draw the initial weights from `rng` alone."""
        super().__init__()
        self.input_shape, self.class_count = shape, class_count
        before, layers = _LAYERS[kind](shape, width)
        self.network: nn.Module = nn.Sequential(_Centre(), *layers, skip_init(nn.Linear, before, class_count))
        for layer in self.network.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                spread = (2 / layer.weight[0].numel()) ** 0.5
                layer.weight.data = spread * torch.randn(layer.weight.shape, generator=rng)
            if isinstance(layer, nn.Linear):
                layer.bias.data.zero_()
        self.network.eval()

    def predict(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) -> probabilities (N, K), off the graph."""
        with torch.no_grad():
            return torch.cat([self.network(part).softmax(1) for part in inputs.split(PREDICTED)])

    def trunk(self) -> nn.Module:
        """Return the network up to its last layer."""
        return nn.Sequential(*self.network.children())[:-1]


def learn(
    copy: Copy, questions: Tensor, answers: Tensor, *, steps: int, learning_rate: float, rng: torch.Generator
) -> Generator[Progress, None, None]:
    """Teach `copy` in place what was answered (M, K) to pictures (M, C, H, W) uint8; answers are scores of
    any sum, or labels as corners. Yields about once a second.
    """
    network = copy.network.train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=1e-3)
    rows, told = torch.zeros(0, dtype=torch.long), time.monotonic()
    for step in range(1, steps + 1):
        while len(rows) < BATCH:
            rows = torch.cat([rows, torch.randperm(len(questions), generator=rng)])
        batch, rows = rows[:BATCH], rows[BATCH:]
        optimiser.param_groups[0]["lr"] = learning_rate * _pace((step - 1) / steps)
        optimiser.zero_grad()
        believed = network(questions[batch].float() / 255).log_softmax(1)
        loss = -(answers[batch] * believed).sum(1).mean()
        loss.backward()
        optimiser.step()
        if time.monotonic() - told > 1 or step == steps:
            told = time.monotonic()
            yield Progress(step, steps, loss.item(), note="teaching the copy")
    network.eval()


class _Centre(nn.Module):
    """Map [0, 1] to about unit scale."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N, *shape)."""
        return (inputs - 0.5) * 4


def _convolutions(shape: tuple[int, ...], width: int) -> tuple[int, list[nn.Module]]:
    """Return how many features come out, and strided convolutions with batch normalisation."""
    channels, height, side = shape
    sizes = [channels, *(width * 2**place for place in range(DEPTH))]
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        convolution = skip_init(nn.Conv2d, before, after, 3, stride=2, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
    reduced = 2**DEPTH
    return sizes[-1] * -(-height // reduced) * -(-side // reduced), [*layers, nn.Flatten()]


def _linear(shape: tuple[int, ...], width: int) -> tuple[int, list[nn.Module]]:
    """Return how many pixels there are, in a row."""
    return math.prod(shape), [nn.Flatten()]


_LAYERS = {Architecture.CONVOLUTIONS: _convolutions, Architecture.LINEAR: _linear}


def _pace(done: float) -> float:
    """Return the step size as a share of its peak: linear up, then one cosine down."""
    return min(1.0, (done + 1e-3) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * done))
