"""Anybody's photographs: real ones read as they should, unusable ones told in one sentence."""

import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFile
from pydantic import ValidationError

from inversion_core.datasets import picture_files
from inversion_core.datasets.image_folder import ImageFolder, read_pictures
from inversion_core.errors import DataUnusable

REAL = Path(__file__).parents[2] / "../shared/data"
Maker = Callable[..., Path]


def save(path: Path, picture: Image.Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def grey(level: int, size: tuple[int, int] = (20, 20)) -> Image.Image:
    return Image.new("L", size, level)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three people with four photos each; the level of grey is 60 x person + 10 x photo."""
    root = tmp_path / "faces"
    for person in range(3):
        for photo in range(4):
            save(root / f"p{person}" / f"{photo}.png", grey(60 * person + 10 * photo))
    return root


def zipped(folder: Path, target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, prefix + path.relative_to(folder).as_posix())
    return target


def levels(images: torch.Tensor) -> list[int]:
    return images[:, 0, 8, 8].tolist()


# --- real photographs ---


def test_att_is_40_people_7_to_train_and_3_held_out() -> None:
    faces = ImageFolder(path=REAL / "faces_att", grayscale=True, train_per_class=7)
    assert faces.classes[:2] == ("s01", "s02") and len(faces.classes) == 40
    assert (faces.card.classes, faces.card.shape, faces.card.synthetic) == (40, (1, 64, 64), False)
    train, held_out = faces.train(), faces.held_out()
    assert train.inputs.shape == (280, 1, 64, 64) and held_out.inputs.shape == (120, 1, 64, 64)
    assert train.inputs.dtype == torch.uint8 and train.labels.dtype == torch.int64
    assert torch.equal(train.labels, torch.arange(40).repeat_interleave(7))
    assert torch.equal(held_out.labels, torch.arange(40).repeat_interleave(3))
    assert not (train.inputs[:, None].flatten(2) == held_out.inputs[None].flatten(2)).all(2).any()


@pytest.mark.parametrize(("crop", "box"), [(False, (0, 0, 92, 112)), (True, (0, 10, 92, 102))])
def test_att_is_squeezed_as_a_whole_or_cut_to_the_middle(crop: bool, box: tuple[int, int, int, int]) -> None:
    faces = ImageFolder(path=REAL / "faces_att", grayscale=True, crop=crop).train()
    with Image.open(REAL / "faces_att/s01/01.png") as photo:
        expected = photo.crop(box).resize((64, 64), Image.Resampling.LANCZOS)
    difference = faces.inputs[0, 0].int() - torch.from_numpy(np.array(expected)).int()
    assert difference.abs().float().mean() < 0.2


def test_lfw_is_read_in_colour() -> None:
    faces = ImageFolder(path=REAL / "faces_lfw_dev", train_per_class=7)
    train, held_out = faces.train(), faces.held_out()
    assert len(faces.classes) == 96 and len(train) == 96 * 7 and len(train) + len(held_out) == 1301
    red, _, blue = train.inputs.float().mean((0, 2, 3)).tolist()
    assert red > blue + 10  # faces are warmer than grey: the channels are in order


def test_the_public_prior_is_5591_pictures() -> None:
    assert read_pictures(REAL / "faces_lfw_prior.zip", size=16).shape == (5591, 3, 16, 16)


# --- the split ---


def test_the_first_photos_train_and_the_others_are_held_out(folder: Path) -> None:
    faces = ImageFolder(path=folder, train_per_class=3, grayscale=True)
    assert levels(faces.train().inputs) == [0, 10, 20, 60, 70, 80, 120, 130, 140]
    assert levels(faces.held_out().inputs) == [30, 90, 150]
    assert faces.held_out().labels.tolist() == [0, 1, 2]


def test_names_are_in_natural_order(tmp_path: Path) -> None:
    for person in ("s10", "s9", "S2"):
        for photo in (10, 9):
            save(tmp_path / person / f"photo{photo}.png", grey(photo))
    faces = ImageFolder(path=tmp_path, train_per_class=1, grayscale=True)
    assert faces.classes == ("S2", "s9", "s10")
    assert levels(faces.train().inputs) == [9, 9, 9]


def test_folders_that_differ_only_in_case_are_two_people(tmp_path: Path) -> None:
    for person in ("Anna", "anna"):
        for photo in range(3):
            save(tmp_path / person / f"{photo}.png", grey(1))
    assert ImageFolder(path=tmp_path, train_per_class=1).classes == ("Anna", "anna")


def test_photos_may_lie_deeper_in_the_folder_of_their_person(folder: Path) -> None:
    save(folder / "p1" / "holiday" / "beach" / "9.png", grey(99))
    faces = ImageFolder(path=folder, train_per_class=3, grayscale=True)
    assert 99 in levels(faces.held_out().inputs)


def test_other_files_are_passed_over(folder: Path) -> None:
    (folder / "manifest.csv").write_text("not a picture")
    (folder / "p0" / "notes.txt").write_text("not a picture")
    (folder / "p0" / ".hidden.png").write_text("not a picture")
    (folder / ".cache").mkdir()
    faces = ImageFolder(path=folder, train_per_class=3)
    assert len(faces.train()) == 9 and len(faces.held_out()) == 3


@pytest.mark.parametrize("prefix", ["", "faces/"])
def test_a_zip_file_is_read_like_its_folder(folder: Path, tmp_path: Path, prefix: str) -> None:
    (folder / "p0" / "__MACOSX.png").write_text("rubbish of an archiver")
    archive = ImageFolder(path=zipped(folder, tmp_path / "faces.zip", prefix), train_per_class=3)
    (folder / "p0" / "__MACOSX.png").unlink()
    plain = ImageFolder(path=folder, train_per_class=3)
    assert archive.classes == plain.classes
    assert torch.equal(archive.train().inputs, plain.train().inputs)


def test_listing_decodes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("a picture was opened"))
    faces = ImageFolder(path=folder, train_per_class=3)
    assert faces.card.shape == (3, 64, 64) and faces.classes and faces.fingerprint()


def test_photos_handed_out_are_the_callers_own(folder: Path) -> None:
    faces = ImageFolder(path=folder, train_per_class=3)
    faces.train().inputs.zero_()
    assert faces.train().inputs.max() > 0


# --- fingerprints ---


def test_the_fingerprint_follows_bytes_and_names_and_nothing_else(folder: Path) -> None:
    def fingerprint() -> str:
        return ImageFolder(path=folder, train_per_class=3).fingerprint()

    first = fingerprint()
    os.utime(folder / "p0" / "0.png", (1, 1))
    assert fingerprint() == first
    (folder / "p0" / "0.png").rename(folder / "p0" / "7.png")
    renamed = fingerprint()
    assert renamed != first
    save(folder / "p0" / "7.png", grey(1))
    assert fingerprint() not in (first, renamed)


def test_large_folders_are_told_apart_by_their_listing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inversion_core.datasets.image_folder.HASHED_BYTES", 10)
    first = ImageFolder(path=folder, train_per_class=2).fingerprint()
    os.utime(folder / "p0" / "0.png", (1, 1))
    assert ImageFolder(path=folder, train_per_class=2).fingerprint() != first


# --- kinds of pictures ---


def one(tmp_path: Path, picture: Image.Image, name: str = "a.png", **options: object) -> torch.Tensor:
    save(tmp_path / "one" / name, picture)
    return read_pictures(tmp_path / "one", size=16, **options)[0]  # type: ignore[arg-type]


def test_clear_pixels_become_white(tmp_path: Path) -> None:
    assert one(tmp_path, Image.new("RGBA", (20, 20), (255, 0, 0, 0))).eq(255).all()
    assert one(tmp_path, Image.new("LA", (20, 20), (0, 0))).eq(255).all()


def test_palettes_keep_their_colours_and_their_clear_entry(tmp_path: Path) -> None:
    picture = Image.new("P", (20, 20), 1)
    picture.putpalette([0, 0, 0, 10, 200, 30])
    assert one(tmp_path, picture)[:, 5, 5].tolist() == [10, 200, 30]
    picture.info["transparency"] = 1
    assert one(tmp_path, picture).eq(255).all()


def test_16_bits_are_scaled_and_not_cut(tmp_path: Path) -> None:
    deep = np.full((20, 20), 25700, dtype=np.uint16)
    for name in ("a.png", "a.tiff"):
        assert one(tmp_path, Image.fromarray(deep), name, grayscale=True).eq(100).all()
        (tmp_path / "one" / name).unlink()


def test_exif_rotation_is_applied(tmp_path: Path) -> None:
    """Left half dark; orientation 6 says: turn clockwise, so the dark half is on top."""
    picture = Image.new("L", (40, 40), 255)
    picture.paste(0, (0, 0, 20, 40))
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "one").mkdir()
    picture.save(tmp_path / "one" / "a.jpg", exif=exif, quality=95)
    image = read_pictures(tmp_path / "one", size=16, grayscale=True)[0, 0]
    assert image[:6].max() < 40 and image[-6:].min() > 215


@pytest.mark.parametrize(
    ("mode", "name"), [("1", "a.png"), ("CMYK", "a.jpg"), ("L", "a.pgm"), ("RGB", "a.webp")]
)
def test_other_kinds_are_read(tmp_path: Path, mode: str, name: str) -> None:
    assert one(tmp_path, Image.new("RGB", (20, 20), "white").convert(mode), name).min() > 250


def test_grey_photos_in_colour_have_three_equal_channels(tmp_path: Path) -> None:
    image = one(tmp_path, grey(77))
    assert image.shape == (3, 16, 16) and image.eq(77).all()


@pytest.mark.parametrize(("crop", "ratio"), [(True, 1.0), (False, 0.5)])
def test_a_circle_stays_one_when_cut(tmp_path: Path, crop: bool, ratio: float) -> None:
    rows, columns = np.mgrid[:60, :120]
    circle = np.where((rows - 30) ** 2 + (columns - 60) ** 2 < 20**2, 255, 0).astype(np.uint8)
    save(tmp_path / "circle.png", Image.fromarray(circle))
    image = read_pictures(tmp_path, grayscale=True, crop=crop)[0, 0] > 127
    assert image.any(0).sum() / image.any(1).sum() == pytest.approx(ratio, abs=0.03)


# --- unusable data: the rule, what was given, what to do ---


def fails(match: str, path: str | Path, **options: object) -> None:
    with pytest.raises(DataUnusable, match=match) as caught:
        ImageFolder(path=path, **({"train_per_class": 3} | options)).train()
    assert "\n" not in str(caught.value) and "0x" not in str(caught.value)


def test_a_missing_folder(tmp_path: Path) -> None:
    fails("from a folder or a zip file, '.*nowhere' is neither; check the path", tmp_path / "nowhere")


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 5000])
def test_an_impossible_path(path: str) -> None:
    fails("path", path)


def test_a_file_that_is_no_zip(tmp_path: Path) -> None:
    (tmp_path / "faces.zip").write_bytes(b"PK but not really")
    fails("no folder and no readable zip file", tmp_path / "faces.zip")


def test_one_photo_of_a_person(folder: Path) -> None:
    save(folder / "lonely" / "0.png", grey(1))
    fails("one to train on and one to hold out, 'lonely' has 1; add photos or remove the folder", folder)


def test_nothing_left_to_hold_out(folder: Path) -> None:
    fails("4 of the 4 photos of 'p0' leave none; set it to 3 or less", folder, train_per_class=4)


def test_fewer_than_two_people(tmp_path: Path) -> None:
    fails("at least two classes apart, .* has 0", tmp_path)
    for photo in range(4):
        save(tmp_path / "only" / f"{photo}.png", grey(1))
    fails("at least two classes apart, .* has 1; give each person a sub-folder", tmp_path)


def test_photos_outside_the_folders_of_people(folder: Path) -> None:
    save(folder / "stray.png", grey(1))
    fails("'stray.png' lies outside of any; move it into one", folder)


def test_a_person_without_a_readable_kind_of_picture(folder: Path) -> None:
    (folder / "p7").mkdir()
    (folder / "p7" / "raw.nef").write_bytes(b"")
    fails(r"'p7' holds none \(.bmp, .*\); add photos or remove it", folder)


@pytest.mark.parametrize("rubbish", [b"", b"not a picture at all"])
def test_a_file_that_is_no_picture(folder: Path, rubbish: bytes) -> None:
    (folder / "p1" / "2.png").write_bytes(rubbish)
    fails("'p1/2.png' is no picture .*; replace or remove it", folder)


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "tiff", "webp", "gif"])
def test_a_picture_cut_off_in_the_middle(folder: Path, kind: str) -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, {"jpg": "jpeg"}.get(kind, kind))
    (folder / "p1" / f"2.{kind}").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    fails(f"'p1/2.{kind}' (cannot be read as a|is no) picture", folder)


def test_another_format_behind_a_picture_s_name(folder: Path) -> None:
    """PostScript is a program; Pillow would hand it to an interpreter."""
    (folder / "p1" / "2.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    fails("'p1/2.png' is no picture", folder)


def test_floating_point_pictures(folder: Path) -> None:
    save(folder / "p1" / "2.tiff", Image.new("F", (20, 20), 0.5))
    fails("'p1/2.tiff' cannot be read as a picture .its pixels are floating point numbers", folder)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG whose header promises width x height pixels and whose body is empty."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(("width", "height"), [(20_000, 10_000), (10_000, 10_000), (8_000, 5_001)])
def test_a_bomb_is_never_decoded(
    folder: Path, width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow refuses 179 megapixels, warns from 89 on and is silent below; our own limit is 40."""
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("pixels were decoded"))
    data = bomb(width, height)
    with pytest.raises(DataUnusable, match=re.escape("a picture may have 40,000,000 pixels, 'big.png' has")):
        picture_files.decode(data, "big.png", picture_files.Look())
    (folder / "p0" / "0.png").write_bytes(data)
    fails("'p0/0.png' has .* pixels.*; make it smaller or raise INVERSION_MAX_PIXELS", folder)


