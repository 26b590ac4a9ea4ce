"""The headline of a table run: what the attack knows beyond whoever never asked the model."""

import math

import pytest
import torch
from torch import Tensor

from inversion_core.metrics.attribute_surest import AttributePPV, curve
from inversion_core.metrics.bootstrap import Estimate, difference, interval, paired_gain, residual_risk
from inversion_core.metrics.confusion import f1, gmean, mcc
from inversion_core.metrics.guesses import panel
from inversion_core.metrics.intervals import wilson
from inversion_core.metrics.residual_over_imputation import (
    CONTROL,
    MEMORY,
    RISK,
    ResidualOverImputation,
)
from inversion_core.tables import Guesses
from tests.metrics.tables import guesses, rng, truth


def who(*right: int) -> Guesses:
    """Return guesses about records of value 1: both right, only the attack, only the imputer, neither."""
    both, attack, imputer, neither = right
    return guesses(
        [1] * sum(right),
        [1] * (both + attack) + [0] * (imputer + neither),
        [1] * both + [0] * attack + [1] * imputer + [0] * neither,
    )


def test_difference_of_accuracies_on_the_same_records() -> None:
    score = ResidualOverImputation().score(truth(who(50, 20, 5, 25), who(40, 5, 5, 50)), rng())
    assert score.value == pytest.approx(0.15)
    assert (score.baseline, score.control, score.n, score.better) == (0.0, 0.0, 100, "higher")
    assert 0.04 < score.low < 0.1 < 0.2 < score.high < 0.26
    told = score.rulers
    assert told[CONTROL] == 0.0 and told[f"{CONTROL}, low"] < 0 < told[f"{CONTROL}, high"]
    assert told[MEMORY] == pytest.approx(0.15) and told[f"{MEMORY}, low"] > 0
    assert told[RISK] == pytest.approx((0.7 - 0.45) / 0.55)


def test_cases_and_groups_have_differences_of_their_own() -> None:
    members = guesses([1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1], cases=[1, 1, 2, 2])
    told = ResidualOverImputation().score(truth(members, groups={"sex": ["f", "m", "m", "m"]}), rng()).rulers
    assert (told["case 1"], told["case 2"]) == (0.5, -0.5)
    assert (told["sex: f"], told["sex: m"]) == (1.0, pytest.approx(-1 / 3))


def test_one_record_proves_nothing() -> None:
    for right in ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1)):
        score = ResidualOverImputation().score(truth(who(*right)), rng())
        assert score.low <= score.value <= score.high and score.high - score.low > 0.5


def test_nobody_is_no_evidence() -> None:
    nobody = torch.tensor([], dtype=torch.bool)
    assert paired_gain(nobody, nobody, rng()) == (0.0, -1.0, 1.0)
    assert residual_risk(nobody, nobody) is None


@pytest.mark.parametrize(("records", "apart"), [(60, 0.3), (1000, 0.1)])
def test_where_there_is_no_difference_the_interval_holds_zero(records: int, apart: float) -> None:
    """An attack and an imputer that differ by chance only: 95 of 100 intervals hold 0."""
    draws, held = rng(1), 0
    for _ in range(300):
        heads = torch.rand(records, generator=draws) < 0.5
        differ = torch.rand(records, generator=draws) < apart
        alike = torch.rand(records, generator=draws) < 0.7
        gain = paired_gain(torch.where(differ, heads, alike), torch.where(differ, ~heads, alike), rng(held))
        held += gain.low <= 0 <= gain.high
    assert 0.90 <= held / 300 <= 0.99


@pytest.mark.parametrize("statistic", [f1, gmean, mcc])
def test_bootstrap_holds_the_truth_19_times_in_20(statistic: object) -> None:
    shares = torch.tensor([[0.4, 0.1], [0.2, 0.3]], dtype=torch.float64)

    def of(tables: Tensor) -> Tensor:
        told: Tensor = statistic(tables)[..., 1]  # type: ignore[operator]
        return told

    draws, held = rng(2), 0
    for _ in range(200):
        counts = torch.multinomial(shares.flatten(), 100, replacement=True, generator=draws)
        low, high = interval(counts.bincount(minlength=4).view(2, 2), of, draws)
        held += low <= of(shares).item() <= high
    assert 0.9 <= held / 200 <= 0.99


def test_residual_risk_is_the_share_of_what_was_left() -> None:
    attack, control = torch.tensor([True] * 80 + [False] * 20), torch.tensor([True] * 30 + [False] * 30)
    risk = residual_risk(attack, control)
    assert risk is not None and risk.value == pytest.approx(0.6)
    (low, high), (free_low, free_high) = wilson(80, 100), wilson(30, 60)
    assert risk.low == pytest.approx(0.6 - math.hypot((0.8 - low) / 0.5, 0.8 * (free_high - 0.5)))
    assert risk.high == pytest.approx(0.6 + math.hypot((high - 0.8) / 0.5, 0.8 * (0.5 - free_low)))


def test_residual_risk_may_be_negative_or_undefined() -> None:
    half, all_right = torch.tensor([True, False] * 50), torch.ones(100, dtype=torch.bool)
    worse = residual_risk(half, torch.tensor([True] * 75 + [False] * 25))
    assert worse is not None and worse.value == pytest.approx(-1.0) and worse.high < 0
    assert residual_risk(half, all_right) is None
    told = ResidualOverImputation().score(truth(who(1, 1, 1, 1), who(4, 0, 0, 0)), rng()).rulers
    assert RISK not in told


def test_margins_of_independent_differences_add_in_squares() -> None:
    told = difference(Estimate(0.5, 0.2, 0.6), Estimate(0.1, 0.0, 0.5))
    assert told == pytest.approx((0.4, 0.4 - 0.5, 0.4 + math.sqrt(0.02)))


def beliefs(values: list[int], weights: list[float]) -> Guesses:
    made = guesses(values, [0] * len(values))
    made.beliefs[:] = torch.tensor([[1 - weight, weight] for weight in weights])
    return made


def test_the_surest_are_those_with_most_weight_on_the_positive_value() -> None:
    made = beliefs([1, 0, 1, 0] * 5, [0.9, 0.8, 0.3, 0.1] * 5)
    score = AttributePPV().score(truth(made), rng())
    assert (score.value, score.n) == (1.0, 2)
    assert [row["attack"] for row in curve(panel(truth(made)))] == [1, 1, 1, 0.5, 0.5]


def test_of_those_it_is_equally_sure_of_any_may_come_first() -> None:
    """Ten records of weight 0.9, four of them positive; the rest certain to be negative."""
    made = beliefs([0] * 6 + [1] * 4 + [0] * 10, [0.9] * 10 + [0.0] * 10)
    score = AttributePPV().score(truth(made), rng())
    assert score.value == pytest.approx(0.4)
    # The imputer is sure of nobody: any two of twenty, four of whom are positive.
    assert score.baseline == pytest.approx(0.2)


def test_without_a_positive_value_the_surest_are_those_of_the_guess() -> None:
    made = guesses([0, 1, 2] * 10, [0] * 30, count=3)
    made.beliefs[:] = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.4, 0.3, 0.3]]).repeat(10, 1)
    score = AttributePPV().score(truth(made, positive=None), rng())
    assert (score.value, score.n) == (1.0, 3)
    assert score.rulers["the surest 10"] == 1.0
    assert curve(panel(truth(made, positive=None)))[-1]["attack"] == pytest.approx(2 / 3)


def test_one_record_is_its_own_surest() -> None:
    assert AttributePPV().score(truth(beliefs([1], [0.7])), rng()).n == 1
