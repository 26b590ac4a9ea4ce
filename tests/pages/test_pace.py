"""How far a run is, in words, as a bar and for who listens."""

import pytest

from inversion_core.store.runs import RunRecord, open_store
from inversion_core.values import State
from pages.ui.pace import announced, pace
from tests.pages import world
from tests.pages.conftest import Tags


def bar(drawn: str) -> dict[str, str]:
    (found,) = [told for _, told in Tags(drawn).found if told.get("role") == "progressbar"]
    return found


def running(step: int = 5, total: int = 10, note: str = "") -> RunRecord:
    run = world.running()
    open_store().advance(run, step=step, total=total, note=note)
    return open_store().get(run)


def test_the_bar_says_in_words_and_numbers_what_it_shows() -> None:
    drawn = pace(running(), [], remaining=12.0, position=None)
    assert bar(drawn) | {"class": ""} == {
        "class": "",
        "role": "progressbar",
        "aria-label": "Progress of the run",
        "aria-valuemin": "0",
        "aria-valuemax": "100",
        "aria-valuenow": "50",
        "aria-valuetext": "Attacking: step 5 of 10, about 12 s left",
    }
    assert '<i style="width:50.0%">' in drawn


@pytest.mark.parametrize(
    ("step", "total", "now"), [(0, 0, "0"), (0, 10, "0"), (1, 3, "33"), (10, 10, "100"), (20, 10, "100")]
)
def test_the_bar_never_leaves_its_track(step: int, total: int, now: str) -> None:
    assert bar(pace(running(step, total), [], remaining=None, position=None))["aria-valuenow"] == now


def test_the_end_is_not_forecast_from_the_first_steps() -> None:
    assert "left" not in pace(running(step=2), [], remaining=12.0, position=None)


def test_who_waits_learns_the_place_in_the_queue() -> None:
    record = open_store().get(world.queued())
    drawn = pace(record, [], remaining=40.0, position=2)
    assert bar(drawn)["aria-valuetext"] == "Waiting, you are 2nd, about 40 s"
    assert bar(drawn)["aria-valuenow"] == "0"


def test_the_note_of_an_attack_is_no_html() -> None:
    note = '<img src=x onerror="alert(1)"> & more'
    drawn = pace(running(note=note), [], remaining=None, position=None)
    assert "<img" not in drawn
    assert note in bar(drawn)["aria-valuetext"]


def test_little_is_read_aloud_of_a_long_run() -> None:
    run = world.running()
    said = set()
    for step in range(0, 1001, 7):
        open_store().advance(run, step=step, total=1000)
        said.add(announced(open_store().get(run)))
    assert {"Attacking.", "Attacking, 50 %."} < said and len(said) <= 11
    open_store().advance(run, phase="metrics", state=State.RUNNING)
    assert announced(open_store().get(run)) == "Judging."
