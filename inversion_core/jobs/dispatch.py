"""The engine hands queued runs to workers and watches over those that work.

The store is the truth and the queue. An engine *offers* every queued run to its workers, in the queue's
order, and whoever begins it first has it; so several engines (web servers) can share a store, a run that is
offered twice is computed once, and one that was cancelled meanwhile is found final. An engine also looks
after working runs: one whose process ended or fell silent is queued again once, and a worker that ignores a
request to cancel is killed.
"""

import atexit
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inversion_core.errors import EngineUnavailable, InversionError
from inversion_core.jobs.engine import WARM, Cluster, ClusterElsewhere, EmbeddedCluster, end_workers
from inversion_core.jobs.work import Task, play
from inversion_core.scenario import Scenario
from inversion_core.settings import settings
from inversion_core.store.runs import Pending, RunStore
from inversion_core.store.whereabouts import gone, process_here
from inversion_core.values import State

TICK_SECONDS = 0.5
"""How often an engine looks at the store when nothing wakes it."""
RETRY_SECONDS = 5.0
"""How often an engine tries to bring back workers that are missing."""
LEAVE_SECONDS = 10.0
GRACE_SECONDS = 5.0
"""How long a worker may ignore a request to cancel."""
SILENCE_SECONDS = 30.0
"""How long a worker may be silent before its run is taken from it."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineHealth:
    """How the engine does: `state` is starting, running, failed or closed; `trouble` says why in words.

    `pids` are the worker processes of the embedded engine, none for a cluster elsewhere.
    """

    state: str
    trouble: str
    workers: int
    pids: tuple[int, ...]
    queued: int
    working: int


class Engine:
    """Runs scenarios of one store on workers of this machine, or of the cluster that the settings name."""

    def __init__(
        self, store: RunStore, *, task: Task = play, opening: Callable[[], Cluster] | None = None
    ) -> None:
        """Check that the workers will reach the store; raises EngineUnavailable.

        `task` carries a run, `opening` brings the workers up: those of the settings unless another is given.
        """
        self.store = store
        self.grace = GRACE_SECONDS
        self._task = task
        self._opening = opening or _workers_of_the_settings
        if opening is None and settings().cluster and store.on_this_machine:
            raise EngineUnavailable(
                f"the workers of a cluster ({settings().cluster}) need a store they can reach, {store} is on "
                "this machine; name Postgres in INVERSION_STORE_URL, shared ones in INVERSION_ARTIFACTS_URL"
            )
        self._cluster: Cluster | None = None
        self._offers: dict[str, Any] = {}
        self._since: dict[tuple[str, str], tuple[object, float]] = {}
        self._mended = time.monotonic()
        self._state, self._trouble = "starting", ""
        self._wake, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, name="engine", daemon=True)

    def start(self) -> "Engine":
        """Bring the workers up in the background; returns at once."""
        self._thread.start()
        return self

    def submit(self, scenario: Scenario, owner: str) -> str:
        """Queue a scenario and return its run at once, the one there is if an equal one was asked for.

        Raises ScenarioInvalid, StoreUnavailable, or EngineUnavailable when no worker could ever take it.
        """
        if self._state in ("failed", "closed"):
            raise EngineUnavailable(f"no worker can take a run: {self._trouble}")
        run_id, _ = self.store.create(scenario, owner)
        self._wake.set()
        return run_id

    def cancel(self, run_id: str, owner: str) -> bool:
        """Take `owner` off a run and return whether it stops; one that others wait for goes on."""
        stops = self.store.request_cancel(run_id, owner)
        self._wake.set()
        return stops

    def health(self) -> EngineHealth:
        """Return how the engine does and how long the queue of the store is."""
        pending = self.store.unfinished()
        queued = sum(run.state is State.QUEUED for run in pending)
        cluster = self._cluster
        pids = tuple(sorted(cluster.pids())) if cluster else ()
        count = cluster.worker_count() if cluster else 0
        return EngineHealth(self._state, self._trouble, count, pids, queued, len(pending) - queued)

    def close(self) -> None:
        """Stop the workers within seconds; their runs are queued again, for the next engine."""
        atexit.unregister(self._leave)
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=LEAVE_SECONDS)
        self._state, self._trouble = "closed", "the engine was closed; restart the server"

    def _live(self) -> None:
        while not self._closing.is_set():
            if self._cluster is None or self._cluster.is_lost():
                self._cluster = self._open()
                self._offers.clear()
            else:
                self._round()
                self._wake.wait(TICK_SECONDS)
                self._wake.clear()
        if self._cluster is not None:
            self._hand_back(self._cluster)

    def _open(self) -> Cluster | None:
        try:
            cluster = self._opening()
            atexit.unregister(self._leave)
            atexit.register(self._leave)  # after Dask registered its own: last in, first called
            cluster.open()
        except Exception as error:
            if not self._closing.is_set():
                log.exception("the engine cannot start")
                self._state, self._trouble = "failed", f"the workers do not come up: {_root(error)}"
                self._closing.wait(RETRY_SECONDS)
            return None
        self._state, self._trouble = "running", ""
        return cluster

    def _leave(self) -> None:
        """Close when the process ends, without waiting for workers that are still coming up."""
        self._closing.set()
        began = time.monotonic()
        while (
            self._state == "starting" and self._thread.is_alive() and time.monotonic() < began + LEAVE_SECONDS
        ):
            end_workers()
            self._thread.join(timeout=0.1)
        self.close()

    def _round(self) -> None:
        """Look at every run that is not final; trouble with the store is told and passes."""
        assert self._cluster is not None
        try:
            pending = self.store.unfinished()
            self._offer(self._cluster, [run for run in pending if run.state is State.QUEUED])
            self._watch(self._cluster, [run for run in pending if run.state is not State.QUEUED])
            self._mend(self._cluster)
            self._trouble = ""
        except Exception as error:
            told = str(error) if isinstance(error, InversionError) else f"{type(error).__name__}: {error}"
            if told != self._trouble:
                log.exception("the engine stumbled and tries again: %s", told)
            self._trouble = told

    def _offer(self, cluster: Cluster, queued: list[Pending]) -> None:
        """Offer what is not yet offered; a run whose hand-over failed counts as one that lost its worker."""
        wanted = {f"run-{run.id}-{run.attempt}-{run.losses}-{run.rank}": run for run in queued}
        for key, offer in list(self._offers.items()):
            if offer.done():
                del self._offers[key]
                if offer.status == "error" and key in wanted:
                    self.store.lose(wanted.pop(key), f"no worker could take it ({offer.exception()!r})")
        for key, run in wanted.items():
            if key not in self._offers:
                self._offers[key] = cluster.offer(key, -run.rank, run.id, self.store, self._task)

    def _watch(self, cluster: Cluster, working: list[Pending]) -> None:
        for run in working:
            if gone(run.worker):
                self.store.lose(run, "its worker process ended")
            elif self._unchanged("heartbeat", run.id, run.heartbeat) > SILENCE_SECONDS:
                self.store.lose(run, f"its worker was silent for {SILENCE_SECONDS:.0f} s")
                cluster.stop_worker(run)
            elif run.cancelled and self._is_deaf(run) and cluster.carries(run):
                self.store.finish(run.id, State.CANCELLED)
                cluster.stop_worker(run)
        alive = {run.id for run in working}
        self._since = {name: since for name, since in self._since.items() if name[1] in alive}

    def _mend(self, cluster: Cluster) -> None:
        if time.monotonic() - self._mended > RETRY_SECONDS:
            self._mended = time.monotonic()
            cluster.mend()

    def _is_deaf(self, run: Pending) -> bool:
        return self._unchanged("cancelled", run.id, run.cancelled) > self.grace

    def _unchanged(self, what: str, run_id: str, value: object) -> float:
        """Return for how many seconds this engine has seen the same value; clocks need not agree."""
        last, since = self._since.get((what, run_id), (None, 0.0))
        if last != value:
            since = time.monotonic()
            self._since[what, run_id] = value, since
        return time.monotonic() - since

    def _hand_back(self, cluster: Cluster) -> None:
        try:
            pids = cluster.pids()
            cluster.close()
            for run in self.store.unfinished():
                if process_here(run.worker) in pids:
                    self.store.give_back(run)
        except InversionError as error:
            log.warning("runs could not be handed back: %s", error)


def _root(error: BaseException) -> str:
    """Return the error that began a chain, as words."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{str(error).rstrip('.') or type(error).__name__}; see the server's log"


def embedded(workers: int | None = None) -> Callable[[], Cluster]:
    """Return what brings up workers of this machine: so many, or as many as the settings say."""
    return lambda: EmbeddedCluster(workers or settings().workers, WARM)


def _workers_of_the_settings() -> Cluster:
    chosen = settings()
    return ClusterElsewhere(chosen.cluster) if chosen.cluster else embedded()()
