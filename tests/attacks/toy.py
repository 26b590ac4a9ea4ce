"""A world small enough to know the answer: people are patterns, the target a linear layer made of them."""

from collections.abc import Generator

import torch
from torch import Tensor, nn

from inversion_core.attacks.base import Attack
from inversion_core.oracles import Oracle, WhiteBox
from inversion_core.values import Knowledge, Progress, Reconstruction

SHAPE = (1, 8, 8)
PEOPLE = 5


class PatternPrior:
    """Draws any picture there is: the first latent is brightness, the rest mixes the five patterns."""

    latent_size, person_size, image_shape = PEOPLE + 1, PEOPLE, SHAPE

    def decode(self, latents: Tensor) -> Tensor:
        mixed = 4 * torch.einsum("np,pchw->nchw", latents[:, :PEOPLE], patterns() - 0.5)
        return torch.sigmoid(mixed + 0.1 * latents[:, PEOPLE:, None, None])

    def sample(self, count: int, rng: torch.Generator) -> Tensor:
        return torch.randn(count, self.latent_size, generator=rng)


class PatternTarget:
    """Knows each person by how much of the pattern is in the picture."""

    input_shape, class_count = SHAPE, PEOPLE

    def __init__(self) -> None:
        linear = nn.Linear(SHAPE[1] * SHAPE[2], PEOPLE)
        linear.weight.data = patterns().flatten(1) - patterns().mean(0).flatten()
        linear.bias.data = torch.zeros(PEOPLE)
        self.network = nn.Sequential(nn.Flatten(), linear)

    def predict(self, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return self.network(inputs).softmax(1)

    def trunk(self) -> nn.Module | None:
        return self.network[:-1] if isinstance(self.network, nn.Sequential) else None


def patterns() -> Tensor:
    """Return what the people look like (5, 1, 8, 8): smooth blobs at five places."""
    line = torch.arange(8.0)
    places = torch.tensor([(2.0, 2.0), (2.0, 5.0), (5.0, 2.0), (5.0, 5.0), (3.5, 3.5)])
    down, across = (line - places[:, :1]) ** 2, (line - places[:, 1:]) ** 2
    return torch.exp(-(down[:, :, None] + across[:, None, :]) / 4)[:, None]


def everyone() -> Knowledge:
    """Return the knowledge of an adversary who wants all five people and owns a prior."""
    return Knowledge(torch.arange(PEOPLE), PatternPrior())


def finish(steps: Generator[Progress, None, Reconstruction]) -> tuple[list[Progress], Reconstruction]:
    """Exhaust an attack: what it yielded, what it returned."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as stop:
            return seen, stop.value


def attack(made: Attack, oracle: Oracle | None = None, knowledge: Knowledge | None = None, seed: int = 0):
    """Run an attack on the pattern target to its end."""
    rng = torch.Generator().manual_seed(seed)
    return finish(made.run(oracle or WhiteBox(PatternTarget()), knowledge or everyone(), rng))
