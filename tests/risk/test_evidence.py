"""From runs to rows of evidence: roles, what the model adds, and who fares worst."""

import pytest
from scipy.stats import binom

from inversion_core.compare.pooling import Pooled
from inversion_core.metrics.intervals import wilson
from inversion_core.risk.evidence import gather, missing, residual
from inversion_core.risk.roles import Role, role
from inversion_core.risk.worst import LEVEL
from tests.risk.made import PEOPLE, ROUNDED, assessment, finished, runs, scenario

AS_DEPLOYED = {"exposure": {"access": "scores", "defences": ROUNDED}}


def left_out(people: list[int]) -> dict[str, object]:
    """Return a target that never met these people."""
    params = {"photos_per_person": 20, "without": people}
    return {"name": "cnn", "defences": [{"name": "data-minimisation", "params": params}]}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (AS_DEPLOYED, Role.DEPLOYED),
        ({"exposure": {"access": "scores"}}, Role.BARE),
        ({"exposure": {"access": "white-box"}}, Role.STRONGER),
        ({"exposure": {"access": "labels"}}, Role.OTHER),
        ({"target": {"name": "cnn", "defences": [{"name": "bido"}]}}, Role.OTHER),
        ({"target": left_out(list(range(PEOPLE))), **AS_DEPLOYED}, Role.CONTROL),
        ({"target": left_out([0, 1]), **AS_DEPLOYED}, Role.OTHER),
    ],
)
def test_a_role_follows_from_scenario_and_system(parts: dict[str, object], expected: Role) -> None:
    one = scenario("brep-mi", **parts)
    assert role(assessment([one]).system, one) is expected


def test_fewer_rows_than_the_deployed_budget_are_no_test_of_it() -> None:
    system = assessment(
        [], system={"target": {"name": "cnn"}, "exposure": {"access": "scores", "query_budget": 1000}}
    ).system
    for budget, expected in (
        (1000, Role.DEPLOYED),
        (5000, Role.DEPLOYED),
        (None, Role.DEPLOYED),
        (999, None),
    ):
        one = scenario(exposure={"access": "scores", "query_budget": budget})
        assert (role(system, one) is Role.DEPLOYED) == (expected is Role.DEPLOYED)


def test_seeds_are_one_row_and_what_was_not_run_is_named() -> None:
    done, waiting = (
        [scenario(seed=seed, **AS_DEPLOYED) for seed in (0, 1)],
        scenario("brep-mi", **AS_DEPLOYED),
    )
    whole = assessment([*done, waiting])
    found = runs(*(finished(one, hits) for one, hits in zip(done, (10, 14), strict=True)))
    (row,) = gather(whole, found)
    assert (row.score, row.baseline) == ("evaluator-top1", 0.01), "traits of a picture are another claim"
    assert row.success.value == pytest.approx(0.3) and row.success.seeds == 2 and len(row.run_ids) == 2
    assert missing(whole, found) == (waiting,)


def test_what_the_model_adds_matches_the_formula_and_its_corners() -> None:
    success = Pooled(0.5, 0.4, 0.6, 100, 1)
    assert residual(success, 0.0) == success
    half = residual(success, 0.25)
    assert half.value == pytest.approx(1 / 3) and half.high == pytest.approx((0.6 - 0.25) / 0.75)
    assert residual(Pooled(0.0, 0.0, 0.09, 40, 1), 0.01).value == 0.0
    assert residual(Pooled(0.0, 0.0, 0.09, 40, 1), 0.01).high == pytest.approx(0.08 / 0.99)
    unknown = residual(success, 1.0)
    assert (unknown.low, unknown.high) == (0.0, 1.0)


def test_a_control_group_with_an_interval_widens_both_sides() -> None:
    success = Pooled(0.5, 0.4, 0.6, 100, 1)
    exact, counted = residual(success, 0.2), residual(success, Pooled(0.2, 0.1, 0.3, 100, 1))
    assert counted.low < exact.low < exact.value == counted.value < exact.high < counted.high


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """In 2,000 draws of both shares, about 95 of 100 intervals hold the true R."""
    hits = binom.rvs(60, 0.5, size=2000, random_state=1)
    others = binom.rvs(60, 0.2, size=2000, random_state=2)
    covered = 0
    for one, other in zip(hits, others, strict=True):
        s, c = (Pooled(k / 60, *wilson(int(k), 60), 60, 1) for k in (one, other))
        found = residual(s, c)
        covered += found.low <= (0.5 - 0.2) / 0.8 <= found.high
    assert 0.93 < covered / 2000 < 0.98


def test_a_control_group_of_the_same_attack_is_what_success_is_held_against() -> None:
    attacked = scenario(**AS_DEPLOYED)
    outside = scenario(target=left_out(list(range(PEOPLE))), **AS_DEPLOYED)
    rows = gather(assessment([attacked, outside]), runs(finished(attacked, 20), finished(outside, 10)))
    by_role = {row.role: row for row in rows}
    held = by_role[Role.DEPLOYED]
    assert held.control is not None and held.control.value == 0.25
    assert held.residual.value == pytest.approx((0.5 - 0.25) / 0.75)
    assert by_role[Role.CONTROL].control is None


def test_one_person_recovered_every_time_is_told_and_a_single_hit_is_not() -> None:
    one = [scenario(seed=seed, **AS_DEPLOYED) for seed in (0, 1, 2)]
    whole = assessment(one)
    (always,) = gather(whole, runs(*(finished(each, 0, recovered=[7]) for each in one)))
    assert always.worst is not None and always.worst.title == "Person 7"
    assert (always.worst.hits, always.worst.attempts, always.worst.high) == (3, 3, 1.0)
    (once,) = gather(
        whole, runs(finished(one[0], 0, recovered=[7]), *(finished(each, 0) for each in one[1:]))
    )
    assert binom.sf(0, 3, 0.01) * PEOPLE > LEVEL, "a single hit among so many people is what guessing gives"
    assert once.worst is None


def test_an_attacker_who_knows_the_controls_is_told_from_the_naive_one() -> None:
    naive, knowing = scenario(**AS_DEPLOYED), scenario("brep-mi", **AS_DEPLOYED)
    rows = gather(assessment([naive, knowing]), runs(finished(naive, 3), finished(knowing, 30)))
    assert {row.attack: row.adaptive for row in rows} == {"nes-latent": False, "brep-mi": True}
