"""The contract of the run store, over every database it speaks."""

import math
import pickle
import re
import time
from collections.abc import Callable

import pytest

from inversion_core.errors import IllegalTransition, InversionError, StoreUnavailable, UnknownName
from inversion_core.store.runs import ArtifactRef, Frame, Pending, Point, RunStore
from inversion_core.values import State
from tests.store.scenarios import scenario

Place = tuple[str, str]
PNG = b"\x89PNG and so on"


def running(store: RunStore, **choices: object) -> str:
    run_id, _ = store.create(scenario(**choices), "ada")
    store.begin(run_id)
    store.advance(run_id, state=State.RUNNING, phase="attack")
    return run_id


def done(store: RunStore, result: dict[str, object] | None = None, **choices: object) -> str:
    run_id = running(store, **choices)
    store.finish(run_id, State.DONE, result=result or {})
    return run_id


def seen(store: RunStore, run_id: str) -> Pending:
    return next(run for run in store.unfinished() if run.id == run_id)


def test_a_created_run_is_queued_and_remembers_its_scenario(store: RunStore) -> None:
    asked = scenario(seed=3, steps=5)
    run_id, is_new = store.create(asked, "ada")
    record = store.get(run_id)
    assert is_new
    assert re.fullmatch("[0-9a-f]{32}", run_id)
    assert record.scenario.model_dump() == asked.model_dump()
    assert (record.state, record.owner, record.owners) == (State.QUEUED, "ada", ("ada",))
    assert record.key == asked.key()
    assert record.started is record.finished is record.result is None


def test_a_run_goes_from_queued_to_done(store: RunStore) -> None:
    run_id, _ = store.create(scenario(), "ada")
    assert store.begin(run_id).state is State.STARTING
    store.advance(run_id, state=State.RUNNING, phase="attack")
    store.advance(run_id, step=2, total=10, loss=0.5, note="climbing")
    record = store.get(run_id)
    assert (record.state, record.phase, record.step, record.total) == (State.RUNNING, "attack", 2, 10)
    assert (record.loss, record.note) == (0.5, "climbing")
    store.finish(run_id, State.DONE, result={"scores": [{"name": "ssim", "value": 0.5}]})
    record = store.get(run_id)
    assert record.state is State.DONE
    assert record.result == {"scores": [{"name": "ssim", "value": 0.5}]}
    assert record.created <= record.started <= record.finished


def test_a_phase_starts_counting_anew(store: RunStore) -> None:
    run_id = running(store)
    store.advance(run_id, step=9, total=9, loss=1.0, note="trained")
    store.advance(run_id, phase="metrics")
    record = store.get(run_id)
    assert (record.phase, record.step, record.total, record.loss, record.note) == ("metrics", 0, 0, None, "")


def test_steps_with_a_loss_become_points_of_their_phase(store: RunStore) -> None:
    run_id = running(store)
    store.advance(run_id, step=1, total=3, loss=0.9)
    store.advance(run_id, step=2, total=3, loss=math.nan)
    store.advance(run_id, step=3, total=3, loss=0.1)
    store.advance(run_id, phase="metrics")
    store.advance(run_id, step=1, total=1, loss=7.0)
    assert store.points(run_id, "attack") == [Point(1, 0.9, "attack"), Point(3, 0.1, "attack")]
    assert [point.phase for point in store.points(run_id)] == ["attack", "attack", "metrics"]


def test_frames_and_artifacts_are_found_by_run_and_read_by_hash(store: RunStore) -> None:
    run_id = running(store)
    store.add_frame(run_id, 8, math.inf, PNG + b"8")
    store.add_frame(run_id, 1, 0.5, PNG)
    sha256 = store.add_artifact(run_id, "reconstruction-sheet.png", PNG)
    assert [(frame.step, frame.loss) for frame in store.frames(run_id)] == [(1, 0.5), (8, None)]
    assert store.frames(run_id)[0] == Frame(1, sha256, 0.5)
    assert store.artifacts(run_id) == [ArtifactRef("reconstruction-sheet.png", sha256)]
    assert store.artifact(sha256) == PNG


