"""Targets by content key: what is trained once is read back as it was, and what is damaged says so."""

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from inversion_core.datasets.people import People
from inversion_core.defences.label_smoothing import LabelSmoothing
from inversion_core.errors import WeightsUnusable
from inversion_core.settings import ASSETS
from inversion_core.shipping import shipped_targets
from inversion_core.targets import catalogue, weights
from inversion_core.targets.architectures import CNN, Softmax
from inversion_core.targets.base import Target
from inversion_core.targets.train import accuracy
from tests.steps import finish

FEW = People(people=4)


def small() -> Target:
    return CNN(width=8, epochs=3, batch_size=20)


def test_training_twice_gives_the_same_weights_byte_for_byte(tmp_path: Path) -> None:
    first, again = (finish(catalogue.obtain(FEW, small(), into=tmp_path / name)) for name in "ab")
    assert first.card.sha256 == again.card.sha256 != ""


def test_another_seed_gives_other_weights(tmp_path: Path) -> None:
    first = finish(catalogue.obtain(FEW, small(), into=tmp_path))
    other = finish(catalogue.obtain(FEW, CNN(width=8, epochs=3, batch_size=20, seed=1), into=tmp_path))
    assert first.card.sha256 != other.card.sha256 and first.card.key != other.card.key


def test_what_was_read_back_predicts_as_what_was_trained(tmp_path: Path) -> None:
    target = finish(catalogue.obtain(FEW, small(), into=tmp_path))
    state, _ = weights.read(next(tmp_path.glob("*.safetensors")))
    copy = small()
    copy.network = copy.build((3, 64, 64), 4)
    weights.load_into(copy.network, state, tmp_path)
    inputs = FEW.held_out().floats()
    assert torch.equal(target.predict(inputs), copy.predict(inputs))
    assert target.predict(inputs).sum(1).allclose(torch.ones(len(inputs)))


def test_defences_and_parameters_change_the_key() -> None:
    keys = {
        catalogue.target_key(FEW, Softmax(), []),
        catalogue.target_key(FEW, Softmax(epochs=7), []),
        catalogue.target_key(FEW, Softmax(), [LabelSmoothing()]),
        catalogue.target_key(FEW, Softmax(), [LabelSmoothing(alpha=0.1)]),
        catalogue.target_key(People(people=5), Softmax(), []),
    }
    assert len(keys) == 5


def test_spelling_out_a_default_does_not_change_the_key() -> None:
    assert catalogue.target_key(FEW, Softmax(), []) == catalogue.target_key(FEW, Softmax(epochs=100), [])


@pytest.mark.parametrize(
    "damage", [lambda d: d[: len(d) // 2], lambda d: b"pickle", lambda d: d[:-8] + bytes(8)]
)
def test_a_damaged_file_is_one_clear_sentence(damage: Any, tmp_path: Path) -> None:
    finish(catalogue.obtain(FEW, Softmax(epochs=1), into=tmp_path))
    file = next(tmp_path.glob("*.safetensors"))
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(WeightsUnusable, match=file.stem) as caught:
        weights.read(file)
    assert "\n" not in str(caught.value)


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    finish(catalogue.obtain(FEW, Softmax(epochs=1), into=tmp_path))
    file = next(tmp_path.glob("*.safetensors"))
    with pytest.raises(WeightsUnusable, match="another architecture"):
        weights.load_into(small().build((3, 64, 64), 4), weights.read(file)[0], file)


def test_every_target_that_ships_is_there_and_as_accurate_as_its_card_says() -> None:
    photos = People().held_out()
    for key, scenario in shipped_targets().items():
        target, defences = scenario.make_target(), scenario.training_defences()
        assert catalogue.where(key) == catalogue.SHIPPED / f"{key[:16]}.safetensors", scenario.target
        finish(catalogue.obtain(People(), target, defences))
        told = target.card.test_accuracy
        assert told is not None
        # What draws in use draws anew where a processor rounds otherwise: two samples of one share.
        draws = any(getattr(layer, "noise", False) is True for layer in target.network.modules())
        allowed = 4 * math.sqrt(2 * told * (1 - told) / len(photos)) if draws else 0.002
        assert accuracy(target, photos) == pytest.approx(told, abs=allowed)


def test_nothing_ships_that_no_scenario_asks_for_and_all_of_it_is_small() -> None:
    assert {file.stem for file in catalogue.SHIPPED.glob("*")} == {key[:16] for key in shipped_targets()}
    assert sum(file.stat().st_size for file in ASSETS.rglob("*") if file.is_file()) < 60e6


def test_a_target_is_loaded_from_its_file_and_not_trained_again(tmp_path: Path) -> None:
    finish(catalogue.obtain(FEW, Softmax(epochs=2), into=tmp_path))
    kept = catalogue.settings().cache / "targets"
    kept.mkdir(parents=True, exist_ok=True)
    file = next(tmp_path.glob("*.safetensors"))
    shutil.copy(file, kept / file.name)
    try:
        notes = [progress.note for progress in catalogue.obtain(FEW, Softmax(epochs=2))]
    finally:
        (kept / file.name).unlink()
    assert notes == ["loading the target"]
