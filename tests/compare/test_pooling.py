"""Pooled intervals against closed forms, and against a simulation in which people and seeds both vary."""

import math
import subprocess
import sys
from statistics import stdev
from typing import Any

import numpy as np
import pytest
from scipy import stats

from inversion_core.compare.pooling import Pooled, Z, pool, together
from inversion_core.compare.student import t_quantile
from inversion_core.metrics.intervals import wilson
from inversion_core.settings import ROOT

SHARE = (0.0, 1.0)


def score(value: float, low: float, high: float, n: int = 100) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "n": n}


def share(hits: int, n: int) -> dict[str, Any]:
    return score(hits / n, *wilson(hits, n), n)


@pytest.mark.parametrize("freedom", [1, 1.5, 2, 2.7, 5, 30, 999.5, 1e5, 1e7])
@pytest.mark.parametrize("probability", [0.5, 0.6, 0.9, 0.975, 0.99])
def test_the_quantile_of_t_is_that_of_scipy(probability: float, freedom: float) -> None:
    expected = stats.t.ppf(probability, freedom)
    assert t_quantile(probability, freedom) == pytest.approx(expected, rel=5e-6)


def test_one_seed_keeps_the_interval_of_its_run() -> None:
    one = pool([share(90, 100)], SHARE)
    low, high = wilson(90, 100)
    assert (one.value, one.low, one.high, one.n, one.seeds) == pytest.approx((0.9, low, high, 100, 1))


@pytest.mark.parametrize("hits", [0, 37, 100])
def test_seeds_that_agree_add_nothing_and_narrow_nothing(hits: int) -> None:
    """Three times the same hundred people are a hundred people."""
    pooled = pool([share(hits, 100)] * 3, SHARE)
    assert (pooled.low, pooled.high) == pytest.approx(wilson(hits, 100)) and pooled.seeds == 3
    assert pooled.high - pooled.low > 1.5 * (wilson(3 * hits, 300)[1] - wilson(3 * hits, 300)[0])


def test_seeds_alone_give_the_interval_of_student() -> None:
    """Runs that are certain of themselves leave only what the seeds disagree on."""
    values = [0.2, 0.5, 0.6]
    pooled = pool([score(value, value, value) for value in values], SHARE)
    half = stats.t.ppf(0.975, 2) * stdev(values) / math.sqrt(3)
    assert pooled.value == pytest.approx(1.3 / 3)
    assert (pooled.low, pooled.high) == (0.0, pytest.approx(min(pooled.value + half, 1)))
    inside = pool([score(value, value, value) for value in (0.50, 0.51, 0.52)], SHARE)
    half = stats.t.ppf(0.975, 2) * 0.01 / math.sqrt(3)
    assert (inside.low, inside.high) == pytest.approx((0.51 - half, 0.51 + half), rel=1e-6)


def test_both_parts_add_as_variances_with_the_freedom_of_satterthwaite() -> None:
    pooled = pool([score(0.4, 0.3, 0.6), score(0.6, 0.5, 0.8)], SHARE)
    seeds = 0.02 / 2
    for end, margin in ((pooled.low, -0.1), (pooled.high, 0.2)):
        total = (margin / Z) ** 2 + seeds
        quantile = stats.t.ppf(0.975, total**2 / seeds**2)
        expected = 0.5 + math.copysign(quantile * math.sqrt(total), margin)
        assert end == pytest.approx(min(max(expected, 0), 1), rel=1e-6)


def test_different_numbers_of_victims_are_not_pooled() -> None:
    with pytest.raises(ValueError, match=r"same victims, their numbers were \[50, 100\]"):
        pool([share(40, 50), share(80, 100)], SHARE)
    with pytest.raises(ValueError, match="same victims"):
        pool([], SHARE)


@pytest.mark.parametrize(
    ("spread", "jitter"), [(0.0, 0.0), (1.5, 0.0), (0.0, 0.5), (1.5, 0.5)],
    ids=["coins", "people differ", "seeds differ", "both"],
)  # fmt: skip
def test_the_interval_holds_the_truth_about_as_often_as_it_says(spread: float, jitter: float) -> None:
    """People and seeds each shift the odds of a recovery; the truth is the mean over all people and seeds."""
    rng = np.random.default_rng(0)
    people, seeds, worlds = 100, 3, 600
    logit = 0.8 + spread * rng.standard_normal(200_000) + jitter * rng.standard_normal(200_000)
    truth = (1 / (1 + np.exp(-logit))).mean()
    held = 0
    for _ in range(worlds):
        odds = 0.8 + spread * rng.standard_normal(people) + jitter * rng.standard_normal((seeds, 1))
        hits = (rng.random((seeds, people)) < 1 / (1 + np.exp(-odds))).sum(1)
        pooled = pool([share(int(hit), people) for hit in hits], SHARE)
        held += pooled.low <= truth <= pooled.high
    assert held / worlds > 0.93


def test_a_bootstrap_over_victims_alone_would_hold_it_too_rarely() -> None:
    """Why seeds are in the formula: where they differ, their mean over the same people looks too sure."""
    rng = np.random.default_rng(1)
    truth = (1 / (1 + np.exp(-(0.8 + 0.5 * rng.standard_normal(200_000))))).mean()
    held = 0
    for _ in range(300):
        odds = 0.8 + 0.5 * rng.standard_normal((3, 1)) + np.zeros((3, 100))
        means = (rng.random((3, 100)) < 1 / (1 + np.exp(-odds))).mean(0)
        half = Z * means.std(ddof=1) / 10
        held += abs(means.mean() - truth) <= half
    assert held / 300 < 0.85


def test_comparing_imports_neither_torch_nor_scipy_nor_the_store() -> None:
    program = (
        "import sys; import inversion_core.compare.literature, inversion_core.compare.telling; "
        "heavy = {'torch', 'scipy', 'numpy', 'sqlalchemy'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_groups_of_different_people_weigh_as_many_as_they_have() -> None:
    one, other = Pooled(0.0, 0.0, 0.3, 10, 3), Pooled(0.5, 0.4, 0.6, 30, 2)
    assert together([one]) == one
    both = together([one, other])
    assert (both.value, both.n, both.seeds) == (0.375, 40, 2)
    assert both.low < 0.375 < both.high < 0.375 + 0.3 * 0.25 + 0.1 * 0.75, (
        "chances of two groups cancel in part"
    )
