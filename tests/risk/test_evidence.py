"""From runs to rows of evidence: roles, what the model adds, and who fares worst."""

import json
from dataclasses import replace

import pytest
from scipy.stats import binom

from inversion_core.choices import Choice
from inversion_core.compare.pooling import Pooled
from inversion_core.metrics.intervals import wilson
from inversion_core.risk.evidence import gather, missing, residual
from inversion_core.risk.roles import Role, role
from inversion_core.risk.worst import LEVEL, attempts_needed, worst_group
from inversion_core.scenario import Scenario
from inversion_core.values import Claim
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


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"exposure": {"access": "scores", "defences": ROUNDED, "query_budget": 1}}, Role.OTHER),
        ({"exposure": {"access": "white-box", "query_budget": 1}}, Role.OTHER),
        ({"exposure": {"access": "white-box", "monitor": True}}, Role.OTHER),
        ({"exposure": {"access": "scores", "query_budget": 1}}, Role.OTHER),
        ({"dataset": {"name": "people", "options": {"people": 40}}, **AS_DEPLOYED}, Role.OTHER),
    ],
)
def test_a_weaker_attacker_is_not_one_of_the_deployed_system(
    parts: dict[str, object], expected: Role
) -> None:
    one = scenario(**parts)
    assert role(assessment([one]).system, one) is expected


def test_an_adversary_of_a_table_who_knows_less_is_not_one_of_the_deployed_system() -> None:
    table = {"dataset": {"name": "clinic"}, "target": {"name": "mlp"}, "exposure": {"access": "scores"}}
    system = assessment([], system=table).system
    one = scenario("csmia", victims="all", **table)
    assert role(system, one) is Role.DEPLOYED
    blind = {"access": "scores", "knowledge": {"clues": [], "unknown": []}}
    assert role(system, scenario("csmia", victims="all", **table | {"exposure": blind})) is Role.OTHER


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


def test_a_control_group_of_zero_does_not_put_chance_below_guessing() -> None:
    attacked = [scenario(seed=seed, **AS_DEPLOYED) for seed in (0, 1, 2)]
    outside = [scenario(seed=seed, target=left_out(list(range(PEOPLE))), **AS_DEPLOYED) for seed in (0, 1, 2)]
    found = runs(
        finished(attacked[0], 0, recovered=[7]), *(finished(one, 0) for one in [*attacked[1:], *outside])
    )
    (row, _) = gather(assessment([*attacked, *outside]), found)
    assert row.control is not None and row.control.value == 0.0
    assert row.worst is None and row.worst_known, "a single lucky hit is what guessing gives"


def test_one_attempt_a_person_cannot_tell_who_fares_worst() -> None:
    one = scenario(**AS_DEPLOYED)
    (row,) = gather(assessment([one]), runs(finished(one, 0, recovered=[7])))
    assert row.attempts == 2 and not row.worst_known
    assert [attempts_needed(24, chance) for chance in (0.01, 0.3, 1.0)] == [2, 6, None]


def test_groups_of_the_same_attack_are_one_and_those_of_another_training_none() -> None:
    def group(people: list[int], *defences: dict[str, object], decimals: int = 2) -> Scenario:
        target = left_out(people)
        target["defences"] = [*defences, *target["defences"]]  # type: ignore[misc]
        rounded = [{"name": "rounding", "params": {"decimals": decimals}}]
        return scenario(target=target, victims=people, exposure={"access": "scores", "defences": rounded})

    attacked = scenario(**AS_DEPLOYED)
    first, second = group(list(range(PEOPLE))), group(list(range(PEOPLE, 2 * PEOPLE)))
    other = group(list(range(PEOPLE)), {"name": "label-smoothing"})
    found = runs(finished(attacked, 20), finished(first, 0), finished(second, 10), finished(other, 40))
    for order in ((first, second, other), (other, second, first)):
        row = gather(assessment([attacked, *order]), found)[0]
        assert row.control is not None and row.control.n == 2 * PEOPLE
        assert row.control.value == pytest.approx(0.125)
    alone = gather(assessment([attacked, other]), found)[0]
    assert alone.control is None