def test_a_name_used_twice_names_the_latest_bytes(store: RunStore) -> None:
    run_id = running(store)
    store.add_artifact(run_id, "sheet.png", b"one")
    store.add_artifact(run_id, "sheet.png", b"two")
    assert [store.artifact(reference.sha256) for reference in store.artifacts(run_id)] == [b"two"]


@pytest.mark.parametrize("final", [State.DONE, State.CANCELLED, State.FAILED, State.LOST])
def test_a_final_state_is_immutable(store: RunStore, final: State) -> None:
    run_id = running(store)
    store.finish(run_id, final, error="first")
    before = store.get(run_id)
    store.advance(run_id, step=99, total=99, loss=9.0, note="late")
    store.add_frame(run_id, 99, 9.0, PNG)
    store.add_artifact(run_id, "late.png", PNG)
    store.beat(run_id)
    for late in (State.DONE, State.FAILED, State.CANCELLED, State.LOST):
        store.finish(run_id, late, result={"late": True}, error="late")
    assert store.get(run_id) == before
    assert store.frames(run_id) == store.artifacts(run_id) == store.points(run_id) == []
    assert store.cancel_requested(run_id)


def test_only_one_caller_gets_a_run(store: RunStore, open_again: Callable[[], RunStore]) -> None:
    run_id, _ = store.create(scenario(), "ada")
    store.begin(run_id)
    with pytest.raises(IllegalTransition, match="only a queued run can be begun"):
        open_again().begin(run_id)


def test_beginning_a_final_run_returns_its_record(
    store: RunStore, open_again: Callable[[], RunStore]
) -> None:
    run_id = done(store)
    assert open_again().begin(run_id).state is State.DONE


@pytest.mark.parametrize("state", [state for state in State if state is not State.RUNNING])
def test_a_run_advances_to_running_only(store: RunStore, state: State) -> None:
    run_id = running(store)
    with pytest.raises(IllegalTransition, match="advances to running"):
        store.advance(run_id, state=state)


@pytest.mark.parametrize("state", [state for state in State if not state.final])
def test_a_run_finishes_in_a_final_state_only(store: RunStore, state: State) -> None:
    run_id = running(store)
    with pytest.raises(IllegalTransition, match="finishes in a final state"):
        store.finish(run_id, state)


def test_what_was_never_begun_makes_no_progress_and_is_not_done(store: RunStore) -> None:
    run_id, _ = store.create(scenario(), "ada")
    with pytest.raises(IllegalTransition, match="begin it first"):
        store.advance(run_id, step=1)
    with pytest.raises(IllegalTransition, match="begin it first"):
        store.finish(run_id, State.DONE, result={})
    store.finish(run_id, State.FAILED, error="its data is gone")
    assert store.get(run_id).error == "its data is gone"


def test_an_unknown_id_is_told_in_one_sentence(store: RunStore) -> None:
    for ask in (store.get, store.frames, store.points, store.artifacts, store.position, store.eta_seconds,
                store.begin, store.beat, store.cancel_requested, store.forget):  # fmt: skip
        with pytest.raises(UnknownName, match="runs are found by id, 'nobody' is none"):
            ask("nobody")


@pytest.mark.parametrize("owner", ["", "x" * 129])
def test_an_owner_without_a_usable_name_is_refused(store: RunStore, owner: str) -> None:
    with pytest.raises(InversionError, match="owner's name"):
        store.create(scenario(), owner)
    assert store.runs() == []


@pytest.mark.parametrize("end", [State.QUEUED, State.STARTING, State.DONE])
def test_an_equal_scenario_joins_a_run_that_waits_works_or_is_done(store: RunStore, end: State) -> None:
    first, _ = store.create(scenario(), "ada")
    if end is not State.QUEUED:
        store.begin(first)
    if end is State.DONE:
        store.finish(first, State.DONE, result={})
    second, is_new = store.create(scenario(), "bob")
    assert (second, is_new) == (first, False)
    assert store.get(first).owners == ("ada", "bob")
    assert store.get(first).owner == "ada"


