"""The command `sweep` as people and scripts meet it: killed, interrupted, run twice; with real workers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from inversion_core.cli import app
from inversion_core.jobs import Engine
from inversion_core.jobs.work import perform
from inversion_core.settings import ROOT
from inversion_core.store.runs import RunStore, open_store
from inversion_core.sweeps import terminal
from inversion_core.sweeps.spec import read_sweep
from inversion_core.values import State
from tests.sweeps import sweeper
from tests.sweeps.specs import grid, many, tiny

RUNS = 200
LONG = 120.0


def write(folder: Path, spec: dict[str, Any]) -> Path:
    file = folder / "sweep.json"
    file.write_text(json.dumps(spec))
    return file


def invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def start(*command: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, command)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=dict(os.environ),
    )  # fmt: skip


def last_line(text: str) -> Any:
    return json.loads(text.strip().splitlines()[-1])


def done_in(store: RunStore) -> set[str]:
    return {run.id for run in store.runs(states=[State.DONE], limit=2 * RUNS)}


def wait_until(holds: Any) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < LONG, f"nothing happened for {LONG} s"
        time.sleep(0.02)


class HereAndNow(Engine):
    """An engine that runs everything in this process when it is started."""

    def start(self) -> Engine:
        for run in self.store.unfinished():
            perform(run.id, self.store, self._task)
        return self


def test_a_sweep_of_200_runs_that_was_killed_repeats_no_finished_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts")
    store = RunStore(*place)
    first = start("tests.sweeps.sweeper", *place, write(tmp_path, many(RUNS)))
    try:
        wait_until(lambda: len(done_in(store)) >= 40)
    finally:
        first.kill()
        first.communicate()
    before = done_in(store)
    assert 40 <= len(before) < RUNS - 20
    monkeypatch.setattr(terminal, "Engine", sweeper.engine)
    summary = terminal.carry(read_sweep(json.dumps(many(RUNS))), store)
    assert summary["runs"]["done"] == RUNS and summary["state"] == "done"
    begun = Counter((tmp_path / "artifacts.begun").read_text().split())
    assert set(begun) == done_in(store) and len(begun) == RUNS
    assert {begun[run_id] for run_id in before} == {1}
    assert sum(begun.values()) <= RUNS + 1, "only what the worker had in hand is begun again"
    store.close()


def test_a_real_sweep_ends_with_its_matrix_and_the_second_time_computes_nothing(tmp_path: Path) -> None:
    file = write(tmp_path, tiny(tmp_path / "photos"))
    first = invoke("sweep", file, "--workers", 1)
    assert first.exit_code == 0, first.stderr
    assert first.stderr.startswith("6 cells, 3 do not apply, 4 different runs\n")
    assert "4 of 4 runs ended" in first.stderr
    summary = last_line(first.stdout)
    assert set(summary) == {
        "sweep_id", "state", "seconds", "runs", "name", "rows", "columns", "undefended", "cells"
    }  # fmt: skip
    assert summary["runs"]["total"] == summary["runs"]["done"] == 4
    cells = {(cell["row"], cell["column"]): cell for cell in summary["cells"]}
    bare, rounded = cells["none", "weights"], cells["one decimal", "weights"]
    assert bare["score"] == "evaluator-top1" and bare["n"] == 3 and bare["accuracy"] is not None
    assert [seed["seed"] for seed in bare["seeds"]] == [0, 1] and bare["seeds"] == rounded["seeds"]
    assert rounded["untouched"] and rounded["verdict"] is None
    assert cells["smoothing", "weights"]["state"] == "done"
    assert "no prior is shipped" in cells["none", "api"]["reason"]
    lines = first.stdout.strip().splitlines()
    assert (
        len(lines) == 7
        and lines[0].startswith("none  |  weights, naive")
        and "3 victims, 2 seeds" in lines[0]
    )
    began = {run.id: run.started for run in open_store().runs()}
    again = invoke("sweep", file, "--json")
    assert again.exit_code == 0 and again.stdout.count("\n") == 1
    assert last_line(again.stdout)["cells"] == summary["cells"]
    assert last_line(again.stdout)["seconds"] < 5, "no worker was started"
    assert {run.id: run.started for run in open_store().runs()} == began


def test_an_interrupt_cancels_the_sweep_and_leaves_with_130(tmp_path: Path) -> None:
    file = write(tmp_path, tiny(tmp_path / "photos", steps=20000, seeds=3))
    process = start("inversion_core", "sweep", file, "--workers", 1)
    store = open_store()
    try:
        wait_until(lambda: any(run.phase == "attack" and run.step for run in store.runs()))
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert last_line(stdout)["state"] == "cancelled" and last_line(stdout)["runs"]["cancelled"] == 6
    assert time.monotonic() - began < 20
    (sweep,) = store.sweeps()
    assert sweep.cancelled is not None and store.unfinished() == []


def test_a_run_that_fails_gives_code_3_and_its_reason_in_the_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "Engine", HereAndNow)
    spec = tiny(tmp_path / "photos", seeds=1)
    weights = spec["columns"][0]
    spec |= {"rows": [{"title": "none"}], "columns": [weights, weights | {"title": "few", "query_budget": 4}]}
    done = invoke("sweep", write(tmp_path, spec))
    assert done.exit_code == 3, done.stderr
    cells = {cell["column"]: cell for cell in last_line(done.stdout)["cells"]}
    assert cells["weights"]["state"] == "done" and cells["few"]["state"] == "failed"
    assert "query budget is 4" in cells["few"]["reason"]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (grid(sedes=[1]), "sweep.sedes is no known key"),
        (grid(columns=[{"title": "x", "attack": {"name": "mi-faec"}}]), "attack: attacks are chosen by name"),
        (grid(rows=[{"title": "x", "options": {"size": "big"}}], columns=[{"title": "x", "attack": {"name":
         "mi-face"}}]), "dataset.options.size"),
        (grid(base={"target": {"name": "cnn"}, "victims": [1000]}, columns=[{"title": "x", "attack": {"name":
         "mi-face"}}]), "no cell of this sweep can run; the first says: victims are numbered 0 to 99"),
    ],
)  # fmt: skip
def test_every_wrong_sweep_is_one_sentence_and_code_2(
    spec: dict[str, Any], told: str, tmp_path: Path
) -> None:
    done = invoke("sweep", write(tmp_path, spec))
    lines = done.stderr.strip().splitlines()
    assert done.exit_code == 2 and done.stdout == "" and len(lines) == 1
    assert lines[0].startswith(told), lines[0]


def test_a_file_that_is_not_there_and_a_store_that_cannot_be_opened(tmp_path: Path) -> None:
    done = invoke("sweep", tmp_path / "missing.json")
    assert done.exit_code == 2 and done.stderr.startswith("a sweep is a JSON file")
    done = invoke("sweep", write(tmp_path, grid()), "--store", "carrier-pigeon://home")
    assert done.exit_code == 2 and len(done.stderr.strip().splitlines()) == 1
