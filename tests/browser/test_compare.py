"""Compare in a real browser: the matrix, people behind a cell, the dial, a sweep that is stopped."""

import json
import re
import time

from playwright.sync_api import Locator, expect

from inversion_core.store.runs import open_store
from inversion_core.sweeps import desk
from inversion_core.values import State
from tests.browser.conftest import PHONE, Tab

PRESSED = re.compile("true")
SECONDS = 60
"""How long a sweep may take to begin where the machine is shared."""


def matrix(tab: Tab) -> Locator:
    """Open the page and return its table."""
    table = tab.open("/compare").get_by_role("table", name="Defences by attacks")
    expect(table.get_by_role("button").first).to_be_visible()
    return table


def test_a_cell_opens_the_same_people_under_every_defence(tab: Tab) -> None:
    table, page = matrix(tab), tab.page
    row = table.get_by_role("row").nth(3)
    title = row.get_by_role("rowheader").locator("b").inner_text()
    column = table.get_by_role("columnheader").nth(2).locator("b").inner_text()
    row.get_by_role("button").nth(1).click()
    expect(page.get_by_role("heading", name=f"{title} against {column}")).to_be_visible()
    expect(table.get_by_role("row").nth(3).get_by_role("button").nth(1)).to_have_attribute(
        "aria-pressed", PRESSED
    )
    shown = page.locator(".strips figure")
    expect(shown.first).to_contain_text("truth")
    expect(shown.nth(1)).to_contain_text(title)
    assert shown.count() > 4


def test_a_defence_that_leaves_the_same_pictures_is_named_all_the_same(tab: Tab) -> None:
    quiet = matrix(tab).locator("td:nth-child(2) button.past")
    for place in (0, 1):
        quiet.nth(place).click()
        title = quiet.nth(place).evaluate("one => one.closest('tr').querySelector('b').textContent")
        expect(tab.page.locator(".strips figure").nth(1)).to_contain_text(title)


def test_the_heads_of_the_matrix_stay_and_a_press_keeps_the_place(tab: Tab) -> None:
    tab.page.set_viewport_size(PHONE)
    matrix(tab)
    region = tab.page.locator(".matrix").first
    region.evaluate("region => { region.scrollTop = 300; region.scrollLeft = 150 }")
    top, left = region.evaluate(
        """region => {
            const at = one => one.getBoundingClientRect(), box = at(region)
            return [
                at(region.querySelector("thead th:nth-child(2)")).top - box.top,
                at(region.querySelector("th[scope=row]")).left - box.left,
            ]
        }"""
    )
    assert 0 <= top < 8 and 0 <= left < 8, "a head scrolled away with the cells"
    columns = region.locator("thead th").count() - 1
    cell = region.get_by_role("button").nth(8 * columns)
    cell.click()
    place = region.evaluate("region => region.scrollTop")
    expect(cell).to_have_attribute("aria-pressed", PRESSED)
    expect(cell).to_be_focused()
    tab.settle()
    assert place > 0 and region.evaluate("region => region.scrollTop") == place


def test_one_slider_moves_everybody(tab: Tab) -> None:
    matrix(tab)
    page = tab.page
    slider = page.get_by_role("slider", name="How far the attacks are")
    faces = page.locator(".strips canvas.attacker")
    drawn = "faces => faces.map(face => face.toDataURL())"
    expect(page.locator(".strips output")).to_have_text("end")
    after = faces.evaluate_all(drawn)
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".strips output")).to_have_text("start")
    before = faces.evaluate_all(drawn)
    assert (
        len(before) == len(after) and sum(a != b for a, b in zip(before, after, strict=True)) > len(after) / 2
    )


def test_the_dial_turns_over_stored_evidence(tab: Tab) -> None:
    matrix(tab)
    page = tab.page
    page.locator(".st-key-dial-title").get_by_text("Rounding", exact=True).click()
    place = page.get_by_role("slider", name="Rounding")
    place.scroll_into_view_if_needed()
    facts = page.locator(".st-key-dial-facts")
    before = facts.inner_text()
    place.focus()
    page.keyboard.press("End")
    expect(facts).not_to_have_text(before, timeout=3000)
    expect(page.get_by_role("button", name="Run it now")).to_be_visible()


def test_a_sweep_is_started_watched_and_stopped(tab: Tab) -> None:
    matrix(tab)
    page, name = tab.page, f"endless {time.time_ns()}"
    attack = {"name": "mi-face", "params": {"steps": 20_000, "patience": 20_000, "sure": 1.0}}
    spec = {
        "name": name,
        "base": {"target": {"name": "cnn"}, "victims": [0, 1]},
        "rows": [{"title": "none"}, {"title": "one decimal", "defences": [{"name": "rounding"}]}],
        "columns": [{"title": "pixels", "attack": attack}],
        "seeds": [time.time_ns() % 10**9, 1, 2],
    }
    page.locator("input[type=file]").set_input_files(
        {"name": "sweep.json", "mimeType": "application/json", "buffer": json.dumps(spec).encode()}
    )
    page.get_by_role("button", name="Run this sweep").click()
    card = page.locator("[class*=st-key-sweep-card]", has_text=name)
    expect(card).to_contain_text("running", timeout=SECONDS * 1000)
    expect(card).to_contain_text("0 of 3 runs ended")
    card.get_by_role("button", name="Stop it").click()
    expect(card).to_contain_text("cancelled", timeout=SECONDS * 1000)
    found = next(one for one in open_store().sweeps() if one.name == name)
    assert desk.status(found.id, open_store()).state is State.CANCELLED


def test_a_sweep_with_mistakes_is_told_in_sentences(tab: Tab) -> None:
    matrix(tab)
    page = tab.page
    page.locator("input[type=file]").set_input_files(
        {"name": "sweep.json", "mimeType": "application/json", "buffer": b'{"name": "x", "speed": 1}'}
    )
    page.get_by_role("button", name="Run this sweep").click()
    expect(page.get_by_text("sweep.speed is no known key")).to_be_visible()
