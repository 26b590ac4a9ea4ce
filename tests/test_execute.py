"""The one path from scenario to run: what it keeps, that it repeats, stops and fails in order."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from inversion_core import pictures
from inversion_core.attacks.base import Steps
from inversion_core.attacks.mi_face import MIFace
from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.errors import InversionError
from inversion_core.execute import execute, terms
from inversion_core.metrics.base import METRIC_VERSION
from inversion_core.scenario import DATA_VERSION, Scenario, read_scenario
from inversion_core.store.runs import RunRecord, RunStore
from inversion_core.trials import driver, image
from inversion_core.trials.driver import FRAMES, SHOWN
from inversion_core.values import Checkpoint, Progress, State

PEOPLE, PHOTOS = 30, 4


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of thirty people: a pattern each, and four noisy photos of it."""
    folder = tmp_path_factory.mktemp("faces")
    rng = torch.Generator().manual_seed(0)
    for person in range(PEOPLE):
        pattern = torch.rand(1, 4, 4, generator=rng).repeat_interleave(4, 1).repeat_interleave(4, 2)
        (folder / f"p{person:02d}").mkdir()
        for photo in range(PHOTOS):
            noisy = pattern + 0.05 * torch.randn(1, 16, 16, generator=rng)
            (folder / f"p{person:02d}" / f"{photo}.png").write_bytes(pictures.png(pictures.to_bytes(noisy)))
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts"))
    yield opened
    opened.close()


def scenario(faces: Path, seed: int = 0, **attack: object) -> Scenario:
    return read_scenario(
        json.dumps(
            {
                "dataset": {
                    "name": "image-folder",
                    "path": str(faces),
                    "options": {"size": 16, "grayscale": True, "train_per_class": 3},
                },
                "target": {"name": "softmax", "params": {"epochs": 60}},
                "attack": {"name": "mi-face", "params": {"steps": 60, **attack}},
                "seed": seed,
            }
        )
    )


def ran(wanted: Scenario, store: RunStore) -> RunRecord:
    run_id, _ = store.create(wanted, "tester")
    return execute(run_id, store)


def test_a_run_ends_done_with_scores_ledger_victims_and_both_sheets(faces: Path, store: RunStore) -> None:
    record = ran(scenario(faces), store)
    assert record.state is State.DONE, record.error + record.log
    result = record.result
    assert result is not None
    assert set(result["seconds"]) == {"target", "attack", "metrics"}
    assert {score["name"] for score in result["scores"]} >= {"evaluator-top1", "target-top1", "ssim"}
    assert all(score["baseline"] is not None and score["n"] == PEOPLE for score in result["scores"])
    assert result["ledger"][-1] == {"used": "private photos, names or attributes", "amount": "none"}
    told = {row["used"]: row["amount"] for row in result["ledger"]}
    assert told["rows a victim"] == f"{result['queries'] / PEOPLE:,.0f} on average"
    assert told["the query budget"] == "none was set"
    assert len(result["victims"]) == PEOPLE
    names = {one.name for one in store.artifacts(record.id)}
    assert names == {"original-sheet.png", "reconstruction-sheet.png"}


def test_the_ledger_tells_what_is_left_of_a_query_budget(faces: Path, store: RunStore) -> None:
    record = ran(scenario(faces).model_copy(update={"exposure": Exposure(query_budget=50_000)}), store)
    assert record.result is not None, record.error + record.log
    told = {row["used"]: row["amount"] for row in record.result["ledger"]}
    assert told["the query budget"] == f"{50_000 - record.result['queries']:,} of 50,000 rows left"


