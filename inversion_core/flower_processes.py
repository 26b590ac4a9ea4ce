"""The processes of a federation in Flower, on loopback: they begin and end with a block."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from inversion_core.errors import EngineUnavailable
from inversion_core.settings import ROOT

START_SECONDS, ROUND_SECONDS = 120, 3600
"""How long processes may take to come up, and clients to answer."""

HERE = "127.0.0.1"
TOLD = "told"
QUIET = {"FLWR_TELEMETRY_ENABLED": "0", "FLWR_DISABLE_UPDATE_CHECK": "1"}
"""Nothing leaves this machine: Flower reports each start and asks for newer versions otherwise."""
CONNECTION = """[superlink]
default = "here"

[superlink.here]
address = "{address}"
insecure = true
"""


@contextmanager
def federation(folder: Path, clients: int) -> Iterator[Callable[..., None]]:
    """Run a SuperLink and a SuperNode for each client, and hand out Flower's command line for them.

    All listen on loopback alone, on ports that are free; they end with the block. What Flower's command line
    tells of the round goes to the file TOLD.
    """
    link, fleet, control, *nodes = free_ports(3 + clients)
    home, address = folder / "flower", f"{HERE}:{link}"
    home.mkdir()
    (home / "config.toml").write_text(CONNECTION.format(address=address))
    bins = Path(sys.executable).parent
    path = {
        "PATH": os.pathsep.join([str(bins), os.environ.get("PATH", "")]),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    environment = os.environ | QUIET | path | {"FLWR_HOME": str(home)}
    running: list[subprocess.Popen[bytes]] = []
    with (folder / TOLD).open("wb") as told, (folder / "processes").open("wb") as rest:

        def start(program: str, *options: str) -> subprocess.Popen[bytes]:
            command, log = [str(bins / program), *options], told if program == "flwr" else rest
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)

        def flwr(*options: str) -> None:
            asked = start("flwr", *options)
            running.append(asked)
            try:
                asked.wait(ROUND_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise EngineUnavailable(
                    f"a round in Flower ends within {ROUND_SECONDS} s, this one did not; lower exposure.round"
                ) from error

        here = ["--host", HERE, "--insecure", "--port"]
        try:
            old = ["--fleet-api-address", f"{HERE}:{fleet}", "--control-api-address", f"{HERE}:{control}"]
            only = "--disable-runtime-dependency-installation"
            running.append(start("flower-superlink", *here, str(link), *old, only))
            await_answer(link, running[0])
            for client, port in enumerate(nodes):
                whose = ["--superlink", address, "--node-config", f"client={client}"]
                running.append(start("flower-supernode", *here, str(port), *whose))
            yield flwr
        finally:
            for one in reversed(running):
                one.terminate()
            for one in running:
                try:
                    one.wait(10)
                except subprocess.TimeoutExpired:
                    one.kill()
                    one.wait()


def reason_in(told: Path) -> str:
    """Return why a round failed, from what Flower told of it: our own error, or the last words."""
    text = told.read_text(errors="replace")
    ours = [line for line in text.splitlines() if line.startswith(EngineUnavailable.__module__)]
    return ours[-1].split(": ", 1)[1] if ours else " ".join(text.split()[-60:])


def free_ports(count: int) -> list[int]:
    """Return ports of loopback where nothing listens."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HERE, 0))
        return [int(one.getsockname()[1]) for one in sockets]


def await_answer(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a process listens; raises EngineUnavailable when it ends or takes too long."""
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex((HERE, port)) == 0:
                return
        time.sleep(0.1)
    raise EngineUnavailable(f"Flower's SuperLink did not come up within {START_SECONDS} s; try again")
