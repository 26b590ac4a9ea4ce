"""What each defence costs, as the Compare page tells it."""

from dataclasses import replace
from typing import Any

import pytest

from inversion_core.compare.utility import Estimate, PersonLoss, Promise, Utility
from pages.ui import compare_cost, comparison
from pages.ui.comparison import Comparison
from tests.pages.conftest import Visit


def measured(accuracy: float = 0.97, **other: Any) -> Utility:
    """Return what a row costs, with parts replaced."""
    given: dict[str, Any] = {
        "released": "scores", "n": 1000, "calibration_error": 0.005, "brier": 0.01, "distortion": 0.0004,
        "people": lost(0.0, 0.0), "milliseconds": 2.2, "bare_milliseconds": 2.0, "training_seconds": 240.0,
        "trained_anew": False,
    }  # fmt: skip
    spread = Estimate(value=accuracy, low=accuracy - 0.01, high=accuracy + 0.01)
    return Utility(**given | {"accuracy": spread} | other)


def lost(mean: float, worst: float) -> PersonLoss:
    spread = Estimate(value=mean, low=mean - 0.02, high=mean + 0.02)
    return PersonLoss(mean=spread, losing=0.17, gaining=0.02, worst=worst, people=100, photos=10)


@pytest.fixture
def kept() -> Comparison:
    """Return the shipped comparison with costs of four of its rows, the undefended one not first."""
    shipped = comparison.load("people-cnn")
    bare = shipped.matrix.undefended or ""
    first, second, third = (row for row in shipped.matrix.rows[:4] if row != bare)
    promise = Promise(epsilon=8, delta=1e-5, person_epsilon=160, person_delta=1)
    found = {
        first: measured(
            0.9, people=lost(0.07, 0.6), trained_anew=True, training_seconds=900, promise=promise
        ),
        second: measured(released="labels", calibration_error=None, brier=None, milliseconds=64.0),
        third: measured(calibration_error=0.66, distortion=1.3),
        bare: measured(),
    }
    return replace(shipped, utility=found)


def lines(kept: Comparison) -> list[str]:
    return compare_cost.table(kept).split("<tr>")[1:]


def test_the_undefended_row_comes_first_and_nothing_is_wrong_with_it(kept: Comparison) -> None:
    head, bare, *others = lines(kept)
    assert all(f">{text}</th>" in head for text in compare_cost.HEADS.values())
    assert kept.matrix.undefended and f">{kept.matrix.undefended}</th>" in bare and "<em>" not in bare
    assert "2.2 ms" in bare and "4 min" in bare and len(others) == 3
    assert [row for row in kept.matrix.rows if row in kept.utility] == [
        line.split("</th>")[0].split(">")[1] for line in (bare, *others)
    ]


def test_what_is_clearly_worse_has_a_word(kept: Comparison) -> None:
    _, _, private, label, noisy = lines(kept)
    assert "90 % <em>clearly worse</em><small>89 % to 91 %" in private
    assert (
        "60 % of their photos <em>people lose</em><small>17 % of people lose, 2 % gain; on average 7 %"
        in private
    )
    assert "15 min <em>longer</em>" in private and "8.0 a photo<small>no promise for a person" in private
    assert "states none<small>the label alone" in label and "not trained anew" in label
    assert "32.0 times as long <em>slower</em><small>64.0 ms, without 2.0 ms" in label
    assert "less than 0.01 of 2" in label and "nobody loses" in label and label.count("<em>") == 1
    assert "66 % <em>further off</em>" in noisy and "1.30 of 2 <em>much changed</em>" in noisy
    assert "as long<small>2.2 ms" in noisy and noisy.count("<em>") == 2


def test_a_table_of_data_has_no_column_of_people(kept: Comparison) -> None:
    table = replace(kept, utility={row: one.model_copy(update={"people": None, "promise": None})
                                   for row, one in kept.utility.items()})  # fmt: skip
    assert compare_cost.HEADS["people"] not in compare_cost.table(table)
    assert compare_cost.PROMISE not in compare_cost.table(table)
    assert compare_cost.HEADS["people"] in compare_cost.table(kept)


def test_other_data_are_not_held_against_each_other() -> None:
    told = {
        name: text
        for name, text, _ in compare_cost.told(measured(distortion=None, people=None), undefended=False)
    }
    assert told["distortion"] == told["people"] == "other data"


def test_titles_from_a_file_are_escaped(kept: Comparison) -> None:
    odd = replace(kept, matrix=kept.matrix.model_copy(update={"rows": ("<img src=x>",)}))
    odd = replace(odd, utility={"<img src=x>": measured()})
    assert "<img" not in compare_cost.table(odd)


def test_the_page_shows_the_costs_in_a_region_that_can_be_focused(
    kept: Comparison, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "load", lambda name: kept)
    visit.compare("people-cnn")
    assert "on 1,000 photos that it was not trained on" in visit.text
    (region,) = [told for _, told in visit.tags if told.get("class") == "lab-costs"]
    assert region["tabindex"] == "0" and region["aria-label"]
    missing = [row for row in kept.matrix.rows if row not in kept.utility]
    assert missing and f"Not measured: {', '.join(missing)}." in visit.text


def test_a_comparison_stored_without_costs_has_no_table(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = replace(comparison.load("people-cnn"), utility={})
    monkeypatch.setattr(comparison, "load", lambda name: without)
    visit.compare("people-cnn")
    assert "What it costs" in visit.text and "Not measured" not in visit.text
    assert not [told for _, told in visit.tags if told.get("class") == "lab-costs"]
