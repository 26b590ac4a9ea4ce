"""The Monitor page replays what was stored: how far a stream has come decides what is said of it."""

import pytest

from pages.ui import evidence, monitor_page
from tests.pages.conftest import Visit

STREAM = {
    "name": "brep-mi",
    "attack": True,
    "victims": 10,
    "alarm": {"rows": 160, "told": "its queries are near-duplicates of each other"},
    "recovered": [[100, 0], [200, 1], [400, 4]],
}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (128, "no alarm, 0 of 10 recovered"),
        (160, "alarm at 160, 0 of 10 recovered"),
        (399, "alarm at 160, 1 of 10 recovered"),
        (4000, "alarm at 160, 4 of 10 recovered"),
    ],
)
def test_a_stream_stands_where_its_rows_have_brought_it(rows: int, told: str) -> None:
    assert monitor_page.standing(STREAM, rows) == told


def test_an_honest_stream_recovers_nobody() -> None:
    assert monitor_page.standing({"name": "gate", "attack": False, "alarm": None}, 400) == "no alarm"


def test_the_stored_streams_are_whole() -> None:
    kept = evidence.monitor()
    assert {stream["name"] for stream in kept["streams"]} == set(monitor_page.LOOKS)
    assert set(kept["counts"]["found"]) == set(monitor_page.TITLES)
    for stream in kept["streams"]:
        assert all(len(stream["signals"][name]) == len(stream["rows"]) for name in monitor_page.SIGNALS)
        assert stream["rows"] == sorted(stream["rows"])


def test_the_page_says_the_counts_and_follows_the_rows(visit: Visit) -> None:
    visit.open("lab/monitor")
    found = evidence.monitor()["counts"]["found"]
    assert monitor_page.sentence(found) in visit.text
    assert len(monitor_page.table(found)) == len(visit.app.table[0].value) == 5
    attacks = [one for one in evidence.monitor()["streams"] if one["attack"]]
    visit.app.slider(key="rows-so-far").set_value(128)
    visit.again()
    assert all(monitor_page.standing(one, 128) in visit.text for one in attacks)
    visit.app.segmented_control(key="signal").set_value("labels")
    visit.again()
