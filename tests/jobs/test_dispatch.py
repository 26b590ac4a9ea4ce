"""What the engine decides, with workers that are mere names: no process is started here."""

import logging
import sys
import time
import types
from collections.abc import Callable, Iterator
from multiprocessing import spawn
from pathlib import Path

import pytest

from inversion_core import jobs
from inversion_core.errors import EngineUnavailable, StoreUnavailable
from inversion_core.jobs import dispatch, work
from inversion_core.jobs.dispatch import Engine
from inversion_core.jobs.engine import WORKER_PROCESS, Cluster, _prepare_without_main
from inversion_core.settings import settings
from inversion_core.store.runs import Pending, RunStore
from inversion_core.values import State
from tests.store.scenarios import scenario


class Offer:
    """What Dask's futures tell of a run that was handed over."""

    def __init__(self) -> None:
        self.status = "pending"

    def done(self) -> bool:
        return self.status != "pending"

    def exception(self) -> Exception:
        return ImportError("no module named torch")


class PaperCluster(Cluster):
    """Notes what it is asked for; its worker elsewhere carries whatever is begun."""

    def __init__(self) -> None:
        self.offers: dict[str, Offer] = {}
        self.order: list[tuple[int, str]] = []
        self.stopped: list[str] = []
        self.lost = False
        self.mended = self.opened = 0

    def offer(self, key: str, priority: int, run_id: str, store: RunStore, task: work.Task) -> Offer:
        self.order.append((priority, run_id))
        return self.offers.setdefault(key, Offer())

    def open(self) -> None:
        self.opened += 1

    def worker_count(self) -> int:
        return 1

    def pids(self) -> set[int]:
        return set()

    def carries(self, run: Pending) -> bool:
        return True

    def stop_worker(self, run: Pending) -> None:
        self.stopped.append(run.id)

    def mend(self) -> None:
        self.mended += 1

    def is_lost(self) -> bool:
        return self.lost

    def close(self) -> None:
        self.stopped.append("all")


def until(holds: Callable[[], object], seconds: float = 20.0) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"nothing happened for {seconds} s"
        time.sleep(0.01)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts"))
    yield opened
    opened.close()


@pytest.fixture
def paper() -> PaperCluster:
    return PaperCluster()


