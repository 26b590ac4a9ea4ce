"""Area, rate at few false alarms, advantage and the bound of privacy, against sklearn and closed forms."""

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score, roc_curve

from inversion_core.membership import MembershipTruth, Privacy
from inversion_core.metrics.blind import told_apart
from inversion_core.metrics.intervals import clustered, wilson
from inversion_core.metrics.membership import BLIND, MembershipAUC, area
from inversion_core.metrics.membership_advantage import MembershipAdvantage
from inversion_core.metrics.membership_curve import (
    POINTS,
    curve,
    finest,
    most_advantage,
    most_detected,
    rates,
    surest,
    threshold,
)
from inversion_core.metrics.membership_tpr import ALLOWED, ELSEWHERE, RATE, MembershipTPR

PHI = NormalDist()


def drawn(count: int, apart: float, seed: int = 0, blind: float = 0.0) -> MembershipTruth:
    """Return `count` members and as many others with beliefs N(apart, 1) and N(0, 1)."""
    rng = torch.Generator().manual_seed(seed)
    members = torch.arange(2 * count) < count
    noise = torch.randn(2, 2 * count, generator=rng, dtype=torch.float64)
    return MembershipTruth(
        noise[0] + apart * members, members, torch.arange(2 * count), noise[1] + blind * members
    )


def score(metric, truth: MembershipTruth):
    return metric().score(truth, torch.Generator().manual_seed(0))


@pytest.mark.parametrize("decimals", [8, 1, 0])
def test_the_area_is_that_of_sklearn_with_and_without_ties(decimals: int) -> None:
    truth = drawn(300, 0.7)
    told = truth.beliefs.round(decimals=decimals)
    assert area(told, truth.members, truth.people).value == pytest.approx(
        roc_auc_score(truth.members.numpy(), told.numpy())
    )


def test_the_interval_of_the_area_holds_the_truth_as_often_as_it_says() -> None:
    truth = PHI.cdf(1.0 / math.sqrt(2))
    found = [score(MembershipAUC, drawn(60, 1.0, seed)) for seed in range(300)]
    held = sum(one.low <= truth <= one.high for one in found)
    assert 0.91 * 300 < held < 0.985 * 300


def test_the_interval_is_delongs() -> None:
    # By hand: members 3, 1; others 2, 0. Components of members 1, 1/2, of others 1/2, 1; each variance 1/8.
    found = area(torch.tensor([3.0, 1, 2, 0]), torch.tensor([1, 1, 0, 0]).bool(), torch.arange(4))
    assert found.value == 0.75
    assert found.value - found.low == pytest.approx(PHI.inv_cdf(0.975) * math.sqrt(1 / 16 + 1 / 16))


def test_records_of_one_person_are_no_independent_cases() -> None:
    truth = drawn(200, 0.5)
    copied = [part.repeat(4) for part in (truth.beliefs, truth.members, truth.people)]
    alone, together = area(truth.beliefs, truth.members, truth.people), area(*copied)
    assert together.value == pytest.approx(alone.value)
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=1e-6)
    apart = area(copied[0], copied[1], torch.arange(1600))
    assert apart.high - apart.low == pytest.approx((alone.high - alone.low) / 2, rel=0.02)


def test_a_perfect_attack_still_has_an_interval() -> None:
    truth = drawn(50, 100.0)
    found = score(MembershipAUC, truth)
    assert found.value == 1 and (found.low, found.high) == wilson(50, 50)


def test_where_all_records_fare_alike_people_are_the_cases() -> None:
    people = torch.arange(200) // 20
    ten = wilson(10, 10)
    assert clustered(torch.ones(200).bool(), people) == ten
    assert clustered(torch.zeros(200).bool(), people) == wilson(0, 10)
    assert clustered(torch.arange(20) < 10, torch.zeros(20).long()) == wilson(0.5, 1)
    members = torch.arange(200) % 2 == 0
    found = area(members.double(), members, people)
    assert found.value == 1 and (found.low, found.high) == ten


def test_false_alarms_elsewhere_are_those_of_people_not_of_photos() -> None:
    alone = drawn(100, 1.0)
    copied = MembershipTruth(
        *(part.repeat_interleave(20) for part in (alone.beliefs, alone.members, alone.people, alone.blind))
    )
    high = score(MembershipTPR, copied).rulers[f"{ELSEWHERE}, high"]
    others = copied.beliefs[~copied.members]
    alarms = int((others > threshold(others, finest(len(others)))).sum())
    assert high > 2 * wilson(alarms, len(others))[1]


