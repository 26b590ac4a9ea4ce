"""Pictures for the screen: sheets cut into tiles, tiles enlarged by nearest neighbour, always as PNG.

Free of torch: the Start page is painted before torch is imported.
"""

import io
from collections.abc import Sequence
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inversion_core.tiling import columns_for

Tile = NDArray[np.uint8]
"""One picture (H, W, 3)."""

TRUTH, ATTACKER, DIFFERENCE = (107, 114, 128), (213, 94, 0), (0, 114, 178)
"""The colours of the bars above a tile; the same as in assets/theme/style.css."""
CIVIDIS = np.array(
    [
        (0, 34, 78), (18, 53, 112), (59, 73, 108), (87, 93, 109), (112, 113, 115),
        (138, 134, 120), (165, 156, 116), (195, 179, 105), (225, 204, 85), (254, 232, 56),
    ],
    dtype=np.float32,
)  # fmt: skip
FULL_DIFFERENCE = 0.5
"""Mean difference of the channels that gets the brightest colour of the scale."""
SIDE = 192
"""Pixels a tile is enlarged to, at least; a multiple of its own side."""


@lru_cache(maxsize=256)
def tiles(sheet_png: bytes, count: int) -> tuple[Tile, ...]:
    """Cut a sheet of `count` pictures; grey pictures come back with three equal channels."""
    sheet = np.asarray(Image.open(io.BytesIO(sheet_png)).convert("RGB"))
    columns = columns_for(count)
    rows = ceil(count / columns)
    height, width = sheet.shape[0] // rows, sheet.shape[1] // columns
    cut = (
        sheet.reshape(rows, height, columns, width, 3)
        .swapaxes(1, 2)
        .reshape(rows * columns, height, width, 3)
    )
    return tuple(cut[:count])


def enlarge(tile: Tile, side: int = SIDE) -> Tile:
    """Repeat each pixel so that the picture is at least `side` high."""
    scale = max(1, ceil(side / tile.shape[0]))
    return tile.repeat(scale, axis=0).repeat(scale, axis=1)


def difference(one: Tile, other: Tile) -> Tile:
    """Return how far two pictures are apart at each pixel: dark blue if equal, yellow from half the range."""
    apart = np.abs(one.astype(np.float32) - other.astype(np.float32)).mean(2) / 255
    place = np.clip(apart / FULL_DIFFERENCE, 0, 1) * (len(CIVIDIS) - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, len(CIVIDIS) - 1)
    share = (place - below)[..., None]
    colours: Tile = (CIVIDIS[below] * (1 - share) + CIVIDIS[above] * share).round().astype(np.uint8)
    return colours


def blurred(tile: Tile) -> Tile:
    """Return a picture nobody is recognised on: 6 pixels high, so that sharpening brings nothing back."""
    small = Image.fromarray(tile).resize((6, 6), Image.Resampling.BOX)
    return np.asarray(small.resize((tile.shape[1], tile.shape[0]), Image.Resampling.BICUBIC))


def sealed(like: Tile) -> Tile:
    """Return the hatched picture that stands for one not opened yet, as large as `like`."""
    rows, columns = np.arange(like.shape[0])[:, None], np.arange(like.shape[1])
    stripe = ((rows + columns) // 4) % 2
    return np.where(stripe[..., None] == 0, np.uint8(226), np.uint8(208)).repeat(3, axis=2).astype(np.uint8)


def png(tile: Tile) -> bytes:
    """Return one picture as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(tile).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def strip(
    pictures: Sequence[tuple[Tile, tuple[int, int, int]]], *, upright: bool = False, side: int = SIDE
) -> bytes:
    """Return pictures side by side (or stacked when `upright`) as one PNG, each under a bar of its colour."""
    parts = []
    for tile, colour in pictures:
        large = enlarge(tile, side)
        bar = np.broadcast_to(np.array(colour, dtype=np.uint8), (large.shape[0] // 32, large.shape[1], 3))
        parts.append(np.concatenate([bar, large]))
    return png(np.concatenate(parts, axis=0 if upright else 1))


def sprite(rows: Sequence[Sequence[Tile]]) -> bytes:
    """Return a grid of equal tiles as one PNG, not enlarged."""
    return png(np.concatenate([np.concatenate(list(row), axis=1) for row in rows]))
