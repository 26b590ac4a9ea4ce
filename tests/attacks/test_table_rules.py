"""FJRMIA, LOMIA and tree inversion against truth tables worked out by hand; what all attacks share."""

import pytest
import torch

from inversion_core.attacks.completion import beliefs, cases_of, chosen, completions, guesses_of_unknown
from inversion_core.attacks.fjrmia import FJRMIA
from inversion_core.attacks.lomia import LOMIA
from inversion_core.attacks.tree_inversion import TreeInversion
from inversion_core.errors import AccessDenied
from inversion_core.oracles import LabelOracle, WhiteBox
from inversion_core.scenario import Scenario, problems
from inversion_core.targets.table_mlp import TableMLP
from inversion_core.targets.trees import DecisionTree, GradientBoosting, RandomForest
from tests.attacks.toy_table import FLOOR, SECRET, WARD, LookUpTarget, attack, cases, guesses, victims

NORTH, EAST, SOUTH, WEST = range(4)
LOW, HIGH = 0, 1
GAP = float("nan")
NO, YES = 0, 1


@pytest.mark.parametrize(
    ("person", "weights"),
    [
        # C[1, 0] = 0.3 and C[1, 1] = 0.7; no is had by 0.6, yes by 0.4 of people.
        pytest.param((NORTH, LOW, 1), (0.3 * 0.6, 0.7 * 0.4), id="the model must err for no"),
        pytest.param((NORTH, LOW, 0), (0.8 * 0.6, 0.2 * 0.4), id="the model must err for yes"),
        pytest.param((EAST, LOW, 1), (0.7 * 0.6, 0.7 * 0.4), id="one answer: the common value"),
        pytest.param((WEST, LOW, 1), (0.3 * 0.6, 0.3 * 0.4), id="one wrong answer: the common value"),
        pytest.param((GAP, LOW, 1), (0.3 * 0.6, 0.7 * 0.4), id="ward missing"),
    ],
)
def test_fjrmia_weighs_the_models_mistakes_by_the_population(person: tuple, weights: tuple) -> None:
    _, found = attack(FJRMIA(), victims(person))
    expected = torch.tensor([weights]) / sum(weights)
    assert torch.allclose(found.samples, expected) and found.cases is None


def test_fjrmia_adds_up_the_typical_values_of_an_unknown_column() -> None:
    _, found = attack(FJRMIA(), victims((NORTH, LOW, 1), unknown=(FLOOR,)))
    # Secret no: label 0 on the low floor, 1 on the high one; secret yes: label 1 on both.
    expected = torch.tensor([[(0.3 + 0.7) * 0.6, (0.7 + 0.7) * 0.4]])
    assert torch.allclose(found.samples, expected / expected.sum())


@pytest.mark.parametrize(
    ("ward", "weights"),
    [
        pytest.param(NORTH, (0.1 / 0.5 * 0.6, 0.3 / 0.8 * 0.4), id="north"),
        pytest.param(EAST, (0.2 / 0.5 * 0.6, 0.2 / 0.8 * 0.4), id="east"),
        pytest.param(GAP, (0.05 / 0.5 * 0.6, 0.05 / 0.8 * 0.4), id="ward missing"),
    ],
)
@pytest.mark.parametrize("label", [0, 1])
def test_tree_inversion_is_the_share_of_the_leaf_times_the_prior(
    ward: float, weights: tuple, label: int
) -> None:
    _, found = attack(TreeInversion(), victims((ward, LOW, label)))
    assert torch.allclose(found.samples, torch.tensor([weights]) / sum(weights))


def test_tree_inversion_adds_up_the_leaves_of_an_unknown_column() -> None:
    _, found = attack(TreeInversion(), victims((NORTH, LOW, 1), unknown=(WARD,)))
    expected = torch.tensor([[0.8 / 0.5 * 0.6, 0.8 / 0.8 * 0.4]])
    assert torch.allclose(found.samples, expected / expected.sum())


@pytest.mark.parametrize("kind", [DecisionTree, RandomForest, GradientBoosting])
def test_tree_inversion_works_on_trees(kind: type) -> None:
    assert TreeInversion().incompatible(kind) is None


def test_tree_inversion_of_a_network_is_a_problem_of_the_scenario() -> None:
    assert "has none; choose decision-tree" in (TreeInversion().incompatible(TableMLP) or "")
    scenario = {
        "dataset": {"name": "clinic"},
        "target": {"name": "mlp"},
        "attack": {"name": "tree-inversion"},
    }
    assert ["'mlp' has none" in told for told in problems(Scenario.model_validate(scenario))] == [True]
    scenario["target"] = {"name": "random-forest"}
    assert problems(Scenario.model_validate(scenario)) == []


