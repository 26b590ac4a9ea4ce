"""Frozen layers: what is frozen does not move by a bit, private photos write the rest, and strangers are paid
for once."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from inversion_core.datasets.base import PhotoDataset
from inversion_core.datasets.people import People
from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.defences.frozen_layers import FrozenLayers
from inversion_core.defences.label_smoothing import LabelSmoothing
from inversion_core.errors import DataUnusable, ScenarioInvalid
from inversion_core.scenario import Scenario, problems
from inversion_core.settings import settings
from inversion_core.targets import catalogue, pretraining
from inversion_core.targets.architectures import CNN, MLP, CNNGroupNorm, ResNet18, Softmax
from inversion_core.targets.table_mlp import TableMLP
from inversion_core.targets.trees import DecisionTree
from tests.defences.small import set_up, train
from tests.steps import finish

FEW = People(people=4)
QUICK = FrozenLayers(layers=2, public_people=3, public_photos=4, public_epochs=1)


def public_state(target: CNN) -> dict[str, Tensor]:
    torch.manual_seed(9)
    state = target.build((1, 16, 16), 4).state_dict()
    return {name: part + 0.01 if part.is_floating_point() else part + 7 for name, part in state.items()}


@pytest.mark.parametrize("kind", [CNN, CNNGroupNorm])
def test_frozen_layers_and_their_statistics_stay_and_the_others_learn(kind: type[CNN]) -> None:
    target = kind(width=8, epochs=2, batch_size=10)
    start = public_state(target)
    train(target, [FrozenLayers(layers=2)], start=start)
    ended = target.network.state_dict()
    frozen = [name for name in start if int(name.split(".")[0]) <= 5]  # centre, then three layers a block
    assert len(frozen) >= 6 and all(torch.equal(start[name], ended[name]) for name in frozen)
    assert all(not torch.equal(start[name], ended[name]) for name in start if name not in frozen)


def test_the_optimiser_is_the_one_of_the_target_over_what_learns() -> None:
    training = set_up(CNN(width=8, weight_decay=0.3), [FrozenLayers(layers=3)])
    (group,) = training.optimiser.param_groups
    assert isinstance(training.optimiser, torch.optim.AdamW) and group["weight_decay"] == 0.3
    assert {id(part) for part in group["params"]} == {
        id(part) for part in [*training.network[10:].parameters()]
    }


@pytest.mark.parametrize(("target", "layers"), [(MLP(hidden=7), 1), (CNN(width=8), 4), (ResNet18(), 20)])
def test_the_last_layer_is_never_frozen(target: CNN, layers: int) -> None:
    for asked in (layers, 100):
        told = train(_once(target), [FrozenLayers(layers=asked)])["frozen-layers"]
        assert told["private_parameters"] == sum(part.numel() for part in _last(target))
        assert told["public_parameters"] > 0


def _once(target: CNN) -> CNN:
    return type(target)(**target.params.model_dump() | {"epochs": 1, "batch_size": 40})


def _last(target: CNN) -> list[Tensor]:
    *_, last = target.build((1, 16, 16), 4).modules()
    return list(last.parameters())


def test_dp_sgd_after_it_clips_and_noises_only_what_learns() -> None:
    target = CNNGroupNorm(width=8)
    start = public_state(target)
    told = train(target, [FrozenLayers(), DPSGD(delta=1e-3, batch_size=20, epochs=2)], start=start)
    ended = target.network._module.state_dict()
    moved = {name for name in start if not torch.equal(start[name], ended[name])}
    assert moved == {"15.weight", "15.bias"} and told["frozen-layers"]["private_parameters"] == 64 * 4 + 4


def test_strangers_teach_once_for_all_seeds_and_their_own_last_layer_is_dropped(tmp_path: Path) -> None:
    targets = [CNN(width=8, epochs=1, batch_size=20, seed=seed) for seed in (0, 1)]
    taught = []
    for target in targets:
        notes = [progress.note for progress in catalogue.obtain(FEW, target, [QUICK], into=tmp_path)]
        taught.append(any(note.startswith("public training") for note in notes))
    assert taught == [True, False] and len(list((settings().cache / "public").iterdir())) == 1
    first, second = (target.network.state_dict() for target in targets)
    assert all(torch.equal(first[name], second[name]) for name in list(first)[:12])
    assert first["15.weight"].shape == (4, 64 * 16) and not torch.equal(
        first["15.weight"], second["15.weight"]
    )
    assert targets[0].card.guarantees["frozen-layers"]["public_people"] == 3


def test_another_width_or_other_strangers_are_another_public_training() -> None:
    wanted = QUICK.public_training()
    keys = {
        pretraining._key(FEW, pretraining._untrained(target, asked), asked)
        for target in (CNN(width=8), CNN(width=8, seed=5, epochs=9), CNN(width=16), CNNGroupNorm(width=8))
        for asked in (wanted, FrozenLayers().public_training())
    }
    assert len(keys) == 6


def test_data_without_strangers_are_refused_in_one_sentence(tmp_path: Path, real_data: Path) -> None:
    scenario = Scenario.model_validate(
        {
            "dataset": {"name": "image-folder", "path": str(real_data / "faces_att")},
            "target": {"name": "cnn", "defences": [{"name": "frozen-layers"}]},
            "attack": {"name": "mi-face"},
        }
    )
    (told,) = problems(scenario)
    assert told.startswith("defence 'frozen-layers' learns from photos of people outside the data")
    assert "'image-folder' has none; choose the dataset people or another defence" in told

    class Lonely(People):
        def public(self, people: int, photos: int, seed: int) -> None:
            return PhotoDataset.public(self, people, photos, seed)

    with pytest.raises(DataUnusable, match="'people' has none; choose"):
        finish(catalogue.obtain(Lonely(people=2), CNN(width=8), [QUICK], into=tmp_path))


def test_it_wants_to_be_listed_first(tmp_path: Path) -> None:
    turned = [LabelSmoothing(), QUICK]
    assert "list it first" in (QUICK.objection(turned) or "") and QUICK.objection(turned[::-1]) is None
    with pytest.raises(ScenarioInvalid, match="'label-smoothing' came before it; list it first"):
        finish(catalogue.obtain(FEW, CNN(width=8), turned, into=tmp_path))


@pytest.mark.parametrize(("target", "way_out"), [(Softmax, "cnn"), (TableMLP, "cnn"), (DecisionTree, "mlp")])
def test_targets_without_early_layers_are_refused_with_the_way_out(target: type, way_out: str) -> None:
    assert f"choose {way_out}" in (QUICK.incompatible(target) or "")
    assert QUICK.incompatible(CNN) is None
