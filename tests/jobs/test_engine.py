"""The engine with real worker processes: one embedded cluster for all tests, stand-ins for attacks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dask.distributed import LocalCluster

from inversion_core.jobs import dispatch
from inversion_core.jobs.dispatch import Engine
from inversion_core.jobs.engine import ClusterElsewhere, EmbeddedCluster
from inversion_core.store.runs import RunRecord, RunStore
from inversion_core.store.whereabouts import process_here
from inversion_core.values import State
from tests.jobs.tasks import act
from tests.store.scenarios import PlainScenario, scenario

ROOT = Path(__file__).resolve().parents[2]
Fresh = Callable[..., PlainScenario]
LONG = 60.0
"""Seconds that a busy machine may take to start a worker process."""


def until(holds: Callable[[], object], seconds: float = LONG) -> float:
    """Wait until something holds and return how long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"nothing happened for {seconds} s"
        time.sleep(0.01)
    return time.monotonic() - began


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunStore]:
    folder = tmp_path_factory.mktemp("engine")
    opened = RunStore(f"sqlite:///{folder / 'runs.sqlite'}", str(folder / "artifacts"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def engine(store: RunStore) -> Iterator[Engine]:
    started = Engine(store, task=act, opening=lambda: EmbeddedCluster(2, "")).start()
    yield started
    started.close()


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Make scenarios that no other test asked for."""

    def make(attack: str, **params: object) -> PlainScenario:
        return scenario(attack=attack, test=request.node.name, **params)

    return make


def ends(store: RunStore, run_id: str, seconds: float = LONG) -> RunRecord:
    until(lambda: store.get(run_id).state.final, seconds)
    return store.get(run_id)


def runs_at(store: RunStore, run_id: str) -> int:
    """Wait until a run works and return its worker's process."""
    until(lambda: store.get(run_id).step > 0)
    worker = process_here(store.get(run_id).worker)
    assert worker is not None
    return worker


def is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_run_is_taken_as_soon_as_there_are_workers(engine: Engine, store: RunStore, fresh: Fresh) -> None:
    """The first test of the module: the cluster is still coming up when the run is submitted."""
    spans = []
    for number in range(5):
        began = time.monotonic()
        run_id = engine.submit(fresh("quick", number=number), "ada")
        spans.append(time.monotonic() - began)
    assert sorted(spans)[2] < 0.2
    assert engine.health().state == "starting"
    record = ends(store, run_id)
    assert (record.state, record.result) == (State.DONE, {"attempt": 1})
    assert len(store.frames(run_id)) == 1


def test_equal_scenarios_of_two_owners_are_computed_once(
    engine: Engine, store: RunStore, fresh: Fresh
) -> None:
    first = engine.submit(fresh("quick"), "ada")
    second = engine.submit(fresh("quick"), "bob")
    assert first == second
    record = ends(store, first)
    assert (record.state, record.attempt, set(record.owners)) == (State.DONE, 1, {"ada", "bob"})
    assert engine.submit(fresh("quick"), "cy") == first


def test_owners_take_turns_and_cancelled_runs_leave_at_once(
    engine: Engine, store: RunStore, fresh: Fresh
) -> None:
    slow = [engine.submit(fresh("slow", number=number), "ada") for number in range(2)]
    for run_id in slow:
        runs_at(store, run_id)
    greedy = [engine.submit(fresh("quick", number=number), "ada") for number in range(4)]
    modest = engine.submit(fresh("quick", number=9), "bob")
    unwanted = engine.submit(fresh("quick", number=10), "bob")
    assert [store.position(run_id) for run_id in (modest, greedy[0])] == [1, 2]
    assert engine.cancel(unwanted, "bob")
    assert store.get(unwanted).state is State.CANCELLED
    assert engine.health().queued == 5
    spans = []
    for run_id in slow:
        began = time.monotonic()
        assert engine.cancel(run_id, "ada")
        assert ends(store, run_id).state is State.CANCELLED
        spans.append(time.monotonic() - began)
    assert min(spans) < 1
    started = {run_id: ends(store, run_id).started for run_id in (*greedy, modest)}
    # Neighbours in the queue may be taken by both workers at once, and begin in either order.
    assert started[modest] < started[greedy[2]]
    assert all(started[one] < started[other] for one, other in zip(greedy, greedy[2:], strict=False))
    assert store.get(unwanted).started is None


def test_a_mistake_in_an_attack_is_told_in_the_run(engine: Engine, store: RunStore, fresh: Fresh) -> None:
    record = ends(store, engine.submit(fresh("broken"), "ada"))
    assert record.state is State.FAILED
    assert "ZeroDivisionError: an attack with a mistake" in record.error
    assert "Traceback" in record.log


def test_a_task_that_forgets_to_end_its_run_fails(engine: Engine, store: RunStore, fresh: Fresh) -> None:
    record = ends(store, engine.submit(fresh("endless"), "ada"))
    assert (record.state, record.error[:33]) == (State.FAILED, "the run stopped without a result;")


def test_a_run_whose_worker_is_killed_is_taken_again_and_then_lost(
    engine: Engine, store: RunStore, fresh: Fresh
) -> None:
    run_id = engine.submit(fresh("slow"), "ada")
    bystander = engine.submit(fresh("slow", number=1), "bob")
    for attempt in (1, 2):
        until(lambda attempt=attempt: store.get(run_id).attempt == attempt)
        os.kill(runs_at(store, run_id), signal.SIGKILL)
        until(lambda attempt=attempt: store.get(run_id).losses == attempt)
    record = ends(store, run_id)
    assert record.state is State.LOST
    assert record.error == (
        "a run is taken again once, and its worker process ended a second time; start the scenario again"
    )
    assert (store.get(bystander).state, store.get(bystander).attempt) == (State.RUNNING, 1)
    engine.cancel(bystander, "bob")
    assert ends(store, bystander).state is State.CANCELLED


def test_a_worker_that_ignores_a_request_to_cancel_is_replaced(
    engine: Engine, store: RunStore, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "grace", 1.0)
    run_id = engine.submit(fresh("deaf"), "ada")
    until(lambda: store.get(run_id).state is State.RUNNING)
    worker = process_here(store.get(run_id).worker)
    engine.cancel(run_id, "ada")
    assert store.get(run_id).cancelling
    assert ends(store, run_id, seconds=5).state is State.CANCELLED
    until(lambda: not is_process(worker))
    assert ends(store, engine.submit(fresh("quick"), "ada")).state is State.DONE


def test_a_worker_that_its_nanny_gave_up_is_brought_back(
    engine: Engine, store: RunStore, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A nanny gives up when the machine has no room for another process."""
    monkeypatch.setattr(dispatch, "RETRY_SECONDS", 0.5)
    until(lambda: len(engine.health().pids) == 2)
    cluster = engine._cluster._cluster
    cluster.sync(cluster.workers[0].close)
    until(lambda: engine.health().workers == 1)
    until(lambda: engine.health().workers == 2)


def test_a_killed_server_leaves_no_workers_and_another_server_takes_its_run(
    engine: Engine, store: RunStore, fresh: Fresh
) -> None:
    """Its own workers are kept busy, so that the other server gets the run."""
    busy = [engine.submit(fresh("slow", number=number), "ada") for number in range(2)]
    for run_id in busy:
        runs_at(store, run_id)
    command = [sys.executable, "-m", "tests.jobs.server", store.url, store.artifacts_url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        workers = [int(pid) for pid in server.stdout.readline().split()]
        run_id = engine.submit(fresh("slow", number=2), "bob")
        assert runs_at(store, run_id) in workers
        server.kill()
    until(lambda: not any(is_process(worker) for worker in workers), seconds=10)
    engine.cancel(busy[0], "ada")
    until(lambda: store.get(run_id).attempt == 2)
    assert runs_at(store, run_id) in engine.health().pids
    for working in (busy[1], run_id):
        assert store.request_cancel(working, store.get(working).owner)
        assert ends(store, working).state is State.CANCELLED


def test_a_closed_engine_ends_its_workers_and_hands_its_runs_back(
    engine: Engine, store: RunStore, fresh: Fresh
) -> None:
    """The last test of the module: the shared engine is closed in it."""
    run_id = engine.submit(fresh("slow"), "ada")
    runs_at(store, run_id)
    workers = engine.health().pids
    assert workers
    began = time.monotonic()
    engine.close()
    assert time.monotonic() - began < 10
    assert not any(is_process(worker) for worker in workers)
    record = store.get(run_id)
    assert (record.state, record.losses) == (State.QUEUED, 0)


@pytest.fixture
def scheduler() -> Iterator[str]:
    """The address of a Dask cluster that somebody else runs, with one worker."""
    quiet = {"dashboard_address": None, "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"}}
    with LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", **quiet) as elsewhere:
        yield elsewhere.scheduler_address


def test_a_cluster_elsewhere_works_like_the_embedded_one(
    scheduler: str, tmp_path: Path, fresh: Fresh
) -> None:
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts"))
    engine = Engine(store, task=act, opening=lambda: ClusterElsewhere(scheduler))
    engine.grace = 0.5
    engine.start()
    assert ends(store, engine.submit(fresh("quick"), "ada")).state is State.DONE
    assert engine.health().workers == 1
    deaf = engine.submit(fresh("deaf"), "ada")
    until(lambda: store.get(deaf).state is State.RUNNING)
    worker = process_here(store.get(deaf).worker)
    assert worker is not None
    engine.cancel(deaf, "ada")
    assert ends(store, deaf, seconds=5).state is State.CANCELLED
    until(lambda: not is_process(worker))
    unhurried = engine.submit(fresh("slow"), "ada")
    runs_at(store, unhurried)
    engine.close()
    step = store.get(unhurried).step
    until(lambda: store.get(unhurried).step > step)
    assert store.get(unhurried).attempt == 1, "it went on while no server was there"
    store.request_cancel(unhurried, "ada")
    assert ends(store, unhurried).state is State.CANCELLED
    store.close()
