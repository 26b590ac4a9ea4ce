"""A real server, a real Chromium, and a watch on what the pages ask of the network and complain about."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, sync_playwright

from inversion_core.settings import ROOT, settings

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 360, "height": 740}
PROBE = re.compile(
    r"/(attack|attributes|compare|controls|exhibits|monitor|review|run|runs|share|stories)"
    r"/_stcore/(health|host-config)$"
)
"""Streamlit's own page asks beside the page before it asks at the root; both answers are expected."""
WITHOUT_ENGINE = "from pages.ui import engine; engine.warm_up = lambda: None"
FROM_FOLDER = "import pathlib; from pages.ui import comparison; comparison.FOLDER = pathlib.Path({!r})"
STREAMLIT = "from streamlit.web.cli import main; main()"


class Server:
    """`streamlit run app.py` on a free port, with its own data; `engine=False` leaves the workers out, and
    `comparisons` is where the stored ones are read instead of those that ship.
    """

    def __init__(self, data: Path, *, engine: bool = True, comparisons: Path | None = None) -> None:
        data.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = data
        self.log = data / "server.log"
        self._before = [] if engine else [WITHOUT_ENGINE]
        self._before += [FROM_FOLDER.format(str(comparisons))] if comparisons else []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The web process."""
        assert self._process is not None, "the server was not started"
        return self._process.pid

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-c", "; ".join([*self._before, STREAMLIT])]
        command += ["run", str(ROOT / "app.py")]
        command += ["--server.port", str(self.port), "--server.headless", "true"]
        environment = os.environ | {"INVERSION_DATA_FOLDER": str(self.data), "INVERSION_WORKERS": "1"}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not answer within 30 s:\n{self.log.read_text()}")

    def stop(self) -> None:
        """Stop as Ctrl-C does, and by force after ten seconds."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for the session; its store starts empty."""
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def own_data_folder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a test look into the store of its server."""
    if "server" in request.fixturenames:
        monkeypatch.setenv("INVERSION_DATA_FOLDER", str(request.getfixturevalue("server").data))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Chromium once; that it is not there is a failure."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Tab:
    """One browser tab on one server; notes every complaint and every request to elsewhere."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._watch)

    def open(self, path: str) -> Page:
        """Open a path and wait until the script has run and nothing is a placeholder any more."""
        self.page.goto(self.server.url + path)
        return self.settle()

    def settle(self) -> Page:
        """Wait until the page is complete; one that polls is complete between two polls."""
        self.page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
        self.page.wait_for_selector("h1")
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.page.wait_for_function("document.querySelectorAll('[data-testid=stSkeleton]').length === 0")
        return self.page

    def choose(self, box: str, option: str) -> None:
        """Choose an option of a select box, scrolled to before: a scroll closes an open list, also the scroll
        that a click begins with.
        """
        combobox = self.page.get_by_role("combobox", name=box)
        combobox.scroll_into_view_if_needed()
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        combobox.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not PROBE.search(message.location.get("url", "")):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def _watch(self, request: object) -> None:
        url = getattr(request, "url", "")
        if not url.startswith((self.server.url, self.server.url.replace("http", "ws"), "data:", "blob:")):
            self.strangers.append(url)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One browser profile: its tabs share cookies."""
    made = chromium.new_context(viewport=LAPTOP)
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture
def tab(context: BrowserContext, server: Server) -> Iterator[Tab]:
    """One tab; whatever a test does, nothing may be complained about and nothing may leave the machine."""
    opened = Tab(context.new_page(), server)
    yield opened
    assert opened.complaints == []
    assert opened.strangers == []
