"""The rule of masking, one interval at a time."""

import pytest

from inversion_core.compare.pooling import Pooled
from inversion_core.compare.verdict import Verdict, judge


def estimate(low: float, value: float, high: float) -> Pooled:
    return Pooled(value, low, high, 100, 3)


OPEN = estimate(0.90, 0.96, 0.98)
CALM = estimate(0.05, 0.10, 0.18)


@pytest.mark.parametrize(
    ("naive", "adaptive", "verdict"),
    [
        (estimate(0.80, 0.86, 0.91), estimate(0.1, 0.2, 0.3), Verdict.NONE),
        (estimate(0.80, 0.86, 0.90), None, Verdict.NONE),
        (estimate(0.80, 0.84, 0.899), None, Verdict.UNTESTED),
        (CALM, None, Verdict.UNTESTED),
        (CALM, estimate(0.88, 0.93, 0.97), Verdict.MASKING),
        (CALM, estimate(0.50, 0.60, 0.70), Verdict.MASKING),
        (CALM, estimate(0.19, 0.28, 0.38), Verdict.PARTLY),
        (CALM, estimate(0.18, 0.28, 0.38), Verdict.PROTECTION),
        (CALM, estimate(0.02, 0.06, 0.13), Verdict.PROTECTION),
        (CALM, estimate(0.10, 0.60, 0.95), Verdict.UNCLEAR),
    ],
    ids=[
        "touches the undefended", "just not below it", "just below it, nobody tried", "nobody tried",
        "all comes back", "more than half", "less than half", "touches the naive", "below the naive",
        "wide",
    ],
)  # fmt: skip
def test_a_cell_is_judged_by_its_three_intervals(
    naive: Pooled, adaptive: Pooled | None, verdict: Verdict
) -> None:
    assert judge(naive, adaptive, OPEN) is verdict


def test_where_nobody_beats_guessing_there_is_nothing_to_protect() -> None:
    weak, strong = estimate(-0.02, 0.0, 0.02), estimate(0.01, 0.1, 0.2)
    assert judge(estimate(-0.3, -0.2, -0.1), weak, weak, 0.0) is Verdict.NOTHING
    assert judge(weak, None, weak, 0.0) is Verdict.NOTHING
    assert judge(weak, None, strong, 0.0) is Verdict.NONE
    assert judge(strong, None, weak, 0.0) is Verdict.NONE, "a defence that makes it worse"
    assert judge(estimate(-0.3, -0.2, -0.1), strong, weak, 0.0) is Verdict.MASKING


def test_exactly_half_is_not_yet_masking() -> None:
    naive, undefended = estimate(0.0, 0.0, 0.05), estimate(0.9, 1.0, 1.0)
    assert judge(naive, estimate(0.4, 0.5, 0.6), undefended) is Verdict.PARTLY
    assert judge(naive, estimate(0.4, 0.51, 0.6), undefended) is Verdict.MASKING


def test_the_words_of_the_matrix() -> None:
    assert Verdict.MASKING == "masking, not protection"
