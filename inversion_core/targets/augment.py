"""Variations of a training batch, drawn per photo from the run's own randomness."""

import torch
import torch.nn.functional as F
from torch import Tensor


def shift_and_light(inputs: Tensor, rng: torch.Generator, *, pixels: int = 3, light: float = 0.15) -> Tensor:
    """(N, C, H, W) -> the same, each shifted by up to `pixels`, its contrast and brightness varied."""
    count, _, height, width = inputs.shape
    padded = F.pad(inputs, (pixels,) * 4, mode="replicate")
    dx = torch.randint(0, 2 * pixels + 1, (count, 1, 1), generator=rng)
    dy = torch.randint(0, 2 * pixels + 1, (count, 1, 1), generator=rng)
    rows = torch.arange(height).view(1, -1, 1) + dy
    columns = torch.arange(width).view(1, 1, -1) + dx
    picked = padded.permute(0, 2, 3, 1)[torch.arange(count).view(-1, 1, 1), rows, columns].permute(0, 3, 1, 2)
    gain = 1 + light * (2 * torch.rand(count, 1, 1, 1, generator=rng) - 1)
    offset = light / 2 * (2 * torch.rand(count, 1, 1, 1, generator=rng) - 1)
    return ((picked - 0.5) * gain + 0.5 + offset).clamp(0, 1)
