"""The history finds every run again."""

from pathlib import Path

import pytest

from inversion_core.store.runs import open_store
from inversion_core.values import State
from tests.pages import tables, world
from tests.pages.conftest import Visit


def lines(visit: Visit) -> int:
    return sum(link.proto.label in ("Open", "Watch") for link in visit.app.main.get("page_link"))


def test_an_empty_history_leads_on(visit: Visit) -> None:
    visit.open("lab/runs")
    assert "No run fits" in visit.text
    assert visit.links == {
        "Attack a model": "",
        "Guess attributes": "",
        "Stored evidence": "evidence=undefended",
    }


def test_a_line_says_what_was_run_and_what_came_of_it(visit: Visit) -> None:
    run = world.done()
    open_store().annotate(run, "the one for the board <b>")
    visit.open("lab/runs")
    assert "MIFace (pixel gradient) against Softmax regression, no defence" in visit.text
    assert "75 % recognised, 65 % to 85 %, guessing 5 %" in visit.text
    assert "the one for the board <b>" in visit.text
    assert visit.links == {"Open": f"run={run}"}
    assert len(visit.pictures) == 1


def test_a_line_of_a_table_run_says_what_it_gained(visit: Visit) -> None:
    run = tables.done(gain=(0.02, 0.01, 0.03))
    waiting = tables.running(1)
    visit.open("lab/runs")
    assert "CSMIA against decision tree on clinic, no defence" in visit.text
    assert "+2.0 points over guessing without the model, +1.0 to +3.0" in visit.text
    assert visit.links == {"Open": f"run={run}", "Watch": f"run={waiting}"}


def test_states_search_and_ownership_narrow_the_list(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.runs_page.owner", lambda: "me")
    world.done(1, owner="me")
    world.running(2)
    world.ended(State.FAILED, 3, error="no space left on the disk")
    visit.open("lab/runs")
    assert lines(visit) == 3 and "no space left on the disk" in visit.text
    for group, expected in (("done", 1), ("open", 1), ("ended early", 1), ("all", 3)):
        visit.app.segmented_control(key="state").set_value(group)
        assert lines(visit.again()) == expected
    visit.app.text_input(key="search").set_value('"seed":2')
    assert lines(visit.again()) == 1
    visit.app.text_input(key="search").set_value("")
    visit.app.toggle(key="mine").set_value(True)
    assert lines(visit.again()) == 1


def test_many_runs_come_in_pages(visit: Visit) -> None:
    for seed in range(13):
        world.queued(seed)
    visit.open("lab/runs")
    assert lines(visit) == 10
    visit.app.pagination(key="runs-page").set_value(2)
    assert lines(visit.again()) == 3


@pytest.mark.parametrize("page", ["lab/runs", "lab/attack"])
def test_an_unreadable_store_is_one_sentence(visit: Visit, own_data_folder: Path, page: str) -> None:
    own_data_folder.mkdir(exist_ok=True)
    (own_data_folder / "runs.sqlite").write_bytes(b"no database" * 1000)
    visit.open(page, run="somebody")
    (error,) = visit.app.error
    assert "runs.sqlite" in error.value
