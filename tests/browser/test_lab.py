"""The main job in a real browser: launch, watch, refresh, use a second tab, cancel, find it all again."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord, open_store
from inversion_core.values import State
from tests.browser.conftest import PHONE, Server, Tab

FEW = (0, 1, 2, 3, 4, 5)
ENDLESS = {"steps": 20_000, "patience": 20_000, "sure": 1.0}
SHORT = {"steps": 60, "patience": 60, "sure": 1.0}
SECONDS = 60
"""How long an attack may take to begin where the machine is shared; it takes about one."""
JUDGED = 240
"""How long the first judges may take: on an empty data folder the photos they look at are drawn first."""


def scenario(seed: int, params: dict[str, float]) -> Scenario:
    """Return an attack on a shipped target; an ENDLESS one outlasts every test."""
    attack = {"name": "mi-face", "params": params}
    return Scenario.model_validate(
        {"target": {"name": "cnn"}, "attack": attack, "victims": FEW, "seed": seed}
    )


def prepare(tab: Tab, chosen: Scenario) -> Page:
    """Open the Attack page set to a scenario, as the link `again with one change` does."""
    run_id, _ = open_store().create(chosen, "template")
    open_store().request_cancel(run_id, "template")
    tab.open(f"/attack?from={run_id}")
    expect(tab.page.get_by_role("button", name="Launch")).to_be_enabled()
    return tab.page


def launch(page: Page) -> str:
    """Press the one button and return the run that appears in the address."""
    page.get_by_role("button", name="Launch").click()
    page.wait_for_function("new URLSearchParams(location.search).has('run')")
    return str(page.evaluate("new URLSearchParams(location.search).get('run')"))


def wait_for(run_id: str, told: Callable[[RunRecord], bool], seconds: float = SECONDS) -> RunRecord:
    """Return the run as soon as it is as told."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if told(record := open_store().get(run_id)):
            return record
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s; the run is {open_store().get(run_id)}")


def frames_on(page: Page) -> set[str]:
    """Return the addresses of the pictures of the live grid."""
    pictures = page.locator("img[alt*='picture at step']")
    return {str(pictures.nth(place).get_attribute("src")) for place in range(pictures.count())}


def watch(page: Page) -> set[str]:
    """Wait for the first pictures of the live grid and return them."""
    page.wait_for_selector("img[alt*='picture at step']", timeout=SECONDS * 1000)
    return frames_on(page)


@pytest.fixture
def long_run(tab: Tab) -> Iterator[str]:
    """Launch a run that goes on until it is cancelled, and cancel it in the end."""
    seed = time.time_ns() % 10**9
    run_id = launch(prepare(tab, scenario(seed, ENDLESS)))
    wait_for(run_id, lambda record: record.phase == "attack" and record.step > 0)
    yield run_id
    for owner in open_store().get(run_id).owners:
        open_store().request_cancel(run_id, owner)
    wait_for(run_id, lambda record: record.state.final)


@pytest.mark.timeout(300)
def test_launch_watch_and_read_the_result(tab: Tab) -> None:
    page = prepare(tab, scenario(1, SHORT))
    run_id = launch(page)
    watch(page)
    expect(page.locator(".lab-verdict")).to_contain_text("independent judge", timeout=JUDGED * 1000)
    assert wait_for(run_id, lambda record: record.state.final).state is State.DONE
    expect(page.locator(".lab-ruler .number").first).to_contain_text("%")
    page.get_by_role("link", name="Everything about this run").click()
    expect(page.get_by_text("Recovered best")).to_be_visible()
    expect(page.get_by_text("What the attacker used")).to_be_visible()
    assert f"run={run_id}" in page.url


