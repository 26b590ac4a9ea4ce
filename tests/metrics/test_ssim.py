"""SSIM against scikit-image's."""

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from inversion_core.metrics.ssim import ssim


def reference(image: torch.Tensor, other: torch.Tensor) -> float:
    value = structural_similarity(
        image.double().numpy(),
        other.double().numpy(),
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=1,
        channel_axis=0,
    )
    return float(np.asarray(value))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(64, 64), (11, 11), (40, 57)])
@pytest.mark.parametrize("noise", [0.0, 0.05, 0.5])
def test_equals_scikit_image(channels: int, size: tuple[int, int], noise: float) -> None:
    rng = torch.Generator().manual_seed(channels)
    images = torch.rand(4, channels, *size, generator=rng)
    others = (images + noise * torch.randn(images.shape, generator=rng)).clamp(0, 1)
    expected = torch.tensor([reference(*pair) for pair in zip(images, others, strict=True)])
    assert torch.allclose(ssim(images, others), expected, atol=1e-5)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_equals_scikit_image_on_flat_pictures(level: float) -> None:
    """Flat areas subtract nearly equal numbers, which single precision could spoil."""
    flat = torch.full((1, 1, 32, 32), level)
    soft = flat + 0.001 * torch.sin(torch.arange(32.0))
    assert ssim(flat, soft).item() == pytest.approx(reference(flat[0], soft[0]), abs=1e-3)


def test_a_picture_equals_itself() -> None:
    images = torch.rand(3, 3, 20, 20)
    assert torch.allclose(ssim(images, images), torch.ones(3), atol=1e-6)


def test_a_negative_is_less_than_nothing_alike() -> None:
    image = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    assert ssim(image, 1 - image).item() < 0


def test_all_with_all_is_the_table_of_pairs() -> None:
    rng = torch.Generator().manual_seed(3)
    queries, photos = torch.rand(3, 3, 24, 24, generator=rng), torch.rand(5, 3, 24, 24, generator=rng)
    table = ssim(queries[:, None], photos[None])
    assert table.shape == (3, 5)
    assert table[2, 4].item() == pytest.approx(reference(queries[2], photos[4]), abs=1e-5)


def test_leaves_its_arguments_alone() -> None:
    images, others = torch.rand(2, 1, 16, 16), torch.rand(2, 1, 16, 16)
    before = images.clone(), others.clone()
    ssim(images, others)
    assert torch.equal(images, before[0]) and torch.equal(others, before[1])
