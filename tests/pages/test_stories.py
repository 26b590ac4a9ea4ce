"""Stories are told from stored evidence, in order, each with a door into the lab."""

import pytest

from inversion_core.exhibits import names
from inversion_core.metrics.verdict import verdict
from pages.ui import evidence, stories
from tests.pages.conftest import Visit

FIRST = ["never-met", "leak", "guess", "sensitive", "cost"]


def test_the_harmless_case_comes_first_and_every_exhibit_has_a_story() -> None:
    told = list(stories.every())
    assert told[: len(FIRST)] == FIRST
    assert set(told[len(FIRST) :]) == set(names())


@pytest.mark.parametrize("name", stories.every())
def test_a_story_is_told_whole(visit: Visit, name: str) -> None:
    visit.open("learn/stories", story=name)
    story = stories.every()[name]
    for beat in story.beats:
        assert beat in visit.text
    assert story.door in [link.proto.label for link in visit.app.get("page_link")]
    assert not visit.app.error


def test_the_numbers_are_those_of_the_evidence(visit: Visit) -> None:
    visit.open("learn/stories", story="cost")
    for stop in evidence.DIAL:
        assert verdict(evidence.load(stop).result).sentence in visit.text


def test_the_next_story_follows(visit: Visit) -> None:
    visit.open("learn/stories")
    for name in FIRST[1:]:
        visit.click("next-story")
        assert stories.every()[name].beats[0] in visit.text
