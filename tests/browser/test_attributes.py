"""The Attributes page in a real browser: tables end to end, bad ones told, nothing lost."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from inversion_core.scenario import Scenario
from inversion_core.store.runs import open_store
from inversion_core.values import State
from tests.browser.conftest import LAPTOP, PHONE, Server, Tab

SECONDS = 120
"""How long a small table may take where the machine is shared; alone it takes about ten."""
SERIOUS = ("serious", "critical")
SMALL = Scenario.model_validate(
    {
        "dataset": {"name": "clinic", "options": {"records": 400}},
        "target": {"name": "decision-tree"},
        "exposure": {"access": "scores"},
        "attack": {"name": "csmia"},
    }
)


def prepare(tab: Tab, chosen: Scenario) -> Page:
    """Open the page set to a scenario, as the link `again with one change` does."""
    run_id, _ = open_store().create(chosen, "template")
    open_store().request_cancel(run_id, "template")
    return tab.open(f"/attributes?from={run_id}")


def launch(page: Page) -> str:
    """Press the one button and return the run that appears in the address."""
    button = page.get_by_role("button", name="Launch")
    expect(button).to_be_enabled()
    button.click()
    page.wait_for_function("new URLSearchParams(location.search).has('run')")
    return str(page.evaluate("new URLSearchParams(location.search).get('run')"))


def finished(page: Page, run_id: str) -> None:
    """Wait until a run is done, and for its sentence and its bars on the page."""
    deadline = time.monotonic() + SECONDS
    while not (record := open_store().get(run_id)).state.final and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert record.state is State.DONE, record
    expect(page.get_by_text(re.compile(r"done after"))).to_be_visible()
    expect(page.locator(".lab-verdict")).to_contain_text("without the model")
    expect(page.locator(".lab-bars").first.locator(".track .ghost").first).to_be_visible()


def own_table(tab: Tab, path: Path | dict[str, object]) -> Page:
    """Open the page on a table of one's own and give it a file; a tree, to be quick."""
    page = tab.open("/attributes?table-dataset=table&table-target=decision-tree")
    page.locator("input[type=file]").first.set_input_files(path)  # type: ignore[arg-type]
    return page


def choose(page: Page, label: str, value: str) -> None:
    """Choose an option of a box as people do: type, and press Enter."""
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(value)
    page.get_by_role("option", name=value, exact=True).click()


