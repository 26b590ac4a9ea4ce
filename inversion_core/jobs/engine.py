"""Worker processes through Dask, embedded here or on a cluster elsewhere; no other module imports Dask.

Dask's modules are imported where a cluster is opened, in the engine's thread: a server that starts should not
wait for them.
"""

import multiprocessing
import os
import signal
from abc import ABC, abstractmethod
from contextlib import suppress
from multiprocessing import spawn
from typing import Any

from inversion_core.jobs.work import Task, perform
from inversion_core.settings import settings
from inversion_core.store.runs import Pending, RunStore
from inversion_core.store.whereabouts import process_here

WARM = "inversion_core.jobs.warm"
WORKER_PROCESS = "Dask Worker process (from Nanny)"
RESTART_SECONDS = 15.0
CONFIG = {
    # One run a worker; the others wait on the scheduler, where priorities order them.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.work-stealing": False,
    # Whether a run is taken again is decided by the store, not by Dask.
    "distributed.scheduler.allowed-failures": 0,
    # A fresh worker imports torch, on a busy laptop for longer than Dask waits before it gives the place up.
    "distributed.deploy.lost-worker-timeout": "10 minutes",
    # Dask's monitors cost an idle web process 6 % of a core; nobody looks at them here.
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.system-monitor.interval": "1h",
    "distributed.admin.tick.interval": "1s",
    "distributed.client.scheduler-info-interval": "60s",
    "distributed.diagnostics.nvml": False,
    # The HTTP servers cannot be left out; they get no pages.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.profile.enabled": False,
    # By default a worker gives every large array back to the system at once, which doubles the time of an
    # attack: it draws thousands of pictures, and the system clears the memory of each.
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**32,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**32,
    "distributed.nanny.pre-spawn-environ.MALLOC_TOP_PAD_": 2**26,
    "distributed.nanny.pre-spawn-environ.MALLOC_ARENA_MAX": 1,
}

_prepare = spawn.get_preparation_data


class Cluster(ABC):
    """Workers that take runs."""

    _client: Any

    def offer(self, key: str, priority: int, run_id: str, store: RunStore, task: Task) -> Any:
        """Let the next free worker take a run, those of higher priority first; returns a Dask future."""
        from dask.distributed import fire_and_forget
        from dask.task_spec import Task as Node

        # Marked as a source of data, a task waits on the scheduler until a worker is free.
        node = Node(key, perform, run_id, store, task, _data_producer=True)
        future = self._client.get({key: node}, key, sync=False, priority=priority)
        fire_and_forget(future)  # a scheduler elsewhere keeps the run when this server restarts
        return future

    @abstractmethod
    def open(self) -> None:
        """Bring the workers up, or find them; making the object only imports Dask."""

    @abstractmethod
    def worker_count(self) -> int:
        """Return how many workers there are."""

    @abstractmethod
    def pids(self) -> set[int]:
        """Return the worker processes that belong to this process."""

    @abstractmethod
    def carries(self, run: Pending) -> bool:
        """Say whether one of these workers works on the run."""

    @abstractmethod
    def stop_worker(self, run: Pending) -> None:
        """Replace the worker of a run by a fresh one, if it is one of these."""

    @abstractmethod
    def mend(self) -> None:
        """Bring back workers that are missing, where that is for this process to do."""

    def is_lost(self) -> bool:
        """Say whether these workers are out of reach for good, so that the cluster has to be opened again."""
        return bool(self._client.status == "closed")

    @abstractmethod
    def close(self) -> None:
        """Let go of the workers; embedded ones end."""


class EmbeddedCluster(Cluster):
    """Processes on this machine: spawned, watched by nannies, reached over loopback with TLS."""

    _cluster: Any

    def __init__(self, workers: int, preload: str) -> None:
        import dask.distributed

        dask.config.set(CONFIG)
        self._size, self._preload = workers, preload

    def open(self) -> None:
        from dask.distributed import Client, LocalCluster, Security

        spawn.get_preparation_data = _prepare_without_main
        self._cluster = LocalCluster(
            n_workers=self._size,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=Security.temporary(),
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            memory_limit=None,
            preload=[self._preload] if self._preload else [],
            local_directory=str(settings().data_folder.resolve() / "workers"),
            scheduler_sync_interval=60,
        )
        self._client = Client(self._cluster, set_as_default=False)

    def worker_count(self) -> int:
        return len(self.pids())

    def pids(self) -> set[int]:
        return {nanny.pid for nanny in list(self._cluster.workers.values()) if nanny.pid}

    def carries(self, run: Pending) -> bool:
        return process_here(run.worker) in self.pids()

    def stop_worker(self, run: Pending) -> None:
        if self.carries(run):
            _kill(process_here(run.worker))  # its nanny starts another

    def mend(self) -> None:
        self._cluster.loop.add_callback(self._replace_dead_nannies)

    def close(self) -> None:
        """End the workers at once: asked politely, each would first finish its run."""
        pids = self.pids()
        for nanny in list(self._cluster.workers.values()):
            nanny.close_gracefully()  # no new worker for a killed one
        for pid in pids:
            _kill(pid)
        self._client.close(timeout=2)
        self._cluster.close(timeout=5)

    def _replace_dead_nannies(self) -> None:
        """Start nannies anew that gave up, as no worker could be started; runs in Dask's event loop."""
        nannies = self._cluster.workers
        for name in [name for name, nanny in nannies.items() if nanny.status.name in ("closed", "failed")]:
            del nannies[name]
        if len(nannies) < self._size and self._cluster.status.name == "running":
            self._cluster.scale(self._size)


class ClusterElsewhere(Cluster):
    """A Dask cluster that somebody else runs; TLS comes from Dask's own configuration."""

    def __init__(self, address: str) -> None:
        import dask.distributed

        dask.config.set(CONFIG)
        self._address = address

    def open(self) -> None:
        from dask.distributed import Client

        self._client = Client(self._address, set_as_default=False, timeout="10s")

    def worker_count(self) -> int:
        return len(self._client.scheduler_info(n_workers=-1).get("workers", ()))

    def pids(self) -> set[int]:
        return set()

    def carries(self, run: Pending) -> bool:
        return bool(self._addresses(run))

    def stop_worker(self, run: Pending) -> None:
        if addresses := self._addresses(run):
            self._client.restart_workers(addresses, timeout=RESTART_SECONDS, raise_for_error=False)

    def mend(self) -> None:
        return  # whoever runs the cluster looks after its workers

    def close(self) -> None:
        self._client.close(timeout=2)

    def _addresses(self, run: Pending) -> list[str]:
        """Return the workers that the scheduler believes to be on this run."""
        processing = self._client.processing()
        return [
            place for place, keys in processing.items() if any(f"run-{run.id}-" in str(key) for key in keys)
        ]


def _prepare_without_main(name: str) -> dict[str, Any]:
    """Tell a spawned worker nothing of this process's main script, which it would run again.

    Streamlit makes the page script of the moment the main module; each worker would start by running the app.
    """
    prepared: dict[str, Any] = _prepare(name)
    if name == WORKER_PROCESS:
        prepared.pop("init_main_from_path", None)
        prepared.pop("init_main_from_name", None)
    return prepared


def end_workers() -> None:
    """Kill every worker process that this process started; for when it ends itself."""
    for child in multiprocessing.active_children():
        if child.name == WORKER_PROCESS:
            _kill(child.pid)


def _kill(pid: int | None) -> None:
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
