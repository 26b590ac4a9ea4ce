"""Bars over their ghosts and differences around nothing: every mark at its place, every fact in words."""

import re

import pytest

from pages.ui import differences, ghost
from pages.ui.differences import Difference
from pages.ui.ghost import Bar

BAR = Bar("Right guesses", 0.71, 0.69, 0.73, ghost=0.68, n=2000, unseen=0.66, common=0.52)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gather what is drawn."""
    seen: list[str] = []
    monkeypatch.setattr("streamlit.html", seen.append)
    return seen


def places(html: str, role: str) -> list[tuple[float, float]]:
    found = re.findall(rf'class="{role}" style="left:([\d.]+)%(?:;width:([\d.]+)%)?', html)
    return [(float(left), float(width or 0)) for left, width in found]


def test_attack_and_ghost_start_at_nothing_and_end_at_their_values(written: list[str]) -> None:
    ghost.bars([BAR], legend=False)
    (html,) = written
    assert places(html, "attack") == [(0, 71)] and places(html, "ghost") == [(0, 68)]
    assert places(html, "whisker") == [(69, 4)]
    assert places(html, "unseen") == [(66, 0)] and places(html, "common") == [(52, 0)]
    assert html.index('class="ghost"') < html.index('class="attack"') < html.index('class="whisker"')


def test_a_bar_says_everything_in_words(written: list[str]) -> None:
    ghost.bars([BAR], legend=False)
    assert (
        'role="img" aria-label="Right guesses: the attack 71 %, 95 % interval 69 % to 73 %; without the '
        "model 68 %; n 2000; on records the model never saw 66 %; always the most common value 52 %"
    ) in written[0]
    assert "anyone 68 %" in written[0] and "n = 2,000" in written[0]


def test_what_is_below_nothing_is_drawn_to_the_left_of_it(written: list[str]) -> None:
    ghost.bars([Bar("MCC", -0.1, -0.2, 0.0, ghost=0.3, n=10, share=False)], legend=False)
    (html,) = written
    assert places(html, "attack") == [(12, 8)]  # the scale begins at -0.25, nothing is a fifth along
    assert places(html, "ghost") == [(20, 24)]
    assert ">-0.25<" in html and ">1.00<" in html


def test_shares_and_other_numbers_have_scales_of_their_own(written: list[str]) -> None:
    ghost.bars([BAR, Bar("MCC", 0.4, 0.3, 0.5, ghost=0.3, n=10, share=False)], legend=False)
    assert written[0].count('class="ticks"') == 2
    assert ">50 %<" in written[0] and ">0.50<" in written[0]


def test_the_legend_names_only_what_is_drawn(written: list[str]) -> None:
    ghost.bars([Bar("x", 0.5, 0.4, 0.6, ghost=0.5, n=10)])
    assert "anyone, without the model" in written[0] and "most common" not in written[0]
    ghost.bars([BAR])
    assert "always the most common value" in written[2] and "never saw" in written[2]


def test_names_from_data_are_escaped(written: list[str]) -> None:
    ghost.bars([Bar("<b>x</b>", 0.5, 0.4, 0.6, ghost=0.5, n=10)], legend=False)
    assert "<b>x" not in written[0] and "&lt;b&gt;x" in written[0]


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.261, "+26.1"), (-0.0123, "\N{MINUS SIGN}1.2"), (0.0, "0.0"), (-0.0001, "0.0"), (1, "+100.0")],
)
def test_points_have_their_sign(share: float, told: str) -> None:
    assert differences.points(share) == told


def test_differences_stand_around_nothing_on_the_smallest_scale_that_holds_them(written: list[str]) -> None:
    rows = [Difference("Trained on", 0.05, -0.01, 0.09), Difference("Never seen", -0.1, -0.1, 0.0)]
    differences.differences(rows, better="right", worse="wrong")
    (html,) = written
    assert places(html, "dot") == [(75, 0), (0, 0)]
    assert places(html, "whisker") == [(45, 50), (0, 50)]
    assert "Trained on: +5.0 percentage points, 95 % interval \N{MINUS SIGN}1.0 to +9.0" in html
    assert ">+10<" in html and "right →" in html
