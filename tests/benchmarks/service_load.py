"""The prediction service under steady load: single PNGs in, scores out, at a pace nobody waits to keep.

    .venv/bin/python -m tests.benchmarks.service_load [--rate 100] [--seconds 30] [--target cnn]

Starts `serve` on a free port with a store of its own. The load is open: each request has its moment, and its
latency counts from that moment, so that a slow answer does not thin out the load behind it. The generator
runs on the same cores as the service. Afterwards the service is stopped and its query log counted.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch

from inversion_core import pictures
from inversion_core.choices import Choice, TargetChoice
from inversion_core.datasets.people import People
from inversion_core.scenario import Scenario
from inversion_core.store.api_keys import KeyStore, Tier
from inversion_core.store.database import Database
from inversion_core.store.query_log import QueryLog

CONNECTIONS = 32


@dataclass
class Client:
    """Keeps connections to one address and sends what it is given, as bytes made beforehand."""

    port: int
    requests: list[bytes]
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    async def load(self, rate: float, seconds: float) -> None:
        """Send one request every 1 / rate seconds."""
        self._idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        for _ in range(CONNECTIONS):
            self._idle.put_nowait(await asyncio.open_connection("127.0.0.1", self.port))
        loop, sent = asyncio.get_running_loop(), []
        began = loop.time() + 0.1
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - loop.time()))
            sent.append(asyncio.create_task(self._ask(number, due)))
        await asyncio.gather(*sent)
        while not self._idle.empty():
            _, writer = self._idle.get_nowait()
            writer.close()
            await writer.wait_closed()

    async def _ask(self, number: int, due: float) -> None:
        reader, writer = await self._idle.get()
        writer.write(self.requests[number % len(self.requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split()[1])
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None
        await reader.readexactly(int(length[1]))
        self.latencies.append(asyncio.get_running_loop().time() - due)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self._idle.put_nowait((reader, writer))


def main() -> None:
    """Measure, print a line for people and one of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--target", default="cnn")
    options = parser.parse_args()
    torch.set_num_threads(1)
    photos = People().held_out().inputs[::10]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/runs.sqlite"
        database = Database(url)
        _, token = KeyStore(database).add("load", Tier.PARTNER)
        process, port = start(scenario(options.target), url, Path(folder))
        try:
            client = Client(port, [request(pictures.png(photo), token) for photo in photos])
            before = processor_seconds(process.pid)
            asyncio.run(client.load(options.rate, options.seconds))
            busy = processor_seconds(process.pid) - before
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
        logged, rows = QueryLog(database).count(status=200)
        database.close()
    slow = statistics.quantiles(client.latencies, n=100)
    found = {
        "target": options.target,
        "asked": len(client.latencies),
        "rate": options.rate,
        "answered": client.statuses,
        "p50_ms": round(1000 * slow[49], 1),
        "p99_ms": round(1000 * slow[98], 1),
        "longest_ms": round(1000 * max(client.latencies), 1),
        "logged": logged,
        "rows_logged": rows,
        "service_cores": round(busy / options.seconds, 2),
        "load_average": os.getloadavg()[0],
    }
    print(
        f"{found['asked']} requests at {options.rate:g} a second: p50 {found['p50_ms']} ms, "
        f"p99 {found['p99_ms']} ms; {logged} logged"
    )
    print(json.dumps(found))


def scenario(target: str) -> Scenario:
    """Return a scenario that names the target; its attack is not used."""
    return Scenario(target=TargetChoice(name=target), attack=Choice(name="mi-face"))


def start(served: Scenario, store_url: str, folder: Path) -> tuple[subprocess.Popen[str], int]:
    """Start the service and return it with its port once it answers."""
    file = folder / "scenario.json"
    file.write_text(served.model_dump_json())
    process = subprocess.Popen(
        [sys.executable, "-m", "inversion_core", "serve", str(file), "--port", "0", "--store", store_url],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)/v1/predict", line):
            time.sleep(0.5)
            return process, int(found[1])
    raise SystemExit("the service did not start")


def request(body: bytes, token: str) -> bytes:
    """Return a whole HTTP request."""
    return (
        b"POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
        + f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def processor_seconds(pid: int) -> float:
    """Return the processor time a process has used."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
