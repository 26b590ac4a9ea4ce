"""Exposures told as places: each can be reached, each is another, and a place is found again."""

import pytest

from inversion_core.choices import Choice, Exposure
from inversion_core.places import PLACES, Place, place_of
from inversion_core.scenario import Scenario, problems
from inversion_core.values import Access

ATTACK = {
    Access.WHITE_BOX: "plug-and-play",
    Access.SCORES: "inversion-network",
    Access.LABELS: "inversion-network",
    Access.TEMPLATES: "template-inversion",
}
each_place = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


def test_the_places_and_their_names_are_stable() -> None:
    names = ["embedded-device", "partner-api", "public-api", "label-only", "template-store"]
    assert [place.name for place in PLACES] == names


@each_place
def test_a_place_can_be_attacked_and_is_found_again(place: Place) -> None:
    scenario = Scenario.model_validate(
        {
            "target": {"name": "cnn"},
            "exposure": place.exposure.model_dump(),
            "attack": {"name": ATTACK[place.exposure.access]},
        }
    )
    assert problems(scenario) == []
    assert place_of(scenario.exposure) is place
    assert place_of(scenario.exposure.model_copy(update={"query_budget": 5})) is place
    assert place.title and place.sentence.endswith(".")


def test_another_exposure_is_no_place() -> None:
    rounded = Exposure(access=Access.SCORES, defences=(Choice(name="rounding", params={"decimals": 4}),))
    assert place_of(rounded) is None
    assert place_of(Exposure(access=Access.GRADIENTS)) is None
