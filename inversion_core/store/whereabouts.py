"""Who works on a run: a name for this process, and whether a process of that name is certainly gone."""

import os
import socket
from functools import cache
from pathlib import Path


def here() -> str:
    """Return the name of this process: machine, process namespace and process number."""
    return f"{_machine()}/{os.getpid()}"


def process_here(worker: str) -> int | None:
    """Return the process number of a worker on this machine, None for one elsewhere."""
    machine, _, number = worker.rpartition("/")
    return int(number) if machine == _machine() and number.isdigit() else None


def gone(worker: str) -> bool:
    """Say whether that process has certainly ended; False for other machines, only heartbeats tell there."""
    number = process_here(worker)
    if number is None:
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(number)


def _is_zombie(number: int) -> bool:
    """A killed child stays in the process table until its parent looks; it works on nothing any more."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


@cache
def _machine() -> str:
    """Containers may share a name but number their processes apart, so the namespace belongs to the name."""
    try:
        namespace = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        namespace = 0
    return f"{socket.gethostname()}:{namespace}"
