"""PSNR and SSIM of a photo redrawn from an update to the very original."""

import torch
from torch import Tensor

from inversion_core.metrics.glossary import explain
from inversion_core.metrics.image_similarity import PSNR_CEILING, luminance, psnr
from inversion_core.metrics.redrawn import Likeness, Redrawing
from inversion_core.metrics.ssim import WINDOW, ssim


class RedrawnPsnr(Likeness):
    """Peak signal-to-noise ratio to the original in decibels, as a mean over photos; equal ones count 100."""

    name = "redrawn-psnr"
    title = explain("redrawn-psnr").title
    best = PSNR_CEILING
    bounds = (0.0, PSNR_CEILING)

    def compare(self, pictures: Tensor, originals: Tensor) -> Tensor:
        """(N, C, H, W) twice -> decibels (N,)."""
        return psnr((pictures - originals).square().flatten(1).mean(1))


class RedrawnSsim(Likeness):
    """Structural similarity of the luminance to the original, as a mean over photos; equal ones have 1."""

    name = "redrawn-ssim"
    title = explain("redrawn-ssim").title
    reference = "Wang, Bovik, Sheikh & Simoncelli, IEEE TIP 2004"
    best = 1.0
    bounds = (-1.0, 1.0)

    def problem(self, redrawing: Redrawing) -> str | None:
        """Refuse pictures smaller than one window."""
        height, width = redrawing.samples.shape[-2:]
        if min(height, width) < WINDOW:
            return (
                f"{self.name} needs at least {WINDOW} pixels a side, these pictures have {width} x {height}"
            )
        return None

    def compare(self, pictures: Tensor, originals: Tensor) -> Tensor:
        """(N, C, H, W) twice -> (N,)."""
        pairs = zip(pictures, originals, strict=True)
        return torch.stack([ssim(luminance(one[None]), luminance(two[None]))[0] for one, two in pairs])
