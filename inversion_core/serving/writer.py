"""The query log is written by one thread in batches; nothing is answered that it has not taken."""

import logging
import math
import queue
import threading
import time

from inversion_core.errors import StoreUnavailable
from inversion_core.store.query_log import Query, QueryLog

WAITING = 4096
"""Entries that may wait to be written; beyond them requests wait, then are refused."""
BATCH = 1000
EVERY_SECONDS = 0.2
RETRY_SECONDS = 1.0
LAST_SECONDS = 30.0
"""How long `close` tries where the store cannot be written; what is lost then is counted on stderr."""

log = logging.getLogger(__name__)


class LogWriter:
    """Takes entries from any thread and keeps their order; `close` returns once every one is in the store."""

    def __init__(self, query_log: QueryLog, *, waiting: int = WAITING) -> None:
        self._log = query_log
        self._waiting: queue.Queue[Query | None] = queue.Queue(waiting)
        self._give_up = math.inf
        self._thread = threading.Thread(target=self._write, name="query-log", daemon=False)
        self._thread.start()

    def take(self, query: Query, timeout: float | None = None) -> bool:
        """Keep an entry to be written; False when there was no room for `timeout` seconds (None: at once)."""
        try:
            self._waiting.put(query, block=timeout is not None, timeout=timeout)
        except queue.Full:
            return False
        return True

    def close(self) -> None:
        """Write what is left and stop."""
        self._give_up = time.monotonic() + LAST_SECONDS
        self._waiting.put(None)
        self._thread.join()

    def _write(self) -> None:
        open_still = True
        while open_still:
            batch, open_still = self._gather()
            self._store(batch)

    def _gather(self) -> tuple[list[Query], bool]:
        """Return what comes within EVERY_SECONDS of the first entry, and whether more may follow."""
        batch: list[Query] = []
        until = math.inf
        while len(batch) < BATCH:
            patience = None if until == math.inf else max(0.0, until - time.monotonic())
            try:
                entry = self._waiting.get(timeout=patience)
            except queue.Empty:
                break
            if entry is None:
                return batch, False
            batch.append(entry)
            until = min(until, time.monotonic() + EVERY_SECONDS)
        return batch, True

    def _store(self, batch: list[Query]) -> None:
        while True:
            try:
                self._log.add(batch)
                return
            except StoreUnavailable as error:
                if time.monotonic() > self._give_up:
                    log.error("%d entries of the query log are lost: %s", len(batch), error)
                    return
                log.error("%d entries of the query log wait: %s", len(batch), error)
                time.sleep(RETRY_SECONDS)
