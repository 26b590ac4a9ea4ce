"""Thirty people watch one attack: how long a refresh takes, and what the engine costs the web process.

    python tests/benchmarks/load.py [--viewers 30] [--seconds 20]

Starts a server of its own, launches a long attack on a shipped target, and speaks Streamlit's websocket as
browsers do: one full run of the page, then the fragment it asks for every second, naming the messages it has
kept so that no picture is sent twice. A refresh is timed from the request to the last message of its answer.
Left out: the browsers' own work; one Chromium, alone and before the viewers come, tells when the first page
is painted.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets
from playwright.sync_api import sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunStore
from inversion_core.values import State
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Server

LONG_ATTACK = {
    "target": {"name": "cnn"},
    "attack": {"name": "mi-face", "params": {"steps": 20_000, "patience": 20_000, "sure": 1.0}},
    "victims": list(range(24)),
}
IDLE_SECONDS = 15


@dataclass
class Viewer:
    """One browser tab: what it waited for its first page and for each refresh, in seconds."""

    server: Server
    run_id: str
    first: float = 0.0
    refreshes: list[float] = field(default_factory=list)
    received: int = 0
    _kept: list[str] = field(default_factory=list)
    _fragment: str = ""
    _interval: float = 1.0

    async def watch(self, seconds: float) -> None:
        """Open the page and refresh it at the pace it asks for."""
        url = self.server.url.replace("http", "ws") + "/_stcore/stream"
        async with websockets.connect(
            url, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
        ) as socket:
            self.first = await self._ask(socket, "")
            assert self._fragment, "the page did not ask to be refreshed: the attack has ended"
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await asyncio.sleep(self._interval)
                self.refreshes.append(await self._ask(socket, self._fragment))

    async def _ask(self, socket: websockets.ClientConnection, fragment: str) -> float:
        began = time.monotonic()
        request = BackMsg()
        request.rerun_script.query_string = f"run={self.run_id}"
        request.rerun_script.page_name = "attack"
        if fragment:
            request.rerun_script.fragment_id = fragment
            request.rerun_script.is_auto_rerun = True
        request.rerun_script.cached_message_hashes.extend(self._kept)
        await socket.send(request.SerializeToString())
        kept: list[str] = []
        while True:
            data = await socket.recv(decode=False)
            self.received += len(data)
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof("type")
            if kind == "ref_hash" or answer.metadata.cacheable:
                kept.append(answer.ref_hash or answer.hash)
            if kind == "auto_rerun":
                self._fragment, self._interval = answer.auto_rerun.fragment_id, answer.auto_rerun.interval
            elif kind == "script_finished":
                break
        self._kept = kept
        return time.monotonic() - began


def quantiles(seconds: list[float]) -> str:
    """Return p50, p95 and the largest in milliseconds."""
    told = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"p50 {1000 * told[49]:.0f} ms, p95 {1000 * told[94]:.0f} ms, max {1000 * max(seconds):.0f} ms"


def first_paint(server: Server) -> float:
    """Return the seconds until Chromium shows the recovered person on Start, the second time it is opened."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        took = 0.0
        for _ in range(2):
            began = time.monotonic()
            page.goto(server.url)
            page.get_by_alt_text("what the attacker recovered").wait_for()
            took = time.monotonic() - began
        browser.close()
    return took


def idle(server: Server) -> tuple[float, float]:
    """Return the CPU of the web process in per cent of a core while nobody looks, and its memory in MB."""
    process = psutil.Process(server.pid)
    process.cpu_percent()
    time.sleep(IDLE_SECONDS)
    return process.cpu_percent(), process.memory_info().rss / 1e6


def wait_for_step(store: RunStore, run_id: str) -> None:
    """Wait until the attack goes on."""
    deadline = time.monotonic() + 120
    while (record := store.get(run_id)).phase != "attack" or record.step < 1:
        assert not record.state.final and time.monotonic() < deadline, f"the attack did not begin: {record}"
        time.sleep(0.2)


async def crowd(server: Server, run_id: str, viewers: int, seconds: float) -> list[Viewer]:
    """Let all viewers come within a second and watch; a dropped connection raises."""
    people = [Viewer(server, run_id) for _ in range(viewers)]

    async def arrive(place: int, viewer: Viewer) -> None:
        await asyncio.sleep(place / viewers)
        await viewer.watch(seconds)

    await asyncio.gather(*(arrive(place, viewer) for place, viewer in enumerate(people)))
    return people


def measure(viewers: int, seconds: float, folder: Path) -> None:
    """Print everything, one line a figure."""
    bare = Server(folder / "bare", engine=False)
    bare.start()
    print("web process without engine: {:.1f} % CPU idle, {:.0f} MB".format(*idle(bare)))
    bare.stop()
    server = Server(folder / "full")
    server.start()
    time.sleep(10)  # the workers start
    print("web process with engine: {:.1f} % CPU idle, {:.0f} MB".format(*idle(server)))
    print(f"first paint of Start in Chromium, warm: {1000 * first_paint(server):.0f} ms")
    store = RunStore(f"sqlite:///{server.data / 'runs.sqlite'}", str(server.data / "artifacts"))
    run_id, _ = store.create(Scenario.model_validate(LONG_ATTACK), "load")
    wait_for_step(store, run_id)
    process, before = psutil.Process(server.pid), store.get(run_id).step
    process.cpu_percent()
    people = asyncio.run(crowd(server, run_id, viewers, seconds))
    cpu, record = process.cpu_percent(), store.get(run_id)
    refreshes = [took for viewer in people for took in viewer.refreshes]
    print(f"{viewers} viewers, first run of the page: {quantiles([viewer.first for viewer in people])}")
    print(f"{viewers} viewers, {len(refreshes)} refreshes: {quantiles(refreshes)}")
    received = sum(viewer.received for viewer in people) / seconds / 1e6
    print(f"sent to all viewers: {received:.2f} MB/s; web process {cpu:.0f} % CPU")
    print(f"the attack meanwhile: {record.step - before} steps, {record.state}")
    store.request_cancel(run_id, "load")
    while not store.get(run_id).state.final:
        time.sleep(0.1)
    assert store.get(run_id).state is State.CANCELLED
    server.stop()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--viewers", type=int, default=30)
    arguments.add_argument("--seconds", type=float, default=20)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(chosen.viewers, chosen.seconds, Path(place))