def test_whoever_needs_no_model_is_the_baseline() -> None:
    assert score(MembershipAUC, drawn(400, 1.0)).baseline == pytest.approx(0.5, abs=0.05)
    shifted = score(MembershipAUC, drawn(400, 1.0, blind=2.0))
    assert shifted.baseline == shifted.rulers[BLIND] > 0.85
    assert shifted.baseline == pytest.approx(PHI.cdf(2 / math.sqrt(2)), abs=0.04)


@pytest.mark.parametrize(
    ("others", "rate"),
    [
        (1, 0.5),
        (9, 0.5),
        (25, 0.2),
        (49, 0.2),
        (50, 0.1),
        (100, 0.05),
        (499, 0.02),
        (500, 0.01),
        (5000, 0.001),
    ],
)
def test_the_finest_rate_leaves_room_for_five_false_alarms(others: int, rate: float) -> None:
    assert finest(others) == rate
    assert others < 10 or rate * others >= 5


def test_the_threshold_lets_no_more_false_alarms_pass_than_allowed() -> None:
    others = torch.arange(100.0)
    assert threshold(others, 0.05) == 94 and int((others > 94).sum()) == 5
    tied = torch.cat([torch.zeros(90), torch.ones(10)])
    assert threshold(tied, 0.05) == 1  # the ten are equally sure: none of them passes
    assert threshold(tied, 0.1) == 0


def test_the_share_named_at_few_false_alarms_is_the_closed_form() -> None:
    found = score(MembershipTPR, drawn(20_000, 2.0))
    assert found.rulers[RATE] == found.baseline or found.baseline == found.rulers[BLIND]
    assert found.rulers[RATE] == 0.0005
    truth = PHI.cdf(2.0 - PHI.inv_cdf(1 - 0.0005))
    assert found.value == pytest.approx(truth, abs=0.03)
    assert found.low < found.value < found.high and found.n == 20_000
    elsewhere = [found.rulers[f"false alarms elsewhere, {end}"] for end in ("low", "high")]
    assert elsewhere[0] < 0.0005 < elsewhere[1]


def test_an_attack_that_knows_nothing_names_as_many_members_as_others() -> None:
    for metric in (MembershipAUC, MembershipTPR, MembershipAdvantage):
        found = score(metric, drawn(2000, 0.0, seed=3))
        assert found.low <= max(found.baseline, found.rulers[BLIND]) and found.better == "higher"
    assert abs(score(MembershipAdvantage, drawn(2000, 0.0, seed=3)).value) < 0.05


def test_the_interval_of_a_share_widens_where_one_persons_records_fare_alike() -> None:
    hits = torch.arange(100) % 2 == 0
    assert clustered(hits, torch.arange(100)) == wilson(50, 100)
    alike = clustered(hits.repeat_interleave(4), torch.arange(100).repeat_interleave(4))
    assert alike == pytest.approx(wilson(50, 100), abs=0.01)


def test_the_advantage_is_that_of_the_best_threshold_without_its_flattery() -> None:
    found = score(MembershipAdvantage, drawn(5000, 1.0))
    assert found.value == pytest.approx(2 * PHI.cdf(0.5) - 1, abs=0.02)
    flattered = []
    for seed in range(40):
        truth = drawn(30, 0.0, seed)
        fpr, tpr = rates(truth.beliefs, truth.members)
        flattered.append((float((tpr - fpr).max()), score(MembershipAdvantage, truth).value))
    best, honest = np.mean(flattered, 0)
    assert best > 0.12 and abs(honest) < 0.06


def test_the_bound_of_privacy_is_the_formula_for_a_record_replaced_by_another() -> None:
    for epsilon, delta in [(0.05, 0.0), (0.5, 1e-5), (1.5, 0.01)]:
        told, twice, both = Privacy(epsilon, delta), 2 * epsilon, delta * (1 + math.exp(epsilon))
        expected = (math.exp(twice) - 1 + 2 * both) / (math.exp(twice) + 1)
        assert most_advantage(told) == pytest.approx(expected)
        # The largest gap between the bound on TPR and FPR is the bound on the advantage.
        gap = max(most_detected(told, f / 2000) - f / 2000 for f in range(2001))
        assert gap == pytest.approx(expected, abs=2e-3)
    assert most_detected(Privacy(0.5, 0.0), 0.01) == pytest.approx(math.e * 0.01)
    assert most_detected(Privacy(8.0, 1e-5), 0.5) <= 1 and most_advantage(Privacy(900.0, 0.0)) == 1
    assert most_detected(Privacy(0.0, 0.0), 0.3) == pytest.approx(0.3)


