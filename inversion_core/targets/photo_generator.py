"""A small diffusion model of faces, trained on a collection in which some photos appear many times.

Denoising diffusion after Karras et al., "Elucidating the design space of diffusion-based generative models"
(NeurIPS 2022), with their preconditioning, noise levels and Heun sampler. Left out: convolutions, exponential
averages of the weights, augmentation; the denoiser is a small residual network on principal components.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from inversion_core.datasets.base import Dataset, PhotoDataset
from inversion_core.seeds import derive, torch_rng
from inversion_core.targets.base import NetworkTarget
from inversion_core.targets.generator import GenerativeTarget
from inversion_core.values import Photos

SIDE = 32
"""Pixels of a side of what it draws; photos are shrunk to this first."""
BASIS_PEOPLE, BASIS_PHOTOS, BASIS_SEED = 300, 2, 41_000
"""The public photos the principal components are of: nothing private is in them."""
LOWEST, HIGHEST, LEVELS, CURVE = 0.01, 20.0, 25, 7.0
"""Noise of the sampler: its ends, its steps, and how they crowd at the lower end (rho)."""
SPREAD_MEAN, SPREAD_DEVIATION = -0.6, 1.2
"""Of the logarithm of the noise in training."""
WAVES = 16


class Denoiser(nn.Module):
    """Photos (N, 3, 32, 32) in [0, 1] -> the denoising loss of each (N,), at a noise drawn anew."""

    mean: Tensor
    basis: Tensor
    scale: Tensor
    waves: Tensor

    def __init__(self, channels: int, components: int, width: int, seed: int) -> None:
        super().__init__()
        pixels = channels * SIDE * SIDE
        self.register_buffer("mean", torch.zeros(pixels))
        self.register_buffer("basis", torch.zeros(pixels, components))
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("waves", torch.exp(torch.linspace(0, math.log(50), WAVES)), persistent=False)
        self.enter = nn.Linear(components + 2 * WAVES, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
            for _ in range(2)
        )
        self.leave = nn.Linear(width, components)
        self.shape = (channels, SIDE, SIDE)
        self.noise = torch_rng(seed, "diffusion noise")

    def encode(self, photos: Tensor) -> Tensor:
        """(N, C, 32, 32) -> components (N, D), of unit variance on the whole."""
        return (photos.flatten(1) - self.mean) @ self.basis / self.scale

    def decode(self, latents: Tensor) -> Tensor:
        """(N, D) -> (N, C, 32, 32) in [0, 1]."""
        pixels = latents * self.scale @ self.basis.T + self.mean
        return pixels.view(-1, *self.shape).clamp(0, 1)

    def forward(self, photos: Tensor) -> Tensor:
        """Return Karras et al.'s weighted loss, eq. 2 with table 1."""
        clean = self.encode(photos)
        drawn = torch.randn(len(clean), 1, generator=self.noise)
        level = (SPREAD_MEAN + SPREAD_DEVIATION * drawn).exp()
        noisy = clean + level * torch.randn(clean.shape, generator=self.noise)
        weight = (level.square() + 1) / level.square()
        return (weight * (self.denoised(noisy, level) - clean).square()).mean(1)

    def denoised(self, noisy: Tensor, level: Tensor) -> Tensor:
        """(N, D) under noise (N, 1) -> the cleaned components (N, D)."""
        whole = level.square() + 1
        angles = level.log() / 4 * self.waves
        hidden = self.enter(torch.cat([noisy / whole.sqrt(), angles.sin(), angles.cos()], 1))
        for block in self.blocks:
            hidden = hidden + block(hidden)
        correction: Tensor = self.leave(F.silu(hidden))
        return noisy / whole + level / whole.sqrt() * correction

    def sample(self, count: int, rng: torch.Generator) -> Tensor:
        """Return `count` drawn photos (count, C, 32, 32), by Heun's method (algorithm 1 without churn)."""
        ends = [HIGHEST ** (1 / CURVE), LOWEST ** (1 / CURVE)]
        levels = [*(torch.linspace(ends[0], ends[1], LEVELS) ** CURVE).tolist(), 0.0]
        latents = levels[0] * torch.randn(count, self.basis.shape[1], generator=rng)
        with torch.no_grad():
            for here, there in pairwise(levels):
                slope = self._slope(latents, here)
                ahead = latents + (there - here) * slope
                if there > 0:
                    slope = (slope + self._slope(ahead, there)) / 2
                latents = latents + (there - here) * slope
            return self.decode(latents)

    def _slope(self, latents: Tensor, level: float) -> Tensor:
        return (latents - self.denoised(latents, torch.full((len(latents), 1), level))) / level


