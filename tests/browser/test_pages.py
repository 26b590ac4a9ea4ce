"""Every page in a real browser: on a fresh server, on a phone, in the dark, and for who cannot see it."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.conftest import LAPTOP, PHONE, Server, Tab

PAGES = [
    "/",
    "/stories",
    "/stories?story=cost",
    "/exhibits",
    "/exhibits?exhibit=membership",
    "/exhibits?exhibit=extraction",
    "/exhibits?exhibit=generation",
    "/exhibits?exhibit=reconstruction",
    "/exhibits?exhibit=property",
    "/exhibits?exhibit=encryption",
    "/stories?story=gradients",
    "/attack",
    "/compare",
    "/monitor",
    "/controls",
    "/review",
    "/runs",
    "/run",
    "/run?evidence=undefended",
    "/run?evidence=dp-sgd",
    "/run?evidence=attributes-clinic",
    "/run?run=nobody",
]
SERIOUS = ("serious", "critical")


def test_start_shows_a_recovered_person_without_a_click(tab: Tab) -> None:
    page = tab.open("/")
    picture = page.locator("img[alt*='what the attacker recovered of them']")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") >= 640
    assert str(picture.get_attribute("src")).startswith("data:image/png")
    expect(page.locator(".lab-verdict").first).to_contain_text("independent judge")


def test_the_dial_swaps_the_evidence_at_once(tab: Tab) -> None:
    page = tab.open("/")
    picture = page.locator("img[alt*='what the attacker recovered of them']")
    before = str(picture.get_attribute("src"))
    page.get_by_role("radio", name="Differential privacy").click()
    expect(picture).not_to_have_attribute("src", before, timeout=1500)


def test_who_guesses_is_answered(tab: Tab) -> None:
    page = tab.open("/")
    page.get_by_role("button", name="B", exact=True).click()
    expect(page.get_by_text("was in the training data; the other five")).to_be_visible()


def test_how_to_read_a_result_opens_and_closes(tab: Tab) -> None:
    page = tab.open("/")
    page.get_by_role("button", name="How to read a result").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Who judges?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_every_page_is_accessible_and_fits(
    chromium: Browser, server: Server, size: ViewportSize, colours: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=colours)
    tab = Tab(context.new_page(), server)
    for path in PAGES:
        page = tab.open(path)
        found = Axe().run(page).response["violations"]
        grave = [one for one in found if one["impact"] in SERIOUS]
        told = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in grave]
        assert told == [], path
        wide = page.locator("html, [data-testid=stMain]").evaluate_all(
            "all => Math.max(...all.map(one => one.scrollWidth - one.clientWidth))"
        )
        assert wide <= 0, f"{path} scrolls sideways by {wide} pixels"
    context.close()
    assert tab.complaints == []
    assert tab.strangers == []


def test_dark_mode_follows_the_visitor(chromium: Browser, server: Server) -> None:
    shades = {}
    for colours in ("light", "dark"):
        context = chromium.new_context(color_scheme=colours)
        page = Tab(context.new_page(), server).open("/")
        shade = page.evaluate(
            "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        )
        shades[colours] = sum(int(part) for part in shade[4:-1].split(",")[:3])
        context.close()
    assert shades["light"] > 700 and shades["dark"] < 120


def test_nothing_moves_by_itself_for_who_asked_for_that(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(reduced_motion="reduce")
    page = Tab(context.new_page(), server).open("/")
    moving = page.locator(".stApp *").evaluate_all(
        "all => all.filter(one => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"
    )
    assert moving == 0
    context.close()


@pytest.mark.parametrize(
    "path",
    ["/", "/attack", "/attributes", "/runs", "/run?evidence=undefended", "/monitor", "/controls", "/review"],
)
def test_each_address_opens_on_a_fresh_server(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory, path: str
) -> None:
    server = Server(tmp_path_factory.mktemp("fresh"), engine=False)
    server.start()
    try:
        context = chromium.new_context()
        tab = Tab(context.new_page(), server)
        page = tab.open(path)
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert page.get_by_role("heading", level=1).inner_text() in (
            "What can be read back out of a face model?",
            "Attack",
            "Attributes",
            "Runs",
            "Run",
            "Monitor",
            "Controls",
            "Risk review",
        )
        assert tab.complaints == [] and tab.strangers == []
        context.close()
    finally:
        server.stop()
