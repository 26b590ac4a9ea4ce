"""The networks of a prior: an encoder used in training only, and the decoder an attacker keeps.

A latent has two parts: what belongs to the person, and what belongs to the photo (pose, light, expression,
background). Pictures of unnamed people give no way to tell the two apart; then the second part is empty.
"""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval


def halves() -> torch.autocast:
    """Return a context in which convolutions run in bfloat16 where this processor multiplies it natively.

    Twice as fast there; elsewhere the same code runs in float32. Equal seeds give equal bytes on one
    machine; machines of the two kinds differ slightly.
    """
    native = bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())
    return torch.autocast("cpu", torch.bfloat16, enabled=native)


class Encoder(nn.Module):
    """(N, C, S, S) in [0, 1] -> mean and log-variance of the latents, (N, D) each."""

    def __init__(self, channels: int, size: int, latent_size: int) -> None:
        super().__init__()
        sizes = [channels, 32, 64, 96, 128]
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [
                nn.Conv2d(before, after, 4, 2, 1, bias=False),
                nn.BatchNorm2d(after),
                nn.LeakyReLU(0.2),
            ]
        self.body = nn.Sequential(*layers, nn.Flatten())
        self.head = nn.Linear(128 * (size // 16) ** 2, 2 * latent_size)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return (mean, log-variance), the latter kept within [-8, 4]."""
        mean, log_variance = self.head(self.body(images * 2 - 1)).chunk(2, dim=1)
        return mean, log_variance.clamp(-8, 4)


class Block(nn.Module):
    """A convolution (transposed where it doubles the size), batch normalisation, a leaky rectifier."""

    def __init__(self, before: int, after: int, *, double: bool) -> None:
        super().__init__()
        self.transposed = double
        self.conv: nn.Conv2d | nn.ConvTranspose2d = (
            nn.ConvTranspose2d(before, after, 4, 2, 1) if double else nn.Conv2d(before, after, 3, 1, 1)
        )
        self.norm: nn.Module = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, S, S) -> (N, after, S or 2 S, ...)."""
        return F.leaky_relu(self.norm(self.conv(x)), 0.2)


class Decoder(nn.Module):
    """(N, D) -> (N, C, S, S) in [0, 1].

    The last doubling is a sub-pixel shuffle (Shi et al., CVPR 2016), so that the costliest convolutions
    run at half the resolution: the attack's time is this network's time.
    """

    def __init__(self, channels: int, size: int, latent_size: int, width: int = 32) -> None:
        super().__init__()
        self.start = size // 16
        self.width = width
        self.fc = nn.Linear(latent_size, 5 * width * self.start**2)
        self.blocks = nn.Sequential(
            Block(5 * width, 3 * width, double=True),
            Block(3 * width, 2 * width, double=True),
            Block(2 * width, width, double=True),
            Block(width, width, double=False),
        )
        self.shuffle = nn.Conv2d(width, 32, 3, padding=1)
        self.out = nn.Conv2d(8, channels, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        """Decode; differentiable."""
        x = self.fc(latents).view(len(latents), 5 * self.width, self.start, self.start)
        x = self.blocks(F.leaky_relu(x, 0.2))
        x = F.leaky_relu(F.pixel_shuffle(self.shuffle(x), 2), 0.2)
        # The last layer stays in float32 whatever the others use: bfloat16 would show as bands.
        with torch.autocast("cpu", enabled=False):
            return torch.sigmoid(self.out(x.float()))

    def fused(self) -> "Decoder":
        """Return the decoder for use after training, batch normalisation folded into its convolutions."""
        self.eval()
        for block in self.blocks:
            assert isinstance(block, Block)
            if isinstance(block.norm, nn.BatchNorm2d):
                block.conv = fuse_conv_bn_eval(block.conv, block.norm, transpose=block.transposed)
                block.norm = nn.Identity()
        return self.requires_grad_(False)


class Critic(nn.Module):
    """Judges overlapping patches as photographed or decoded: (N, C, S, S) -> (N, 1, S/8, S/8) and its
    features.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        sizes = [channels, 32, 64, 96]
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.utils.parametrizations.spectral_norm(nn.Conv2d(before, after, 4, 2, 1)), nn.LeakyReLU(0.2)
            )
            for before, after in pairwise(sizes)
        )
        self.head = nn.utils.parametrizations.spectral_norm(nn.Conv2d(96, 1, 3, padding=1))

    def forward(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the verdict of each patch and the features it rests on."""
        x, features = images * 2 - 1, []
        for layer in self.layers:
            x = layer(x)
            features.append(x)
        return self.head(x), features
