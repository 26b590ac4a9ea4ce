"""Controls: what was run comes first, every reference says how sure it is, and a search narrows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inversion_core import exhibits
from inversion_core.errors import DataUnusable
from inversion_core.risk.claims import ClaimType, overstated
from inversion_core.risk.coverage import coverage
from inversion_core.risk.crosswalk import crosswalk
from inversion_core.risk.references import Confidence
from inversion_core.risk.stored import FOLDER
from inversion_core.values import State
from pages.ui import controls_coverage, controls_page
from pages.ui.controls_references import listing
from tests.pages import world
from tests.pages.conftest import Visit

PAGE = "review/controls"


def shown(visit: Visit) -> list[str]:
    """Return the labels of the controls on the page."""
    names = [one.name for one in crosswalk().controls]
    return [one.label for one in visit.app.expander if one.label.split(":")[0] in names]


def test_what_was_run_and_what_was_not_is_told_first(visit: Visit) -> None:
    visit.open(PAGE)
    first = [element.proto.body for element in visit.app.main.get("html")]
    assert "Which attacks were really run" in first[0]
    assert "names for tests: 5 run." in first[1]
    assert first[2].count("<li>") == 6
    for name in exhibits.names():
        assert f"exhibit {name}" in first[2]
    assert "<i>This installation:</i> NOT RUN: nobody ran it." in first[2]


def test_without_the_runs_of_an_exhibit_its_family_was_not_run(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exhibits, "names", lambda: ())
    controls_coverage._stored.cache_clear()
    visit.open(PAGE)
    first = [element.proto.body for element in visit.app.main.get("html")]
    assert "1 run, 2 run in part, 2 not run at all" in first[1]
    assert "exfiltration or regurgitation" in first[1]
    assert "NOT RUN: nobody ran it." in first[2]
    controls_coverage._stored.cache_clear()


def test_an_own_run_counts_once_it_is_done(visit: Visit) -> None:
    world.running(1)
    world.ended(State.FAILED, 2, error="no space")
    assert "<i>This installation:</i> RUN" not in visit.open(PAGE).text
    run_id = world.done(3)
    visit.open(PAGE)
    told = "RUN, 1 run, none by an attacker who knows the controls. Attacks: MIFace."
    assert f"<i>This installation:</i> {told} The attacker had: the model itself." in visit.text
    assert f"The latest: {run_id[:8]}." in visit.text


def test_every_control_is_there_with_its_references(visit: Visit) -> None:
    visit.open(PAGE)
    assert len(shown(visit)) == len(crosswalk().controls)
    for control in crosswalk().controls:
        for cited in control.refs:
            assert f"<b>{cited.ref}</b>" in visit.text
    assert "contested, NOT RUN" in " ".join(shown(visit))
    assert "<b>MITRE ATLAS</b> no entry" in visit.text


def test_what_was_measured_is_told_as_the_matrix_has_it(visit: Visit) -> None:
    kept = json.loads((FOLDER / "people-cnn-gn" / "comparison.json").read_text())["matrix"]["cells"]
    row = "Differential privacy, epsilon 8"
    strongest = max(
        (one for one in kept if one["row"] == row and one["value"] is not None), key=lambda one: one["value"]
    )
    visit.open(PAGE, **{"controls-search": "dp-sgd"})
    assert f"{strongest['column']}: {100 * strongest['value']:.0f} %" in visit.text


def test_search_and_kind_narrow_the_list(visit: Visit) -> None:
    visit.open(PAGE)
    visit.app.text_input(key="controls-search").set_value("honeypot or nothing")
    assert shown(visit.again()) == [] and "No control fits" in visit.text
    visit.app.text_input(key="controls-search").set_value("aml.m0004")
    (only,) = shown(visit.again())
    assert only.startswith("Limits on how much may be asked")
    visit.app.text_input(key="controls-search").set_value("")
    for kind, part in (("contested", "explanations"), ("not measured", "weights"), ("measured", "RUN, ")):
        visit.app.segmented_control(key="controls-kind").set_value(kind)
        labels = shown(visit.again())
        assert labels and len(labels) < len(crosswalk().controls)
        assert any(part in label for label in labels)


def test_names_follow_the_chosen_version_of_atlas(visit: Visit) -> None:
    visit.open(PAGE)
    assert "Predictive AI Output Obfuscation" in visit.text and "Invert AI Model" in visit.text
    visit.app.selectbox(key="controls-atlas").set_value("4.8")
    visit.again()
    assert "Passive AI Output Obfuscation" in visit.text and "Invert ML Model" in visit.text
    assert "Not yet in ATLAS 4.8." in visit.text


def test_a_reference_from_memory_cannot_pass_for_a_checked_one() -> None:
    for control in crosswalk().controls:
        for cited in control.refs:
            html = listing([cited], "5.6", {})
            assert ('class="memory"' in html) == (cited.row.confidence is Confidence.MEMORY)
            assert ("checked 10/2026" in html) == cited.row.verified


def test_a_case_has_its_union_and_says_what_it_lacks(visit: Visit) -> None:
    visit.open(PAGE)
    visit.app.selectbox(key="case-attack").set_value("gradient_inversion")
    visit.app.selectbox(key="case-access").set_value("gradients")
    visit.app.selectbox(key="case-data").set_value("generic_objects_or_synthetic")
    visit.again()
    assert "no entry in 5.6" in visit.text
    assert "Law: no people in the data" in [one.label for one in visit.app.expander]
    assert "project mapping" in visit.text


def test_a_case_of_likenesses_claims_no_more_than_a_likeness(visit: Visit) -> None:
    told = next(line for line in visit.open(PAGE).text.splitlines() if "What a success would show" in line)
    assert overstated(told, ClaimType.CLASS_REPRESENTATIVE) == []


def test_policies_stand_in_groups_and_say_who_can_tell(visit: Visit) -> None:
    visit.open(PAGE)
    titles = [one.value for one in visit.app.subheader]
    assert titles[-4:] == [
        "Choosing the training data",
        "Putting the model to use",
        "Deciding who may ask",
        "Watching and looking again",
    ]
    assert "for a person to say" in visit.text and "checked against a review" in visit.text


def test_a_damaged_comparison_is_one_sentence(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise DataUnusable("stored comparisons are read from x, which is damaged; restore it")

    monkeypatch.setattr(controls_coverage, "comparisons", broken)
    visit.open(PAGE)
    (error,) = visit.app.error
    assert error.value.endswith("restore it")


def test_names_from_a_comparison_are_escaped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr("streamlit.html", drawn.append)
    seen = controls_coverage.look()
    titles = {name: "<script>" for name in seen.titles}
    controls_coverage.coverage_list(replace(seen, titles=titles))
    assert "&lt;script&gt;" in drawn[0] and "<script" not in drawn[0]


def test_the_sentence_names_nothing_missing_where_all_was_run() -> None:
    empty = coverage([])
    assert "5 not run at all" in controls_page.sentence(empty)
    assert "Nothing here speaks about attribute and membership inference" in controls_page.sentence(empty)
