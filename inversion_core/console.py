"""Watch long work from a terminal: progress as lines on stderr, Ctrl-C as a request to stop."""

import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

from inversion_core.errors import StoreUnavailable
from inversion_core.jobs.work import perform, play
from inversion_core.store.runs import RunRecord, RunStore
from inversion_core.store.whereabouts import gone
from inversion_core.values import Progress, State

EVERY_SECONDS = 1.0
"""How often a line of progress appears."""
LOOK_SECONDS = 0.2
"""How often the store is asked; a request to stop waits no longer than this."""

T = TypeVar("T")


def tell(text: str) -> None:
    """Print a line for the person at the terminal; stdout is for scripts."""
    print(text, file=sys.stderr, flush=True)


def exhaust(steps: Generator[Progress, None, T]) -> T:
    """Return what a generator returns, telling its progress."""
    told, note = -EVERY_SECONDS, ""
    while True:
        try:
            progress = next(steps)
        except StopIteration as stop:
            value: T = stop.value
            return value
        now = time.monotonic()
        if now - told >= EVERY_SECONDS or progress.note != note:
            told, note = now, progress.note
            tell(_line(progress.note, progress.step, progress.total, progress.loss))


def carry(run_id: str, store: RunStore, owner: str) -> RunRecord:
    """See a run to its end and return its record: in this process, or where another works on it already.

    The first Ctrl-C asks the run to stop; the second ends it at once.
    """
    asked, ended = threading.Event(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(run_id, store, owner, asked, ended), daemon=True)
    with interrupts(asked):
        watcher.start()
        try:
            perform(run_id, store, play)
            while not store.get(run_id).state.final:
                time.sleep(LOOK_SECONDS)
                bury_the_dead(store, run_id)
                perform(run_id, store, play)
        except KeyboardInterrupt:
            store.finish(run_id, State.CANCELLED)
        finally:
            ended.set()
            watcher.join()
    return store.get(run_id)


def bury_the_dead(store: RunStore, run_id: str | None = None) -> None:
    """Queue runs, or one of them, again where the process that had them has died: there may be no engine to
    notice.
    """
    for run in store.unfinished():
        if run_id in (None, run.id) and run.state is not State.QUEUED and gone(run.worker):
            store.lose(run, "its worker process ended")


@contextmanager
def interrupts(asked: threading.Event) -> Iterator[None]:
    """Turn the first interrupt into an event: a handler may not wait for the store that it interrupts."""

    def ask(number: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        tell("stopping; press Ctrl-C again to stop at once")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(run_id: str, store: RunStore, owner: str, asked: threading.Event, ended: threading.Event) -> None:
    told, last = -EVERY_SECONDS, ""
    while not ended.wait(LOOK_SECONDS):
        try:
            if asked.is_set() and not store.request_cancel(run_id, owner):
                asked.clear()
                tell("others wait for this run too, so it goes on; their own Ctrl-C or page stops it")
            record = store.get(run_id)
        except StoreUnavailable as error:
            tell(str(error))
            continue
        line = _line(
            record.note or record.phase or record.state.value, record.step, record.total, record.loss
        )
        if line != last and time.monotonic() - told >= EVERY_SECONDS:
            told, last = time.monotonic(), line
            tell(line)


def _line(what: str, step: int, total: int, loss: float | None) -> str:
    parts = [what or "working"]
    if total > 1:
        parts.append(f"step {step} of {total}")
        parts.append(f"loss {loss:.4f}" if loss is not None else "")
    return "  ".join(part for part in parts if part)
