"""Structural similarity in torch: Wang, Bovik, Sheikh & Simoncelli, "Image quality assessment: from error
visibility to structural similarity", IEEE Transactions on Image Processing, 2004.

As scikit-image with `gaussian_weights=True, use_sample_covariance=False, data_range=1`: an 11 x 11 Gaussian
window of sigma 1.5, K1 = 0.01, K2 = 0.03, windows that lie wholly inside the picture, mean over positions and
channels. Left out: gradients are not cared for, and there is no multi-scale variant.
"""

from functools import cache

import torch
from torch import Tensor

RADIUS = 5
WINDOW = 2 * RADIUS + 1
SIGMA = 1.5
C1 = 0.01**2
C2 = 0.03**2


def ssim(images: Tensor, others: Tensor) -> Tensor:
    """(..., C, H, W) and (..., C, H, W) in [0, 1] -> (...), the leading sizes broadcast; 1 means equal.

    `ssim(queries[:, None], photos[None])` compares all with all and smooths each picture alone only once.
    """
    mean, other_mean = _smooth(images), _smooth(others)
    variance = _smooth(images.square()) - mean.square()
    other_variance = _smooth(others.square()) - other_mean.square()
    product = mean * other_mean
    covariance = _smooth(images * others) - product
    likeness = (2 * product + C1) * (2 * covariance + C2)
    # In place: these maps are by far the largest tensors of the metrics.
    energy = (mean.square() + C1) + other_mean.square()
    likeness /= energy.mul_((variance + C2) + other_variance)
    return likeness.mean((-3, -2, -1))


def _smooth(images: Tensor) -> Tensor:
    """(..., H, W) -> (..., H - 10, W - 10); matrix products, here 12 times faster than conv2d."""
    height, width = images.shape[-2:]
    return _band(height).to(images) @ (images @ _band(width).to(images).T)


@cache
def _band(size: int) -> Tensor:
    """Return (size - 10, size): row i holds the window that starts at position i."""
    assert size >= WINDOW, f"SSIM needs pictures of at least {WINDOW} pixels a side"
    window = torch.exp(-torch.arange(-RADIUS, RADIUS + 1, dtype=torch.float64).square() / (2 * SIGMA**2))
    window /= window.sum()
    band = torch.zeros(size - 2 * RADIUS, size, dtype=torch.float64)
    for start, row in enumerate(band):
        row[start : start + WINDOW] = window
    return band