@pytest.mark.parametrize("end", [State.FAILED, State.CANCELLED, State.LOST])
def test_an_equal_scenario_starts_anew_after_a_run_that_came_to_nothing(store: RunStore, end: State) -> None:
    first = running(store)
    store.finish(first, end)
    second, is_new = store.create(scenario(), "bob")
    assert is_new
    assert second != first


def test_nobody_joins_a_run_that_is_being_cancelled(store: RunStore) -> None:
    first = running(store)
    assert store.request_cancel(first, "ada")
    second, is_new = store.create(scenario(), "bob")
    assert is_new
    assert second != first


def test_another_seed_is_another_run(store: RunStore) -> None:
    assert store.create(scenario(seed=1), "ada")[0] != store.create(scenario(seed=2), "ada")[0]


def test_a_cancelled_queued_run_is_cancelled_at_once(store: RunStore) -> None:
    run_id, _ = store.create(scenario(), "ada")
    assert store.request_cancel(run_id, "ada")
    record = store.get(run_id)
    assert (record.state, record.owners) == (State.CANCELLED, ("ada",))
    assert store.begin(run_id).state is State.CANCELLED


@pytest.mark.parametrize("end", [State.FAILED, State.DONE, State.LOST])
def test_cancel_wins_over_every_other_end(store: RunStore, end: State) -> None:
    run_id = running(store)
    assert not store.cancel_requested(run_id)
    store.request_cancel(run_id, "ada")
    assert store.cancel_requested(run_id)
    assert store.get(run_id).cancelling
    store.finish(run_id, end, result={"scores": []}, error="boom", log="Traceback")
    record = store.get(run_id)
    assert (record.state, record.error, record.result) == (State.CANCELLED, "", None)
    assert not record.cancelling


def test_a_shared_run_is_cancelled_only_when_nobody_is_left(store: RunStore) -> None:
    run_id = running(store)
    store.create(scenario(), "bob")
    assert not store.request_cancel(run_id, "ada")
    assert not store.cancel_requested(run_id)
    assert store.get(run_id).owners == ("bob",)
    assert store.runs(owner="ada") == []
    assert store.request_cancel(run_id, "bob")
    assert store.cancel_requested(run_id)
    assert store.get(run_id).owners == ("bob",)


def test_a_stranger_cancels_nothing(store: RunStore) -> None:
    run_id = running(store)
    assert not store.request_cancel(run_id, "mallory")
    assert not store.cancel_requested(run_id)


def test_a_run_whose_worker_died_is_taken_again_once_and_then_lost(
    store: RunStore, open_again: Callable[[], RunStore]
) -> None:
    run_id = running(store)
    store.add_frame(run_id, 1, 0.5, PNG)
    keeper = open_again()
    keeper.lose(seen(keeper, run_id), "its worker process ended")
    record = keeper.get(run_id)
    assert (record.state, record.attempt, record.step) == (State.QUEUED, 1, 0)
    second = open_again()
    assert second.begin(run_id).attempt == 2
    assert second.frames(run_id) == []
    keeper.lose(seen(keeper, run_id), "its worker process ended")
    record = keeper.get(run_id)
    assert record.state is State.LOST
    assert "its worker process ended a second time" in record.error


def test_a_loss_is_counted_once_whoever_reports_it(
    store: RunStore, open_again: Callable[[], RunStore]
) -> None:
    run_id = running(store)
    keeper, other = open_again(), open_again()
    report, late = seen(keeper, run_id), seen(other, run_id)
    keeper.lose(report, "its worker process ended")
    other.lose(late, "its worker process ended")
    assert keeper.get(run_id).losses == 1
    open_again().begin(run_id)
    other.lose(late, "its worker process ended")
    assert keeper.get(run_id).losses == 1


