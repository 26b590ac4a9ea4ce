"""Look after an installation: what is checked, what was found, how to mend it."""

import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from inversion_core.errors import InversionError
from inversion_core.settings import ASSETS, ROOT, settings

OLDEST_PYTHON = (3, 11)
FREE_GIGABYTES = 2.0
"""Room below which runs and trained weights soon fill the disk."""
BROWSER = "chromium"

MARKS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}


@dataclass(frozen=True)
class Finding:
    """One checked thing: `level` is ok, note (only some work needs it) or wrong; `mend` says what to do."""

    what: str
    level: str
    told: str
    mend: str = ""

    def line(self) -> str:
        """Return the finding for a terminal."""
        return f"{MARKS[self.level]}  {self.what}: {self.told}" + (f"; {self.mend}" if self.mend else "")


def examine() -> list[Finding]:
    """Check everything and return what was found, in reading order."""
    checks: list[Callable[[], Iterator[Finding]]] = [
        _python,
        _packages,
        _torchvision,
        _store,
        _assets,
        _browser,
        _disk,
    ]
    return [finding for check in checks for finding in check()]


def pins(file: Path) -> dict[str, str]:
    """Return package -> version for the exact pins of a requirements file."""
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.+-]+)", file.read_text(), re.MULTILINE)
    return dict(found)


def _python() -> Iterator[Finding]:
    told = sys.version.split()[0]
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        yield Finding(
            "Python", "wrong", f"{told}, {wanted} is the oldest that works", "make .venv with a newer one"
        )
    else:
        yield Finding("Python", "ok", told)


def _packages() -> Iterator[Finding]:
    for name, level, command in (
        ("requirements.txt", "wrong", "make .venv/.requirements"),
        ("requirements-dev.txt", "note", "make test installs what tests need"),
    ):
        wanted = pins(ROOT / name)
        off = [told for package, pin in wanted.items() if (told := _off(package, pin))]
        if off:
            yield Finding(name, level, ", ".join(off), command)
        else:
            yield Finding(name, "ok", f"{len(wanted)} packages as pinned")


def _off(package: str, pin: str) -> str:
    """Return how an installed package differs from its pin, "" where it does not; +cpu is no difference."""
    try:
        there = version(package)
    except PackageNotFoundError:
        return f"{package} is missing ({pin} is pinned)"
    return "" if there.split("+")[0] == pin else f"{package} is {there} ({pin} is pinned)"


def _torchvision() -> Iterator[Finding]:
    from inversion_core.vision import declared_operators, torchvision

    what = "torch and torchvision"
    try:
        pair = f"torch {version('torch')}, torchvision {torchvision().__version__}"
        declared = declared_operators()
    except Exception as error:  # whatever breaks an import is exactly what is to be told
        yield Finding(
            what,
            "wrong",
            f"torchvision does not import ({error})",
            "install both as requirements.txt pins them",
        )
        return
    how = f"declared {', '.join(declared)} for it" if declared else "its compiled half loads"
    yield Finding(what, "ok", f"{pair}, {how}")


def _store() -> Iterator[Finding]:
    from inversion_core.store.artifacts import Artifacts
    from inversion_core.store.runs import RunStore

    try:
        store = RunStore(settings().store, settings().artifacts)
        waiting = len(store.unfinished())
        store.close()
        yield Finding("run store", "ok", f"{store}, {waiting} unfinished runs")
        artifacts = Artifacts(settings().artifacts)
        probe = artifacts.put(f"doctor {uuid.uuid4()}".encode())
        artifacts.delete(probe)
        yield Finding("artifacts", "ok", f"{settings().artifacts} can be written")
    except InversionError as error:
        yield Finding("run store", "wrong", str(error))


def _assets() -> Iterator[Finding]:
    from inversion_core.targets import weights

    files = sorted(ASSETS.glob("**/*.safetensors"))
    if not files:
        yield Finding(
            "shipped weights",
            "wrong",
            f"none in {ASSETS}",
            "restore assets from the repository or: make assets",
        )
    damaged = []
    for file in files:
        try:
            weights.read(file)
        except InversionError as error:
            damaged.append(file)
            yield Finding(
                str(file.relative_to(ROOT)), "wrong", str(error), f"git checkout {file.relative_to(ROOT)}"
            )
    if files and not damaged:
        yield Finding("shipped weights", "ok", f"{len(files)} files match their digests")


def _browser() -> Iterator[Finding]:
    place = shutil.which(BROWSER)
    if place is None:
        yield Finding(
            "browser", "note", f"no {BROWSER}; only the tests need one", "make test installs it on Debian"
        )
        return
    done = subprocess.run([place, "--version"], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        yield Finding("browser", "note", f"{place} does not start", f"apt-get install --reinstall {BROWSER}")
    else:
        yield Finding("browser", "ok", done.stdout.split("\n")[0].strip())


def _disk() -> Iterator[Finding]:
    folder = settings().data_folder.resolve()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free / 1e9
    if free < FREE_GIGABYTES:
        mend = "make room or set INVERSION_DATA_FOLDER to a larger disk"
        yield Finding(
            "disk", "wrong", f"{free:.1f} GB free for {folder}, {FREE_GIGABYTES:.0f} are wanted", mend
        )
    else:
        yield Finding("disk", "ok", f"{free:.0f} GB free for {folder}")
