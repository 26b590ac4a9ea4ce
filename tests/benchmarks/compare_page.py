"""How soon the Compare page shows its matrix, and how soon its dial has turned.

    python -m tests.benchmarks.compare_page [--large] [--steps 24]

Starts a server of its own without workers and looks with one Chromium. Paint: from asking for the page to the
frame after the one that has every cell of the stored matrix in it, the server warm and the browser one that
comes back. Dial: from the key that moves the slider, pressed on its thumb, to the first change of the facts
under it. The page itself tells both, since a test tool that asks from outside asks twice a second after a
while. `--large` measures a comparison of 28 rows and 6 columns instead of the first that ships. Left out: the
way over a network. Prints one line of JSON, then one for people; the exit code is 1 above a limit.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from pages.ui import comparison
from tests.browser.conftest import ARGUMENTS, CHROMIUM, LAPTOP, Server
from tests.pages.large import write_large

LIMITS = {"paint": 1000, "dial": 200}
"""Milliseconds; the median is held against them, since one visit in many meets other work."""
VISITS = 6
WAIT = 20_000
"""Milliseconds after which whatever did not happen is an error."""

PAINTED = """
window.painted = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("the matrix was not painted")), WAIT);
    const look = () => {
        const roots = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")];
        if (roots.some(one => one.shadowRoot?.querySelector(".matrix td button"))) {
            setTimeout(() => resolve(performance.now()));
        } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
});
""".replace("WAIT", str(WAIT))
"""Tells, in a frame after the one that has the cells in it, the milliseconds since the page was asked for."""

TURNED = """
window.turns = [];
let pressed = null;
document.addEventListener("keydown", () => { pressed = performance.now() }, { capture: true });
const told = () => (document.querySelector(".st-key-dial-facts") || {}).innerText;
let before = told();
new MutationObserver(() => {
    const now = told();
    if (now === undefined || now === before) return;
    before = now;
    if (pressed !== null) window.turns.push(performance.now() - pressed);
    pressed = null;
}).observe(document.body, { subtree: true, childList: true, characterData: true });
"""
"""Notes, for every key, the milliseconds until the facts under the dial said something else."""


def paint(page: Page, address: str) -> list[float]:
    """Return the milliseconds until the matrix is there, of every visit but the first."""
    took = []
    for _ in range(VISITS):
        page.goto(address)
        took.append(page.evaluate("window.painted"))
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        page.wait_for_timeout(1500)
    return took[1:]


def dial(page: Page, steps: int) -> list[float]:
    """Return the milliseconds from each of so many keys to what it changed, there and back along the dial."""
    page.locator(".st-key-dial-facts").scroll_into_view_if_needed()
    page.evaluate(TURNED)
    thumb = page.locator("[class*=st-key-dial-] input[type=range]")
    thumb.focus()
    key, last = "ArrowRight", thumb.get_attribute("max")
    for count in range(1, steps + 1):
        page.keyboard.press(key)
        page.wait_for_function(f"window.turns.length >= {count}")
        page.wait_for_timeout(300)
        key = {"0": "ArrowRight", last: "ArrowLeft"}.get(thumb.input_value(), key)
    return list(page.evaluate("window.turns"))


def figures(took: list[float]) -> dict[str, float]:
    """Return the median and the longest, in milliseconds, and of how many."""
    return {"p50": statistics.median(took), "longest": max(took), "of": len(took)}


def measure(folder: Path, *, large: bool, steps: int) -> dict[str, Any]:
    """Return the figures, in milliseconds, and the size of what was shown."""
    comparison.FOLDER = write_large(folder / "large") if large else comparison.FOLDER
    shown = comparison.load(comparison.names()[0]).matrix
    server = Server(folder / "data", engine=False, comparisons=comparison.FOLDER)
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_page(viewport=LAPTOP)
            page.set_default_timeout(WAIT)
            page.add_init_script(PAINTED)
            painted = paint(page, f"{server.url}/compare")
            turned = dial(page, steps)
            browser.close()
    finally:
        server.stop()
    return {
        "rows": len(shown.rows),
        "columns": len(shown.columns),
        "paint": figures(painted),
        "dial": figures(turned),
        "load": os.getloadavg()[0],
    }


def main() -> int:
    """Measure, print, and say whether both stay within their limits."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--large", action="store_true")
    arguments.add_argument("--steps", type=int, default=24)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), large=chosen.large, steps=chosen.steps)
    print(json.dumps(found))
    print("{rows} rows, {columns} columns, load of the machine {load:.1f}".format(**found), end="")
    for name, limit in LIMITS.items():
        print("; {0}: p50 {p50:.0f} ms, longest {longest:.0f} ms of {of}".format(name, **found[name]), end="")
        print(f" (limit {limit})", end="")
    print()
    return int(any(found[name]["p50"] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
