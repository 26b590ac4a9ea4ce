"""Controls in a real browser: what was run is in sight, a control opens, a search narrows."""

from playwright.sync_api import expect

from tests.browser.conftest import Tab


def test_coverage_stands_first_and_a_control_opens(tab: Tab) -> None:
    page = tab.open("/controls")
    expect(page.locator(".lab-verdict")).to_contain_text("names for tests")
    expect(page.locator(".lab-coverage")).to_contain_text("NOT RUN")
    page.get_by_text("Differentially private training:").click()
    opened = page.locator(".st-key-control-dp_training .lab-control")
    expect(opened).to_contain_text("SP 800-226")
    expect(opened.locator("em.memory").first).to_contain_text("from memory, not checked")
    opened.locator("summary").click()
    expect(opened.locator("details li").first).to_be_visible()
    assert tab.complaints == [] and tab.strangers == []


def test_a_search_narrows_the_controls(tab: Tab) -> None:
    page = tab.open("/controls")
    controls = page.locator("[class*=st-key-control-]")
    before = controls.count()
    page.get_by_role("searchbox", name="Search").or_(page.get_by_label("Search")).first.fill("AML.M0004")
    expect(controls).to_have_count(1)
    assert before > 10
