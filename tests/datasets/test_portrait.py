from collections import Counter

import pytest
import torch

from inversion_core.datasets import portrait

PLACE = {factor.name: place for place, factor in enumerate(portrait.FACTORS)}
PLAIN = {"hair_style": "short", "beard_style": "none", "glasses": "none", "earrings": "none", "marks": "none"}
# Factors that show only in some people: what these people must wear.
NEEDS = {
    "hair_length": {"hair_style": "long"},
    "parting": {"hair_style": "side part"},
    "beard_length": {"beard_style": "full"},
    "frame_colour": {"glasses": "round"},
    "frame_thickness": {"glasses": "round"},
}


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def people_and_views(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return portrait.sample_identities(count, rng(seed)), portrait.sample_views(count, rng(seed + 1))


def person(**wears: str) -> torch.Tensor:
    """Return one average person: every factor in the middle but what they wear."""
    identity = torch.full((len(portrait.FACTORS),), 0.5)
    for name, value in (PLAIN | wears).items():
        values = portrait.FACTORS[PLACE[name]].values
        identity[PLACE[name]] = (values.index(value) + 0.5) / len(values)
    return identity


def test_photos_are_small_colour_bytes():
    photos = portrait.render(*people_and_views(3))
    assert photos.shape == (3, 3, 64, 64)
    assert photos.dtype == torch.uint8


def test_no_rows_give_no_photos():
    photos = portrait.render(torch.empty(0, len(portrait.FACTORS)), torch.empty(0, len(portrait.VIEWS)))
    assert photos.shape == (0, 3, 64, 64)


def test_the_same_vectors_give_the_same_bytes():
    assert portrait.render(*people_and_views(8)).equal(portrait.render(*people_and_views(8)))


def test_the_callers_vectors_stay_as_they_were():
    people, views = people_and_views(4)
    before = people.clone(), views.clone()
    portrait.render(people, views)
    assert people.equal(before[0]) and views.equal(before[1])


@pytest.mark.parametrize("size", [1, 5, portrait.CHUNK + 3])
def test_bytes_do_not_depend_on_the_batch(size):
    people, views = people_and_views(2 * portrait.CHUNK + 5)
    pieces = zip(people.split(size), views.split(size), strict=True)
    assert torch.cat([portrait.render(*piece) for piece in pieces]).equal(portrait.render(people, views))


def test_sampled_numbers_fill_zero_to_one():
    people, views = people_and_views(500)
    for vectors in (people, views):
        assert vectors.dtype == torch.float32
        assert vectors.min() >= 0 and vectors.max() <= 1
        assert (vectors.max(0).values - vectors.min(0).values).min() > 0.4


def test_there_are_enough_factors_and_their_names_are_their_own():
    assert len(portrait.FACTORS) >= 28
    names = [factor.name for factor in (*portrait.FACTORS, *portrait.VIEWS)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", PLACE)
def test_every_factor_changes_the_picture(name):
    people = torch.stack([person(**NEEDS.get(name, {}))] * 2)
    people[:, PLACE[name]] = torch.tensor([0.1, 0.9])
    low, high = portrait.render(people, portrait.NEUTRAL_VIEW.expand(2, -1)).float()
    assert (low - high).abs().max() > 12, "a viewer would not see it"


@pytest.mark.parametrize("place", range(len(portrait.VIEWS)), ids=[view.name for view in portrait.VIEWS])
def test_every_view_number_changes_the_photo(place):
    views = portrait.NEUTRAL_VIEW.repeat(2, 1)
    views[:, place] = torch.tensor([0.1, 0.9])
    low, high = portrait.render(person().expand(2, -1), views)
    assert not low.equal(high)


def test_noise_is_small():
    views = portrait.NEUTRAL_VIEW.repeat(2, 1)
    views[1, -1] = 0.123
    first, second = portrait.render(person().expand(2, -1), views).float() / 255
    assert 0 < (first - second).std() < 0.01 * 2**0.5


def test_photos_of_one_person_are_nearer_than_those_of_two():
    people = portrait.sample_identities(20, rng(5)).repeat_interleave(6, 0)
    small = torch.nn.functional.avg_pool2d(
        portrait.render(people, portrait.sample_views(120, rng(6))).float(), 8
    )
    distances = torch.cdist(small[:, :, 2:6, 2:6].flatten(1), small[:, :, 2:6, 2:6].flatten(1))
    same = torch.eye(20).repeat_interleave(6, 0).repeat_interleave(6, 1).bool()
    assert distances[same].sum() / (120 * 5) < 0.75 * distances[~same].mean()


def test_attributes_are_many_and_none_is_nearly_always_the_same():
    named = portrait.describe(portrait.sample_identities(2000, rng()))
    assert len(named) >= 10
    for attribute, values in named.items():
        shares = Counter(values)
        assert len(values) == 2000
        assert len(shares) >= 2, attribute
        assert max(shares.values()) <= 0.85 * 2000, attribute
        assert min(shares.values()) >= 0.02 * 2000, attribute


@pytest.mark.parametrize(
    ("attribute", "wears", "value"),
    [
        ("glasses", {"glasses": "round"}, "round"),
        ("beard", {"beard_style": "goatee"}, "goatee"),
        ("hair style", {"hair_style": "afro"}, "curly"),
        ("skin marks", {"marks": "freckles"}, "freckles"),
    ],
)
def test_attributes_say_what_a_person_wears(attribute, wears, value):
    assert portrait.describe(person(**wears)[None])[attribute] == [value]