def test_a_run_about_to_be_cancelled_is_not_taken_again(
    store: RunStore, open_again: Callable[[], RunStore]
) -> None:
    run_id = running(store)
    store.request_cancel(run_id, "ada")
    keeper = open_again()
    keeper.lose(seen(keeper, run_id), "its worker process ended")
    assert keeper.get(run_id).state is State.CANCELLED


def test_a_stopped_server_gives_runs_back_without_counting_a_loss(
    store: RunStore, open_again: Callable[[], RunStore]
) -> None:
    run_id = running(store)
    keeper = open_again()
    keeper.give_back(seen(keeper, run_id))
    record = keeper.get(run_id)
    assert (record.state, record.losses) == (State.QUEUED, 0)


def test_a_zombie_of_an_earlier_attempt_changes_nothing_and_is_told_to_stop(
    store: RunStore, open_again: Callable[[], RunStore]
) -> None:
    run_id = running(store)
    keeper = open_again()
    keeper.lose(seen(keeper, run_id), "its worker stopped answering")
    store.advance(run_id, step=50, loss=1.0)
    assert store.cancel_requested(run_id)
    second = open_again()
    second.begin(run_id)
    second.advance(run_id, state=State.RUNNING, phase="attack", step=1, total=100, loss=0.5)
    store.advance(run_id, step=60, loss=1.0)
    store.add_frame(run_id, 60, 1.0, PNG)
    store.finish(run_id, State.DONE, result={"zombie": True})
    record = second.get(run_id)
    assert (record.state, record.step) == (State.RUNNING, 1)
    assert second.frames(run_id) == []
    assert not second.cancel_requested(run_id)
    second.finish(run_id, State.DONE, result={"zombie": False})
    assert second.get(run_id).result == {"zombie": False}


def test_runs_are_listed_latest_first_and_filtered(store: RunStore) -> None:
    first = done(store, seed=1, attack="plug-and-play")
    second = running(store, seed=2)
    third, _ = store.create(scenario(seed=3), "bob")
    store.annotate(first, "the one with 100% glasses")
    assert [run.id for run in store.runs()] == [third, second, first]
    assert [run.id for run in store.runs(limit=1)] == [third]
    assert [run.id for run in store.runs(owner="ada")] == [second, first]
    assert [run.id for run in store.runs(states=[State.RUNNING, State.QUEUED])] == [third, second]
    assert [run.id for run in store.runs(text="PLUG-and")] == [first]
    assert [run.id for run in store.runs(text="100% g")] == [first]
    assert [run.id for run in store.runs(text="100_ g")] == []
    assert [run.id for run in store.runs(text=second[:12])] == [second]
    assert store.get(first).label == "the one with 100% glasses"


def test_owners_take_turns_in_the_queue(store: RunStore) -> None:
    greedy = [store.create(scenario(seed=seed), "ada")[0] for seed in range(4)]
    store.begin(greedy[0])
    modest, _ = store.create(scenario(seed=10), "bob")
    assert next(run.id for run in store.unfinished() if run.state is State.QUEUED) == modest
    assert [store.position(run) for run in (*greedy, modest)] == [None, 2, 3, 4, 1]


def test_nobody_who_waits_is_overtaken_for_ever(store: RunStore) -> None:
    """Bob asks again and again, each time when his last is done; Ada's second run must still come."""
    first, waiting = (store.create(scenario(seed=seed), "ada")[0] for seed in (1, 2))
    store.begin(first)
    for seed in range(10, 15):
        store.create(scenario(seed=seed), "bob")
        next_up = next(run.id for run in store.unfinished() if run.state is State.QUEUED)
        if next_up == waiting:
            return
        store.begin(next_up)
        store.finish(next_up, State.DONE, result={})
    pytest.fail("five of Bob's runs went before Ada's second")


def test_a_newcomer_does_not_make_up_for_all_the_turns_others_had_before(store: RunStore) -> None:
    for seed in range(5):
        done(store, seed=seed)
    for seed in range(10, 15):
        store.create(scenario(seed=seed), "bob")
    regular, _ = store.create(scenario(seed=20), "ada")
    assert store.position(regular) == 3


