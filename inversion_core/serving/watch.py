"""Watch the query log of a service and block the keys whose queries raise an alarm.

A block comes after what was asked meanwhile: an entry is in the log a fifth of a second after its answer, and
the log is read twice a second. Callers without a key are one row of the log: watched, and blocked, together.
"""

import logging
import threading

import numpy as np

from inversion_core.errors import StoreUnavailable
from inversion_core.serving.detector import Alarm, Detector, Rows, Window
from inversion_core.store.api_keys import KeyStore
from inversion_core.store.query_log import Query, QueryLog

EVERY_SECONDS = 0.5
AT_ONCE = 1000
"""Entries read at once."""

log = logging.getLogger(__name__)


class Watch:
    """Reads what `service` logged since the last look and says which keys raise an alarm."""

    def __init__(self, detector: Detector, query_log: QueryLog, service: str) -> None:
        self._detector = detector
        self._log = query_log
        self._service = service
        self._windows: dict[str, Window] = {}
        self._read = query_log.last()

    def look(self) -> dict[str, Alarm]:
        """Return the keys that raised an alarm since the last look; their windows start anew."""
        found: dict[str, Alarm] = {}
        while entries := self._log.after(self._read, limit=AT_ONCE):
            for entry in entries:
                self._read = entry.id
                if entry.service != self._service or not len(entry.labels) or entry.key_id in found:
                    continue
                window = self._windows.setdefault(entry.key_id, Window(self._detector))
                if alarm := window.alarm(rows_of(entry)):
                    found[entry.key_id] = alarm
                    del self._windows[entry.key_id]
        return found


class Blocker:
    """Looks in a thread and blocks on alarm, until closed."""

    def __init__(self, watch: Watch, keys: KeyStore) -> None:
        self._watch = watch
        self._keys = keys
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(EVERY_SECONDS):
            try:
                for key_id, alarm in self._watch.look().items():
                    self._keys.block(key_id, alarm.told)
                    log.warning("key %s was blocked: %s", key_id, alarm.reason)
            except StoreUnavailable as error:
                log.error("the monitor waits for the store: %s", error)


def rows_of(entry: Query) -> Rows:
    """Return the rows of a log entry; all were asked when it came."""
    return Rows(np.full(len(entry.labels), entry.time), entry.signatures, entry.labels)