def leave_out_second_column(page: Page) -> None:
    """Correct what the second column holds, in a table that is drawn, so aimed at by place."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    page.locator(".stDataFrameGlideDataEditor").first.dblclick(position={"x": 125, "y": 88})
    page.locator("#portal").get_by_text("left out", exact=True).click()
    expect(page.get_by_text("Corrected by you: lottery.")).to_be_visible()


def roles(page: Page, label: str, sensitive: str) -> None:
    choose(page, "The model predicts", label)
    choose(page, "The attack guesses", sensitive)


@pytest.fixture
def small_run(tab: Tab) -> Iterator[str]:
    """Launch the small scenario from the page and wait for its end; computed once a session."""
    run_id = launch(prepare(tab, SMALL))
    finished(tab.page, run_id)
    yield run_id


def test_a_visitor_sees_a_result_before_any_click(tab: Tab) -> None:
    page = tab.open("/attributes")
    expect(page.get_by_text("stored evidence: your own runs appear here")).to_be_visible()
    attack = page.locator(".lab-bars").first.locator(".track .attack").first.bounding_box()
    ghost = page.locator(".lab-bars").first.locator(".track .ghost").first.bounding_box()
    assert attack and ghost
    assert ghost["height"] > attack["height"] + 8 and ghost["y"] < attack["y"]
    expect(page.get_by_role("button", name="Launch")).to_be_in_viewport()


def test_clinic_end_to_end(tab: Tab, small_run: str) -> None:
    page = tab.page
    page.reload()
    finished(page, small_run)
    expect(page.get_by_text("planted in these data")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="All guesses as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 401 and lines[0].startswith("record,truth,guess,right")
    page.get_by_role("link", name="Everything about this run").click()
    expect(page.get_by_role("heading", name="Recipe")).to_be_visible()
    assert f"run={small_run}" in page.url


def test_a_second_tab_and_another_page_lose_nothing(tab: Tab, small_run: str) -> None:
    second = Tab(tab.page.context.new_page(), tab.server)
    second.page.goto(f"{tab.server.url}/attributes?run={small_run}")
    finished(second.page, small_run)
    tab.page.get_by_role("link", name="Runs").click()
    expect(tab.page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    tab.page.get_by_role("link", name="Attributes").click()
    finished(tab.page, small_run)
    assert second.complaints == []


def test_launching_puts_the_run_into_the_address_at_once(tab: Tab, small_run: str) -> None:
    page = prepare(tab, SMALL)  # this very run is done: nothing is computed again
    began = time.monotonic()
    assert launch(page) == small_run
    assert time.monotonic() - began < 1.0


def test_cancel_takes_effect_within_a_second(tab: Tab) -> None:
    many = {"name": "clinic", "options": {"records": 50_000}}
    slow = SMALL.model_dump(mode="json") | {"dataset": many, "seed": time.time_ns() % 10**9}
    slow["attack"] = {"name": "lomia", "params": {}}
    run_id = launch(prepare(tab, Scenario.model_validate(slow)))
    cancel = tab.page.get_by_role("button", name="Cancel")
    cancel.click()
    expect(tab.page.get_by_text(re.compile("cancelled"))).to_be_visible(timeout=5000)
    assert open_store().get(run_id).state is State.CANCELLED
    expect(cancel).to_have_count(0)


def test_knowledge_switched_off_greys_out_what_needs_it(tab: Tab) -> None:
    page = tab.open("/attributes")
    expect(page.get_by_role("button", name="CSMIA, by confidence")).to_be_enabled()
    page.get_by_role("button", name="true label").click()
    expect(page.get_by_role("button", name="CSMIA, by confidence")).to_be_disabled()
    expect(page.get_by_text("Needs true label.").first).to_be_visible()
    expect(page.get_by_role("button", name="Launch")).to_be_disabled()


@pytest.mark.timeout(300)
def test_an_uploaded_table_end_to_end(tab: Tab, real_data: Path) -> None:
    page = own_table(tab, real_data / "tabular/miai/fte_322.csv")
    expect(page.get_by_text("fte_322.csv: 322 rows, 15 columns")).to_be_visible()
    leave_out_second_column(page)
    roles(page, "steak_type", "alcohol")
    choose(page, "Positive value", "Yes")
    run_id = launch(page)
    finished(page, run_id)
    options = open_store().get(run_id).scenario.dataset.options
    assert options["types"] == {"lottery": "ignore"} and options["positive"] == "Yes"
    expect(page.get_by_text("real records")).to_be_visible()


@pytest.mark.timeout(300)
def test_the_steak_survey_with_its_second_header_and_missing_cells_end_to_end(
    tab: Tab, real_data: Path
) -> None:
    page = own_table(tab, real_data / "tabular/steak/steak-risk-survey.csv")
    expect(page.get_by_text("if it is a second header, set skip_rows to one more")).to_be_visible()
    lines = page.get_by_label("Skip rows")
    lines.fill("1")
    lines.press("Enter")
    expect(page.get_by_text("steak-risk-survey.csv: 550 rows, 15 columns")).to_be_visible()
    roles(page, "How do you like your steak prepared?", "Do you ever smoke cigarettes?")
    finished(page, launch(page))


@pytest.mark.timeout(300)
def test_pima_without_a_header_and_with_a_sensitive_column_of_numbers_end_to_end(
    tab: Tab, real_data: Path
) -> None:
    page = own_table(tab, real_data / "tabular/pima/pima-indians-diabetes.csv")
    expect(page.get_by_text("if it is a record, set header to false")).to_be_visible()
    page.get_by_text("Header: the first line names the columns").click()
    expect(page.get_by_text("pima-indians-diabetes.csv: 768 rows, 9 columns")).to_be_visible()
    roles(page, "8", "7")
    expect(page.get_by_text(re.compile(r"The attack guesses '7': \d+ or less, "))).to_be_visible()
    finished(page, launch(page))


def test_a_bad_table_gives_its_sentence_and_keeps_the_choices(tab: Tab, real_data: Path) -> None:
    page = own_table(tab, {"name": "broken.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n3\n"})
    expect(page.get_by_role("alert")).to_contain_text("line 3 of 'broken.csv' has 1")
    expect(page.get_by_role("button", name="Launch")).to_be_disabled()
    expect(page.get_by_role("combobox", name="Target")).to_have_value("Decision tree")
    page.locator("input[type=file]").first.set_input_files(real_data / "tabular/miai/fte_322.csv")
    expect(page.get_by_text("fte_322.csv: 322 rows, 15 columns")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Target")).to_have_value("Decision tree")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_page_is_accessible_and_fits(
    chromium: Browser, server: Server, size: ViewportSize, colours: Literal["light", "dark"], real_data: Path
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=colours)
    tab = Tab(context.new_page(), server)
    for own in (False, True):
        page = own_table(tab, real_data / "tabular/miai/fte_322.csv") if own else tab.open("/attributes")
        if own:
            expect(page.get_by_text("fte_322.csv: 322 rows")).to_be_visible()
        expect(page.get_by_role("heading", name="What the attacker used")).to_be_visible()
        grave = [one for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in grave] == []
        wide = page.locator("html, [data-testid=stMain]").evaluate_all(
            "all => Math.max(...all.map(one => one.scrollWidth - one.clientWidth))"
        )
        assert wide <= 0, f"scrolls sideways by {wide} pixels"
    context.close()
    assert tab.complaints == [] and tab.strangers == []