def test_whoever_joins_a_late_run_pulls_it_to_their_own_place(store: RunStore) -> None:
    runs = [store.create(scenario(seed=seed), "ada")[0] for seed in range(5)]
    store.begin(runs[0])
    store.create(scenario(seed=4), "bob")
    assert store.position(runs[4]) == 1


def test_a_forecast_needs_history_or_progress(store: RunStore) -> None:
    run_id, _ = store.create(scenario(), "ada")
    assert store.eta_seconds(run_id) is None
    store.begin(run_id)
    assert store.eta_seconds(run_id) is None
    store.advance(run_id, state=State.RUNNING, phase="attack")
    time.sleep(0.2)
    store.advance(run_id, step=10, total=30)
    assert store.eta_seconds(run_id) == pytest.approx(0.4, abs=0.2)
    store.finish(run_id, State.DONE, result={})
    assert store.eta_seconds(run_id) == 0


def test_a_forecast_for_a_waiting_run_counts_those_before_it(store: RunStore) -> None:
    earlier = running(store, seed=0)
    time.sleep(0.3)
    store.finish(earlier, State.DONE, result={})
    waiting = [store.create(scenario(seed=seed), "ada")[0] for seed in (1, 2, 3)]
    one, two, three = (store.eta_seconds(run) for run in waiting)
    assert one == pytest.approx(0.3, abs=0.15)
    assert (two, three) == (pytest.approx(2 * one), pytest.approx(3 * one))
    stranger, _ = store.create(scenario(seed=9, attack="other"), "ada")
    assert store.eta_seconds(stranger) is None


def test_forgetting_a_run_keeps_pictures_that_another_run_shows(store: RunStore) -> None:
    first, second = running(store, seed=1), running(store, seed=2)
    shared = store.add_artifact(first, "a.png", PNG)
    store.add_frame(second, 1, 0.5, PNG)
    own = store.add_artifact(first, "b.png", b"only here")
    with pytest.raises(IllegalTransition, match="cancel it first"):
        store.forget(first)
    store.finish(first, State.DONE, result={})
    store.forget(first)
    with pytest.raises(UnknownName):
        store.get(first)
    with pytest.raises(UnknownName):
        store.artifact(own)
    assert store.artifact(shared) == PNG
    assert [run.id for run in store.runs()] == [second]


def test_a_forgotten_scenario_is_computed_again(store: RunStore) -> None:
    store.forget(done(store))
    assert store.create(scenario(), "ada")[1]


def test_what_is_stored_is_found_after_opening_again(
    store: RunStore, open_again: Callable[[], RunStore]
) -> None:
    run_id = done(store, result={"queries": 7})
    assert open_again().get(run_id).result == {"queries": 7}


def test_a_store_travels_to_a_worker_as_its_address(store: RunStore, place: Place) -> None:
    run_id = done(store)
    there = pickle.loads(pickle.dumps(store))
    assert there.get(run_id).state is State.DONE
    assert (there.url, there.artifacts_url) == place
    there.close()


def test_a_scenario_nobody_can_read_is_told_in_one_sentence(store: RunStore) -> None:
    run_id = done(store)
    with store._database.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET scenario = '{\"dataset\": 1}'")
    with pytest.raises(StoreUnavailable, match=f"the scenario of run {run_id} cannot be read"):
        store.get(run_id)


def test_a_poll_takes_about_a_millisecond(store: RunStore) -> None:
    run_id = running(store)
    for step in range(1, 41):
        store.add_frame(run_id, step, 0.5, PNG + bytes([step]))
        store.advance(run_id, step=step, total=40, loss=0.5)
    spans = []
    for _ in range(50):
        began = time.perf_counter()
        store.get(run_id)
        store.frames(run_id)
        spans.append(time.perf_counter() - began)
    assert sorted(spans)[5] < 0.005  # the quickest tenth: how busy this machine is, is not the question
