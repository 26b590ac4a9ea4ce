"""A shared link shows what was stored and nothing else, and says why when it shows nothing."""

import re

import pytest

from inversion_core.risk.assessment import Mode
from inversion_core.risk.signoff import Decision
from inversion_core.store.runs import open_store
from inversion_core.values import State
from pages.ui import library
from tests.pages import tables, world
from tests.pages.conftest import Visit
from tests.store.reviews import ADA, HOSTILE, decided, shared
from tests.store.test_audit import altered


def test_a_shared_report_shows_its_sentence_what_was_not_tested_and_its_files(visit: Visit) -> None:
    share_id, review = shared(open_store())
    visit.open("review/share", id=share_id)
    for words in (
        "An attacker recovered 3 of 24 people.", "Version 2 of the report", "worst person", "NOT RUN",
        "Nobody has decided on this version.", open_store().report(review.report).sha256,
    ):  # fmt: skip
        assert words in visit.text
    assert [one.proto.label for one in visit.app.get("download_button")] == [
        "Report as PDF",
        "Report as HTML",
    ]


def test_what_somebody_typed_is_text_on_it(visit: Visit) -> None:
    share_id, review = shared(open_store())
    said = {"decision": Decision.CONDITIONS, "conditions": HOSTILE, "approver": "<b>Ada</b>"}
    decided(open_store(), review, content="e" * 64, **said)
    visit.open("review/share", id=share_id)
    assert visit.text.count(HOSTILE) == 2 and "approve with conditions" in visit.text
    assert not {"img", "b"} & {tag for tag, _ in visit.tags}
    assert not any(HOSTILE in str(one.value) for one in (*visit.app.markdown, *visit.app.header))


def test_an_exercise_is_marked(visit: Visit) -> None:
    share_id, _ = shared(open_store(), mode=Mode.TRAINING)
    assert "An exercise, made in training mode" in visit.open("review/share", id=share_id).text


def test_a_link_to_a_report_that_shows_faces_shows_nothing(visit: Visit) -> None:
    share_id, _ = shared(open_store())
    altered(open_store(), "UPDATE reports SET unlocked = 1", trigger="reports")
    (error,) = visit.open("review/share", id=share_id).app.error
    assert "faces are unblurred" in error.value and not visit.app.get("download_button")


def test_damaged_numbers_are_one_sentence(visit: Visit) -> None:
    share_id, _ = shared(open_store(), json=b"{")
    (error,) = visit.open("review/share", id=share_id).app.error
    assert "this one's cannot be read" in error.value


def test_a_shared_run_shows_verdict_and_pictures_and_nothing_to_change(visit: Visit) -> None:
    share_id = open_store().create_share("run", world.done(), ADA)
    visit.open("review/share", id=share_id)
    assert "independent judge" in visit.text and "Median person" in visit.text
    assert visit.links == {} and not visit.app.text_area and not visit.app.button
    assert not visit.app.toggle


def test_real_people_are_blurred_even_for_who_unlocked_them_elsewhere(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tuple(f"Person {place}" for place in range(world.PEOPLE))
    monkeypatch.setattr(library, "people", lambda scenario: library.People(names, synthetic=False))
    run = world.done()
    share_id = open_store().create_share("run", run, ADA)
    veiled = visit.open("review/share", id=share_id).pictures
    named = {row["name"] for row in open_store().get(run).result["victims"]}
    shown = f"{visit.text} {visit.tags} {list(veiled)}"
    assert "person 1: left the truth" in shown and not [name for name in named if name in shown]
    visit.app.session_state[f"faces-{run}"] = True
    assert visit.again().pictures == veiled
    monkeypatch.setattr(library, "people", lambda scenario: library.People(names, synthetic=True))
    assert visit.again().pictures != veiled


def test_a_shared_table_run_shows_its_numbers(visit: Visit) -> None:
    share_id = open_store().create_share("run", tables.done(), ADA)
    visit.open("review/share", id=share_id)
    assert "given away by the model" in visit.text and visit.links == {}


def test_a_shared_run_that_failed_says_so(visit: Visit) -> None:
    run = world.ended(State.FAILED, error="the disk is full; free some space", log="Traceback: secret")
    visit.open("review/share", id=open_store().create_share("run", run, ADA))
    assert "the disk is full" in visit.text and "secret" not in visit.text


def test_it_has_no_menu_and_other_pages_have(visit: Visit) -> None:
    share_id, _ = shared(open_store())
    assert len(visit.app.sidebar.get("page_link")) > 3
    visit.open("review/share", id=share_id)
    assert not visit.app.sidebar.get("page_link")


def test_turning_a_page_is_no_second_view_and_a_second_visit_is(visit: Visit) -> None:
    share_id, review = shared(open_store())
    visit.open("review/share", id=share_id).again()
    assert open_store().shares(review.report)[0].views == 1
    Visit().open("review/share", id=share_id)
    assert open_store().shares(review.report)[0].views == 2


def test_a_link_that_was_taken_back_shows_nothing_even_to_who_has_it_open(visit: Visit) -> None:
    share_id, _ = shared(open_store())
    visit.open("review/share", id=share_id)
    open_store().revoke_share(share_id, ADA)
    visit.again()
    (error,) = visit.app.error
    assert "this one was; ask for a new one" in error.value
    assert "24 people" not in visit.text


@pytest.mark.parametrize(
    ("params", "told"), [({}, "No link is named in the address"), ({"id": "0" * 32}, "this one was not")]
)
def test_no_link_or_a_wrong_one_is_one_sentence(visit: Visit, params: dict[str, str], told: str) -> None:
    visit.open("review/share", **params)
    assert told in visit.text


def test_a_run_is_shared_from_its_page_and_taken_back_there(visit: Visit) -> None:
    run = world.done()
    visit.open("lab/run", run=run).click("share-make")
    (link,) = re.findall(r"share\?id=([0-9a-f]{32})", visit.text)
    (made,) = open_store().shares(run)
    assert open_store().open_share(link, count=False) == made
    assert f"{made.name}: open until" in visit.text
    visit.click(f"share-{made.name}")
    assert link not in visit.text and f"{made.name}: taken back, opened by nobody yet" in visit.text
    assert not open_store().shares(run)[0].open


def test_days_are_chosen(visit: Visit) -> None:
    run = world.done()
    visit.open("lab/run", run=run)
    visit.app.segmented_control(key="share-days").set_value(30)
    visit.again().click("share-make")
    (made,) = open_store().shares(run)
    assert round((made.expires - made.created) / 86400) == 30
