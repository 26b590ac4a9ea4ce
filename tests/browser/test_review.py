"""Risk review in a real browser: the example, an assessment of one's own, its policies, and paper."""

import json
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from inversion_core.store.runs import open_store
from inversion_core.values import State
from tests.browser.conftest import LAPTOP, PHONE, Server, Tab
from tests.browser.test_pages import SERIOUS
from tests.risk.made import assessment, finished
from tests.risk.test_review_cli import BARE, KNOWING, NAIVE

VIEWS = ("Result", "System and context", "Runs", "Policies", "Report and decision", "Rating policy")


def begun(tab: Tab, name: str) -> str:
    """Begin an assessment in this tab, give it finished runs, and return its path."""
    page = tab.open("/review?assessment=example")
    page.get_by_role("button", name="New assessment").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name=name, level=2)).to_be_visible()
    store = open_store()
    (record,) = store.assessments(limit=1)
    document = assessment([NAIVE, KNOWING, BARE], name=name).model_dump_json()
    store.save_assessment(record.id, document, record.owner, record.revision)
    for one, hits in zip((NAIVE, KNOWING, BARE), (0, 2, 30), strict=True):
        run_id, new = store.create(one, "test")
        if new:
            store.begin(run_id)
            store.finish(run_id, State.DONE, result=finished(one, hits).result)
    path = f"/review?assessment={record.id}"
    tab.open(path)
    return path


def view(tab: Tab, name: str) -> None:
    """Open a view and wait until it is there."""
    tab.page.get_by_role("radio", name=name, exact=True).click()
    expect(tab.page.get_by_role("radio", name=name, exact=True)).to_be_checked()
    tab.settle()


def sound(page: Page, where: str) -> None:
    """Check that axe finds nothing serious, and that nothing scrolls sideways."""
    grave = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
    assert grave == [], where
    wide = page.locator("html, [data-testid=stMain]").evaluate_all(
        "all => Math.max(...all.map(one => one.scrollWidth - one.clientWidth))"
    )
    assert wide <= 0, f"{where} scrolls sideways by {wide} pixels"


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_every_view_is_accessible_and_fits(
    chromium: Browser, server: Server, size: ViewportSize, colours: Literal["light", "dark"]
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=colours)
    tab = Tab(context.new_page(), server)
    sound(tab.open("/review?assessment=example"), "the example")
    begun(tab, f"Door {size['width']} {colours}")
    for name in VIEWS:
        view(tab, name)
        sound(tab.page, name)
    context.close()
    assert tab.complaints == [] and tab.strangers == []


def test_a_person_speaks_for_a_policy_and_a_refusal_loses_nothing(tab: Tab) -> None:
    begun(tab, "Door of governance")
    view(tab, "Policies")
    page = tab.page
    page.locator(".st-key-governed-lawful").get_by_role("button").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Who answers for it").fill("Legal")
    form.get_by_role("button", name="Keep").click()
    expect(form.get_by_text("under a name and a role, one is empty")).to_be_visible()
    expect(form.get_by_label("Who answers for it")).to_have_value("Legal")
    form.get_by_label("Your name").fill("G. Board")
    form.get_by_label("Your role").fill("governance")
    form.get_by_role("button", name="Keep").click()
    expect(form).to_have_count(0)
    expect(page.locator(".st-key-governed-lawful")).to_contain_text("Owner: Legal")


def test_a_policy_is_approved_and_a_report_signed_on_a_phone(chromium: Browser, server: Server) -> None:
    context = chromium.new_context(viewport=PHONE, accept_downloads=True)
    tab = Tab(context.new_page(), server)
    page = tab.page
    path = begun(tab, "Door to sign")
    view(tab, "Rating policy")
    if open_store().policy_in_force() is None:
        page.get_by_label("Your name").first.fill("B. Oard")
        page.get_by_label("Your role").first.fill("board")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Approve version 1").click()
        expect(page.get_by_text("version 1, approved by B. Oard")).to_be_visible()
    tab.open(path)
    view(tab, "Report and decision")
    page.get_by_role("button", name="Make the report").click()
    expect(page.get_by_role("button", name="Check the files")).to_be_visible(timeout=60_000)
    tab.settle()
    tab.choose("Decision", "approve")
    page.get_by_label("Name", exact=True).fill("A. Body")
    page.get_by_label("Role", exact=True).fill("controller")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("A. Body, controller").first).to_be_visible()
    (signed,) = open_store().decisions(path.split("=")[1])
    with page.expect_download() as receipt:
        page.get_by_role("button", name="Receipt").click()
    kept = json.loads(receipt.value.path().read_text())
    assert kept["line"] == vars(open_store().receipt(signed))
    sound(page, "a decision")
    context.close()


def test_a_refresh_keeps_what_was_written(tab: Tab) -> None:
    path = begun(tab, "Door before")
    view(tab, "System and context")
    tab.page.get_by_label("Name", exact=True).last.fill("Door renamed")
    tab.page.keyboard.press("Tab")
    expect(tab.page.get_by_role("heading", name="Door renamed", level=2)).to_be_visible()
    tab.page.reload()
    expect(tab.page.get_by_role("heading", name="Door renamed", level=2)).to_be_visible()
    assert open_store().assessment(path.split("=")[1]).name == "Door renamed"


def test_paper_shows_the_result_in_dark_ink_and_no_controls(tab: Tab) -> None:
    page = tab.page
    page.emulate_media(media="print", color_scheme="dark")
    tab.open("/review?assessment=example")
    ink, ground = (
        page.locator(where).first.evaluate(f"one => getComputedStyle(one).{what}")
        for where, what in ((".lab-verdict", "color"), (".stApp", "backgroundColor"))
    )
    assert (ink, ground) == ("rgb(29, 34, 40)", "rgb(255, 255, 255)")
    expect(page.locator(".lab-verdict").first).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    assert not any(one.is_visible() for one in page.get_by_test_id("stSelectbox").all())
    page.set_viewport_size({"width": 700, "height": 1000})
    cut = page.locator(".lab-costs").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    )
    assert cut == 0
