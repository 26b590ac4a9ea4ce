"""The sentence about a membership run: on average, sure of a few, or no better than a glance."""

from typing import Any

import pytest

from inversion_core.metrics.finding import Finding
from inversion_core.metrics.membership import BLIND
from inversion_core.metrics.membership_tpr import ELSEWHERE, RATE
from inversion_core.metrics.membership_verdict import membership_verdict

Ends = tuple[float, float, float]


def result(
    area: Ends, named: Ends, blind: Ends = (0.49, 0.46, 0.52), glance: float = 0.012
) -> dict[str, Any]:
    """Return a run; each triple is a value with the ends of its interval."""
    return {
        "target": {"input_shape": [3, 32, 32], "dataset": "people"},
        "ledger": [{"used": "the scores the API releases", "amount": "1,500 rows"}],
        "curve": {"others": 750},
        "scores": [
            {
                "name": "membership-auc", "value": area[0], "low": area[1], "high": area[2],
                "baseline": max(0.5, blind[0]),
                "rulers": {BLIND: blind[0], f"{BLIND}, low": blind[1], f"{BLIND}, high": blind[2]},
            },
            {
                "name": "membership-tpr-at-fpr", "value": named[0], "low": named[1], "high": named[2],
                "baseline": max(0.01, glance),
                "rulers": {
                    RATE: 0.01, f"{ELSEWHERE}, low": 0.0045, f"{ELSEWHERE}, high": 0.019, BLIND: glance,
                },
            },
        ],
    }  # fmt: skip


def test_an_attack_that_is_sure_of_a_few_tells_members_though_not_on_average() -> None:
    told = membership_verdict(result((0.502, 0.473, 0.531), (0.04, 0.025, 0.064)))
    assert told.finding is Finding.TOLD_APART
    assert told.sentence == (
        "From the scores this model releases, an attacker names some photos the model was trained on, though "
        "it does not on average tell them from others: at 1 % false alarms it names 4 % of those trained on "
        "(2.5 % to 6.4 %), and of the others at most 1.9 % (without the model 1.2 %); given one photo that "
        "was trained on and one that was not, it picks the right one 50% of the time (95 % interval 47% to "
        "53%; without the model 50%)."
    )
    assert not any("That the model is safe" in limit for limit in told.not_shown)


@pytest.mark.parametrize(("named", "glance"), [((0.03, 0.018, 0.05), 0.012), ((0.04, 0.025, 0.064), 0.03)])
def test_few_named_count_only_above_false_alarms_elsewhere_and_above_a_glance(
    named: Ends, glance: float
) -> None:
    told = membership_verdict(result((0.502, 0.473, 0.531), named, glance=glance))
    assert told.finding is Finding.NOTHING
    assert "does not on average tell what was trained on beyond guessing" in told.sentence
    assert "At 1 % false alarms it names" in told.sentence


def test_an_area_above_what_needs_no_model_tells_members() -> None:
    told = membership_verdict(result((0.6, 0.57, 0.63), (0.01, 0.005, 0.02)))
    assert told.finding is Finding.TOLD_APART and "tells photos the model was trained on" in told.sentence


def test_better_than_a_coin_but_not_than_a_noisy_glance_is_no_verdict() -> None:
    told = membership_verdict(result((0.55, 0.51, 0.59), (0.01, 0.005, 0.02), blind=(0.53, 0.49, 0.57)))
    assert told.finding is Finding.UNJUDGED
    assert "not beyond a glance at the records" in told.sentence and "guessing" not in told.sentence


def test_records_that_differ_at_a_glance_give_no_verdict() -> None:
    told = membership_verdict(result((0.55, 0.51, 0.59), (0.01, 0.005, 0.02), blind=(0.56, 0.53, 0.59)))
    assert told.finding is Finding.UNJUDGED and "differs from the rest at a glance" in told.sentence
