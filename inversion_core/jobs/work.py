"""What a worker does with a run: take it, show signs of life, see that it ends."""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from inversion_core.errors import IllegalTransition, StoreUnavailable
from inversion_core.store.runs import RunStore
from inversion_core.values import State

BEAT_SECONDS = 2.0

Task = Callable[[str, RunStore], object]
"""Carries a queued run to a final state."""

log = logging.getLogger(__name__)


def play(run_id: str, store: RunStore) -> None:
    """Execute the scenario of a run."""
    # Imported here: the web process names this function without ever calling it, and should start fast.
    from inversion_core.execute import execute

    execute(run_id, store)


def perform(run_id: str, store: RunStore, task: Task) -> None:
    """Let `task` carry the run, unless another worker was quicker; whatever happens, the run ends."""
    try:
        with beating(store, run_id):
            task(run_id, store)
    except IllegalTransition:
        return
    except Exception as error:
        log.exception("run %s broke its worker's task", run_id)
        told = f"the run stopped on an unexpected {type(error).__name__}: {error}; its log has the details"
        store.finish(run_id, State.FAILED, error=told, log=traceback.format_exc())
    store.finish(run_id, State.FAILED, error="the run stopped without a result; start the scenario again")


@contextmanager
def beating(store: RunStore, run_id: str) -> Iterator[None]:
    """Write a heartbeat every two seconds, so that nobody takes this process for dead while it computes."""
    done = threading.Event()
    thread = threading.Thread(target=_beat, args=(store, run_id, done), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _beat(store: RunStore, run_id: str, done: threading.Event) -> None:
    while not done.wait(BEAT_SECONDS):
        try:
            store.beat(run_id)
        except StoreUnavailable as error:
            log.warning("run %s cannot show that it is alive: %s", run_id, error)
