"""Scores on the screen: the stored numbers, each at its place on an honest scale, with its context."""

import re
from urllib.parse import unquote

import pytest

from inversion_core.metrics.glossary import explain
from inversion_core.values import Modality
from pages.ui import scores
from pages.ui.loss_line import loss_line
from tests.pages.world import score


def drawn(monkeypatch: pytest.MonkeyPatch, *stored: scores.Score) -> str:
    written: list[str] = []
    monkeypatch.setattr("pages.ui.scores.st.html", written.append)
    scores.rulers(stored)
    return written[0]


def places(html: str, mark: str) -> list[float]:
    return [float(found) for found in re.findall(rf'class="{mark}" style="left:(-?[\d.]+)%', html)]


def test_marks_stand_where_their_values_are(monkeypatch: pytest.MonkeyPatch) -> None:
    html = drawn(monkeypatch, score("evaluator-top1", 0.75, baseline=0.01, control=0.99))
    assert places(html, "value") == [75.0]
    assert places(html, "baseline") == [1.0]
    assert places(html, "control") == [99.0]
    assert places(html, "interval") == [65.0]


def test_a_scale_reaches_below_zero_where_a_value_does(monkeypatch: pytest.MonkeyPatch) -> None:
    html = drawn(monkeypatch, score("adversarial-gap", -0.5, low=-0.6, high=-0.4, baseline=0.0, control=None))
    assert places(html, "value") == [25.0]
    assert places(html, "baseline") == [50.0]
    assert places(html, "control") == []


def test_a_scale_of_decibels_starts_at_zero_and_holds_every_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    html = drawn(monkeypatch, score("psnr", 20.0, low=19.0, high=21.0, baseline=10.0, control=None))
    value, baseline = places(html, "value")[0], places(html, "baseline")[0]
    assert value == pytest.approx(2 * baseline, abs=0.02)
    assert 0 < baseline < value < 100


def test_numbers_have_their_interval_n_baseline_and_direction_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    html = drawn(monkeypatch, score("evaluator-top1", 0.75, baseline=0.01, control=0.99, rulers={"<b>": 0.5}))
    for words in (
        "75 %",
        "65 % to 85 %",
        "without the model 1 %",
        "real photos 99 %",
        "n = 12",
        "higher: stronger",
    ):
        assert words in html
    assert "<b>&" not in html and "&lt;b&gt; 50 %" in html


def test_the_table_has_the_same_numbers() -> None:
    row = scores.table([score("psnr", 17.0, low=16.0, high=18.0, baseline=12.0, control=None)])[0]
    assert list(row.values())[1:] == ["17.0 dB", "16.0 dB to 18.0 dB", "12", "12.0 dB", "none", "higher"]


def test_many_further_values_go_into_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    traits = {f"trait {number}": number / 10 for number in range(9)}
    stored = score("attribute-accuracy", 0.5, rulers=traits)
    html = drawn(monkeypatch, stored)
    assert "9 further values in the table" in html and "trait 3" not in html
    assert {"score": explain("attribute-accuracy").title, "beside it": "trait 3", "value": "30 %"} in (
        scores.further_values([stored])
    )


def test_the_headline_comes_first() -> None:
    names = ("psnr", "adversarial-gap", "evaluator-top1")
    assert [one["name"] for one in scores.ordered([score(name, 0.5) for name in names])] == [
        "evaluator-top1",
        "adversarial-gap",
        "psnr",
    ]


@pytest.mark.parametrize("points", [[], [(1, 0.5)]])
def test_a_line_needs_two_points(points: list[tuple[int, float]]) -> None:
    assert loss_line(points) == ""


def test_a_loss_line_falls_from_left_to_right() -> None:
    drawn = loss_line([(1, 2.0), (5, 1.0), (9, 0.0)])
    assert "points='0,3.0 500,50.0 1000,97.0'" in unquote(drawn)
    assert "from 2 at step 1 to 0 at step 9" in drawn


def test_what_a_table_run_gained_is_told_in_points() -> None:
    gain = score("residual-over-imputation", 0.261, low=-0.01, high=0.3, baseline=0.0)
    assert scores.number(gain, 0.261) == "+26.1 points"
    assert scores.interval(gain) == "\N{MINUS SIGN}1.0 to +30.0"
    told = scores.in_short({"scores": [score("attribute-accuracy", 0.8), gain]})
    assert told == "+26.1 points over guessing without the model, \N{MINUS SIGN}1.0 to +30.0"


def test_a_name_shared_by_pictures_and_tables_has_the_meaning_of_its_kind() -> None:
    stored = [score("attribute-accuracy", 0.8)]
    assert scores.table(stored)[0]["score"] == "Traits read off the picture"
    row = scores.table(stored, Modality.TABLE)[0]
    assert row["score"] == "Sensitive values guessed right" and row["records it never saw"] == "90 %"
