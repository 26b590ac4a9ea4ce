"""A report is run again from its JSON alone, in a store of its own; a number that was changed is found."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from inversion_core import pictures
from inversion_core.cli import app
from inversion_core.errors import ScenarioInvalid
from inversion_core.risk import reproduce
from inversion_core.risk.reproduce import Difference
from inversion_core.scenario import Scenario
from inversion_core.settings import settings
from tests.risk import made

SIZE = 16


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """Return a scenario over three people who are easy to tell apart, with one worker to run it."""
    monkeypatch.setenv("INVERSION_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("INVERSION_WORKERS", "1")
    settings.cache_clear()
    rng = torch.Generator().manual_seed(0)
    for person in range(3):
        folder = tmp_path / "photos" / f"person-{person}"
        folder.mkdir(parents=True)
        for photo in range(4):
            image = 60 + 20 * torch.rand(1, SIZE, SIZE, generator=rng)
            image[:, 5 * person : 5 * person + 5] += 120
            (folder / f"{photo}.png").write_bytes(pictures.png(image.to(torch.uint8)))
    options = {"size": SIZE, "grayscale": True, "train_per_class": 3}
    return Scenario.model_validate(
        {
            "dataset": {"name": "image-folder", "path": str(tmp_path / "photos"), "options": options},
            "target": {"name": "softmax", "params": {"epochs": 30}},
            "attack": {"name": "mi-face", "params": {"steps": 5}},
        }
    )


def report_of(scenario: Scenario, *scores: dict[str, Any], **parts: Any) -> str:
    """Return the JSON of a report of one run."""
    run = {"scenario": scenario.model_dump(mode="json"), "key": scenario.key(), "scores": list(scores)}
    return json.dumps({"runs": [run | parts]})


def share(value: float = 0.5, n: int = 40) -> dict[str, Any]:
    """Return a share as a report tells it."""
    return {"name": "evaluator-top1", "value": value, "n": n}


def invoke(*arguments: object) -> Any:
    """Run a command and return its result."""
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_a_report_that_tells_nothing_is_not_reproduced() -> None:
    one = made.scenario()
    for text in (json.dumps({"runs": []}), report_of(one), report_of(one, share(n=0))):
        with pytest.raises(ScenarioInvalid, match="reproduce compares shares"):
            reproduce.read_report(text)


def test_of_two_people_none_may_be_judged_otherwise() -> None:
    one = made.scenario()
    for n, now, same in ((2, 0.0, False), (2, 0.5, True), (40, 0.45, True)):
        (told,) = reproduce.compare(reproduce.read_report(report_of(one, share(n=n))), {})
        assert Difference(told.key, told.name, told.told, now, n).reproduced == same


def test_other_weights_are_told() -> None:
    one = made.scenario()
    found = {one.key(): made.finished(one, 20)}
    told = reproduce.read_report(report_of(one, share(), target_sha256="b" * 64))
    (sentence,) = reproduce.other_weights(told, found)
    assert "b" * 16 in sentence and "a" * 16 in sentence
    assert not reproduce.other_weights(
        reproduce.read_report(report_of(one, share(), target_sha256="a" * 64)), found
    )


def test_the_data_are_found_where_somebody_says_they_lie(scenario: Scenario) -> None:
    (here,) = reproduce.read_report(report_of(scenario, share()), "elsewhere")
    assert here.scenario.dataset.path == "elsewhere"


def test_names_in_a_foreign_report_do_not_act_on_the_terminal(tmp_path: Path, scenario: Scenario) -> None:
    report = tmp_path / "report.json"
    report.write_text(report_of(scenario, share() | {"name": "\x1b[2Jtop1\nreproduced"}))
    again = invoke("reproduce", report, "--out", tmp_path / "again")
    assert again.exit_code == 1 and "\x1b" not in again.stderr and "top1\ufffdreproduced" in again.stderr


def test_a_report_is_reproduced_and_a_changed_number_is_found(scenario: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "scenario.json"
    file.write_text(scenario.model_dump_json())
    first = invoke("run", file, "--out", tmp_path / "first")
    assert first.exit_code == 0, first.output
    scores = json.loads(first.stdout.splitlines()[-1])["scores"]
    whole = {
        "runs": [{"scenario": scenario.model_dump(mode="json"), "key": scenario.key(), "scores": scores}]
    }
    report = tmp_path / "report.json"
    report.write_text(json.dumps(whole))
    again = invoke("reproduce", report, "--out", tmp_path / "again")
    assert again.exit_code == 0, again.output
    told = json.loads((tmp_path / "again" / "reproduced.json").read_text())["scores"]
    assert len(told) == len(scores) > 1 and all(one["now"] == pytest.approx(one["told"]) for one in told)
    whole["runs"][0]["scores"][0]["value"] += 1.0
    report.write_text(json.dumps(whole))
    tampered = invoke("reproduce", report, "--out", tmp_path / "again")
    assert tampered.exit_code == 1 and f"DIFFERENT  {scenario.key()[:16]}" in tampered.stderr
