"""Targets of tables: equal to what scikit-learn fitted, kept without loss, honest on their cards."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.defences.label_smoothing import LabelSmoothing
from inversion_core.errors import AccessDenied, ScenarioInvalid, WeightsUnusable
from inversion_core.oracles import ScoreOracle, WhiteBox
from inversion_core.registry import targets_for
from inversion_core.tables import Records
from inversion_core.targets import catalogue, weights
from inversion_core.targets.base import NetworkTarget, Target
from inversion_core.targets.catalogue import obtain
from inversion_core.targets.encoding import Encoder
from inversion_core.targets.table_mlp import TableMLP, TableNetwork
from inversion_core.targets.train import accuracy
from inversion_core.targets.tree_arrays import TreeEnsemble, _rounded_down
from inversion_core.targets.trees import DecisionTree, GradientBoosting, RandomForest, TreeTarget
from inversion_core.values import Family, Modality
from tests.steps import finish
from tests.targets.small_tables import COLUMNS, SmallTable

TREES = [
    pytest.param(DecisionTree(max_depth=6), DecisionTreeClassifier(max_depth=6), id="decision-tree"),
    pytest.param(
        RandomForest(trees=12, max_depth=5), RandomForestClassifier(12, max_depth=5), id="random-forest"
    ),
    pytest.param(
        GradientBoosting(rounds=12, learning_rate=0.3, max_leaves=7),
        HistGradientBoostingClassifier(
            max_iter=12, learning_rate=0.3, max_leaf_nodes=7, early_stopping=False
        ),
        id="gradient-boosting",
    ),
]
ALL = [*(pytest.param(row.values[0], id=row.id) for row in TREES), pytest.param(TableMLP(epochs=5), id="mlp")]
each_tree = pytest.mark.parametrize(("target", "model"), TREES)
each_target = pytest.mark.parametrize("target", ALL)


def seed_of(target: TreeTarget) -> int:
    from inversion_core.targets.trees import _state

    return _state(target.params.seed)  # type: ignore[attr-defined]


def test_every_target_of_tables_has_its_row() -> None:
    assert sorted(row.id for row in ALL) == list(targets_for(Family.ATTRIBUTES, modality=Modality.TABLE))


@each_tree
@pytest.mark.parametrize("labels", [2, 3])
def test_the_arrays_say_what_scikit_learn_says(target: TreeTarget, model, labels: int, tmp_path) -> None:
    data = SmallTable(labels=labels)
    trained = finish(obtain(data, type(target)(**target.params.model_dump()), into=tmp_path))
    encoder = Encoder(COLUMNS)
    model.set_params(random_state=seed_of(target))
    model.fit(encoder(data.train().inputs).numpy(), data.train().labels.numpy())
    for records in (data.train(), data.held_out()):
        assert records.inputs.isnan().any()
        expected = model.predict_proba(encoder(records.inputs).numpy())
        assert np.abs(trained.predict(records.inputs).numpy() - expected).max() < 1e-5


@each_tree
def test_a_record_on_a_threshold_goes_where_scikit_learn_sends_it(target, model, tmp_path) -> None:
    data = SmallTable()
    model.set_params(random_state=seed_of(target)).fit(
        Encoder(COLUMNS)(data.train().inputs).numpy(), data.train().labels.numpy()
    )
    trained = finish(obtain(data, type(target)(**target.params.model_dump()), into=tmp_path))
    network = trained.network
    assert isinstance(network, TreeEnsemble)
    # An infinite threshold parts those who have a weight from those who have none.
    splits = network.threshold[
        (network.feature == 0) & (network.threshold > 1) & network.threshold.isfinite()
    ]
    inputs = data.held_out().inputs[:1].nan_to_num(1).repeat(len(splits), 1)
    inputs[:, 0] = splits
    assert len(splits)
    expected = model.predict_proba(Encoder(COLUMNS)(inputs).numpy())
    assert np.abs(trained.predict(inputs).numpy() - expected).max() < 1e-5


def test_thresholds_are_rounded_so_that_no_single_precision_number_changes_sides() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(0, 1e6, 2000).astype(np.float32)
    neighbours = np.nextafter(numbers, np.float32(np.inf))
    middles = (numbers.astype(float) + neighbours.astype(float)) / 2
    thresholds = np.concatenate([middles, numbers.astype(float), [np.inf]])
    assert _rounded_down(thresholds).dtype == np.float32
    for values in (numbers, neighbours):
        asked = np.concatenate([values, values, values[:1]])
        assert ((asked <= thresholds) == (asked <= _rounded_down(thresholds))).all()


@each_target
def test_what_is_read_back_is_what_was_trained(target: Target, tmp_path: Path) -> None:
    make = lambda: type(target)(**target.params.model_dump())  # noqa: E731
    data = SmallTable()
    first = finish(obtain(data, make(), into=tmp_path))
    kept = catalogue.settings().cache / "targets"
    kept.mkdir(parents=True)
    file = next(tmp_path.glob("*.safetensors"))
    (kept / file.name).write_bytes(file.read_bytes())
    notes = []
    loaded = make()
    for progress in obtain(data, loaded):
        notes.append(progress.note)
    assert notes == ["loading the target"]
    inputs = data.held_out().inputs
    assert torch.equal(first.predict(inputs), loaded.predict(inputs))
    assert first.card == loaded.card


@each_target
def test_the_card_says_what_is_measured(target: Target, tmp_path: Path) -> None:
    data = SmallTable()
    made = finish(obtain(data, type(target)(**target.params.model_dump()), into=tmp_path))
    assert made.card.train_accuracy == accuracy(made, data.train()) > 0.85
    assert made.card.test_accuracy == accuracy(made, data.held_out()) > 0.8
    assert made.card.columns == ("weight", "ward", "dose", "secret")
    assert (made.card.train_photos, made.card.test_photos, made.card.input_shape) == (600, 300, (4,))
    assert made.card.parameters > 10 and made.card.sha256


@each_target
def test_training_twice_gives_equal_bytes(target: Target, tmp_path: Path) -> None:
    cards = [
        finish(obtain(SmallTable(), type(target)(**target.params.model_dump()), into=tmp_path / name)).card
        for name in "ab"
    ]
    assert cards[0].sha256 == cards[1].sha256


@each_target
def test_probabilities_add_up_and_inputs_are_left_alone(target: Target, tmp_path: Path) -> None:
    made = finish(obtain(SmallTable(labels=3), type(target)(**target.params.model_dump()), into=tmp_path))
    inputs = SmallTable().held_out().inputs
    before = inputs.clone()
    told = made.predict(inputs)
    assert told.shape == (300, 3) and torch.allclose(told.sum(1), torch.ones(300))
    assert torch.equal(inputs.nan_to_num(-9), before.nan_to_num(-9))
    assert not told.isnan().any()


def test_a_class_nobody_in_training_had_is_never_named(tmp_path: Path) -> None:
    class Sparse(SmallTable):
        """Class c exists, and nobody has it."""

        classes = ("a", "b", "c")

    for target in (DecisionTree(), RandomForest(trees=3), GradientBoosting(rounds=5)):
        made = finish(obtain(Sparse(), target, into=tmp_path))
        told = made.predict(Sparse().held_out().inputs)
        assert told.shape[1] == 3 and told[:, 2].max() < 1e-6


@pytest.mark.parametrize("defence", [DPSGD(), LabelSmoothing()], ids=lambda one: one.name)
@each_tree
def test_trees_refuse_defences_that_need_gradients(defence, target, model, tmp_path: Path) -> None:
    with pytest.raises(ScenarioInvalid, match="changes a training by gradients"):
        finish(obtain(SmallTable(), target, [defence], into=tmp_path))


def test_the_network_can_be_trained_with_differential_privacy(tmp_path: Path) -> None:
    private = DPSGD(epsilon=8, delta=1e-3, batch_size=64, epochs=2)
    made = finish(obtain(SmallTable(), TableMLP(), [private], into=tmp_path))
    assert made.card.epsilon == pytest.approx(8, abs=0.1)
    assert made.card.guarantees["dp-sgd"]["unit"] == "one record"
    assert made.card.guarantees["dp-sgd"]["person_epsilon"] == made.card.epsilon


def test_weights_of_another_table_are_refused(tmp_path: Path) -> None:
    finish(obtain(SmallTable(), TableMLP(epochs=1), into=tmp_path))
    state, _ = weights.read(next(tmp_path.glob("*.safetensors")))
    other = TableMLP()
    other.columns = COLUMNS[1:]
    with pytest.raises(WeightsUnusable, match="another architecture"):
        weights.load_into(other.build((3,), 2), state, tmp_path)


def test_inputs_are_scaled_as_the_public_knows_them_and_gaps_are_told() -> None:
    target = TableMLP()
    target.columns = COLUMNS
    network = target.build((4,), 2)
    assert isinstance(network, TableNetwork)
    inputs = torch.tensor([[1.5e5, 0, 0, 0], [2.5e5, 2, 3, 1], [torch.nan, torch.nan, 0, 1]])
    # weight, three wards, dose, two secrets; then: weight missing, dose missing.
    assert network.encoder(inputs).tolist() == [
        [-1, 1, 0, 0, 0, 1, 0, 0, 0],
        [1, 0, 0, 1, 3, 0, 1, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 1, 0],
    ]


def test_a_column_without_any_number_is_all_gaps() -> None:
    target = TableMLP()
    target.columns = COLUMNS[:1]
    network = target.build((1,), 2)
    assert isinstance(network, TableNetwork)
    assert network.encoder(torch.full((3, 1), torch.nan)).tolist() == [[0, 1]] * 3


def test_what_a_network_knows_before_its_training_is_the_same_for_neighbouring_tables(tmp_path: Path) -> None:
    """The guarantee of a private training covers the whole network: nothing else comes from the records."""

    class Neighbour(SmallTable):
        """The same table with another record in the first place, far out."""

        def train(self) -> Records:
            records = super().train()
            records.inputs[0, 0] = 1e9
            return records

    private = DPSGD(epsilon=8, delta=1e-3, batch_size=64, epochs=1)
    made = [
        finish(obtain(data, TableMLP(), [private], into=tmp_path / data.__class__.__name__))
        for data in (SmallTable(), Neighbour())
    ]
    assert not torch.equal(made[0].network.last.weight, made[1].network.last.weight)
    buffers = [dict(one.network.named_buffers()) for one in made]
    assert buffers[0].keys() == buffers[1].keys() and "encoder.mean" in buffers[0]
    for name, buffer in buffers[0].items():
        assert torch.allclose(buffer, buffers[1][name], rtol=0, atol=0, equal_nan=True), name
    learnt = {name for name, _ in made[0].network.named_parameters()}
    assert set(weights.read(next((tmp_path / "SmallTable").glob("*.safetensors")))[0]) == learnt


def test_small_tables_are_gone_over_more_often() -> None:
    target = TableMLP(epochs=20, batch_size=128, least_steps=300)
    assert [target.passes(count) for count in (100, 256, 1920, 35_222)] == [300, 150, 20, 20]
    assert NetworkTarget.passes(target, 5) == 20


@each_target
def test_only_a_white_box_shows_what_goes_on_inside(target: Target, tmp_path: Path) -> None:
    made = finish(obtain(SmallTable(), type(target)(**target.params.model_dump()), into=tmp_path))
    inputs = SmallTable().held_out().inputs
    oracle = WhiteBox(made)
    seen = oracle.activations(inputs)
    assert len(seen) == 300 and oracle.spent == 300 and not seen.requires_grad
    assert (seen >= 0).all()
    with pytest.raises(AccessDenied, match="activations need white-box, this oracle gives scores"):
        ScoreOracle(made).activations(inputs)
    with pytest.raises(AccessDenied, match="trees are seen with white-box"):
        ScoreOracle(made).reach(3, 0)


def test_the_activations_of_the_network_are_the_units_of_all_hidden_layers(tmp_path: Path) -> None:
    made = finish(obtain(SmallTable(), TableMLP(width=16, epochs=1), into=tmp_path))
    inputs = SmallTable().held_out().inputs
    seen = made.network.activations(inputs)
    assert seen.shape == (300, 16 + 8 + 4)
    assert torch.equal(made.network.last(seen[:, -4:]), made.network(inputs))


def test_leaves_hold_the_share_of_the_training_records(tmp_path: Path) -> None:
    data = SmallTable()
    made = finish(obtain(data, DecisionTree(max_depth=4), into=tmp_path))
    shares = WhiteBox(made).activations(data.train().inputs).flatten()
    rows = made.network._descend(made.network.encoder(data.train().inputs))
    for leaf in rows.unique():
        assert shares[rows == leaf].unique().item() == pytest.approx(float((rows == leaf).float().mean()))


@each_tree
def test_all_leaves_a_value_reaches_are_counted(target: TreeTarget, model, tmp_path: Path) -> None:
    """Compared with walking down every path by hand."""
    made = finish(obtain(SmallTable(), type(target)(**target.params.model_dump()), into=tmp_path))
    network, oracle = made.network, WhiteBox(made)

    def walk(node: int, code: int) -> float:
        right, left = network.branches[2 * node : 2 * node + 2].tolist()
        if left == node:
            return float(network.share[node])
        slot = int(network.feature[node])
        if int(network.encoder.column[slot]) != 3:
            return walk(left, code) + walk(right, code)
        shown = float(network.encoder.level[slot] == code)
        return walk(left if shown <= network.threshold[node] else right, code)

    for code in (0, 1):
        by_hand = [walk(root, code) for root in network.roots.tolist()]
        assert oracle.reach(3, code).tolist() == pytest.approx(by_hand, abs=1e-5)
    assert (oracle.reach(9, 0) > 0.999).all(), "a column that no tree asks about reaches every leaf"


def test_growing_tells_how_far_it_is() -> None:
    target = RandomForest(trees=12, max_depth=3)
    target.columns, target.class_count = COLUMNS, 2
    told = [(step.step, step.total) for step in target.grow(SmallTable().train(), 2)]
    assert told == [(5, 12), (10, 12), (12, 12)]
