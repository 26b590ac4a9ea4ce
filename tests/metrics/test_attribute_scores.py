"""Scores of guessed values against hand-made truth tables and scikit-learn."""

import math

import pytest
import torch
from sklearn.metrics import matthews_corrcoef, precision_recall_fscore_support

from inversion_core.metrics.attribute_scores import (
    ADVANTAGE,
    COMMON,
    CONTROL_WITHOUT,
    AttributeF1,
    AttributeFPR,
    AttributeGMean,
    AttributeMCC,
    AttributePrecision,
    AttributeRecall,
    ConfusionScore,
    TableAccuracy,
)
from inversion_core.metrics.base import TableMetric
from inversion_core.metrics.intervals import wilson
from inversion_core.registry import metrics_of
from inversion_core.values import Score
from tests.metrics.tables import counted, guesses, rng, sure, truth

KINDS = [
    TableAccuracy,
    AttributePrecision,
    AttributeRecall,
    AttributeF1,
    AttributeGMean,
    AttributeMCC,
    AttributeFPR,
]


def scored(kind: type[ConfusionScore], tp: int, fp: int, fn: int, tn: int) -> Score:
    return kind().score(truth(guesses(*counted(tp, fp, fn, tn))), rng())


def values(tp: int, fp: int, fn: int, tn: int) -> tuple[float, ...]:
    return tuple(scored(kind, tp, fp, fn, tn).value for kind in KINDS)


def test_every_name_of_the_contract_is_there() -> None:
    names = set(metrics_of(TableMetric))
    assert names == {kind.name for kind in KINDS} | {"attribute-ppv-at-k", "residual-over-imputation"}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        # accuracy, precision, recall, F1, G-mean, MCC, false positive rate; by hand.
        ((3, 1, 2, 4), (0.7, 0.75, 0.6, 2 / 3, math.sqrt(0.48), 10 / math.sqrt(600), 0.2)),
        # Adult, the rule that never asks a model: counted from the file.
        (
            (7565, 1208, 9328, 17121),
            (0.700869, 0.862305, 0.447819, 0.589496, 0.646765, 0.441172, 0.065906),
        ),
        ((5, 0, 0, 5), (1, 1, 1, 1, 1, 1, 0)),
        ((0, 5, 5, 0), (0, 0, 0, 0, 0, -1, 1)),
        # No positives at all; nobody named; everybody named; all are positive.
        ((0, 2, 0, 8), (0.8, 0, 0, 0, 0, 0, 0.2)),
        ((0, 0, 4, 6), (0.6, 0, 0, 0, 0, 0, 0)),
        ((4, 6, 0, 0), (0.4, 0.4, 1, 4 / 7, 0, 0, 1)),
        ((7, 0, 3, 0), (0.7, 1, 0.7, 14 / 17, 0, 0, 0)),
        # One record.
        ((1, 0, 0, 0), (1, 1, 1, 1, 0, 0, 0)),
        ((0, 0, 1, 0), (0, 0, 0, 0, 0, 0, 0)),
    ],
)
def test_truth_tables(table: tuple[int, int, int, int], expected: tuple[float, ...]) -> None:
    assert values(*table) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "table", [(3, 1, 2, 4), (0, 2, 0, 8), (0, 0, 4, 6), (7, 0, 3, 0), (1, 0, 0, 0), (900, 40, 30, 700)]
)
def test_an_interval_holds_the_value_and_has_a_width(
    kind: type[ConfusionScore], table: tuple[int, int, int, int]
) -> None:
    score = scored(kind, *table)
    assert score.low <= score.value <= score.high and score.high - score.low > 0.01


def test_a_share_of_nothing_says_that_nothing_is_known() -> None:
    score = scored(AttributePrecision, 0, 0, 4, 6)
    assert (score.value, score.low, score.high, score.n) == (0, 0, 1, 0)
    assert scored(AttributeFPR, 3, 0, 2, 0).n == 0


def test_shares_have_their_own_cases() -> None:
    told = {kind: scored(kind, 3, 1, 2, 4) for kind in KINDS}
    assert [told[kind].n for kind in KINDS] == [10, 4, 5, 10, 10, 10, 5]
    assert (told[AttributeRecall].low, told[AttributeRecall].high) == wilson(3, 5)
    assert told[AttributeFPR].better == "lower" and told[AttributeMCC].better == "higher"


