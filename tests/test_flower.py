"""What the federation in Flower rests on, without Flower; `tests/benchmarks/flower.py` runs the real one."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from inversion_core import pictures
from inversion_core.choices import Choice, DatasetChoice, Exposure, FederatedRound, TargetChoice
from inversion_core.errors import EngineUnavailable
from inversion_core.federated import draw, play_round
from inversion_core.flower import as_update, first_network, main, photos_of, trained_here
from inversion_core.flower_processes import await_answer, free_ports, reason_in
from inversion_core.scenario import Scenario
from inversion_core.settings import ROOT
from inversion_core.values import Access
from tests.attacks.toy import finish


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three people with four small photos each."""
    rng = torch.Generator().manual_seed(0)
    for person in ("ada", "bea", "cleo"):
        place = tmp_path / "people" / person
        place.mkdir(parents=True)
        for number in range(4):
            photo = torch.randint(256, (3, 16, 16), generator=rng, dtype=torch.uint8)
            (place / f"{number}.png").write_bytes(pictures.png(photo))
    return tmp_path / "people"


def scenario(folder: Path, target: TargetChoice, **setting: Any) -> Scenario:
    options = {"size": 16, "train_per_class": 3}
    return Scenario(
        dataset=DatasetChoice(name="image-folder", path=str(folder), options=options),
        target=target,
        exposure=Exposure(access=Access.GRADIENTS, round=FederatedRound(**setting)),
        attack=Choice(name="inverting-gradients"),
    )


@pytest.mark.parametrize(
    ("target", "setting"),
    [
        (TargetChoice(name="mlp"), {"clients": 2}),
        (TargetChoice(name="cnn", params={"width": 8}), {"clients": 2, "photos": 4, "local_steps": 3}),
        (TargetChoice(name="cnn", params={"width": 8}), {"photos": 4, "trained": True}),
    ],
)
def test_what_the_server_keeps_of_a_client_is_the_simulators_update(
    folder: Path, target: TargetChoice, setting: dict[str, Any]
) -> None:
    one = scenario(folder, target, **setting)
    first = first_network(one)
    private, _ = draw(photos_of(one), one.federated(), range(3), one.seed)
    _, simulated = finish(play_round(first, private, one.federated()))
    weights = {name: part.clone() for name, part in first.state_dict().items()}
    # Each step rounds each weight to float32, which the rate magnifies: 1e-6 where weights are small.
    largest = max(part.abs().max().item() for part in first.parameters())
    rounding = one.federated().local_steps * torch.finfo(torch.float32).eps * largest
    apart = rounding / one.federated().learning_rate + 1e-6
    assert target.name == "cnn" or apart < 1e-5
    for client, (change, statistics) in enumerate(simulated):
        kept = as_update(first, trained_here(one, client, weights), one.federated().learning_rate)
        assert len(kept[0]) == len(change) and len(kept[1]) == len(statistics)
        assert bool(statistics) is (target.name == "cnn") and max(part.abs().max() for part in change) > 1e-2
        pairs = zip(kept[0] + kept[1], change + statistics, strict=True)
        assert max((a - b).abs().max().item() for a, b in pairs) < apart


def test_without_flower_the_command_says_how_to_install_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "flwr", None)
    asked = tmp_path / "scenario.json"
    asked.write_text(scenario(folder, TargetChoice(name="mlp")).model_dump_json())
    assert main([str(asked), "--out", str(tmp_path / "updates")]) == 3
    assert "pip install -r requirements-flower.txt" in capsys.readouterr().err
    assert not (tmp_path / "updates").exists() and (ROOT / "requirements-flower.txt").exists()


def test_a_scenario_without_a_round_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = tmp_path / "scenario.json"
    asked.write_text('{"target": {"name": "softmax"}, "attack": {"name": "mi-face"}}')
    assert main([str(asked), "--out", str(tmp_path / "updates")]) == 2
    assert "gradients access" in capsys.readouterr().err


def test_the_extra_pins_what_the_product_pins() -> None:
    ours, theirs = (
        {line for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in ("requirements.txt", "requirements-flower.txt")
    )
    assert {line.split("==")[0] for line in theirs - ours} == {"flwr"}


def test_a_failed_round_says_why(tmp_path: Path) -> None:
    told = tmp_path / "told"
    told.write_text(
        "Traceback\ninversion_core.errors.EngineUnavailable: clients [0] sent nothing: too few\nbye"
    )
    assert reason_in(told) == "clients [0] sent nothing: too few"
    told.write_text("Unable to\n  find it")
    assert reason_in(told) == "Unable to find it"


def test_a_process_that_ends_before_it_listens_is_not_waited_for() -> None:
    (port,) = free_ports(1)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended, pytest.raises(EngineUnavailable):
        await_answer(port, ended)