def test_the_bound_holds_for_a_private_count_of_as_many_records_always() -> None:
    # A sum of 1 for one record and -1 for the one that takes its place, with Laplace noise of scale
    # 1 / epsilon: epsilon private for a record added or removed. Saying "member" above 1 is right with 1/2
    # and wrong with e^(-2 epsilon) / 2: exactly the bound, and more than e^epsilon times the false alarms.
    epsilon = 1.0
    right, wrong = 0.5, 0.5 * math.exp(-2 * epsilon)
    assert right == pytest.approx(most_detected(Privacy(epsilon, 0.0), wrong))
    assert right > math.exp(epsilon) * wrong


def test_a_private_training_puts_its_bound_beside_the_scores() -> None:
    private = replace(drawn(500, 0.2), privacy=Privacy(0.5, 1e-5))
    expected = math.e * 0.01 + 1e-5 * (1 + math.exp(0.5))
    assert score(MembershipTPR, private).rulers[ALLOWED] == pytest.approx(expected)
    assert score(MembershipAdvantage, private).rulers[ALLOWED] == pytest.approx(0.4621, abs=1e-3)
    assert ALLOWED not in score(MembershipTPR, drawn(500, 0.2)).rulers
    stored = curve(private)
    assert (stored["epsilon"], stored["delta"]) == (0.5, 1e-5)


def test_the_curve_is_sklearns_and_is_stored_with_few_points() -> None:
    truth = drawn(3000, 1.0)
    fpr, tpr = rates(truth.beliefs, truth.members)
    expected = roc_curve(truth.members.numpy(), truth.beliefs.numpy(), drop_intermediate=False)
    assert np.allclose(fpr, expected[0]) and np.allclose(tpr, expected[1])
    stored = curve(truth)
    assert len(stored["fpr"]) <= POINTS and (stored["fpr"][0], stored["fpr"][-1]) == (0, 1)
    assert (stored["tpr"][0], stored["tpr"][-1]) == (0, 1) and stored["fpr"] == sorted(stored["fpr"])
    kept = np.interp(fpr.numpy(), stored["fpr"], stored["tpr"])
    assert np.abs(kept - tpr.numpy()).max() < 0.03
    assert stored["finest"] == 0.002 and stored["others"] == 3000


def test_the_surest_come_first_and_say_who_else_was_believed() -> None:
    truth = drawn(100, 3.0)
    found = surest(truth, 5, torch.Generator().manual_seed(0))
    told = [row["belief"] for _, row in found]
    assert told == sorted(told, reverse=True) and told[0] == truth.beliefs.max()
    place, row = found[0]
    assert row["member"] == bool(truth.members[place])
    assert row["others_above"] == float((truth.beliefs[~truth.members] >= row["belief"]).double().mean())


def test_among_equal_beliefs_chance_decides_and_not_the_truth() -> None:
    truth = replace(drawn(200, 0.0), beliefs=torch.zeros(400, dtype=torch.float64))

    def shown(seed: int) -> list[int]:
        return [place for place, _ in surest(truth, 12, torch.Generator().manual_seed(seed))]

    assert shown(0) == shown(0) != shown(1)
    members = [int(truth.members[shown(seed)].sum()) for seed in range(100)]
    assert abs(np.mean(members) - 6) < 0.6 and max(members) < 12


def test_a_random_split_cannot_be_told_apart_without_the_model_and_another_can() -> None:
    rng = torch.Generator().manual_seed(1)
    records, labels, people = torch.randn(400, 5, generator=rng), torch.arange(400) % 3, torch.arange(400)
    splits = [torch.rand(400, generator=rng) < 0.5 for _ in range(4)]
    at_random = [area(told_apart(records, labels, split, 0), split, people).value for split in splits]
    assert abs(np.mean(at_random) - 0.5) < 0.05
    members = splits[0]
    shifted = records + 2 * members[:, None]
    assert area(told_apart(shifted, labels, members, 0), members, people).value > 0.95
    photos = 0.5 + 0.1 * torch.randn(120, 3, 16, 16, generator=rng) + 0.2 * members[:120, None, None, None]
    assert area(told_apart(photos, labels[:120], members[:120], 0), members[:120], people[:120]).value > 0.9


def test_the_blind_beliefs_are_the_same_each_time_and_bear_missing_values() -> None:
    records = torch.randn(60, 3, generator=torch.Generator().manual_seed(0))
    records[::7, 1] = math.nan
    members = torch.arange(60) % 2 == 0
    first, again = (told_apart(records, torch.zeros(60), members, 4) for _ in range(2))
    assert torch.equal(first, again)
