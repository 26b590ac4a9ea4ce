"""A shared link in a real browser: on a phone, alone, accessible, and closed once it is taken back."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from inversion_core.store.runs import open_store
from tests.browser.conftest import PHONE, Server, Tab
from tests.browser.test_pages import SERIOUS
from tests.store.reviews import ADA, shared


def test_a_link_opens_on_a_phone_and_says_so_when_it_was_taken_back(
    chromium: Browser, server: Server
) -> None:
    share_id, _ = shared(open_store())
    context = chromium.new_context(viewport=PHONE)
    tab = Tab(context.new_page(), server)
    page = tab.open(f"/share?id={share_id}")
    expect(page.get_by_text("An attacker recovered 3 of 24 people.")).to_be_visible()
    leads = page.get_by_role("link").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert leads == ["#stMain"], "a link is no way into the lab"
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    grave = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
    wide = page.locator("html, [data-testid=stMain]").evaluate_all(
        "all => Math.max(...all.map(one => one.scrollWidth - one.clientWidth))"
    )
    assert (grave, wide) == ([], 0)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Report as HTML").click()
    assert saved.value.path().read_bytes() == b"<p>all</p>"
    open_store().revoke_share(share_id, ADA)
    page = tab.open(f"/share?id={share_id}")
    expect(page.get_by_text("this one was; ask for a new one")).to_be_visible()
    expect(page.get_by_text("An attacker recovered")).to_have_count(0)
    context.close()
    assert tab.complaints == []
    assert tab.strangers == []