def test_a_file_too_large_is_not_even_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / "p0" / "0.png").open("wb") as file:
        file.truncate(400_000_000)  # sparse: takes no space
    monkeypatch.setattr("inversion_core.datasets.image_folder.HASHED_BYTES", 10)
    fails("a picture file may have 320,000,000 bytes, 'p0/0.png' has 400,000,000", folder)


def test_more_than_fits_into_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_files, "MOST_DECODED", 100_000)
    fails("12 at 64 x 64 take 147,456; choose a smaller size or fewer pictures", folder)


def test_the_root_of_a_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_files, "MOST_ENTRIES", 10)
    fails("holds more than 10 files; name a smaller folder", folder)
    fails("holds more than 10 files", zipped(folder, folder.parent / "many.zip"))


def test_a_link_back_to_a_folder_above(folder: Path) -> None:
    (folder / "p1" / "loop").symlink_to(folder, target_is_directory=True)
    fails("'p1/loop' is a link to a folder that contains it; remove the link", folder)


def test_a_link_to_another_folder_is_followed(folder: Path, tmp_path: Path) -> None:
    for photo in range(4):
        save(tmp_path / "elsewhere" / f"{photo}.png", grey(1))
    (folder / "p9").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert ImageFolder(path=folder, train_per_class=3).classes[-1] == "p9"


