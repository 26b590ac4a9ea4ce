"""What the Compare page says of the literature's claims."""

import json
import shutil
from html import unescape
from pathlib import Path

import pytest

from inversion_core.compare.expectations import Claim, Direction, Finding, Found, Seen, Side
from pages.ui import compare_expectations, comparison
from pages.ui.compare_expectations import MARKS, TITLE, expectations

LEAK = Found("<rows>", "search", "naive", "", "evaluator-top1", 0.9, 0.8, 0.95, 24, 3)
BARE = Found("bare", "search", "naive", "", "evaluator-top1", 0.5, 0.3, 0.6, 24, 3)


def finding(seen: Seen, text: str = "Up is down.") -> Finding:
    claim = Claim(text, "Somebody, 2020", Direction.LESS, Side("nes-latent"), Side("nes-latent"))
    return Finding(claim, seen) if seen is Seen.NOT_MEASURED else Finding(claim, seen, LEAK, BARE)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is written to the page."""
    written: list[str] = []
    monkeypatch.setattr("streamlit.html", written.append)
    monkeypatch.setattr("streamlit.header", lambda text, **_: written.append(text))
    return written


def test_a_finding_tells_the_word_the_claim_both_values_and_what_they_rest_on(drawn: list[str]) -> None:
    expectations([finding(Seen.REVERSED)])
    text = unescape("".join(drawn)).replace("\N{NO-BREAK SPACE}", " ")
    assert drawn[0] == TITLE
    for part in (
        "the other way round", "Up is down.", "<rows>: 90 % (80 % to 95 %)", "bare: 50 % (30 % to 60 %)",
        "Somebody, 2020; search, n = 24, 3 seeds", "Claims measured here: 1.",
    ):  # fmt: skip
        assert part in text
    assert "<rows>" not in "".join(drawn), "a title is not run as HTML"


def test_every_outcome_has_a_word_and_a_sign_of_its_own(drawn: list[str]) -> None:
    expectations([finding(seen) for seen in Seen])
    assert len(set(MARKS.values())) == len(Seen)
    for seen in Seen:
        assert any(f"{MARKS[seen]}</i> {seen}</b>" in html for html in drawn)


def test_what_does_not_surprise_is_apart(drawn: list[str]) -> None:
    expected, unknown = finding(Seen.EXPECTED, "As ever."), finding(Seen.NOT_MEASURED, "Nobody knows.")
    expectations([finding(Seen.REVERSED), finding(Seen.NOT_SEEN, "So so."), expected, unknown])
    lists = [html for html in drawn if "lab-claims" in html]
    assert len(lists) == 3 and lists[0].index("Up is down.") < lists[0].index("So so.")
    assert ["As ever." in html for html in lists] == [False, True, False]
    assert ["Nobody knows." in html for html in lists] == [False, False, True]


def test_without_findings_nothing_is_drawn(drawn: list[str]) -> None:
    expectations([])
    assert drawn == []


@pytest.mark.parametrize("name", comparison.names())
def test_a_shipped_comparison_has_findings_in_order(name: str) -> None:
    findings = comparison.load(name).findings
    places = [list(Seen).index(one.seen) for one in findings]
    assert findings and places == sorted(places)
    measured = sum(one.seen is not Seen.NOT_MEASURED for one in findings)
    assert measured > (5 if name.startswith("people-cnn") else 0)
    assert compare_expectations.summary(findings).startswith("Claims measured here")


def test_a_comparison_of_an_earlier_version_is_read_without_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(comparison.FOLDER / "people-cnn", tmp_path / "old")
    file = tmp_path / "old" / "comparison.json"
    kept = json.loads(file.read_text())
    del kept["made"]
    file.write_text(json.dumps(kept))
    monkeypatch.setattr(comparison, "FOLDER", tmp_path)
    assert comparison.load("old").findings == ()