def test_an_attack_on_inputs_that_is_told_by_recognition_claims_a_likeness() -> None:
    one = scenario("inversion-network", **AS_DEPLOYED)
    (row,) = gather(assessment([one]), runs(finished(one, 20)))
    assert (row.score, row.claim) == ("evaluator-top1", Claim.CLASS)


def test_an_attack_on_templates_is_told_by_the_recogniser_of_its_verdict() -> None:
    one = scenario("template-inversion", exposure={"access": "templates"})
    record = finished(one, 20)
    result = dict(record.result or {})
    match = dict(result["scores"][1]) | {"name": "match-same-photo", "value": 0.25, "low": 0.1, "high": 0.4}
    result |= {
        "claim": Claim.INPUT.value,
        "ledger": [{"used": "the stored template of each victim", "amount": "40"}],
        "scores": [*result["scores"], match],
    }
    record = replace(record, result_json=json.dumps(result))
    (row,) = gather(assessment([one]), runs(record))
    assert (row.score, row.claim, row.success.value) == ("match-same-photo", Claim.INPUT, 0.25)


def test_accuracy_behind_controls_is_that_of_the_released_answers() -> None:
    served = scenario(**AS_DEPLOYED)
    record = finished(served, 0)
    result = dict(record.result or {}) | {"released": {"accuracy": 0.75, "n": 400}}
    (row,) = gather(assessment([served]), runs(replace(record, result_json=json.dumps(result))))
    assert row.accuracy is not None
    assert (row.accuracy.value, row.accuracy.n) == (0.75, 400)
    assert (row.accuracy.low, row.accuracy.high) == pytest.approx(wilson(300, 400))


def test_accuracy_that_nobody_measured_is_told_as_none() -> None:
    served, bare = scenario(**AS_DEPLOYED), scenario()
    rows = gather(assessment([served, bare]), runs(finished(served, 0), finished(bare, 0)))
    assert rows[0].accuracy is None, "an earlier run measured the model, not what stood before it"
    assert rows[1].accuracy is not None and rows[1].accuracy.value == 0.9
    (remote,) = gather(assessment([bare]), runs(finished(bare, 0, accuracy=None)))
    assert remote.accuracy is None


@pytest.mark.parametrize(("records", "high"), [(100, wilson(80, 100)[1]), (4, None)])
def test_a_group_counts_by_its_upper_bound_and_only_beyond_guessing(records: int, high: float | None) -> None:
    names = {"sex: f": 0.75 if records == 4 else 0.8, "sex: f, without the model": 0.5}
    found = worst_group({"rulers": names, "records": {"sex: f": records}})
    assert (found is None) == (high is None), "3 of 4 is what guessing half of them gives"
    if found is not None and high is not None:
        assert found.high == pytest.approx((high - 0.5) / 0.5) and found.attempts == 100
    old = worst_group({"rulers": names})
    assert old is not None and old.attempts is None and old.high == old.value


def test_who_asks_less_than_the_naive_attack_does_not_count_as_knowing_the_controls() -> None:
    naive, knowing = (
        scenario(name, **AS_DEPLOYED).model_copy(
            update={"attack": Choice(name=name, params={"queries": queries})}
        )
        for name, queries in (("nes-latent", 1000), ("brep-mi", 10))
    )
    rows = gather(assessment([naive, knowing]), runs(finished(naive, 3), finished(knowing, 0)))
    assert not any(row.adaptive for row in rows)


def test_an_attacker_who_knows_the_controls_is_told_from_the_naive_one() -> None:
    naive, knowing = scenario(**AS_DEPLOYED), scenario("brep-mi", **AS_DEPLOYED)
    rows = gather(assessment([naive, knowing]), runs(finished(naive, 3), finished(knowing, 30)))
    assert {row.attack: row.adaptive for row in rows} == {"nes-latent": False, "brep-mi": True}