class PhotoGenerator(GenerativeTarget):
    """A diffusion model that draws faces, trained on private photos of which a few were gathered repeatedly.

    Such repetitions are what web collections are full of, and what diffusion models learn by heart (Carlini
    et al., USENIX Security 2023). It draws 32 x 32 pixels through principal components of public photos.
    """

    name = "photo-generator"
    title = "Photo generator (diffusion)"
    reference = "Karras et al., NeurIPS 2022"
    needs_public = True

    class Params(NetworkTarget.Params):
        """What was gathered, and how it is learnt."""

        photos: int = Field(400, ge=50, le=5000, description="Different private photos in the collection.")
        duplicated: int = Field(10, ge=0, le=500, description="How many of them were gathered repeatedly.")
        duplicates: int = Field(40, ge=1, le=500, description="Copies of each of these.")
        components: int = Field(128, ge=8, le=512, description="Principal components it draws in.")
        width: int = Field(256, ge=16, le=2048, description="Units of a hidden layer.")
        epochs: int = Field(
            150, ge=1, le=5000, description="Passes over the collection before anything is removed from it."
        )
        batch_size: int = Field(128, ge=1, le=4096, description="Photos in a training step.")
        learning_rate: float = Field(2e-3, gt=0, le=10, description="Peak step size of the optimiser.")

    params: Params

    def collect(self, dataset: Dataset) -> Photos:
        """Return the photos in random order of gathering; labels say who is on them."""
        distinct = self.distinct(dataset)
        copies = torch.ones(len(distinct), dtype=torch.long)
        copies[: self.params.duplicated] = self.params.duplicates
        return Photos(distinct.inputs.repeat_interleave(copies, 0), distinct.labels.repeat_interleave(copies))

    def distinct(self, dataset: Dataset) -> Photos:
        """Return each photo of the collection once, 32 x 32, those that are gathered repeatedly first."""
        assert isinstance(dataset, PhotoDataset)
        return _chosen(dataset.train(), self.params.photos, derive(self.params.seed, "collection"))

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return the untrained denoiser on the components of public photos."""
        made = Denoiser(input_shape[0], self.params.components, self.params.width, self.params.seed)
        made.mean.copy_(self._basis[0])
        made.basis.copy_(self._basis[1])
        made.scale.copy_(self._basis[2])
        return made

    def acquaint(self, dataset: Dataset) -> None:
        """Find the principal components of public photos: mean (P,), basis (P, D), scale ()."""
        assert isinstance(dataset, PhotoDataset)
        public = dataset.public(BASIS_PEOPLE, BASIS_PHOTOS, BASIS_SEED)
        assert public is not None, "the scenario was checked: this data has public photos"
        pixels = shrunk(public.inputs).flatten(1).float() / 255
        mean = pixels.mean(0)
        basis = torch.linalg.svd(pixels - mean, full_matrices=False).Vh[: self.params.components].T
        self._basis = mean, basis, ((pixels - mean) @ basis).square().mean().sqrt()


def shrunk(photos: Tensor) -> Tensor:
    """(N, C, H, W) uint8 -> (N, C, 32, 32) uint8."""
    return F.adaptive_avg_pool2d(photos.float(), SIDE).round().to(torch.uint8)


def _chosen(photos: Photos, count: int, seed: int) -> Photos:
    """Return `count` photos drawn at random, all of them where there are no more."""
    order = torch.randperm(len(photos), generator=torch.Generator().manual_seed(seed))[:count]
    return Photos(shrunk(photos.inputs[order]), photos.labels[order])
