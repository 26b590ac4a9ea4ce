"""Start shows a recovered person without a click, and everything on it comes from stored evidence."""

import pytest

from inversion_core.errors import StoreUnavailable
from pages.ui import evidence
from tests.pages.conftest import Visit


def picture(visit: Visit, words: str) -> str:
    return next(url for alt, url in visit.pictures.items() if words in alt)


def test_a_recovered_person_stands_beside_the_truth_without_a_click(visit: Visit) -> None:
    assert picture(visit, "right, what the attacker recovered of them").startswith("data:image/png")
    assert "independent judge" in visit.text
    assert "synthetic people" in visit.text


def test_the_dial_swaps_picture_and_verdict_at_once(visit: Visit) -> None:
    seen = []
    for stop in evidence.DIAL:
        visit.app.segmented_control(key="dial").set_value(stop.name)
        visit.again()
        verdict = next(html.proto.body for html in visit.app.get("html") if "lab-verdict" in html.proto.body)
        seen.append((picture(visit, "recovered of them"), verdict))
        assert stop.sentence in visit.text
    assert len(set(seen)) == len(evidence.DIAL)


def test_whoever_guesses_is_told_and_shown_the_answer(visit: Visit) -> None:
    person = evidence.casting().lineups[0]
    assert "was in the training data; the other five" not in visit.text
    visit.click(f"person-{person}-0")
    answers = [button for button in visit.app.button if button.proto.type == "primary"]
    assert len(answers) == 1
    name = evidence.load(evidence.DIAL[0]).result["victims"][person]["name"]
    opening = "Yes." if answers[0].key == f"person-{person}-0" else f"No, it is {answers[0].label}."
    assert f"{opening} {name} was in the training data" in visit.text


def test_another_six_brings_another_face(visit: Visit) -> None:
    before = picture(visit, "belongs to one of the six")
    visit.click("another")
    assert picture(visit, "belongs to one of the six") != before


def test_the_doors_lead_to_pages_that_exist(visit: Visit) -> None:
    assert visit.links == {"Attack a model": "", "Open the stored run": "evidence=undefended"}
    visit.open("lab/run", evidence="undefended")
    assert not visit.app.error


def test_missing_evidence_is_one_sentence(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise StoreUnavailable("stored evidence is gone; restore it")

    monkeypatch.setattr(evidence, "load", missing)
    visit.again()
    assert [error.value for error in visit.app.error] == ["stored evidence is gone; restore it"]
