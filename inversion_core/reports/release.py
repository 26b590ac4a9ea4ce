"""Pictures as they may leave the house: without metadata, blurred where a person could be seen, watermarked.

All three are done to the pixels, so that no reader, no style sheet and no second save brings anything back.
The blur keeps six by six averages of the whole picture: light and colour, too little to tell people apart.
"""

import io
from collections.abc import Iterator
from itertools import groupby

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, UnidentifiedImageError

from inversion_core.errors import DataUnusable
from inversion_core.reports.blocks import Block, Picture
from inversion_core.reports.text import plain
from inversion_core.settings import ASSETS

SIDE = 320
"""Pixels of the longer side that a picture is brought to."""
LEFT = 6
"""Pixels of the longer side that a blurred picture is made from."""
LARGEST = 20_000_000
"""Pixels of a picture that are read at all: a small file can claim any size."""
LONGEST_WORD = 24
FONT = ASSETS / "fonts" / "report-sans-600.ttf"


def released(picture: Picture, *, watermark: str, unlocked: bool, side: int = SIDE) -> bytes:
    """Return the picture as a PNG that may be given away.

    Raises DataUnusable for bytes that are no PNG, or that claim more than 20 million pixels.
    """
    image = opened(picture)
    image = blurred(image, side) if picture.person and not unlocked else fitted(image, side)
    buffer = io.BytesIO()
    (marked(image, watermark) if watermark.strip() else image).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def together(blocks: tuple[Block, ...]) -> Iterator[tuple[str, list[Block]]]:
    """Yield kind and blocks, pictures that follow each other as one group: they are drawn side by side."""
    for pictures, group in groupby(blocks, lambda block: isinstance(block, Picture)):
        if pictures:
            yield "Pictures", list(group)
        else:
            yield from ((type(block).__name__, [block]) for block in group)


def opened(picture: Picture) -> Image.Image:
    """Return the pixels alone, on white where they are transparent."""
    what = f"a report draws PNG pictures; the one of {picture.caption[:80]!r}"
    try:
        found = Image.open(io.BytesIO(picture.png), formats=["PNG"])
        if found.width * found.height > LARGEST:
            raise DataUnusable(f"{what} claims {found.width} x {found.height} pixels; make it smaller")
        layered = found.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataUnusable(f"{what} cannot be read as one; store it again or leave it out") from error
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")


def fitted(image: Image.Image, side: int) -> Image.Image:
    """Bring the longer side near `side`: whole pixels when enlarged, averages when made smaller."""
    longer = max(image.size)
    if longer > side:
        return image.resize(size_for(image, side), Image.Resampling.LANCZOS)
    times = max(1, side // longer)
    return image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)


def blurred(image: Image.Image, side: int) -> Image.Image:
    """Throw the detail away first (Gaussian, then six pixels), and enlarge what is left.

    The six pixels are rounded to 16 levels, so that nothing can be won from their last digits either.
    """
    soft = image.filter(ImageFilter.GaussianBlur(max(image.size) / LEFT))
    few = np.asarray(soft.resize(size_for(image, LEFT), Image.Resampling.BOX))
    coarse = Image.fromarray((few // 16 * 16 + 8).astype(np.uint8))
    return coarse.resize(size_for(image, side), Image.Resampling.BICUBIC)


def size_for(image: Image.Image, side: int) -> tuple[int, int]:
    """Return width and height whose longer side is `side`, none below one pixel."""
    longer = max(image.size)
    return max(1, round(image.width * side / longer)), max(1, round(image.height * side / longer))


def marked(image: Image.Image, word: str) -> Image.Image:
    """Draw the word above and below what matters, light with a dark rim, so that it shows on any ground."""
    told = plain(" ".join(word.split()))[:LONGEST_WORD].upper()
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    widest = image.width * 0.8
    font = ImageFont.truetype(FONT, 40)
    font = ImageFont.truetype(
        FONT, max(9.0, min(40 * widest / max(1.0, font.getlength(told)), image.width / 12))
    )
    for height in (0.07, 0.93):
        place = (image.width / 2, image.height * height)
        pen.text(place, told, (255, 255, 255, 150), font, "mm", stroke_width=1, stroke_fill=(0, 0, 0, 110))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")
