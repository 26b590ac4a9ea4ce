"""Thirty people watch one attack: how long a refresh takes, and what the engine costs the web process.

    python tests/benchmarks/load.py [--viewers 30] [--seconds 20]

Starts a server of its own, launches a long attack on a shipped target, and speaks Streamlit's websocket as
browsers do: one full run of the page, then the fragment it asks for, every second however long the answers
take, naming the messages it has kept so that no picture is sent twice. A refresh is timed from the moment it
was due to the last message of its answer; it must bring the progress and the faces. Which key frames a viewer
was shown is compared with the store: an answer without the new faces would be fast and worth nothing.

Left out: the browsers' own work; one Chromium, alone and before the viewers come, tells when the first page
is painted. The viewers share one process, beside the server and the attack; what they cost, and how late
they hear of an answer because they are busy with another, is printed and lies inside the refresh times.
"""

import argparse
import asyncio
import re
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
SHOWN_STEP = re.compile(r"picture at step (\d+)")
PROGRESS = 'role="progressbar"'


@dataclass
class Viewer:
    """One browser tab: what it waited for its first page, when it had that, and its refreshes.

    A refresh is when it was due and how long it took; all in seconds.
    """

    server: Server
    run_id: str
    first: float = 0.0
    arrived: float = 0.0
    refreshes: list[tuple[float, float]] = field(default_factory=list)
    received: int = 0
    frames: list[int] = field(default_factory=list)
    _kept: dict[str, int] = field(default_factory=dict)
    _fragment: str = ""
    _interval: float = 1.0

    async def watch(self, seconds: float) -> None:
        """Open the page and refresh it at the pace it asks for."""
        url = self.server.url.replace("http", "ws") + "/_stcore/stream"
        async with websockets.connect(
            url, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
        ) as socket:
            self.first = await self._ask(socket, "", due=time.monotonic())
            assert self._fragment, "the page did not ask to be refreshed: the attack has ended"
            self.arrived = due = time.monotonic()
            end = due + seconds
            while (due := due + self._interval) < end:
                if (ahead := due - time.monotonic()) < -self._interval:
                    continue  # requests of one browser that wait are answered as one
                await asyncio.sleep(ahead)
                self.refreshes.append((due, await self._ask(socket, self._fragment, due=due)))

    async def _ask(self, socket: websockets.ClientConnection, fragment: str, *, due: float) -> float:
        """Run the page, or a fragment of it, and return the seconds from when that was due to its end."""
        request = BackMsg()
        request.rerun_script.query_string = f"run={self.run_id}"
        request.rerun_script.page_name = "attack"
        if fragment:
            request.rerun_script.fragment_id = fragment
            request.rerun_script.is_auto_rerun = True
        request.rerun_script.cached_message_hashes.extend(self._kept)
        await socket.send(request.SerializeToString())
        kept: dict[str, int] = {}
        shown, progress = 0, False
        while True:
            data = await socket.recv(decode=False)
            self.received += len(data)
            answer = ForwardMsg.FromString(data)
            kind = answer.WhichOneof("type")
            html = answer.delta.new_element.html.body if kind == "delta" else ""
            step = self._kept[answer.ref_hash] if kind == "ref_hash" else step_of(html)
            shown, progress = max(shown, step), progress or PROGRESS in html
            if kind == "ref_hash" or answer.metadata.cacheable:
                kept[answer.ref_hash or answer.hash] = step
            if kind == "auto_rerun":
                self._fragment, self._interval = answer.auto_rerun.fragment_id, answer.auto_rerun.interval
            elif kind == "script_finished":
                break
        took = time.monotonic() - due
        assert shown and progress, "an answer without the faces or the progress"
        self._kept = kept
        self.frames.append(shown)
        return took


def step_of(html: str) -> int:
    """Return the step of the faces in a piece of HTML, 0 where there are none."""
    found = SHOWN_STEP.search(html)
    return int(found[1]) if found else 0


@dataclass
class Generator:
    """What the simulated viewers themselves cost: seconds of CPU, and how late each of their turns came."""

    cpu: float = 0.0
    late: list[float] = field(default_factory=list)

    async def watch(self) -> None:
        """Note every 20 ms how much later than asked for this turn comes; ends when it is cancelled."""
        while True:
            asked = time.monotonic() + 0.02
            await asyncio.sleep(0.02)
            self.late.append(time.monotonic() - asked)