@pytest.fixture
def started(store: RunStore, paper: PaperCluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(dispatch, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(dispatch, "RETRY_SECONDS", 0.05)
    opened = Engine(store, opening=lambda: paper).start()
    yield opened
    opened.close()


@pytest.fixture
def fresh_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setenv("INVERSION_DATA_FOLDER", str(tmp_path / "data"))
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def test_every_queued_run_is_offered_once_with_its_rank_as_priority(
    store: RunStore, started: Engine, paper: PaperCluster
) -> None:
    runs = [started.submit(scenario(seed=seed), "ada") for seed in range(3)]
    until(lambda: len(paper.order) == 3)
    time.sleep(0.2)
    assert sorted(paper.order, reverse=True) == [(0, runs[0]), (-1, runs[1]), (-2, runs[2])]


def test_a_run_pulled_forward_by_a_second_owner_is_offered_again(
    store: RunStore, started: Engine, paper: PaperCluster
) -> None:
    runs = [started.submit(scenario(seed=seed), "ada") for seed in range(3)]
    until(lambda: len(paper.order) == 3)
    started.submit(scenario(seed=2), "bob")
    until(lambda: len(paper.order) == 4)
    assert paper.order[-1] == (0, runs[2])


def test_a_run_no_worker_can_take_is_offered_twice_and_then_lost(
    store: RunStore, started: Engine, paper: PaperCluster
) -> None:
    run_id = started.submit(scenario(), "ada")
    for number in (1, 2):
        until(lambda number=number: len(paper.offers) == number)
        list(paper.offers.values())[-1].status = "error"
    until(lambda: store.get(run_id).state.final)
    assert store.get(run_id).state is State.LOST
    assert "no worker could take it (ImportError('no module named torch'))" in store.get(run_id).error


def test_a_silent_worker_elsewhere_loses_its_run_and_is_stopped(
    store: RunStore, started: Engine, paper: PaperCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "SILENCE_SECONDS", 0.5)
    run_id, _ = store.create(scenario(), "ada")
    store.begin(run_id)
    beating_until = time.monotonic() + 1.0
    while time.monotonic() < beating_until:
        store.beat(run_id)
        time.sleep(0.05)
    assert store.get(run_id).state is State.STARTING
    until(lambda: paper.stopped == [run_id])
    record = store.get(run_id)
    assert (record.state, record.losses) == (State.QUEUED, 1)
    assert "silent" in record.note


def test_a_deaf_worker_is_stopped_after_the_time_of_grace(
    store: RunStore, started: Engine, paper: PaperCluster
) -> None:
    started.grace = 0.3
    run_id, _ = store.create(scenario(), "ada")
    store.begin(run_id)
    time.sleep(0.4)
    assert started.cancel(run_id, "ada")
    time.sleep(0.15)
    assert paper.stopped == []
    until(lambda: paper.stopped == [run_id])
    assert store.get(run_id).state is State.CANCELLED


def test_trouble_with_the_store_is_told_and_passes(
    store: RunStore, started: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> list[Pending]:
        raise StoreUnavailable("the run store cannot be written because the disk is full")

    until(lambda: started.health().state == "running")
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(store, "unfinished", fail)
        until(lambda: started._trouble)
        assert "disk is full" in started._trouble
    until(lambda: not started.health().trouble)
    assert len(caplog.records) == 1, "told once, not at every look"


def test_missing_workers_are_asked_for_again_and_again(started: Engine, paper: PaperCluster) -> None:
    until(lambda: paper.mended > 2)


def test_workers_that_got_out_of_reach_are_opened_again(
    store: RunStore, started: Engine, paper: PaperCluster
) -> None:
    started.submit(scenario(), "ada")
    until(lambda: len(paper.order) == 1)
    paper.lost = True
    time.sleep(0.1)
    paper.lost = False
    until(lambda: len(paper.order) == 2)


def test_an_engine_that_cannot_start_says_why_and_tries_again(
    store: RunStore, paper: PaperCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "RETRY_SECONDS", 0.2)
    answers = iter([OSError("Timed out trying to connect to tls://10.0.0.1:8786"), None])

    def opening() -> Cluster:
        if error := next(answers):
            raise error
        return paper

    opened = Engine(store, opening=opening).start()
    until(lambda: opened.health().state == "failed")
    with pytest.raises(
        EngineUnavailable, match="take a run: the workers do not come up: Timed out trying to connect"
    ):
        opened.submit(scenario(), "ada")
    until(lambda: opened.health().state == "running")
    opened.submit(scenario(), "ada")
    opened.close()
    assert paper.stopped == ["all"]
    with pytest.raises(EngineUnavailable, match="restart the server"):
        opened.submit(scenario(seed=1), "ada")


def test_a_cluster_is_refused_a_store_on_this_machine(
    store: RunStore, fresh_settings: pytest.MonkeyPatch
) -> None:
    fresh_settings.setenv("INVERSION_CLUSTER", "tls://10.0.0.1:8786")
    with pytest.raises(EngineUnavailable, match="name Postgres in INVERSION_STORE_URL") as refusal:
        Engine(store)
    assert "tls://10.0.0.1:8786" in str(refusal.value)


def test_pages_share_one_engine_that_starts_by_itself(
    fresh_settings: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch, paper: PaperCluster
) -> None:
    monkeypatch.setattr(dispatch, "EmbeddedCluster", lambda workers, preload: paper)
    jobs._engine.cache_clear()
    try:
        run_id = jobs.submit(scenario(), "ada")
        assert jobs.engine() is jobs.engine()
        until(lambda: paper.order == [(0, run_id)])
        assert jobs.cancel(run_id, "ada")
        assert jobs.engine().store.get(run_id).state is State.CANCELLED
    finally:
        jobs.engine().close()
        jobs.engine().store.close()
        jobs._engine.cache_clear()


def test_workers_do_not_run_the_main_script_of_the_server_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's main module is the page script of the moment."""
    page = types.ModuleType("__main__")
    page.__file__ = "app.py"
    monkeypatch.setitem(sys.modules, "__main__", page)
    assert "init_main_from_path" in spawn.get_preparation_data("another process")
    prepared = _prepare_without_main(WORKER_PROCESS)
    assert not {"init_main_from_path", "init_main_from_name"} & set(prepared)
    assert "init_main_from_path" in _prepare_without_main("another process")


def test_a_heartbeat_goes_on_while_the_task_computes(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BEAT_SECONDS", 0.05)
    run_id, _ = store.create(scenario(), "ada")
    with jobs.beating(store, run_id):
        time.sleep(0.15)
        assert store.get(run_id).heartbeat is None, "nobody works on it yet"
        began = store.begin(run_id).heartbeat
        until(lambda: store.get(run_id).heartbeat > began + 0.1)


def test_what_another_worker_took_is_left_alone(store: RunStore) -> None:
    run_id, _ = store.create(scenario(), "ada")
    other = RunStore(store.url, store.artifacts_url)
    other.begin(run_id)
    work.perform(run_id, store, lambda run_id, store: store.begin(run_id))
    assert store.get(run_id).state is State.STARTING
    other.close()
