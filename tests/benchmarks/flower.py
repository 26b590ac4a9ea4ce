"""The federation in Flower for real, in the environment of its extra: what it writes, and what that tells.

    python3 -m venv .venv-flower && .venv-flower/bin/pip install -r requirements-flower.txt
    INVERSION_FLOWER_PYTHON=.venv-flower/bin/python python -m pytest tests/benchmarks/flower.py -s

Two clients with one photo each of the pictures in ../shared/data/cifar10_sample, an untrained `mlp`.
"""

import os
import subprocess
import time
from pathlib import Path

from inversion_core.choices import Choice, DatasetChoice, Exposure, FederatedRound, TargetChoice
from inversion_core.execute import execute
from inversion_core.federated import draw, play_round
from inversion_core.federated_file import read
from inversion_core.flower import first_network, photos_of
from inversion_core.scenario import Scenario
from inversion_core.settings import ROOT
from inversion_core.store.runs import RunStore
from inversion_core.values import Access
from tests.attacks.toy import finish


def scenario(data: Path, updates: Path | None = None) -> Scenario:
    """Return the attack on a file of updates, or on a simulated round without one."""
    folder, options = str(data / "cifar10_sample"), {"size": 32, "train_per_class": 19}
    setting = FederatedRound(clients=2, updates=None if updates is None else str(updates))
    return Scenario(
        dataset=DatasetChoice(name="image-folder", path=folder, options=options),
        target=TargetChoice(name="mlp"),
        exposure=Exposure(access=Access.GRADIENTS, round=setting),
        attack=Choice(name="analytic-gradient"),
    )


def test_an_update_that_went_through_flower_gives_the_photo_away(real_data: Path, tmp_path: Path) -> None:
    python = os.environ.get("INVERSION_FLOWER_PYTHON")
    assert python, "set INVERSION_FLOWER_PYTHON to the python of an environment with requirements-flower.txt"
    one, asked, out = scenario(real_data), tmp_path / "scenario.json", tmp_path / "updates.safetensors"
    asked.write_text(one.model_dump_json())
    began = time.monotonic()
    command = [str(Path(python).absolute()), "-m", "inversion_core.flower", str(asked), "--out", str(out)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert ended.returncode == 0, ended.stderr
    print(f"\nthe round in Flower: {time.monotonic() - began:.0f} s")
    private, _ = draw(photos_of(one), one.federated(), range(len(photos_of(one).classes)), one.seed)
    _, simulated = finish(play_round(first_network(one), private, one.federated()))
    pairs = [
        pair
        for (kept, _), (change, _) in zip(read(out, one), simulated, strict=True)
        for pair in zip(kept, change, strict=True)
    ]
    apart = max((a - b).abs().max().item() for a, b in pairs)
    print(f"largest difference from the simulator's update: {apart:.1e}")
    assert apart < 1e-5
    store = RunStore(f"sqlite:///{tmp_path}/runs.sqlite", str(tmp_path / "artifacts"))
    run_id, _ = store.create(scenario(real_data, out), "benchmark")
    record = execute(run_id, store)
    store.close()
    assert record.result is not None, record.error
    errors = [row["largest_error"] for row in record.result["victims"]]
    print(f"largest error of a pixel, of 1: {max(errors):.1e}, {len(errors)} photos")
    assert len(errors) == 2 and max(errors) < 1e-4