@pytest.mark.parametrize("seed", range(4))
def test_one_value_against_the_rest_is_as_in_scikit_learn(seed: int) -> None:
    draws = rng(seed)
    actual = torch.randint(3, (60,), generator=draws)
    told = torch.where(
        torch.rand(60, generator=draws) < 0.5, actual, torch.randint(3, (60,), generator=draws)
    )
    made = guesses(actual.tolist(), told.tolist(), count=3)
    precision, recall, f1, _ = precision_recall_fscore_support(actual, told, labels=[0, 1, 2])
    mcc = [matthews_corrcoef(actual == value, told == value) for value in range(3)]
    for kind, expected in (
        (AttributePrecision, precision),
        (AttributeRecall, recall),
        (AttributeF1, f1),
        (AttributeMCC, mcc),
    ):
        whole = kind().score(truth(made, positive=None), rng())
        assert whole.value == pytest.approx(sum(expected) / 3) and whole.n == 60
        assert whole.low < whole.value < whole.high
        for value in range(3):
            assert kind().score(truth(made, positive=value), rng()).value == pytest.approx(expected[value])


def test_a_mean_over_values_leaves_out_those_nobody_has() -> None:
    made = guesses([0, 0, 1, 1], [0, 3, 1, 1], count=4)
    assert AttributeRecall().score(truth(made, positive=None), rng()).value == 0.75


def test_the_same_number_about_everybody_else_stands_beside_it() -> None:
    """Attack 3 of 4 right, imputer 2 of 4, most common value 1 of 4; on control 1 and 2 of 2."""
    members = guesses([1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], cases=[1, 1, 3, 2])
    control = guesses([1, 0], [0, 0], [1, 0])
    told = truth(members, control, groups={"sex": ["f", "m", "m", "f"], "town": ["x", "x", "x", "x"]})
    score = TableAccuracy().score(told, rng())
    assert (score.value, score.baseline, score.control) == (0.75, 0.5, 0.5)
    assert score.rulers == {
        ADVANTAGE: 0.5,
        COMMON: 0.25,
        CONTROL_WITHOUT: 1.0,
        "case 1": 1.0,
        "case 2": 1.0,
        "case 3": 0.0,
        "sex: f": 1.0,
        "sex: f, without the model": 1.0,
        "sex: m": 0.5,
        "sex: m, without the model": 0.0,
        "town: x": 0.75,
        "town: x, without the model": 0.5,
    }


@pytest.mark.parametrize("kind", metrics_of(TableMetric).values())
def test_records_whose_value_is_missing_are_left_out(kind: type[TableMetric]) -> None:
    whole = guesses([1, 1, 0, 0, 0] * 4, [1, 0, 0, 0, 1] * 4, [1, 1, 1, 0, 0] * 4)
    holed = guesses([1, 1, 0, 0, 0] * 4 + [0, 0], [1, 0, 0, 0, 1] * 4 + [1, 1], [1, 1, 1, 0, 0] * 4 + [0, 0])
    holed.values[-2:] = torch.tensor([math.nan, math.nan]).long()
    told = {"groups": {"sex": ["f", "m"] * 10}}, {"groups": {"sex": ["f", "m"] * 11}}
    assert kind().score(truth(holed, whole, **told[1]), rng()) == kind().score(
        truth(whole, whole, **told[0]), rng()
    )


def test_ties_and_rows_without_an_opinion() -> None:
    """The first of the heaviest; where all weigh the same, or nothing is known, the most common value."""
    nan = math.nan
    made = guesses([0, 2, 1, 2, 2, 2], [0] * 6, count=3)
    beliefs = [[1, 1, 0], [1, 1, 1], [nan, 0, 0], [nan, nan, nan], [0, 0, 0], [nan, -5, -7]]
    made.beliefs[:] = torch.tensor(beliefs)
    score = TableAccuracy().score(truth(made, common=2, positive=None), rng())
    # Guessed: 0, 2, 1, 2, 2, 1.
    assert score.value == 5 / 6


def test_scores_are_the_same_twice() -> None:
    told = truth(guesses(*counted(30, 10, 20, 40)))
    for kind in metrics_of(TableMetric).values():
        assert issubclass(kind, TableMetric)
        assert kind().score(told, rng()) == kind().score(told, rng())


def test_a_column_with_one_value_only() -> None:
    made = guesses([0, 0, 0], [0, 0, 0], count=1)
    told = truth(made, positive=None)
    assert TableAccuracy().score(told, rng()).value == 1.0
    assert AttributeMCC().score(told, rng()).value == AttributeGMean().score(told, rng()).value == 0.0


def test_beliefs_need_not_be_certain() -> None:
    made = guesses([1, 0, 1], [0, 0, 0])
    made.beliefs[:] = torch.tensor([[0.4, 0.6], [0.9, 0.1], [0.55, 0.45]])
    assert TableAccuracy().score(truth(made), rng()).value == pytest.approx(2 / 3)
    assert sure([1], 2).tolist() == [[0.0, 1.0]]
