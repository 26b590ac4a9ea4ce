"""The HTML report in a real browser: everybody can read it, on any screen and on paper; it asks nothing."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from inversion_core.reports.html import html
from tests.browser.conftest import LAPTOP, PHONE
from tests.reports.sample import everywhere, sample
from tests.reports.test_injection import ATTACKS

SERIOUS = ("serious", "critical")


class Reader:
    """Somebody who opens a report from a folder; notes every complaint, dialog and request."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.home = ""
        self.noticed: list[str] = []
        page.on("console", lambda message: self.noticed.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.noticed.append(f"error: {error}"))
        page.on("request", lambda request: self.note(request.url))
        page.on("dialog", lambda dialog: (self.noticed.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def note(self, url: str) -> None:
        if url != self.home and not url.startswith("data:image/png;base64,"):
            self.noticed.append(f"request: {url[:200]}")

    def open(self, report: bytes, folder: Path) -> Page:
        file = folder / "report.html"
        file.write_bytes(report)
        self.home = file.as_uri()
        self.page.goto(self.home)
        return self.page


@pytest.fixture
def reader(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Reader]:
    screen, colours = getattr(request, "param", (LAPTOP, "light"))
    context = chromium.new_context(viewport=screen, color_scheme=colours)
    made = Reader(context.new_page())
    yield made
    context.close()
    assert made.noticed == []


SCREENS = [
    pytest.param((size, colours), id=f"{size['width']}-{colours}")
    for size in (LAPTOP, PHONE)
    for colours in ("light", "dark")
]


@pytest.mark.parametrize("reader", SCREENS, indirect=True)
def test_everybody_can_read_it_on_any_screen(reader: Reader, tmp_path: Path) -> None:
    page = reader.open(html(sample()), tmp_path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page).response["violations"]
    grave = [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found
        if one["impact"] in SERIOUS
    ]
    assert grave == []
    assert sideways(page) <= 0


@pytest.mark.parametrize("reader", [pytest.param((PHONE, "light"), id="phone")], indirect=True)
def test_a_wide_table_scrolls_in_its_own_region(reader: Reader, tmp_path: Path) -> None:
    page = reader.open(html(sample()), tmp_path)
    wide = page.locator(".scroll").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 20).length"
    )
    assert wide >= 2 and sideways(page) <= 0


def test_dark_follows_the_visitor_and_paper_is_always_white(chromium: Browser, tmp_path: Path) -> None:
    shades = {}
    for colours in ("light", "dark"):
        context = chromium.new_context(color_scheme=colours)
        page = Reader(context.new_page()).open(html(sample()), tmp_path)
        shades[colours, "screen"] = shade(page)
        page.emulate_media(media="print")
        shades[colours, "print"] = shade(page)
        context.close()
    assert shades["light", "screen"] > 700 and shades["dark", "screen"] < 120
    assert shades["light", "print"] == shades["dark", "print"] > 700


def test_on_paper_every_page_has_the_banner_its_number_and_the_heads_of_its_table(
    reader: Reader, tmp_path: Path
) -> None:
    page = reader.open(html(sample()), tmp_path)
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert 8 <= len(printed.pages) <= 16
    texts = [" ".join(sheet.extract_text().split()) for sheet in printed.pages]
    for number, text in enumerate(texts, 1):
        assert f"Page {number} of {len(texts)}" in text
        assert "Illustrative: measured on synthetic people" in text
    with_runs = [text for text in texts if " R2" in text or " R4" in text]
    assert len(with_runs) >= 2 and all("Run Attack Defence Access" in text for text in with_runs)
    assert [round(float(side)) for side in printed.pages[0].mediabox[2:]] == [595, 842]
    assert "58.0 % to 76.0 %" in " ".join(texts), "the table behind a chart is printed too"


@pytest.mark.parametrize("part", (0, 1, 2))
def test_hostile_text_does_nothing(reader: Reader, tmp_path: Path, part: int) -> None:
    for name, attack in list(ATTACKS.items())[part::3]:
        page = reader.open(html(everywhere(attack)), tmp_path)
        page.keyboard.press("Tab")
        page.mouse.move(300, 300)
        assert page.title() != "owned", name
        assert (
            page.locator("script, iframe, object, embed, link, [onerror], [onload], [autofocus]").count() == 0
        ), name
        assert page.evaluate("document.styleSheets.length") == 1, name
        assert sideways(page) <= 0, name


def test_even_a_script_that_was_ours_would_not_run(chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context()
    reader = Reader(context.new_page())
    report = html(sample()).replace(
        b"</main>", b"<script>document.title='ran'</script><img src='/x.png'></main>"
    )
    page = reader.open(report, tmp_path)
    assert page.title() == sample().title
    assert any("Content Security Policy" in one for one in reader.noticed)
    context.close()


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def shade(page: Page) -> int:
    """How bright the ground is, from 0 to 765."""
    colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return sum(int(part) for part in colour[4:-1].split(",")[:3])
