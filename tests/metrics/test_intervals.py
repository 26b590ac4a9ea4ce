"""Intervals against closed forms, tables and their own promise: 95 % of them hold the truth."""

import math

import pytest
import scipy.stats
import torch

from inversion_core.metrics.intervals import Z, clustered_mean, mean, paired_difference, wilson


@pytest.mark.parametrize(
    ("successes", "cases", "low", "high"),
    [
        (5, 10, 0.2366, 0.7634),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilson_gives_the_values_of_the_tables(successes: int, cases: int, low: float, high: float) -> None:
    assert wilson(successes, cases) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(("successes", "cases"), [(3, 17), (96, 100), (1, 40)])
def test_wilson_ends_lie_one_score_test_away_from_the_share(successes: int, cases: int) -> None:
    for end in wilson(successes, cases):
        assert abs(successes / cases - end) == pytest.approx(Z * math.sqrt(end * (1 - end) / cases))


def test_wilson_of_nobody_knows_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_ends_are_exact_where_all_or_none_succeed() -> None:
    assert wilson(0, 7)[0] == 0.0
    assert wilson(7, 7)[1] == 1.0


def test_mean_is_the_t_interval() -> None:
    values = torch.tensor([0.1, 0.4, 0.35, 0.8, 0.5])
    sem = scipy.stats.sem(values.double().numpy())
    expected = scipy.stats.t.interval(0.95, 4, loc=values.double().mean().item(), scale=sem)
    assert mean(values, (-math.inf, math.inf)) == pytest.approx(expected)


def test_one_value_without_bounds_tells_nothing() -> None:
    assert mean(torch.tensor([0.3]), (0.0, math.inf)) == (0.0, math.inf)


def test_the_mean_of_several_cases_of_a_person_is_that_of_people() -> None:
    each = torch.tensor([0.1, 0.4, 0.35, 0.8, 0.5], dtype=torch.float64)
    nobody_twice = clustered_mean(each, torch.arange(5), (0.0, math.inf))
    assert nobody_twice == pytest.approx(mean(each, (0.0, math.inf)))
    three = torch.stack([each - 0.1, each, each + 0.1]).flatten()  # person by person around the own mean
    found = clustered_mean(three, torch.arange(5).repeat(3), (0.0, math.inf))
    assert found == pytest.approx(mean(each, (0.0, math.inf)))


def test_the_mean_of_people_with_unlike_many_cases_holds_the_truth_as_often_as_it_says() -> None:
    rng = torch.Generator().manual_seed(0)
    many = torch.arange(40) % 4 + 1
    people = torch.arange(40).repeat_interleave(many)
    held = 0
    for _ in range(500):
        own = torch.randn(40, generator=rng)[people] + 0.3 * torch.randn(len(people), generator=rng)
        low, high = clustered_mean(own, people, (-math.inf, math.inf))
        held += low <= 0 <= high
    assert 0.91 * 500 < held < 0.98 * 500


def test_mean_does_not_leave_its_bounds() -> None:
    assert mean(torch.tensor([0.1, 0.9]), (0.0, 1.0)) == (0.0, 1.0)


def test_mean_of_one_value_is_as_uncertain_as_one_throw() -> None:
    assert mean(torch.tensor([1.0]), (-1.0, 1.0)) == pytest.approx((2 * 0.20654 - 1, 1.0), abs=1e-4)


def test_mean_of_equal_values_has_a_width() -> None:
    assert mean(torch.ones(100), (0.0, 1.0)) == pytest.approx(wilson(100, 100))


def test_mean_of_nothing_is_its_bounds() -> None:
    assert mean(torch.tensor([]), (0.0, 5.0)) == (0.0, 5.0)


def test_mean_holds_the_truth_19_times_in_20() -> None:
    draws = torch.randn(2000, 12, generator=torch.Generator().manual_seed(1)) + 3
    held = sum(low <= 3 <= high for low, high in (mean(draw, (-math.inf, math.inf)) for draw in draws))
    assert held / 2000 == pytest.approx(0.95, abs=0.015)


def pairs(both: int, only_first: int, only_second: int, neither: int) -> tuple[torch.Tensor, torch.Tensor]:
    first = [True] * (both + only_first) + [False] * (only_second + neither)
    second = [True] * both + [False] * only_first + [True] * only_second + [False] * neither
    return torch.tensor(first), torch.tensor(second)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Bentur et al. 2009, as worked out by Fagerland, Lydersen & Laake 2017, chapter 8.
        ((1, 1, 7, 12), -0.507, -0.026),
        # All agree: a bootstrap would report a width of 0. Here twice the Wilson interval of 20 out of 20.
        ((20, 0, 0, 0), -0.1611, 0.1611),
    ],
)
def test_paired_difference_gives_known_values(table: tuple[int, ...], low: float, high: float) -> None:
    assert paired_difference(*pairs(*table)) == pytest.approx((low, high), abs=5e-4)


def test_paired_difference_turns_round_with_its_arguments() -> None:
    first, second = pairs(14, 5, 1, 22)
    low, high = paired_difference(first, second)
    assert paired_difference(second, first) == pytest.approx((-high, -low))


def test_paired_difference_of_nobody_knows_nothing() -> None:
    nobody = torch.tensor([], dtype=torch.bool)
    assert paired_difference(nobody, nobody) == (-1.0, 1.0)


def test_paired_difference_holds_the_truth_19_times_in_20() -> None:
    rng = torch.Generator().manual_seed(2)
    held = 0
    for _ in range(1000):
        common = torch.rand(60, generator=rng)
        first, second = common < 0.8, (common + 0.3 * torch.rand(60, generator=rng)) < 0.8
        low, high = paired_difference(first, second)
        held += low <= 0.15 <= high
    assert held / 1000 >= 0.94
