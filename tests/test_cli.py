"""The command line as scripts and people meet it: exit codes, sentences, the last line, the folder."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from inversion_core import pictures
from inversion_core.cli import app
from inversion_core.datasets.image_folder import ImageFolder
from inversion_core.registry import every
from inversion_core.settings import ROOT, settings

PEOPLE, PHOTOS, SIZE = 3, 4, 16


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Return a folder of three people who are easy to tell apart: each is bright in a place of their own."""
    folder = tmp_path / "photos"
    rng = torch.Generator().manual_seed(0)
    for person in range(PEOPLE):
        (folder / f"person-{person}").mkdir(parents=True)
        for photo in range(PHOTOS):
            image = 60 + 20 * torch.rand(1, SIZE, SIZE, generator=rng)
            image[:, 5 * person : 5 * person + 5] += 120
            picture = pictures.png(image.to(torch.uint8))
            (folder / f"person-{person}" / f"{photo}.png").write_bytes(picture)
    return folder


@pytest.fixture
def scenario(photos: Path, tmp_path: Path) -> Any:
    """Return a writer of scenario files over those photos; keyword arguments replace whole parts."""

    def write(**changes: Any) -> Path:
        options = {"size": SIZE, "grayscale": True, "train_per_class": 3}
        parts = {
            "dataset": {"name": "image-folder", "path": str(photos), "options": options},
            "target": {"name": "softmax", "params": {"epochs": 30}},
            "attack": {"name": "mi-face", "params": {"steps": 5}},
        }
        file = tmp_path / "scenario.json"
        file.write_text(json.dumps(parts | changes))
        return file

    return write


def invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def last_line(text: str) -> Any:
    return json.loads(text.strip().splitlines()[-1])


def test_a_run_ends_with_the_summary_and_fills_its_folder(scenario: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = invoke("run", scenario(), "--out", out)
    assert done.exit_code == 0, done.stderr
    summary = last_line(done.stdout)
    assert set(summary) == {
        "run_id", "key", "state", "seconds", "queries", "scores", "by_queries", "remarks", "target",
        "artifacts", "versions"
    }  # fmt: skip
    assert summary["state"] == "done" and summary["queries"] == 5 * PEOPLE
    assert set(summary["seconds"]) == {"target", "attack", "metrics"}
    assert set(summary["target"]) == {"train_accuracy", "test_accuracy", "epsilon"}
    keys = {"name", "value", "low", "high", "n", "baseline", "control", "better"}
    assert summary["scores"] and all(set(score) == keys for score in summary["scores"])
    assert {"evaluator-top1", "target-top1", "ssim"} <= {score["name"] for score in summary["scores"]}
    kept = json.loads((out / "result.json").read_text())
    assert {key: kept[key] for key in summary if key != "scores"} == {
        key: summary[key] for key in summary if key != "scores"
    }
    assert len(kept["victims"]) == PEOPLE and kept["scenario"]["attack"]["name"] == "mi-face"
    for victim in range(PEOPLE):
        for kind in ("reconstruction", "original"):
            with Image.open(out / f"{kind}-{victim}.png") as picture:
                assert picture.size == (SIZE, SIZE)


def test_the_pictures_are_those_of_the_victims_asked_for(scenario: Any, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert invoke("run", scenario(victims=[2, 0]), "--out", out).exit_code == 0
    assert sorted(p.name for p in out.glob("*-*.png")) == [
        "original-0.png", "original-2.png", "reconstruction-0.png", "reconstruction-2.png"
    ]  # fmt: skip
    dataset = ImageFolder(photos, size=SIZE, grayscale=True, train_per_class=3)
    for victim in (0, 2):
        shown = pictures.read_png((out / f"original-{victim}.png").read_bytes())
        assert any(torch.equal(shown, photo) for photo in dataset.train().of(victim))


def test_equal_scenarios_give_equal_bytes_in_two_places(scenario: Any, tmp_path: Path) -> None:
    for place in ("a", "b"):
        assert invoke("run", scenario(), "--out", tmp_path / place).exit_code == 0
    for name in ("reconstruction-0.png", "reconstruction-2.png", "original-1.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    first, second = (json.loads((tmp_path / place / "result.json").read_text()) for place in ("a", "b"))
    assert first["scores"] == second["scores"] and first["key"] == second["key"]
    assert first["run_id"] != second["run_id"]


def test_a_scenario_run_again_in_the_same_folder_is_not_computed_again(scenario: Any, tmp_path: Path) -> None:
    first, again = (invoke("run", scenario(), "--out", tmp_path / "out") for _ in range(2))
    assert again.exit_code == 0 and last_line(first.stdout) == last_line(again.stdout)


def test_a_store_elsewhere_keeps_the_run(scenario: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    done = invoke("run", scenario(), "--out", tmp_path / "out", "--store", url)
    assert done.exit_code == 0 and (tmp_path / "shared.sqlite").exists()
    assert not (tmp_path / "out" / "runs.sqlite").exists()
    assert (tmp_path / "out" / "reconstruction-0.png").exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"attack": {"name": "mi-faec"}}, "attack: .*'mi-faec'.*mi-face"),
        ({"target": {"name": "oracle"}}, "target: .*'oracle'.*softmax"),
        ({"dataset": {"name": "nobody"}}, "dataset: .*'nobody'"),
        ({"attack": {"name": "mi-face", "params": {"steps": "many"}}}, "attack.params.steps: .*'many'"),
        ({"attack": {"name": "mi-face", "params": {"stepz": 3}}}, "attack.params.stepz is no known key"),
        ({"seed": -1}, "scenario.seed: .*-1"),
        ({"sede": 1}, "scenario.sede is no known key"),
        ({"victims": [0, 99]}, r"victims are numbered 0 to 2, \[99\]"),
        ({"exposure": {"access": "scores"}}, "attack 'mi-face' needs white-box access, .*gives scores"),
        ({"exposure": {"access": "telepathy"}}, "scenario.exposure.access: .*telepathy"),
        ({"exposure": {"query_budget": 0}}, "scenario.exposure.query_budget: "),
        ({"dataset": {"name": "image-folder"}}, "dataset.path: .*add a path"),
        ({"dataset": {"name": "image-folder", "path": "/no/such/folder"}}, "dataset: .*/no/such/folder"),
    ],
)
def test_every_wrong_scenario_is_one_sentence_and_code_2(
    changes: dict[str, Any], told: str, scenario: Any, tmp_path: Path
) -> None:
    done = invoke("run", scenario(**changes), "--out", tmp_path / "out")
    lines = done.stderr.strip().splitlines()
    assert done.exit_code == 2 and done.stdout == "" and len(lines) == 1
    assert re.match(told, lines[0]), lines[0]


