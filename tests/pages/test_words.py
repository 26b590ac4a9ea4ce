"""Words on the screen: time, order, and nothing a stranger typed is run as HTML."""

import pytest

from pages.ui import words

NOW = 1_000_000.0


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "just now"),
        (-5, "just now"),
        (60, "1 minute ago"),
        (150, "2 minutes ago"),
        (3600, "1 hour ago"),
        (86400 * 3, "3 days ago"),
    ],
)
def test_moments_are_told_from_now(seconds: float, told: str) -> None:
    assert words.ago(NOW - seconds, NOW) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.42, "0.4 s"), (12, "12 s"), (180, "3 min"), (7200, "2 h"), (89.6, "90 s")]
)
def test_durations_are_told_as_people_say_them(seconds: float, told: str) -> None:
    assert words.duration(seconds) == told


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (112, "112th"),
        (21, "21st"),
    ],
)
def test_places_are_told_in_order(number: int, told: str) -> None:
    assert words.ordinal(number) == told


def test_text_from_data_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr("pages.ui.words.st.html", written.append)
    words.quiet("<img src=x onerror=alert(1)>")
    words.verdict("<b>", side='"><b>')
    words.facts({"<i>": "<u>"})
    words.legend([("truth", "<script>")])
    words.named("<script>alert(1)</script>")
    assert len(written) == 5
    for tag in ("<img", "<b>", "<i>", "<u>", "<script"):
        assert not any(tag in html for html in written)


@pytest.mark.parametrize(
    ("share", "told"), [(0.996, "99.6 %"), (1, "100 %"), (0.353, "35 %"), (0.004, "0.4 %"), (0, "0 %")]
)
def test_nearly_all_is_not_told_as_all(share: float, told: str) -> None:
    assert words.percent(share) == told
