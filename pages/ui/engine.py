"""Bring up what is slow before anybody needs it: torch, the components, the workers."""

import gc
import logging
import threading
from functools import lru_cache

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def warm_up() -> threading.Thread:
    """Start the engine once a process, in the background; returns at once."""
    thread = threading.Thread(target=_warm, name="warm-up", daemon=True)
    thread.start()
    return thread


def _warm() -> None:
    try:
        from inversion_core import jobs
        from inversion_core.registry import KINDS, components

        for kind in KINDS:
            components(kind)
        jobs.engine()
    except Exception:
        # Nobody waits for this thread; whoever launches a run meets the same error and is told in words.
        log.exception("the engine did not start")
    gc.collect()
    gc.freeze()  # what is imported by now stays; later collections need not look at it again
