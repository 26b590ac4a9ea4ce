"""The stage portraits are drawn on: its pixels, soft shapes on them, compositing back to front.

Every shape is a signed or implicit distance whose edge is one pixel soft, drawn for all photos of a chunk at
once. Faces are an ellipsoid: `Stage.u, Stage.v` are the pixel's coordinates on the frontal face after undoing
yaw and pitch, so that a feature drawn at (u, v) turns with the head. Units: half a picture is 1, y grows
downwards. Left out: hard shadows, perspective, hands, hats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

Plane = Tensor  # (N, H, W), or (N, 1, 1) for one number a photo


@dataclass(frozen=True)
class Stage:
    """The picture so far and where each of its pixels lies; a window of it shares its memory."""

    colour: Tensor  # (N, 3, H, W)
    x: Plane  # head frame
    y: Plane
    u: Plane  # on the frontal face
    v: Plane
    shade: Plane  # brightness of the face's surface
    pixel: float  # size of one pixel

    def window(self, top: float, bottom: float, left: float = -1.0, right: float = 1.0) -> Stage:
        """Return the part between the given edges, in picture units; painting there paints the whole."""
        size = self.colour.shape[-1]
        edges = [round((edge + 1) / 2 * size) for edge in (top, bottom, left, right)]
        part = (..., slice(edges[0], edges[1]), slice(edges[2], edges[3]))
        planes = {name: getattr(self, name)[part] for name in ("colour", "x", "y", "u", "v", "shade")}
        return replace(self, **planes)

    def coarse(self) -> Stage:
        """Return every second pixel: enough to work out what varies smoothly, `fine` brings it back."""
        planes = {
            name: getattr(self, name)[..., ::2, ::2] for name in ("colour", "x", "y", "u", "v", "shade")
        }
        return replace(self, **planes, pixel=2 * self.pixel)

    def fine(self, plane: Plane) -> Plane:
        """Bring a plane of the coarse stage to this stage's pixels."""
        size = self.x.shape[-2:]
        return F.interpolate(plane.unsqueeze(1), size=size, mode="bilinear").squeeze(1)

    def paint(self, cover: Plane, colour: Tensor) -> None:
        """Lay a colour ((N, 3, 1, 1) or (N, 3, H, W)) over the picture where cover (N, H, W) is above 0."""
        self.colour.lerp_(colour.expand_as(self.colour), cover.unsqueeze(1))

    def paint_lit(self, cover: Plane, colour: Tensor) -> None:
        """Paint a colour as part of the face: under the face's light."""
        self.paint(cover, colour * self.shade.unsqueeze(1))

    def inside(self, distance: Plane, soft: float = 1.0) -> Plane:
        """Return cover 1 where distance is below 0, with an edge `soft` pixels wide."""
        return (0.5 - distance / (soft * self.pixel)).clamp_(0, 1)

    def inside_implicit(self, level: Plane, soft: float = 1.0) -> Plane:
        """Return cover for a smooth function, negative inside: divided by its slope it is a distance."""
        across = torch.empty_like(level)
        across[..., 1:-1] = (level[..., 2:] - level[..., :-2]) / 2
        across[..., 0], across[..., -1] = across[..., 1], across[..., -2]
        down = torch.empty_like(level)
        down[..., 1:-1, :] = (level[..., 2:, :] - level[..., :-2, :]) / 2
        down[..., 0, :], down[..., -1, :] = down[..., 1, :], down[..., -2, :]
        slope = across.square_().add_(down.square_()).sqrt_().clamp_(min=1e-4)
        return (0.5 - level / (soft * slope)).clamp_(0, 1)


def smooth(value: Plane, low: float, high: float) -> Plane:
    """Rise smoothly from 0 at low to 1 at high."""
    t = ((value - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def bell(*offsets: Plane) -> Plane:
    """Return a bell of height 1: offsets are in standard deviations."""
    total = offsets[0].square()
    for offset in offsets[1:]:
        total = total + offset.square()
    return torch.exp(total.mul_(-0.5))


def ellipse(x: Plane, y: Plane, wide: Plane | float, high: Plane | float) -> Plane:
    """Approximate the signed distance to an ellipse at the origin (first order, exact on its edge)."""
    px, py = x / wide, y / high
    radius = (px.square() + py.square()).sqrt().clamp(min=1e-4)
    slope = ((px / wide).square() + (py / high).square()).sqrt().clamp(min=1e-4)
    return radius * (radius - 1) / slope


def rounded_box(x: Plane, y: Plane, wide: Plane, high: Plane, corner: Plane) -> Plane:
    """Return the signed distance to a box with round corners at the origin."""
    px, py = x.abs() - (wide - corner), y.abs() - (high - corner)
    outside = (px.clamp(min=0).square() + py.clamp(min=0).square()).sqrt()
    return outside + torch.maximum(px, py).clamp(max=0) - corner