@pytest.mark.parametrize("end", ["nowhere.png", "self.png"])
def test_a_link_that_leads_nowhere(folder: Path, end: str) -> None:
    (folder / "p1" / "self.png").symlink_to(folder / "p1" / end)
    fails(r"self\.png.*(cannot be read|check the path)", folder)


def test_a_pipe_with_the_name_of_a_picture(folder: Path) -> None:
    """Reading it would wait for a writer for ever."""
    os.mkfifo(folder / "p1" / "pipe.png")
    fails("'p1/pipe.png' has the name of a picture and is no file; remove it", folder)


def test_a_damaged_entry_of_a_zip_file(folder: Path, tmp_path: Path) -> None:
    archive = zipped(folder, tmp_path / "faces.zip")
    data = bytearray(archive.read_bytes())
    place = data.index(b"\x89PNG")
    data[place + 20 : place + 30] = b"\0" * 10
    archive.write_bytes(bytes(data))
    fails("'p0/0.png' cannot be read .Bad CRC-32", archive)


def test_an_encrypted_zip_file(folder: Path, tmp_path: Path) -> None:
    archive = zipped(folder, tmp_path / "faces.zip")
    data = bytearray(archive.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + flags] |= 1
            place = data.find(mark, place + 1)
    archive.write_bytes(bytes(data))
    fails("'p0/0.png' cannot be read .*encrypted", archive)


def test_a_prior_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(DataUnusable, match="holds no picture"):
        read_pictures(tmp_path)


@pytest.mark.parametrize("options", [{"size": 8}, {"size": 512}, {"train_per_class": 0}, {"sise": 64}])
def test_options_out_of_range_are_refused(folder: Path, options: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        ImageFolder(path=folder, **options)
