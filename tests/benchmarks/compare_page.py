"""How soon Compare shows its stored matrix, and how soon its dial has turned; told by the page itself.

    python -m tests.benchmarks.compare_page

One Chromium on this machine; the server is warm and the page was there before. Each figure is of ten times.
"""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.load import quantiles
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Server

TIMES = 10
PAINTED = """
window.painted = new Promise(resolve => {
    const look = () => {
        if (document.querySelector('.matrix td button')) setTimeout(() => resolve(performance.now()));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
});
"""
TURNED = """
key => new Promise(resolve => {
    const facts = () => document.querySelector('.st-key-dial-facts')?.innerText;
    const before = facts(), began = performance.now();
    const look = () => {
        if (facts() && facts() !== before) setTimeout(() => resolve(performance.now() - began));
        else requestAnimationFrame(look);
    };
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, code: key, bubbles: true}));
    requestAnimationFrame(look);
})
"""


def paints(page: Page, url: str) -> list[float]:
    """Return the seconds from asking for the page to the frame after the matrix, a first visit left out."""
    took = []
    for _ in range(TIMES + 1):
        page.goto(url)
        took.append(page.evaluate("window.painted") / 1000)
        page.wait_for_timeout(1500)
    return took[1:]


def turns(page: Page) -> list[float]:
    """Return the seconds from a key on the dial to the frame after other facts."""
    place = page.get_by_role("slider", name="Rounding")
    place.scroll_into_view_if_needed()
    place.focus()
    took = []
    for turn in range(TIMES):
        took.append(page.evaluate(TURNED, "ArrowRight" if turn % 2 == 0 else "ArrowLeft") / 1000)
        page.wait_for_timeout(700)
    return took


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.start()
        time.sleep(15)  # the workers start
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.add_init_script(PAINTED)
        print(f"matrix painted, {TIMES} times: {quantiles(paints(page, server.url + '/compare'))}")
        print(f"dial turned, {TIMES} times: {quantiles(turns(page))}")
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
