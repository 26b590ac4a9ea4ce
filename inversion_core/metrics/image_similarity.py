"""SSIM and PSNR of a recovered picture to the closest training photo of its victim.

Both were made for inputs that have one original; a class has several and an attack recovers a likeness, so
read the value between its rulers, never alone. SSIM compares luminance, as its authors do; PSNR compares
every channel.
"""

import math

import torch
from torch import Tensor

from inversion_core.metrics.closest_photo import ClosestPhoto
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.intervals import Interval
from inversion_core.metrics.ssim import WINDOW, ssim
from inversion_core.values import Truth

LUMINANCE = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""
PSNR_CEILING = 100.0
"""Decibels given to equal pictures, whose ratio has no finite value and would swallow every mean."""


class Ssim(ClosestPhoto):
    """Structural similarity to the closest training photo of the victim, as a mean over victims.

    From -1 to 1, equal pictures have 1. Luminance only; Wang et al., IEEE Transactions on Image Processing,
    2004.
    """

    name = "ssim"
    title = explain("ssim").title
    reference = "Wang, Bovik, Sheikh & Simoncelli, IEEE TIP 2004"
    better = "higher"

    def problem(self, truth: Truth) -> str | None:
        """Refuse data without pictures, or with pictures smaller than one window."""
        if reason := super().problem(truth):
            return reason
        height, width = truth.train.inputs.shape[-2:]
        if min(height, width) < WINDOW:
            return f"ssim needs pictures of at least {WINDOW} pixels a side, these have {width} x {height}"
        return None

    def represent(self, images: Tensor, truth: Truth) -> Tensor:
        """(N, C, H, W) -> (N, 1, H, W)."""
        return luminance(images)

    def closest(self, queries: Tensor, photos: Tensor) -> Tensor:
        """(Q, 1, H, W) and (M, 1, H, W) -> (Q,)."""
        return ssim(queries[:, None], photos[None]).amax(1)

    def bounds(self, truth: Truth, queries: Tensor) -> Interval:
        """Return the range of SSIM."""
        return -1.0, 1.0


class Psnr(ClosestPhoto):
    """Peak signal-to-noise ratio to the closest training photo of the victim, in decibels, as a mean over
    victims.

    Every 6 decibels halve the average difference of a pixel; equal pictures count as 100.
    """

    name = "psnr"
    title = explain("psnr").title
    better = "higher"

    def represent(self, images: Tensor, truth: Truth) -> Tensor:
        """(N, C, H, W) -> (N, C H W)."""
        return images.flatten(1)

    def closest(self, queries: Tensor, photos: Tensor) -> Tensor:
        """(Q, C H W) and (M, C H W) -> (Q,)."""
        error = (queries[:, None] - photos[None]).square().mean(2).amin(1)
        return psnr(error)

    def bounds(self, truth: Truth, queries: Tensor) -> Interval:
        """Return the range of PSNR for pictures in [0, 1]."""
        return 0.0, PSNR_CEILING


def luminance(images: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, 1, H, W); anything but three channels is averaged."""
    if images.shape[1] != len(LUMINANCE):
        return images.mean(1, keepdim=True)
    weights = torch.tensor(LUMINANCE, dtype=images.dtype, device=images.device)
    return torch.einsum("nchw,c->nhw", images, weights)[:, None]


def psnr(error: Tensor) -> Tensor:
    """Mean squared errors (...) of pictures in [0, 1] -> decibels (...), at most PSNR_CEILING."""
    return -10 * error.clamp_min(math.pow(10, -PSNR_CEILING / 10)).log10()