def test_success_by_queries_and_remarks_of_the_attack_are_kept_with_the_result(
    faces: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ran(scenario(faces, seed=3), store).result
    assert plain is not None and plain["by_queries"] == [] == plain["remarks"]
    climb = MIFace.run

    def counted(*parts: Any) -> Steps:
        found = yield from climb(*parts)
        start = Checkpoint(100, torch.full_like(found.samples, 0.5))
        path = (start, Checkpoint(300, found.samples))
        return replace(found, checkpoints=path, remarks=("one was not found",))

    monkeypatch.setattr(MIFace, "run", counted)
    result = ran(scenario(faces, seed=4), store).result
    assert result is not None and result["remarks"] == ["one was not found"]
    first, last = result["by_queries"]
    (headline,) = [score for score in result["scores"] if score["name"] == "evaluator-top1"]
    assert first["queries"] == 100 and first["value"] <= 2 / PEOPLE
    assert last == {"queries": 300} | {
        key: headline[key] for key in ("value", "low", "high", "n", "baseline")
    }


def test_a_result_says_under_which_terms_it_came_about(faces: Path, store: RunStore) -> None:
    result = ran(scenario(faces, steps=5), store).result
    assert result is not None
    told = result["terms"]
    assert (told["data_version"], told["metric_version"]) == (DATA_VERSION, METRIC_VERSION)
    everybody, few = (
        scenario(faces).model_copy(update={"victims": victims, "seed": 9})
        for victims in (tuple(reversed(range(PEOPLE))), (0, 1))
    )
    assert terms(everybody) == told
    assert {key for key, value in terms(few).items() if value != told[key]} == {"victims"}
    fewer = scenario(faces).dataset.options | {"train_per_class": 2}
    other = everybody.model_copy(update={"dataset": everybody.dataset.model_copy(update={"options": fewer})})
    assert {key for key, value in terms(other).items() if value != told[key]} == {"dataset", "evaluator"}


def test_no_network_judges_a_table() -> None:
    told = terms(
        Scenario(
            dataset=DatasetChoice(name="clinic"), target=TargetChoice(name="mlp"), attack=Choice(name="csmia")
        )
    )
    assert told["evaluator"] is None and told["dataset"] and told["victims"]


def test_frames_are_few_start_at_the_first_step_and_show_the_first_victims(
    faces: Path, store: RunStore
) -> None:
    record = ran(scenario(faces, steps=300), store)
    frames = store.frames(record.id)
    assert 3 < len(frames) <= FRAMES and frames[0].step == 1
    assert [one.step for one in frames] == sorted(one.step for one in frames)
    cut = pictures.cut(pictures.read_png(store.artifact(frames[-1].sha256)), SHOWN)
    assert cut.shape == (SHOWN, 1, 16, 16)


def test_the_same_scenario_gives_the_same_bytes_and_another_seed_another_key(
    faces: Path, store: RunStore, tmp_path: Path
) -> None:
    again = RunStore(f"sqlite:///{tmp_path / 'again.sqlite'}", str(tmp_path / "other"))
    first, second = ran(scenario(faces), store), ran(scenario(faces), again)
    assert store.artifacts(first.id) == again.artifacts(second.id)
    assert [one.sha256 for one in store.frames(first.id)] == [one.sha256 for one in again.frames(second.id)]
    assert first.result is not None and second.result is not None
    assert first.result["scores"] == second.result["scores"]
    assert scenario(faces, seed=1).key() != first.key == second.key
    again.close()


def test_a_request_to_cancel_stops_the_run_at_the_next_step(
    faces: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, _ = store.create(scenario(faces, steps=5000), "tester")
    keep = store.add_frame

    def cancel_at_the_first_frame(*args: object) -> None:
        keep(*args)  # type: ignore[arg-type]
        store.request_cancel(run_id, "tester")

    monkeypatch.setattr(store, "add_frame", cancel_at_the_first_frame)
    record = execute(run_id, store)
    assert record.state is State.CANCELLED and record.result is None
    assert store.frames(run_id)[-1].step < 1000


def test_a_folder_that_vanished_fails_the_run_in_one_sentence(
    faces: Path, store: RunStore, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    faces.rename(moved)
    try:
        wanted = scenario(moved)
    finally:
        moved.rename(faces)
    with pytest.raises(InversionError, match="moved"):
        store.create(wanted, "tester")


def test_damaged_pictures_fail_the_run_and_name_the_file(store: RunStore, faces: Path) -> None:
    wanted = scenario(faces)
    broken = faces / "p00" / "0.png"
    whole = broken.read_bytes()
    run_id, _ = store.create(wanted, "tester")
    broken.write_bytes(whole[: len(whole) // 2])
    try:
        record = execute(run_id, store)
    finally:
        broken.write_bytes(whole)
    assert record.state is State.FAILED and "0.png" in record.error and "\n" not in record.error
    assert "Traceback" not in record.error and "Traceback" in record.log


def test_an_unexpected_error_is_told_and_kept_in_the_log(
    faces: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(image, "open_for", broken)
    record = ran(scenario(faces), store)
    assert record.state is State.FAILED and "unexpected RuntimeError: a bug" in record.error
    assert "Traceback" in record.log


@pytest.mark.parametrize("total", [1, 2, 10, 45, 300, 5000])
def test_key_frames_hold_the_first_and_last_step_and_never_more_than_forty(total: int) -> None:
    kept: set[int] = set()
    for step in range(1, total + 1):
        if driver._is_key_frame(Progress(step, total, 0.0), kept):
            kept.add(step)
    assert {1, total} <= kept and len(kept) <= FRAMES
