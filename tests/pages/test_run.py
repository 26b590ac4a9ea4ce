"""The Run page holds everything needed to judge one run, and nothing it should not."""

import json

import pytest

from inversion_core.store.runs import open_store
from inversion_core.values import State
from pages.ui import library, run_numbers, shown, table_shown
from pages.ui.tiles import blurred
from tests.pages import tables, world
from tests.pages.conftest import Visit


def test_a_finished_run_has_sentence_pictures_scores_traits_ledger_and_recipe(visit: Visit) -> None:
    visit.open("lab/run", run=world.done())
    for words in (
        "an independent judge recognises for 9 of 12 people",
        "Recovered best",
        "Median person",
        "How it formed",
        "Pixel accuracy (PSNR)",
        "mean face 13.0 dB",
        "Everybody",
        "Traits, guessed and true",
        "What the attacker used",
        "Recipe",
    ):
        assert words in visit.text
    assert "Person 6: ✓ recognised" in visit.text  # the median of twelve in order of likeness
    assert visit.links["Again with one change"].startswith("from=")


def test_everybody_is_shown_and_can_be_narrowed_to_the_missed(visit: Visit) -> None:
    visit.open("lab/run", run=world.done())
    visit.app.segmented_control(key="only").set_value("missed")
    visit.again()
    for missed in (9, 10, 11):
        assert f"Person {missed}" in visit.text
    assert "Person 10, family A: ✗ ranked 3rd" in visit.text
    assert "Person 3: ✓ recognised" not in visit.text


def test_nobody_missed_is_said(visit: Visit) -> None:
    visit.open("lab/run", run=world.done(recognised=world.PEOPLE))
    visit.app.segmented_control(key="only").set_value("missed")
    assert "The independent judge recognised everybody." in visit.again().text


def test_a_failed_run_shows_reason_and_log(visit: Visit) -> None:
    run = world.ended(State.FAILED, error="the disk is full; free some space", log="Traceback: line 1")
    visit.open("lab/run", run=run)
    assert "the disk is full; free some space" in visit.text
    assert visit.app.code[0].value == "Traceback: line 1"
    assert visit.links["Again with one change"] == f"from={run}"


def test_a_run_that_goes_on_sends_to_where_it_is_watched(visit: Visit) -> None:
    run = world.running()
    visit.open("lab/run", run=run)
    assert visit.links["Watch it"] == f"run={run}"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"run": "nobody"}, "runs are found by id, 'nobody' is none"),
        ({"evidence": "nothing"}, "stored evidence is chosen by name, 'nothing' is none of it"),
    ],
)
def test_what_does_not_exist_is_one_sentence(visit: Visit, params: dict[str, str], told: str) -> None:
    visit.open("lab/run", **params)
    (error,) = visit.app.error
    assert told in error.value


def test_without_an_address_the_page_leads_to_the_list(visit: Visit) -> None:
    visit.open("lab/run")
    assert visit.links == {"All runs": ""}


def test_a_run_that_lost_its_pictures_says_so(visit: Visit) -> None:
    run = world.done()
    record = open_store().get(run)
    sha256 = library.reference(record, "reconstruction-sheet")
    assert sha256
    open_store()._artifacts.delete(sha256)
    library.sheet.cache_clear()
    visit.open("lab/run", run=run)
    (error,) = visit.app.error
    assert "nothing is stored under" in error.value


def test_the_stored_runs_are_switched_on_the_page(visit: Visit) -> None:
    visit.open("lab/run", evidence="undefended")
    visit.app.segmented_control(key="evidence").set_value("dp-sgd")
    assert "with differentially private training" in visit.again().text


def test_a_note_is_kept(visit: Visit) -> None:
    run = world.done()
    visit.open("lab/run", run=run)
    visit.app.text_area(key=f"note-{run}").set_value("look at Person 3")
    visit.again()
    assert open_store().get(run).label == "look at Person 3"


def test_the_export_has_scenario_and_numbers_and_no_picture() -> None:
    exported = json.loads(run_numbers.exported(shown.of_record(open_store().get(world.done()), faces=False)))
    assert exported["scenario"]["target"]["name"] == "softmax"
    assert exported["scores"][0]["name"] == "evaluator-top1"
    assert "png" not in json.dumps(exported)


def test_real_people_leave_the_server_blurred_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(f"Person {place}" for place in range(world.PEOPLE))
    monkeypatch.setattr(library, "people", lambda scenario: library.People(names, synthetic=False))
    record = open_store().get(world.done())
    asked, veiled = shown.of_record(record, faces=True), shown.of_record(record, faces=False)
    assert veiled.hidden and not asked.hidden
    for clear, hidden in zip(
        (*asked.recovered, *asked.originals), (*veiled.recovered, *veiled.originals), strict=True
    ):
        assert (hidden == blurred(clear)).all() and (hidden != clear).any()


def test_people_without_families_and_similarity_still_make_a_page(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = world.result()
    for row in bare["victims"]:
        row.update(family=None, ssim=None, attributes={}, evaluator_probability=None)
    bare["scores"] = bare["scores"][1:2]
    monkeypatch.setattr(world, "result", lambda recognised=9: bare)
    visit.open("lab/run", run=world.done())
    assert "No verdict" in visit.text
    assert "Person by person" not in visit.text and "Traits, guessed and true" not in visit.text


def test_a_finished_table_run_has_everything_needed_to_judge_it(visit: Visit) -> None:
    run = tables.done()
    visit.open("lab/run", run=run)
    for words in (
        "an attacker is right about",
        "Remembered, or merely guessable?",
        "Record by record",
        "What the attacker used",
        "Recipe",
        "Note",
    ):
        assert words in visit.text
    assert "Recovered best" not in visit.text and "synthetic records" in visit.text
    assert visit.links["Again with one change"] == f"from={run}"
    meanings = "\n".join(one.value for one in visit.app.markdown)
    assert "What the model adds to guessing" in meanings and "whose sensitive value the attack" in meanings


def test_a_table_run_that_goes_on_is_watched_where_it_was_launched(visit: Visit) -> None:
    run = tables.running()
    visit.open("lab/run", run=run)
    link = next(one for one in visit.app.main.get("page_link") if one.proto.label == "Watch it")
    assert link.proto.page == "attributes"


def test_the_stored_table_run_has_a_page(visit: Visit) -> None:
    visit.open("lab/run", evidence="attributes-clinic")
    assert "stored evidence" in visit.text and "Record by record" in visit.text


def test_the_export_of_a_table_run_has_no_record() -> None:
    exported = json.loads(run_numbers.exported(table_shown.of_record(open_store().get(tables.done()))))
    assert exported["scenario"]["attack"]["name"] == "csmia"
    assert "preview" not in exported and "records" not in exported
