"""A small world in which everything is known: people are patterns, the target looks at a corner of a picture
and the evaluator at the rest.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from inversion_core.values import Photos, Reconstruction, Truth

SIZE = 16
CORNER = 4


class World:
    """`people` patterns (K, C, 16, 16); photos are patterns with a little noise."""

    def __init__(self, people: int = 8, photos: int = 5, channels: int = 3, seed: int = 0) -> None:
        self.rng = torch.Generator().manual_seed(seed)
        self.patterns = torch.rand(people, channels, SIZE, SIZE, generator=self.rng)
        self.train = self.photos(photos)
        self.held_out = self.photos(4)

    def photos(self, count: int) -> Photos:
        labels = torch.arange(len(self.patterns)).repeat_interleave(count)
        noise = 0.03 * torch.randn(len(labels), *self.patterns.shape[1:], generator=self.rng)
        images = (self.patterns[labels] + noise).clamp(0, 1)
        return Photos((images * 255).round().to(torch.uint8), labels)

    def corner(self, images: Tensor) -> Tensor:
        return images[..., :CORNER, :CORNER].flatten(1)

    def rest(self, images: Tensor) -> Tensor:
        return images[..., CORNER:, :].flatten(1)

    def judge(self, view: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        """Return a classifier that knows everybody by `view`."""
        return lambda images: torch.softmax(-torch.cdist(view(images), view(self.patterns)).square(), 1)

    def truth(self, **changes: object) -> Truth:
        parts = {
            "train": self.train,
            "held_out": self.held_out,
            "target": self.judge(self.corner),
            "evaluator": self.judge(self.rest),
            "features": self.rest,
            "evaluator_accuracy": 1.0,
        }
        return Truth(**(parts | changes))  # type: ignore[arg-type]

    def recovered(self, *, classes: list[int] | None = None) -> Reconstruction:
        """Return a perfect recovery: the patterns themselves."""
        labels = torch.tensor(classes) if classes is not None else torch.arange(len(self.patterns))
        return Reconstruction(self.patterns[labels].clone(), labels, torch.linspace(0, 1, len(labels)))

    def fooling(self) -> Reconstruction:
        """Return pictures that only fool the target: everybody's corner on the mean face."""
        labels = torch.arange(len(self.patterns))
        samples = self.patterns.mean(0).repeat(len(labels), 1, 1, 1)
        samples[..., :CORNER, :CORNER] = self.patterns[..., :CORNER, :CORNER]
        return Reconstruction(samples, labels, torch.ones(len(labels)))

    def fooling_one(self, label: int) -> Reconstruction:
        everybody = self.fooling()
        return Reconstruction(everybody.samples[label : label + 1], torch.tensor([label]), torch.ones(1))


@pytest.fixture
def make_world() -> type[World]:
    return World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)
