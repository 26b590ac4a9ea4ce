"""A sweep from a terminal: the engine of the app in this process, progress on stderr, Ctrl-C as a request."""

import threading
import time
from collections.abc import Iterator
from typing import Any

from inversion_core.console import EVERY_SECONDS, LOOK_SECONDS, bury_the_dead, interrupts, tell
from inversion_core.errors import EngineUnavailable
from inversion_core.jobs import Engine, embedded
from inversion_core.settings import settings
from inversion_core.store.runs import RunStore
from inversion_core.sweeps import desk
from inversion_core.sweeps.cells import expand
from inversion_core.sweeps.spec import Sweep
from inversion_core.values import State

OWNER = "command line"
"""The same for every process, so that a sweep that was killed goes on when it is asked for again."""
PATIENCE_SECONDS = 10.0
"""How long nothing is told while nothing but the forecast changes."""


def check(sweep: Sweep) -> str:
    """Return in a sentence what a sweep will run; raises ScenarioInvalid."""
    cells = expand(sweep)
    apply = [cell for cell in cells if cell.scenarios]
    runs = {scenario.model_dump_json() for cell in apply for scenario in cell.scenarios}
    return f"{len(cells)} cells, {len(cells) - len(apply)} do not apply, {len(runs)} different runs"


def carry(sweep: Sweep, store: RunStore, workers: int | None = None) -> dict[str, Any]:
    """See every run of a sweep to its end and return the summary.

    The first Ctrl-C cancels the sweep and waits for the runs at work; the second ends them at once. Raises
    EngineUnavailable when no worker can take a run.
    """
    began, asked = time.monotonic(), threading.Event()
    bury_the_dead(store)
    engine = Engine(store, opening=None if settings().cluster else embedded(workers))
    sweep_id = desk.sweep_id_of(sweep, OWNER)
    try:
        with interrupts(asked):
            try:
                desk.submit(sweep, OWNER, engine, asked.is_set)
                _see_to_the_end(sweep_id, engine, asked)
            except KeyboardInterrupt:
                desk.cancel(sweep_id, OWNER, engine)
    finally:
        engine.close()
    return _summary(sweep, desk.status(sweep_id, store), store, time.monotonic() - began)


def table(summary: dict[str, Any]) -> Iterator[str]:
    """Yield the cells of a summary as lines for people."""
    names = [
        f"{cell['row']}  |  {cell['column']}, {cell['attacker']} {cell['variant']}".rstrip()
        for cell in summary["cells"]
    ]
    width = max(len(name) for name in names)
    for name, cell in zip(names, summary["cells"], strict=True):
        yield f"{name:<{width}}  {_told(cell)}"


def _see_to_the_end(sweep_id: str, engine: Engine, asked: threading.Event) -> None:
    """Start the workers where there is something to do, and watch."""
    now = desk.status(sweep_id, engine.store)
    if now.finished < now.total and not asked.is_set():
        engine.start()
    told, last, cancelled = -PATIENCE_SECONDS, "", False
    while True:
        if asked.is_set() and not cancelled:
            cancelled = True
            desk.cancel(sweep_id, OWNER, engine)
        now = desk.status(sweep_id, engine.store)
        over = now.state.final or (cancelled and not _stopping(engine.store))
        waited, line = time.monotonic() - told, _counts(now)
        if waited >= PATIENCE_SECONDS or (line != last and (over or waited >= EVERY_SECONDS)):
            told, last = time.monotonic(), line
            tell(f"{line}{_forecast(now)}")
        if over:
            return
        if (health := engine.health()).state == "failed":
            raise EngineUnavailable(f"no worker can take a run: {health.trouble}")
        time.sleep(LOOK_SECONDS)


def _stopping(store: RunStore) -> bool:
    """Say whether runs that were asked to stop still work; those that others wait for go on without us."""
    return any(run.cancelled is not None for run in store.unfinished())


def _counts(now: desk.SweepStatus) -> str:
    failed = sum(now.counts[state] for state in desk.ENDED_BADLY)
    working = now.counts[State.STARTING] + now.counts[State.RUNNING]
    parts = [f"{now.finished} of {now.total} runs ended", f"{working} at work"]
    return ", ".join(parts + ([f"{failed} failed"] if failed else []))


def _forecast(now: desk.SweepStatus) -> str:
    if now.state.final or now.eta_seconds is None:
        return ""
    minutes, seconds = divmod(round(now.eta_seconds), 60)
    return f", about {f'{minutes} min ' if minutes else ''}{seconds} s left"


def _summary(sweep: Sweep, now: desk.SweepStatus, store: RunStore, seconds: float) -> dict[str, Any]:
    counts = {state.value: now.counts[state] for state in State}
    matrix = desk.matrix(sweep, store).model_dump(mode="json")
    return {
        "sweep_id": now.record.id,
        "state": (now.state if now.state.final else State.CANCELLED).value,
        "seconds": round(seconds, 3),
        "runs": {"total": now.total, **counts},
        **matrix,
    }


def _told(cell: dict[str, Any]) -> str:
    if cell["value"] is None or cell["state"] == "refused":
        return f"{cell['state']}: {cell['reason']}" if cell["reason"] else str(cell["state"])
    parts = [
        f"{cell['score']} {cell['value']:.3f} ({cell['low']:.3f} to {cell['high']:.3f})",
        f"{cell['n']} victims, {len(cell['seeds'])} seeds",
    ]
    if cell["accuracy"] is not None:
        parts.append(f"target right on {cell['accuracy']:.3f}")
    parts += [part for part in (cell["verdict"], cell["reason"]) if part]
    return "; ".join(parts)