def test_every_problem_gets_its_own_line(scenario: Any, tmp_path: Path) -> None:
    wrong = scenario(target={"name": "x"}, attack={"name": "y"})
    done = invoke("run", wrong, "--out", tmp_path / "out")
    assert done.exit_code == 2 and len(done.stderr.strip().splitlines()) == 2


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe{}", b"{}", b'{"target": 3, "attack": null}']
)
def test_a_file_that_is_no_scenario_is_told_in_sentences(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "scenario.json"
    file.write_bytes(content)
    done = invoke("run", file, "--out", tmp_path / "out")
    assert done.exit_code == 2 and "Traceback" not in done.stderr
    assert all(line.startswith(("scenario", "a scenario")) for line in done.stderr.strip().splitlines())


def test_a_scenario_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.json", tmp_path):
        done = invoke("train", path)
        assert done.exit_code == 2 and done.stderr.startswith("a scenario is a JSON file")


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(scenario: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = invoke("run", scenario(), "--out", tmp_path / "file" / "out")
    assert done.exit_code == 2 and done.stderr.startswith("--out must be a folder that can be written")


def test_a_store_that_cannot_be_opened_is_told(scenario: Any, tmp_path: Path) -> None:
    done = invoke("run", scenario(), "--out", tmp_path / "out", "--store", "carrier-pigeon://home")
    assert done.exit_code == 2 and len(done.stderr.strip().splitlines()) == 1


def test_a_corrupted_photo_fails_the_run_in_one_sentence(scenario: Any, photos: Path, tmp_path: Path) -> None:
    (photos / "person-1" / "2.png").write_bytes(b"\x89PNG no more")
    done = invoke("run", scenario(), "--out", tmp_path / "out")
    told = [line for line in done.stderr.splitlines() if "2.png" in line]
    assert done.exit_code == 3 and len(told) == 1 and "Traceback" not in done.stderr
    assert last_line(done.stdout)["state"] == "failed" and last_line(done.stdout)["scores"] == []
    assert json.loads((tmp_path / "out" / "result.json").read_text())["error"] == told[0]


def test_corrupted_weights_fail_the_run_in_one_sentence(scenario: Any, tmp_path: Path) -> None:
    assert invoke("train", scenario()).exit_code == 0
    (weights,) = (settings().cache / "targets").glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-200])
    done = invoke("run", scenario(), "--out", tmp_path / "out")
    assert done.exit_code == 3 and f"{weights.name} is missing, damaged" in done.stderr


