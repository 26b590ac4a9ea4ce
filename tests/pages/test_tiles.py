"""Pictures on the screen are the stored ones: cut where joined, enlarged without a blur, veiled for good."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from inversion_core import pictures as core
from pages.ui import tiles


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def opened(data: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    return np.asarray(image)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 10, 24, 40, 100])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_is_cut_where_it_was_joined(count: int, channels: int) -> None:
    joined = torch.from_numpy(noise(count, channels, 8, 6))
    cut = tiles.tiles(core.png(core.sheet(joined)), count)
    assert len(cut) == count
    expected = joined.expand(-1, 3, -1, -1).permute(0, 2, 3, 1).numpy()
    assert all((tile == picture).all() for tile, picture in zip(cut, expected, strict=True))


def test_enlarging_invents_no_colour_and_loses_no_pixel() -> None:
    tile = noise(16, 16, 3)
    large = tiles.enlarge(tile, 100)
    assert large.shape == (112, 112, 3)
    assert (large[::7, ::7] == tile).all() and (large[6::7, 6::7] == tile).all()


def test_a_strip_holds_the_very_pixels_under_bars_of_their_colours() -> None:
    one, other = noise(16, 16, 3), noise(16, 16, 3, seed=1)
    picture = opened(tiles.strip([(one, tiles.TRUTH), (other, tiles.ATTACKER)], side=64))
    assert picture.shape == (66, 128, 3)
    assert (picture[0, 0] == tiles.TRUTH).all() and (picture[0, 64] == tiles.ATTACKER).all()
    assert (picture[2::4, :64:4] == one).all() and (picture[2::4, 64::4] == other).all()


def test_equal_pictures_do_not_differ_and_opposite_ones_do_everywhere() -> None:
    tile = noise(8, 8, 3)
    assert (tiles.difference(tile, tile) == tiles.CIVIDIS[0]).all()
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    assert (tiles.difference(black, white) == tiles.CIVIDIS[-1]).all()


def test_a_blurred_face_keeps_36_numbers_a_channel_and_no_more() -> None:
    smooth = np.kron(noise(6, 6, 3), np.ones((10, 10, 1), np.uint8))
    rng = np.random.default_rng(1)
    detail = rng.permuted(smooth.reshape(6, 10, 6, 10, 3).swapaxes(1, 2).reshape(36, 100, 3), axis=1)
    assert (
        tiles.blurred(smooth)
        == tiles.blurred(detail.reshape(6, 6, 10, 10, 3).swapaxes(1, 2).reshape(60, 60, 3))
    ).all()
    checks = np.tile(np.array([[0, 255], [255, 0]], np.uint8)[..., None], (30, 30, 3))
    assert tiles.blurred(checks).std() < 1


def test_a_sealed_picture_says_nothing_of_what_it_covers() -> None:
    assert (tiles.sealed(noise(8, 8, 3)) == tiles.sealed(noise(8, 8, 3, seed=1))).all()
