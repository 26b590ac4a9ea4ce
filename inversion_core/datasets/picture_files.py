"""Photographs in a folder or a zip file: listed without decoding, decoded on demand to equal squares.

Known extensions only; hidden files and folders are passed over. A picture becomes upright (EXIF), opaque
(over white), 8 bits deep and square, squeezed as a whole or cut. Left out: film, raw formats, and pictures of
floating point numbers, which have no agreed white.
"""

import io
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from inversion_core.errors import DataUnusable
from inversion_core.settings import settings

EXTENSIONS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})
MOST_ENTRIES = 200_000
"""Files and folders looked at before a path is taken for a mistake, such as the root of a disk."""
BYTES_PER_PIXEL = 8
"""Of the largest picture file that is read at all: four channels of 16 bits, uncompressed."""
MOST_DECODED = 2**31
"""Bytes of decoded pictures held in memory."""
NUMBER = re.compile(r"(\d+)")
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""What a file may be inside, whatever its name says: readers that call other programs stay shut."""
UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError)
"""What reading may raise; zipfile has RuntimeError for encryption, NotImplementedError for compression."""


@dataclass(frozen=True)
class PictureFile:
    """A picture as listed: name relative to the folder or zip file, bytes, time of change or checksum."""

    name: str
    size: int
    stamp: int

    @property
    def parts(self) -> list[str]:
        """Folders and file name."""
        return self.name.split("/")


def list_pictures(path: Path) -> tuple[PictureFile, ...]:
    """Return the pictures under a folder or in a zip file, in natural order; raises DataUnusable."""
    try:
        if path.is_dir():
            return tuple(sorted(_in_folder(path), key=_natural_order))
        if path.is_file():
            return tuple(sorted(_in_zip(path), key=_natural_order))
    except (OSError, ValueError) as error:
        raise DataUnusable(
            f"{str(path)!r} cannot be listed ({error}); check the path and its permissions"
        ) from error
    raise DataUnusable(
        f"pictures are read from a folder or a zip file, {str(path)!r} is neither; check the path"
    )


def read_bytes(path: Path, files: tuple[PictureFile, ...]) -> Iterator[bytes]:
    """Yield the bytes of each file; raises DataUnusable naming the one that cannot be read."""
    most = settings().max_pixels * BYTES_PER_PIXEL
    with ExitStack() as opened:
        read = _reader(path, opened)
        for file in files:
            if file.size > most:
                raise DataUnusable(
                    f"a picture file may have {most:,} bytes, {file.name!r} has {file.size:,}; make it "
                    "smaller"
                )
            try:
                data = read(file.name)
            except UNREADABLE as error:
                raise DataUnusable(f"{file.name!r} cannot be read ({error}); replace or remove it") from error
            yield data


@dataclass(frozen=True)
class Look:
    """How pictures are decoded: pixels a side, grey or colour, squeezed into the square or cut to it."""

    size: int = 64
    grayscale: bool = False
    crop: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        return 1 if self.grayscale else 3, self.size, self.size


def decode_all(path: Path, files: tuple[PictureFile, ...], look: Look) -> Tensor:
    """Return the files as (N, C, H, W) uint8; raises DataUnusable."""
    channels, height, width = look.shape
    needed = len(files) * channels * height * width
    if needed > MOST_DECODED:
        raise DataUnusable(
            f"decoded pictures may take {MOST_DECODED:,} bytes, {len(files):,} at {width} x {height} take "
            f"{needed:,}; choose a smaller size or fewer pictures"
        )
    pixels = np.empty((len(files), height, width, channels), dtype=np.uint8)
    for place, (file, data) in enumerate(zip(files, read_bytes(path, files), strict=True)):
        pixels[place] = decode(data, file.name, look).reshape(height, width, channels)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()


def decode(data: bytes, name: str, look: Look) -> npt.NDArray[np.uint8]:
    """Return one picture as (H, W) or (H, W, 3) uint8; raises DataUnusable calling it `name`."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _check_pixels(picture.width, picture.height, name)
            # A JPEG is read at half, a quarter, ... of its size where that suffices.
            picture.draft(None, (2 * look.size, 2 * look.size))
            flat = _flatten(ImageOps.exif_transpose(picture), look.grayscale)
            square = (look.size, look.size)
            if look.crop:
                return np.asarray(ImageOps.fit(flat, square, Image.Resampling.LANCZOS))
            return np.asarray(flat.resize(square, Image.Resampling.LANCZOS))
    except DataUnusable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataUnusable(_too_large(name, "more pixels than any photo")) from error
    except UnidentifiedImageError as error:
        raise DataUnusable(
            f"{name!r} is no picture ({', '.join(FORMATS)} are read); replace or remove it"
        ) from error
    except Exception as error:
        # Pillow's readers raise whatever a damaged file drives them into; all of it means the same here.
        reason = str(error) or type(error).__name__
        raise DataUnusable(
            f"{name!r} cannot be read as a picture ({reason}); replace or remove it"
        ) from error