def test_an_exhausted_budget_is_a_failed_run(scenario: Any, tmp_path: Path) -> None:
    done = invoke("run", scenario(exposure={"query_budget": 4}), "--out", tmp_path / "out")
    assert done.exit_code == 3 and "query budget is 4" in done.stderr


def test_train_prints_the_card_and_the_second_time_finds_it(scenario: Any) -> None:
    first, again = invoke("train", scenario()), invoke("train", scenario())
    assert first.exit_code == again.exit_code == 0
    card = last_line(first.stdout)
    assert card == last_line(again.stdout) and card["target"] == "softmax" and card["train_accuracy"] == 1
    assert "training" in first.stderr and "training" not in again.stderr


def test_names_lists_everything_that_is_registered() -> None:
    found = last_line(invoke("names", "--json").stdout)
    assert list(found) == ["datasets", "targets", "attacks", "defences", "metrics", "exposures"]
    for kind in ("datasets", "targets", "attacks", "defences", "metrics"):
        assert [row["name"] for row in found[kind]] == [part.name for part in every(kind)]
    levels = ["gradients", "labels", "scores", "templates", "white-box"]
    assert [row["name"] for row in found["exposures"]] == levels
    assert last_line(invoke("names", "attacks", "--json").stdout) == found["attacks"]


def test_names_for_people_and_a_kind_that_is_none() -> None:
    assert "mi-face" in invoke("names", "attacks").stdout
    done = invoke("names", "spells")
    assert done.exit_code == 2 and "'spells' is none of them" in done.stderr


def test_train_prior_makes_a_prior_that_loads(tmp_path: Path) -> None:
    from inversion_core.priors.catalogue import read_prior

    rng = torch.Generator().manual_seed(0)
    (tmp_path / "public").mkdir()
    for number in range(210):
        noise = torch.randint(0, 255, (1, 16, 16), generator=rng, dtype=torch.uint8)
        (tmp_path / "public" / f"{number}.png").write_bytes(pictures.png(noise))
    out = tmp_path / "prior.safetensors"
    done = invoke("train-prior", tmp_path / "public", "--out", out, "--size", 32, "--grayscale", "--steps", 2)
    assert done.exit_code == 0, done.stderr
    assert last_line(done.stdout)["photos"] == 210
    assert read_prior(out).image_shape == (1, 32, 32)


def test_train_prior_refuses_what_it_cannot_use(tmp_path: Path) -> None:
    assert "give it that ending" in invoke("train-prior", tmp_path, "--out", tmp_path / "p.pt").stderr
    for source in (tmp_path / "nowhere", tmp_path):
        done = invoke("train-prior", source, "--out", tmp_path / "p.safetensors")
        assert done.exit_code == 2 and len(done.stderr.strip().splitlines()) == 1


def test_help_answers_at_once() -> None:
    began = time.process_time(), os.times().children_user
    program = "import sys; from inversion_core.cli import app; assert 'torch' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "inversion_core", "--help"], cwd=ROOT, capture_output=True, check=True
    )
    assert b"train-prior" in done.stdout
    assert os.times().children_user - began[1] < 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_cancels_the_run_and_leaves_with_130(number: int, scenario: Any, tmp_path: Path) -> None:
    long = scenario(attack={"name": "mi-face", "params": {"steps": 20000, "patience": 20000}})
    command = [sys.executable, "-m", "inversion_core", "run", str(long), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("attack"):
            break
    process.send_signal(number)
    began = time.monotonic()
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert last_line(stdout)["state"] == "cancelled" and "Traceback" not in stderr
    assert time.monotonic() - began < 20


def test_a_run_whose_process_was_killed_is_taken_again(scenario: Any, tmp_path: Path) -> None:
    long = scenario(attack={"name": "mi-face", "params": {"steps": 3000, "patience": 20000}})
    command = [sys.executable, "-m", "inversion_core", "run", str(long), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("attack"):
            break
    process.kill()
    process.wait()
    process.stderr.close()
    done = invoke("run", long, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert last_line(done.stdout)["state"] == "done" and last_line(done.stdout)["queries"] == 3000 * PEOPLE