def quantiles(seconds: list[float]) -> str:
    """Return p50, p95 and the largest in milliseconds."""
    told = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"p50 {1000 * told[49]:.0f} ms, p95 {1000 * told[94]:.0f} ms, max {1000 * max(seconds):.0f} ms"


PAINTED = """
window.painted = new Promise(resolve => {
    const look = () => {
        const face = document.querySelector('img[alt*="what the attacker recovered"]');
        if (face && face.complete && face.naturalWidth) setTimeout(() => resolve(performance.now()));
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
});
"""
"""Tells, in a frame after the one that has the face in it, the milliseconds since the page was asked for."""


def first_paint(server: Server) -> tuple[float, list[float]]:
    """Return the seconds until Chromium shows the recovered person on Start: when it has never been there,
    and when it comes back, five times. Each time the page before has come to rest.

    The page tells it: a test tool that asks from outside asks twice a second after a while.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.add_init_script(PAINTED)
        took = []
        for _ in range(6):
            page.goto(server.url)
            took.append(page.evaluate("window.painted") / 1000)
            page.wait_for_timeout(2000)
        browser.close()
    return took[0], took[1:]


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


async def crowd(server: Server, run_id: str, viewers: int, seconds: float) -> tuple[list[Viewer], Generator]:
    """Let all viewers come within a second and watch; a dropped connection raises."""
    people, generator = [Viewer(server, run_id) for _ in range(viewers)], Generator()

    async def arrive(place: int, viewer: Viewer) -> None:
        await asyncio.sleep(place / viewers)
        await viewer.watch(seconds)

    before = time.process_time()
    watched = asyncio.create_task(generator.watch())
    await asyncio.gather(*(arrive(place, viewer) for place, viewer in enumerate(people)))
    watched.cancel()
    generator.cpu = time.process_time() - before
    return people, generator


def watch_it(server: Server, store: RunStore, run_id: str, viewers: int, seconds: float) -> None:
    """Let the viewers watch a run that goes on, and print what they waited for and what they saw."""
    process, before = psutil.Process(server.pid), store.get(run_id).step
    begun, used = time.monotonic(), sum(process.cpu_times()[:2])
    people, generator = asyncio.run(crowd(server, run_id, viewers, seconds))
    lasted, used = time.monotonic() - begun, sum(process.cpu_times()[:2]) - used
    record, stored = store.get(run_id), [frame.step for frame in store.frames(run_id)]
    refreshes = [refresh for viewer in people for refresh in viewer.refreshes]
    complete = max(viewer.arrived for viewer in people)
    steady = [took for due, took in refreshes if due > complete]
    print(f"{viewers} viewers, first run of the page: {quantiles([viewer.first for viewer in people])}")
    print(
        f"{len(refreshes)} refreshes, from the first viewer on: {quantiles([took for _, took in refreshes])}"
    )
    print(f"{len(steady)} refreshes, once all {viewers} are there: {quantiles(steady)}")
    sent = sum(viewer.received for viewer in people)
    print(
        f"sent to all viewers: {sent / lasted / 1e6:.2f} MB/s, {sent / len(refreshes) / 1e3:.0f} kB a refresh"
    )
    print(f"web process: {100 * used / lasted:.0f} % CPU, {1000 * used / len(refreshes):.1f} ms a refresh")
    print(
        f"the viewers themselves: {100 * generator.cpu / lasted:.0f} % CPU, "
        f"their turns late by {quantiles(generator.late)}"
    )
    seen = [set(viewer.frames) for viewer in people]
    assert all(steps <= set(stored) for steps in seen), "a viewer was shown faces that are not stored"
    behind = max(sum(step > viewer.frames[-1] for step in stored) for viewer in people)
    print(
        f"key frames shown to a viewer: {min(map(len, seen))} to {max(map(len, seen))}; "
        f"in the end at most {behind} of {len(stored)} stored ones still to come"
    )
    print(f"the attack meanwhile: {record.step - before} steps, {record.state}")


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
    never, again = first_paint(server)
    print(f"first paint of Start in a Chromium that was never there: {1000 * never:.0f} ms")
    print(f"first paint of Start when it comes back, {len(again)} times: {quantiles(again)}")
    store = RunStore(f"sqlite:///{server.data / 'runs.sqlite'}", str(server.data / "artifacts"))
    run_id, _ = store.create(Scenario.model_validate(LONG_ATTACK), "load")
    wait_for_step(store, run_id)
    watch_it(server, store, run_id, viewers, seconds)
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