def _reader(path: Path, opened: ExitStack) -> Callable[[str], bytes]:
    """Return what reads a file of the folder or zip file by its listed name."""
    if path.is_dir():
        return lambda name: (path / name).read_bytes()
    try:
        return opened.enter_context(zipfile.ZipFile(path)).read
    except UNREADABLE as error:
        raise DataUnusable(f"{str(path)!r} cannot be read ({error}); check the file") from error


def _check_pixels(width: int, height: int, name: str) -> None:
    if width * height > settings().max_pixels:
        raise DataUnusable(_too_large(name, f"{width} x {height} pixels"))


def _too_large(name: str, given: str) -> str:
    return (
        f"a picture may have {settings().max_pixels:,} pixels, {name!r} has {given}; make it smaller or "
        "raise INVERSION_MAX_PIXELS"
    )


def _flatten(picture: Image.Image, grayscale: bool) -> Image.Image:
    """Return the picture opaque, 8 bits deep, in grey or colour."""
    if picture.mode == "F":
        raise ValueError("its pixels are floating point numbers")
    if picture.mode.startswith("I"):
        deep = np.asarray(picture.convert("I"))
        if deep.min() < 0 or deep.max() > 65535:
            raise ValueError("its pixels have more than 16 bits")
        picture = Image.fromarray((deep / 257).round().astype(np.uint8))
    if picture.has_transparency_data:
        clear = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
    return picture.convert("L" if grayscale else "RGB")


def _in_folder(root: Path) -> Iterator[PictureFile]:
    """Yield the pictures under a folder; linked folders are read too, a link to a folder above is refused."""
    seen = 0
    waiting = [(str(root), "", frozenset({os.path.realpath(root)}))]
    while waiting:
        folder, prefix, above = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                seen += 1
                if seen > MOST_ENTRIES:
                    raise DataUnusable(
                        f"{str(root)!r} holds more than {MOST_ENTRIES:,} files; name a smaller folder"
                    )
                name = prefix + entry.name
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    real = os.path.realpath(entry.path)
                    if real in above:
                        raise DataUnusable(
                            f"{name!r} is a link to a folder that contains it; remove the link"
                        )
                    waiting.append((entry.path, f"{name}/", above | {real}))
                elif _is_picture(name):
                    yield _listed(name, entry)


def _listed(name: str, entry: os.DirEntry[str]) -> PictureFile:
    try:
        status = entry.stat()
        name.encode()
    except (OSError, UnicodeEncodeError) as error:
        raise DataUnusable(f"{name!r} cannot be read ({error}); replace or remove it") from error
    if not stat.S_ISREG(status.st_mode):
        raise DataUnusable(f"{name!r} has the name of a picture and is no file; remove it")
    return PictureFile(name, status.st_size, status.st_mtime_ns)


def _in_zip(path: Path) -> Iterator[PictureFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise DataUnusable(
            f"{str(path)!r} is no folder and no readable zip file ({error}); check the path"
        ) from error
    if len(entries) > MOST_ENTRIES:
        raise DataUnusable(f"{str(path)!r} holds more than {MOST_ENTRIES:,} files; make a smaller one")
    for entry in entries:
        hidden = any(part.startswith((".", "__MACOSX")) for part in entry.filename.split("/"))
        if not entry.is_dir() and not hidden and _is_picture(entry.filename):
            yield PictureFile(entry.filename, entry.file_size, entry.CRC)


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in EXTENSIONS


def _natural_order(file: PictureFile) -> list[tuple[list[str | int], str]]:
    """Return a sort key that puts s2 before s10, folder by folder; the spelling decides between equals."""
    return [(_numbers_as_numbers(part), part) for part in file.parts]


def _numbers_as_numbers(text: str) -> list[str | int]:
    """Return letters and numbers by turns: "s10.png" -> ["s", 10, ".png"]."""
    return [
        int(piece) if place % 2 else piece for place, piece in enumerate(re.split(r"(\d+)", text.casefold()))
    ]
