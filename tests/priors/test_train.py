"""Priors: what is kept decodes standard normal latents, is made again byte for byte, and refuses
what it cannot use.
"""

from pathlib import Path

import pytest
import torch

from inversion_core.errors import DataUnusable, WeightsUnusable
from inversion_core.priors.catalogue import load_prior, read_prior
from inversion_core.priors.networks import Decoder
from inversion_core.priors.train import Recipe, train_prior
from inversion_core.targets import weights
from inversion_core.values import Photos
from tests.steps import finish

BRIEF = Recipe(steps=4, recogniser_steps=4, people_a_step=8, person_size=6, photo_size=3, width=8)


def photos(people: int = 120, each: int = 2, size: int = 32) -> Photos:
    rng = torch.Generator().manual_seed(0)
    faces = torch.randint(0, 256, (people, 1, 3, size, size), generator=rng)
    light = torch.randint(0, 40, (people, each, 1, 1, 1), generator=rng)
    inputs = (faces + light).clamp(0, 255).to(torch.uint8).flatten(0, 1)
    return Photos(inputs, torch.arange(people).repeat_interleave(each))


def written(folder: Path, recipe: Recipe = BRIEF, pictures: Photos | None = None) -> Path:
    prior, state = finish(train_prior(pictures or photos(), "test", "noise", recipe))
    path = folder / "test.safetensors"
    weights.write(path, state, prior.card.model_dump(mode="json"))
    return path


def test_what_was_written_draws_pictures_from_standard_normal_latents(tmp_path: Path) -> None:
    prior = read_prior(written(tmp_path))
    assert (prior.latent_size, prior.person_size, prior.image_shape) == (9, 6, (3, 32, 32))
    drawn = prior.decode(torch.randn(5, 9))
    assert drawn.shape == (5, 3, 32, 32) and drawn.min() >= 0 and drawn.max() <= 1


def test_the_decoder_is_differentiable_though_its_weights_are_frozen(tmp_path: Path) -> None:
    latents = torch.zeros(2, 9, requires_grad=True)
    (slope,) = torch.autograd.grad(read_prior(written(tmp_path)).decode(latents).sum(), latents)
    assert slope.abs().sum() > 0


def test_equal_seeds_give_equal_weights_and_another_seed_does_not() -> None:
    digests = [
        finish(train_prior(photos(), "test", "noise", Recipe(**{**vars(BRIEF), "seed": seed})))[0].card.sha256
        for seed in (0, 0, 1)
    ]
    assert digests[0] == digests[1] != digests[2]


def test_folding_the_normalisation_in_changes_no_picture() -> None:
    torch.manual_seed(0)
    decoder = Decoder(3, 32, 5, width=8)
    decoder(torch.randn(16, 5))  # gives the running statistics something to say
    latents = torch.randn(4, 5)
    plain = decoder.eval()(latents)
    assert torch.allclose(decoder.fused()(latents), plain, atol=1e-6)


def test_unnamed_people_leave_no_photo_part(tmp_path: Path) -> None:
    prior = read_prior(written(tmp_path, pictures=photos(people=240, each=1)))
    assert prior.person_size == prior.latent_size == 9


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(DataUnusable, match="at least 200 pictures, 20 were given"):
        finish(train_prior(photos(people=10), "test", "noise", BRIEF))


def test_a_size_that_cannot_be_halved_four_times_is_refused() -> None:
    with pytest.raises(DataUnusable, match="40 x 40 were given"):
        finish(train_prior(photos(size=40), "test", "noise", BRIEF))


def test_a_prior_of_another_shape_than_the_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataUnusable, match=r"shape \(1, 64, 64\), test.safetensors draws \(3, 32, 32\)"):
        load_prior(str(written(tmp_path)), "people", (1, 64, 64))


def test_a_missing_prior_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnusable, match=r"nobody\.safetensors"):
        load_prior(str(tmp_path / "nobody.safetensors"), "people", (3, 64, 64))
