"""Sweeps as a page sees them: submitted, watched, cancelled, read as a matrix; no worker is started here."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from inversion_core.errors import ScenarioInvalid, UnknownName
from inversion_core.jobs import Engine
from inversion_core.metrics.intervals import wilson
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunStore
from inversion_core.store.schema import runs
from inversion_core.store.sweeps import SweepRun
from inversion_core.sweeps import desk
from inversion_core.sweeps.cells import expand, scenarios_of
from inversion_core.sweeps.spec import Sweep, canonical, read_sweep
from inversion_core.values import State
from tests.sweeps.specs import COLUMNS, ROWS, grid, many

TERMS = {"data_version": 2, "metric_version": 1, "dataset": "d", "victims": "v", "evaluator": "e"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts"))
    yield opened
    opened.close()


@pytest.fixture
def engine(store: RunStore) -> Engine:
    """An engine that queues and whose workers never come up."""
    return Engine(store, opening=lambda: pytest.fail("no worker is wanted here"))


def sweep(**changes: Any) -> Sweep:
    return read_sweep(json.dumps(grid(**changes)))


def finish(store: RunStore, run_id: str | None, hits: int = 50, state: State = State.DONE) -> None:
    """End a run as its worker would."""
    assert run_id is not None
    store.begin(run_id)
    low, high = wilson(hits, 100)
    score = {"name": "evaluator-top1", "value": hits / 100, "low": low, "high": high, "n": 100}
    target = {"test_accuracy": 0.9, "epsilon": None}
    result = {"scores": [score | {"baseline": 0.01}], "terms": TERMS, "target": target, "queries": 7}
    store.finish(run_id, state, result=result if state is State.DONE else None, error="boom")


def owner(sweep_id: str) -> str:
    return f"sweep {sweep_id}"


def test_every_different_scenario_is_queued_once_under_the_name_of_the_sweep(engine: Engine) -> None:
    wanted = sweep()
    sweep_id = desk.submit(wanted, "ada", engine)
    distinct = {one.model_dump_json() for one in scenarios_of(expand(wanted))}
    queued = engine.store.runs(owner=owner(sweep_id))
    assert {run.scenario.model_dump_json() for run in queued} == distinct
    assert len(queued) == len(distinct) < sum(len(cell.scenarios) for cell in expand(wanted))
    assert engine.store.runs(owner="ada") == []
    (record,) = engine.store.sweeps("ada")
    assert (record.id, record.name, record.spec) == (sweep_id, "test", canonical(wanted))
    assert read_sweep(record.spec) == wanted
    assert [run.scenario.seed for run in reversed(queued)] == sorted(run.scenario.seed for run in queued)


def test_a_sweep_submitted_again_goes_on_and_repeats_nothing_that_is_done(
    engine: Engine, store: RunStore
) -> None:
    sweep_id = desk.submit(sweep(), "ada", engine)
    first, second, third, *_ = (run.run_id for run in store.sweep_runs(sweep_id))
    finish(store, first)
    finish(store, second, state=State.FAILED)
    total = len(store.runs(limit=1000))
    assert desk.submit(sweep(), "ada", engine) == sweep_id
    assert len(store.runs(limit=1000)) == total + 1, "only what failed is tried again"
    again = {run.run_id for run in store.sweep_runs(sweep_id)}
    assert first in again and third in again and second not in again
    assert desk.status(sweep_id, store).counts[State.DONE] == 1


def test_two_sweeps_share_the_runs_they_have_in_common(engine: Engine, store: RunStore) -> None:
    ada = desk.submit(sweep(), "ada", engine)
    bob = desk.submit(sweep(rows=ROWS[:1], columns=COLUMNS[:2]), "bob", engine)
    assert ada != bob != desk.sweep_id_of(sweep(), "bob")
    mine = {run.run_id for run in store.sweep_runs(ada)}
    assert {run.run_id for run in store.sweep_runs(bob)} <= mine
    assert [record.id for record in store.sweeps()] == [bob, ada]


def test_cancelling_stops_what_waits_at_once_and_asks_what_works(engine: Engine, store: RunStore) -> None:
    sweep_id = desk.submit(sweep(), "ada", engine)
    ids = [run.run_id for run in store.sweep_runs(sweep_id)]
    finish(store, ids[0])
    assert ids[1] is not None and ids[2] is not None
    store.begin(ids[1])
    shared = store.get(ids[2]).scenario
    store.create(shared, "bob")
    assert desk.cancel(sweep_id, "mallory", engine) == 0 and store.sweep(sweep_id).cancelled is None
    assert desk.cancel(sweep_id, "ada", engine) == len(ids) - 2
    status = desk.status(sweep_id, store)
    assert status.counts[State.DONE] == 1 and status.counts[State.CANCELLED] == len(ids) - 3
    assert store.get(ids[1]).cancelling and status.state is State.RUNNING
    assert store.get(ids[2]).state is State.QUEUED, "bob still waits for it"
    store.finish(ids[1], State.CANCELLED)
    finish(store, ids[2])
    assert desk.status(sweep_id, store).state is State.CANCELLED


def test_a_cancelled_sweep_can_be_taken_up_again(engine: Engine, store: RunStore) -> None:
    sweep_id = desk.submit(sweep(), "ada", engine)
    desk.cancel(sweep_id, "ada", engine)
    assert desk.status(sweep_id, store).state is State.CANCELLED
    assert desk.submit(sweep(), "ada", engine) == sweep_id
    status = desk.status(sweep_id, store)
    assert status.state is State.QUEUED and status.counts[State.QUEUED] == status.total
    assert status.record.cancelled is None


def test_a_submission_that_is_stopped_midway_knows_what_is_missing(engine: Engine, store: RunStore) -> None:
    answers = iter([False, False, True])
    sweep_id = desk.submit(sweep(), "ada", engine, lambda: next(answers))
    status = desk.status(sweep_id, store)
    assert (status.counts[State.QUEUED], status.counts[None]) == (2, status.total - 2)
    assert status.state is State.QUEUED
    desk.cancel(sweep_id, "ada", engine)
    assert desk.status(sweep_id, store).state is State.CANCELLED


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        ([], State.QUEUED), ([State.DONE], State.RUNNING), ([State.DONE] * 3, State.DONE),
        ([State.DONE, State.FAILED, State.DONE], State.FAILED), ([State.LOST] * 3, State.FAILED),
    ],
)  # fmt: skip
def test_the_state_of_a_sweep_follows_from_its_runs(
    ends: list[State], state: State, engine: Engine, store: RunStore
) -> None:
    sweep_id = desk.submit(read_sweep(json.dumps(many(3))), "ada", engine)
    for run, end in zip(store.sweep_runs(sweep_id), ends, strict=False):
        finish(store, run.run_id, state=end)
    assert desk.status(sweep_id, store).state is state


def test_the_forecast_rests_on_the_sweeps_own_finished_runs(engine: Engine, store: RunStore) -> None:
    """Attacks on the weights took 10 s, nobody knows of the others: 10 s for each, and two work at once."""
    sweep_id = desk.submit(sweep(rows=ROWS[:2], columns=COLUMNS[:2]), "ada", engine)
    assert desk.status(sweep_id, store).eta_seconds is None
    by_attack: dict[str, list[SweepRun]] = {"mi-face": [], "nes-latent": []}
    for run in store.sweep_runs(sweep_id):
        by_attack[str(run.attack)].append(run)
    assert {name: len(found) for name, found in by_attack.items()} == {"mi-face": 2, "nes-latent": 4}
    for run in by_attack["mi-face"]:
        finish(store, run.run_id)
        with store._database.writing() as connection:
            connection.execute(update(runs).where(runs.c.id == run.run_id).values(started=100, finished=110))
    assert desk.status(sweep_id, store).eta_seconds == pytest.approx(40)
    for run in by_attack["nes-latent"][:2]:
        assert run.run_id is not None
        store.begin(run.run_id)
    assert desk.status(sweep_id, store).eta_seconds == pytest.approx(20, abs=1)
    desk.cancel(sweep_id, "ada", engine)
    for run in by_attack["nes-latent"][:2]:
        store.finish(str(run.run_id), State.CANCELLED)
    assert desk.status(sweep_id, store).eta_seconds == 0


def test_the_matrix_fills_as_runs_finish(engine: Engine, store: RunStore) -> None:
    wanted = sweep(rows=[ROWS[0], ROWS[3]])
    sweep_id = desk.submit(wanted, "ada", engine)
    assert {cell.state for cell in desk.matrix(wanted, store).cells} == {"waiting", "does not apply"}
    hits = {"mi-face": 90, "nes-latent": 80, "brep-mi": 75}
    for run in store.sweep_runs(sweep_id):
        finish(store, run.run_id, hits[str(run.attack)])
    matrix = desk.matrix(wanted, store)
    known = matrix.strongest()
    assert matrix.undefended == "none" and matrix.columns == ("weights", "api")
    assert known["none", "api", "naive"].value == pytest.approx(0.80)
    past = known["labels only", "weights", "naive"]
    assert past.untouched and past.verdict is None and past.value == known["none", "weights", "naive"].value
    assert known["labels only", "api", "adaptive"].value == pytest.approx(0.75)
    assert known["labels only", "api", "naive"].verdict == "masking, not protection"
    assert "needs scores" in known["labels only", "api", "naive"].reason
    seeds = known["none", "weights", "naive"].seeds
    assert (
        [store.get(str(one.run_id)).scenario.seed for one in seeds] == [0, 1] == [one.seed for one in seeds]
    )


def test_a_failed_run_is_told_in_its_cell(engine: Engine, store: RunStore) -> None:
    wanted = read_sweep(json.dumps(many(2)))
    first, second = (run.run_id for run in store.sweep_runs(desk.submit(wanted, "ada", engine)))
    finish(store, first, state=State.FAILED)
    finish(store, second, 40)
    (cell,) = desk.matrix(wanted, store).cells
    assert (cell.state, cell.reason, cell.value) == ("failed", "boom", 0.4)


def test_nothing_is_stored_of_a_sweep_that_cannot_run(engine: Engine, store: RunStore) -> None:
    with pytest.raises(ScenarioInvalid):
        desk.submit(sweep(rows=ROWS[3:], columns=COLUMNS[1:2]), "ada", engine)
    assert store.sweeps() == [] == store.runs()


def test_an_unknown_sweep_is_told_in_one_sentence(engine: Engine, store: RunStore) -> None:
    for ask in (store.sweep, store.sweep_runs):
        with pytest.raises(UnknownName, match="sweeps are found by id, 'nobody' is none"):
            ask("nobody")
    with pytest.raises(UnknownName):
        desk.cancel("nobody", "ada", engine)


def test_a_forgotten_run_waits_again(engine: Engine, store: RunStore) -> None:
    sweep_id = desk.submit(read_sweep(json.dumps(many(2))), "ada", engine)
    run_id = store.sweep_runs(sweep_id)[0].run_id
    finish(store, run_id)
    store.forget(str(run_id))
    assert desk.status(sweep_id, store).counts[None] == 1


def test_keys_beyond_one_question_to_the_database_are_all_found(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inversion_core.store.sweeps.PART", 2)
    wanted = scenarios_of(expand(read_sweep(json.dumps(many(5)))))
    ids = {one.key(): store.create(one, "ada")[0] for one in wanted}
    found = store.runs_of_keys([*ids, "nobody's"])
    assert {key: record.id for key, record in found.items()} == ids
    assert all(isinstance(record.scenario, Scenario) for record in found.values())
