"""The faces of a live run: the stored pixels, drawn once for all, the same bytes until the next key frame."""

import time
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import streamlit as st

from inversion_core.store.runs import open_store
from inversion_core.values import State
from pages.ui import library
from pages.ui.drawn import Drawn
from pages.ui.snapshot import FRESH, Snapshot, snapshot
from pages.ui.stage import WAITING, stage
from tests.pages import tables, world
from tests.pages.conftest import Tags


def later(run: str) -> Snapshot:
    """Return the run as it is once the shared snapshot is too old."""
    time.sleep(FRESH + 0.05)
    return snapshot(run)


def images(drawn: str) -> list[dict[str, str]]:
    return [told for tag, told in Tags(drawn).found if tag == "img"]


def test_each_person_is_the_stored_column_with_words_and_its_size() -> None:
    seen = snapshot(world.running())
    assert seen.frame is not None
    drawn = images(stage(seen, count=5, hidden=False))
    assert len(drawn) == 5
    for place, one in enumerate(drawn):
        column = library.column(seen.frame.sha256, seen.truth, world.PEOPLE, place, hidden=False)
        assert one["src"] == "data:image/png;base64," + one["src"].split(",")[1]
        assert b64decode(one["src"].split(",")[1]) == column
        assert one["alt"].endswith("the truth, the attacker's picture at step 5, and their difference.")
        assert (one["width"], one["height"]) == ("192", "594")  # three tiles under bars of 6 pixels


def test_a_new_frame_is_drawn_once_however_many_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, drawn = snapshot(world.running(71)), []
    column = library.column

    def slow(*arguments: object, **options: object) -> bytes:
        drawn.append(arguments)
        time.sleep(0.02)
        return column(*arguments, **options)

    monkeypatch.setattr(library, "column", slow)
    with ThreadPoolExecutor(30) as viewers:
        got = set(viewers.map(lambda _: stage(seen, count=3, hidden=False), range(30)))
    assert len(got) == 1 and len(drawn) == 3


def test_nothing_changes_between_two_key_frames_and_everything_with_one() -> None:
    run = world.running()
    first = stage(snapshot(run), count=5, hidden=False)
    open_store().advance(run, step=6, total=10, loss=0.15)
    between = later(run)
    assert between.record.step == 6 and stage(between, count=5, hidden=False) == first
    open_store().add_frame(run, 7, 0.1, world.sheet(7))
    second = stage(later(run), count=5, hidden=False)
    assert {one["src"] for one in images(first)}.isdisjoint(one["src"] for one in images(second))
    assert "Attacking, pictures of step 7." in second


def test_hidden_faces_are_other_pictures() -> None:
    seen = snapshot(world.running())
    clear, veiled = (images(stage(seen, count=5, hidden=hidden)) for hidden in (False, True))
    assert {one["src"] for one in clear}.isdisjoint(one["src"] for one in veiled)


def test_names_are_no_html() -> None:
    seen = snapshot(world.running(72))
    names = ('<script>alert("x")</script>',) * world.PEOPLE
    drawn = stage(replace(seen, people=library.People(names, synthetic=True)), count=2, hidden=False)
    assert "<script" not in drawn
    assert images(drawn)[0]["alt"].startswith(names[0])


def test_before_the_first_frame_there_are_words() -> None:
    drawn = stage(snapshot(world.queued(73)), count=5, hidden=False)
    assert WAITING in drawn and 'role="status">Waiting.<' in drawn


def test_a_table_run_is_only_told() -> None:
    drawn = stage(snapshot(tables.running()), count=5, hidden=False)
    assert 'role="status">Attacking, 50 %.<' in drawn and not images(drawn)


def test_a_run_that_has_ended_is_not_announced() -> None:
    drawn = stage(snapshot(world.ended(State.CANCELLED)), count=5, hidden=False)
    assert len(images(drawn)) == 5 and "status" not in drawn


def test_what_is_drawn_is_sent_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def searched(text: object) -> str:
        pytest.fail("searched through finished HTML for every viewer")

    monkeypatch.setattr("streamlit.elements.html.clean_text", searched)
    st.html(Drawn("<p>drawn</p>"))