def test_lomia_learns_from_the_records_with_one_fitting_value_and_guesses_the_others() -> None:
    # North on the low floor: case 1, secret equals label. West: case 2 with label 0, case 3 with label 1.
    people = victims(*[(NORTH, LOW, 0), (NORTH, LOW, 1), (WEST, LOW, 0), (WEST, HIGH, 1)] * 20)
    _, found = attack(LOMIA(), people, LabelOracle(LookUpTarget()))
    assert cases(found) == [1, 1, 2, 3] * 20
    assert found.samples.argmax(1).tolist() == [NO, YES, NO, YES] * 20


def test_lomia_takes_missing_values_for_what_they_are() -> None:
    people = victims(*[(GAP, LOW, 0), (GAP, LOW, 1), (NORTH, LOW, 1), (WEST, HIGH, 1)] * 10)
    assert guesses(LOMIA(), people) == [NO, YES, YES, YES] * 10


def test_lomia_does_without_an_unknown_column() -> None:
    people = victims(*[(NORTH, LOW, 0), (NORTH, HIGH, 0), (WEST, LOW, 0)] * 10, unknown=(FLOOR,))
    _, found = attack(LOMIA(), people)
    assert cases(found) == [1, 1, 2] * 10 and found.samples.argmax(1).tolist() == [NO] * 30


def test_lomia_with_one_value_among_its_teachers_guesses_it_for_everybody() -> None:
    _, found = attack(LOMIA(), victims((NORTH, LOW, 1), (EAST, LOW, 1), (WEST, LOW, 1)))
    assert cases(found) == [1, 2, 3] and found.samples.argmax(1).tolist() == [YES] * 3


def test_lomia_without_a_teacher_guesses_at_random_and_says_so() -> None:
    people = victims(*[(EAST, LOW, 1), (WEST, LOW, 1)] * 100)
    seen, found = attack(LOMIA(), people)
    assert "learning from 0 records" in [progress.note for progress in seen]
    assert 0 < found.samples.argmax(1).float().mean() < 1
    assert torch.allclose(found.samples, torch.full((200, 2), 0.5))


def test_every_record_is_completed_with_every_value_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inversion_core.attacks.completion.CHUNK", 2)
    people = victims((NORTH, LOW, 1), (EAST, HIGH, 0), (GAP, LOW, 0), unknown=(FLOOR,)).table
    assert people is not None and guesses_of_unknown(people).tolist() == [[0], [1]]
    asked = list(completions(people))
    assert [one.step for one in asked] == list(range(1, 9)) and {one.total for one in asked} == {8}
    assert [(one.value, one.inputs[0, FLOOR].item(), one.rows.start, one.rows.stop) for one in asked] == [
        (value, floor, *rows) for value in (0, 1) for floor in (0, 1) for rows in ((0, 2), (2, 3))
    ]
    assert all((one.inputs[:, SECRET] == one.value).all() for one in asked)
    assert asked[1].inputs[0, WARD].isnan(), "a cell the person has no value in stays missing"


def test_the_cases_are_one_several_none() -> None:
    hits = torch.tensor([[1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0]]).bool()
    assert cases_of(hits).tolist() == [1, 2, 2, 3]


def test_the_choice_is_the_largest_weight_and_ties_only_among_the_largest() -> None:
    weights = torch.tensor([[0.1, 0.5, 0.4], [0.4, 0.4, 0.2], [-1.0, -3.0, -1.0]]).repeat(50, 1)
    picked = chosen(weights, torch.Generator().manual_seed(0), 3).view(50, 3)
    assert set(picked[:, 0].tolist()) == {1}
    assert set(picked[:, 1].tolist()) == {0, 1} and set(picked[:, 2].tolist()) == {0, 2}


def test_beliefs_add_up_and_the_guess_leads_even_in_a_tie() -> None:
    weights = torch.tensor([[3.0, 1.0], [2.0, 2.0], [0.0, 0.0]])
    told = beliefs(weights, torch.tensor([0, 1, 1]))
    assert torch.allclose(told, torch.tensor([[0.75, 0.25], [0.5, 0.5], [0.5, 0.5]]))
    assert told.argmax(1).tolist() == [0, 1, 1]


def test_leaves_are_not_read_from_a_target_without_any() -> None:
    class Plain(LookUpTarget):
        def __init__(self) -> None:
            super().__init__()
            self.network = torch.nn.Linear(3, 2)

    with pytest.raises(AccessDenied, match="reach: what goes on inside"):
        attack(TreeInversion(), oracle=WhiteBox(Plain()))
