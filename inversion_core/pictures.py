"""Pictures as bytes: PNG, always lossless, and sheets of equal tiles that can be cut apart again."""

import io
import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from inversion_core.tiling import columns_for


def to_bytes(images: Tensor) -> Tensor:
    """(N, C, H, W) float in [0, 1] -> uint8, rounded."""
    return (images.detach().clamp(0, 1) * 255).round().to(torch.uint8)


def png(image: Tensor, scale: int = 1) -> bytes:
    """Return one picture (C, H, W) uint8 as PNG, enlarged by nearest neighbour."""
    pixels = image.permute(1, 2, 0).contiguous().numpy()
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    if scale > 1:
        picture = picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def sheet(images: Tensor) -> Tensor:
    """(N, C, H, W) uint8 -> one picture (C, rows H, columns W), row by row, missing tiles black."""
    count, channels, height, width = images.shape
    columns = columns_for(count)
    rows = math.ceil(count / columns)
    padded = torch.zeros(rows * columns, channels, height, width, dtype=images.dtype)
    padded[:count] = images
    tiles = padded.view(rows, columns, channels, height, width)
    return tiles.permute(2, 0, 3, 1, 4).reshape(channels, rows * height, columns * width)


def cut(picture: Tensor, count: int) -> Tensor:
    """Undo `sheet`: (C, rows H, columns W) -> (N, C, H, W)."""
    columns = columns_for(count)
    rows = math.ceil(count / columns)
    channels, height, width = picture.shape
    tiles = picture.view(channels, rows, height // rows, columns, width // columns)
    return tiles.permute(1, 3, 0, 2, 4).reshape(rows * columns, channels, height // rows, width // columns)[
        :count
    ]


def read_png(data: bytes) -> Tensor:
    """Return a PNG as (C, H, W) uint8."""
    pixels = np.array(Image.open(io.BytesIO(data)))
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()