def test_pictures_form_while_the_run_goes_on(tab: Tab, long_run: str) -> None:
    first = watch(tab.page)
    assert len(first) == 5
    tab.page.wait_for_function(
        "old => [...document.querySelectorAll(\"img[alt*='at step']\")].every(one => !old.includes(one.src))",
        arg=[f"{tab.server.url}{address}" for address in first],
    )
    expect(tab.page.get_by_text("truth (the attacker never sees this)")).to_be_visible()
    expect(tab.page.locator(".lab-loss")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_run_that_goes_on_fits_a_phone_and_is_told_to_who_cannot_see_it(
    tab: Tab, long_run: str, colours: Literal["light", "dark"]
) -> None:
    page = tab.page
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme=colours)
    watch(page)
    bar = page.get_by_role("progressbar", name="Progress of the run")
    expect(bar).to_have_attribute("aria-valuetext", re.compile("Attacking: step"))
    expect(page.get_by_role("status").filter(has_text="Attacking, pictures of step")).to_have_count(1)
    assert page.locator(".lab-faces img").first.evaluate("image => image.naturalWidth") >= 192
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    wide = "all => Math.max(...all.map(one => one.scrollWidth - one.clientWidth))"
    assert page.locator("html, [data-testid=stMain]").evaluate_all(wide) <= 0


def test_a_refresh_in_the_middle_loses_nothing(tab: Tab, long_run: str) -> None:
    watch(tab.page)
    tab.page.reload()
    watch(tab.page)
    assert long_run in tab.page.url
    expect(tab.page.get_by_role("button", name="Cancel")).to_be_enabled()


def test_a_page_switch_in_the_middle_loses_nothing(tab: Tab, long_run: str) -> None:
    tab.page.get_by_role("link", name="Runs").click()
    expect(tab.page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    tab.page.get_by_role("link", name="Attack").click()
    watch(tab.page)
    expect(tab.page.get_by_role("button", name="Cancel")).to_be_enabled()


def test_a_second_tab_sees_the_run_and_may_cancel_it(tab: Tab, long_run: str) -> None:
    second = Tab(tab.page.context.new_page(), tab.server)
    second.page.goto(f"{tab.server.url}/attack?run={long_run}")
    watch(second.page)
    second.page.get_by_role("button", name="Cancel").click()
    expect(tab.page.get_by_text("Partial, not evidence")).to_be_visible()
    assert second.complaints == []


def test_a_stranger_sees_the_run_and_may_not_cancel_it(tab: Tab, chromium: Browser, long_run: str) -> None:
    stranger = chromium.new_context()
    page = stranger.new_page()
    page.goto(f"{tab.server.url}/attack?run={long_run}")
    watch(page)
    expect(page.get_by_role("button", name="Cancel")).to_be_disabled()
    stranger.close()


def test_cancel_takes_effect_within_a_second(tab: Tab, long_run: str) -> None:
    watch(tab.page)
    began = time.monotonic()
    tab.page.get_by_role("button", name="Cancel").click()
    assert wait_for(long_run, lambda record: record.state.final).state is State.CANCELLED
    assert time.monotonic() - began < 1.0
    expect(tab.page.get_by_text("Partial, not evidence")).to_be_visible()
    expect(tab.page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_launching_puts_the_run_into_the_address_at_once(tab: Tab) -> None:
    page = prepare(tab, scenario(1, SHORT))  # this very run is done: nothing is computed again
    began = time.monotonic()
    run_id = launch(page)
    assert time.monotonic() - began < 1.0
    assert open_store().get(run_id).scenario == scenario(1, SHORT)


def test_a_restart_of_the_server_keeps_every_run(tab: Tab, server: Server) -> None:
    run_id = launch(prepare(tab, scenario(1, SHORT)))
    wait_for(run_id, lambda record: record.state is State.DONE, seconds=JUDGED)
    server.stop()
    server.start()
    tab.page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
    tab.complaints.clear()  # the lost connection
    tab.open("/runs")
    expect(tab.page.get_by_role("link", name="Open").first).to_be_visible()
    tab.open(f"/run?run={run_id}")
    expect(tab.page.get_by_text("Recovered best")).to_be_visible()
