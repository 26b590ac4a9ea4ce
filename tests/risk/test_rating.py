"""Levels from evidence: what each depends on, and what it must not."""

from typing import Any

import pytest

from inversion_core.choices import Exposure
from inversion_core.errors import ScenarioInvalid
from inversion_core.risk.assessment import Context, read_assessment
from inversion_core.risk.evidence import gather
from inversion_core.risk.policy import DEFAULT, Policy, Thresholds, read_policy
from inversion_core.risk.rating import Rating, exposed, likely, rate, severe
from inversion_core.risk.scales import NONE, views
from tests.risk.made import CONTEXT, PEOPLE, ROUNDED, assessment, finished, runs, scenario
from tests.risk.test_evidence import left_out

AS_DEPLOYED = {"exposure": {"access": "scores", "defences": ROUNDED}}

FINE = [{"name": "top-k", "params": {"k": 100}}, {"name": "rounding", "params": {"decimals": 6}}]
"""Controls that leave what scores tell."""


def rated(hits: int, *, bare: int | None = None, policy: Policy = DEFAULT, **context: Any) -> Rating:
    """Return the rating of a system from which so many people were recovered, without controls so many."""
    attacked, open_ = scenario(**AS_DEPLOYED), scenario()
    found = runs(finished(attacked, hits), *([] if bare is None else [finished(open_, bare)]))
    whole = assessment([attacked, open_], context=CONTEXT | context)
    return rate(whole, gather(whole, found), policy)


def test_zero_successes_are_rated_by_the_upper_bound_and_never_as_nothing() -> None:
    residual = rated(0).residual
    assert residual.upper == pytest.approx((0.0876 - 0.01) / 0.99, abs=1e-3)
    assert residual.vulnerability is not None and residual.vulnerability.value == 2


@pytest.mark.parametrize(("hits", "level"), [(0, 2), (4, 3), (8, 4), (40, 4)])
def test_more_people_recovered_never_lower_the_level(hits: int, level: int) -> None:
    found = rated(hits).residual.vulnerability
    assert found is not None and found.value == level


def test_without_a_control_group_the_level_is_at_least_three_unless_somebody_says_why() -> None:
    unsaid, said = rated(0, no_control=" ").residual, rated(0).residual
    assert unsaid.vulnerability is not None and said.vulnerability is not None
    assert (unsaid.vulnerability.value, said.vulnerability.value) == (3, 2)
    assert "nobody said why" in unsaid.vulnerability.because


def test_nothing_run_at_the_deployed_level_is_not_assessed() -> None:
    labels = scenario("brep-mi", exposure={"access": "labels"})
    whole = assessment([labels])
    found = rate(whole, gather(whole, runs(finished(labels, 40))), DEFAULT)
    assert (
        not found.residual.assessed
        and "nothing that is rated was run at the level scores" in found.residual.reason
    )


def test_what_only_a_stronger_attacker_showed_is_called_an_upper_limit() -> None:
    held = scenario(exposure={"access": "white-box"})
    whole = assessment([held])
    found = rate(whole, gather(whole, runs(finished(held, 4))), DEFAULT).residual
    assert found.assessed and "upper limit" in found.remarks[0]


def test_before_and_after_are_kept_apart() -> None:
    found = rated(0, bare=30)
    assert found.inherent.vulnerability is not None and found.residual.vulnerability is not None
    assert found.inherent.vulnerability.value == 4 > found.residual.vulnerability.value
    assert not rated(0).inherent.assessed, "a system with controls that nobody attacked without them"


def test_one_person_recovered_every_time_decides_where_the_average_is_calm() -> None:
    attacked = [scenario(seed=seed, **AS_DEPLOYED) for seed in (0, 1, 2)]
    whole = assessment(attacked)
    rows = gather(whole, runs(*(finished(one, 0, recovered=[7]) for one in attacked)))
    found = rate(whole, rows, DEFAULT).residual
    assert rows[0].residual.high < 0.2
    assert found.vulnerability is not None and found.vulnerability.value == 4
    assert (
        "whoever fares worst" in found.vulnerability.because and "Person" not in found.vulnerability.because
    )


@pytest.mark.parametrize(
    ("exposure", "context", "level"),
    [
        ({"access": "scores"}, {"audience": "public"}, 4),
        ({"access": "labels"}, {"audience": "public"}, 3),
        ({"access": "scores"}, {"audience": "authenticated"}, 3),
        ({"access": "scores"}, {"audience": "partners"}, 3),
        ({"access": "labels"}, {"audience": "authenticated"}, 3),
        ({"access": "labels", "query_budget": 100}, {"audience": "authenticated"}, 2),
        ({"access": "scores", "defences": ROUNDED}, {"audience": "authenticated", "rate_limited": True}, 2),
        ({"access": "scores", "defences": FINE}, {"audience": "authenticated", "rate_limited": True}, 3),
        ({"access": "scores", "defences": FINE}, {"audience": "public"}, 4),
        ({"access": "scores"}, {"audience": "insiders", "logged": True}, 1),
        ({"access": "scores"}, {"audience": "insiders"}, 2),
        ({"access": "white-box"}, {"audience": "insiders"}, 2),
        ({"access": "white-box"}, {"audience": "partners"}, 4),
        ({"access": "gradients"}, {"audience": "authenticated"}, 4),
        ({"access": "labels"}, {"audience": "insiders", "logged": True, "release": "published"}, 4),
        ({"access": "labels"}, {"audience": "insiders", "release": "device"}, 4),
    ],
)
def test_exposure_follows_from_the_deployed_surface(
    exposure: dict[str, Any], context: dict[str, Any], level: int
) -> None:
    found = exposed(Exposure.model_validate(exposure), Context.model_validate(context))
    assert found.value == level and found.because


@pytest.mark.parametrize(("v", "x", "level"), [(1, 1, 1), (1, 2, 2), (2, 3, 3), (4, 1, 3), (4, 4, 4)])
def test_likelihood_is_the_mean_rounded_up(v: int, x: int, level: int) -> None:
    assert likely(v, x).value == level


@pytest.mark.parametrize(
    ("context", "level"),
    [
        ({"data": "face", "class_is_person": True}, 3),
        ({"data": "face", "class_is_person": True, "aggravations": ["large scale"]}, 4),
        ({"data": "medical_image_or_record", "class_is_person": False}, 3),
        ({"data": "text_messages"}, 2),
        ({"data": "text_messages", "aggravations": ["children or vulnerable people"]}, 3),
        ({"data": "generic_objects_or_synthetic", "class_is_person": True}, None),
    ],
)
def test_severity_comes_from_data_and_people(context: dict[str, Any], level: int | None) -> None:
    value, because = severe(Context.model_validate(context), DEFAULT)
    assert value == level and because


def test_severity_does_not_move_with_success() -> None:
    assert rated(0).severity == rated(PEOPLE).severity == 3


def test_high_residual_risk_asks_for_prior_consultation() -> None:
    assert rated(30).prior_consultation and not rated(0).prior_consultation


def test_the_scales_of_others_show_the_same_levels() -> None:
    cnil, experts, ico = views(3, 4)
    assert (cnil.likelihood, cnil.severity) == ("significant", "maximum")
    assert (experts.severity, ico.likelihood, ico.severity) == ("very significant", "possible", "severe")
    assert views(None, None)[0].likelihood == "not assessed" and views(2, None)[1].severity == NONE


def test_a_policy_with_cut_offs_out_of_order_is_told_in_a_sentence() -> None:
    with pytest.raises(ScenarioInvalid, match="put them in order"):
        read_policy('{"vulnerability": [0.3, 0.2, 0.1]}')
    with pytest.raises(ScenarioInvalid, match=r"policy\.speed is no known key"):
        read_policy('{"speed": 1}')


def test_other_cut_offs_give_other_levels() -> None:
    strict = Policy(version=2, vulnerability=(0.01, 0.02, 0.03), thresholds=Thresholds())
    found = rated(0, policy=strict).residual.vulnerability
    assert found is not None and found.value == 4


def test_an_assessment_of_two_systems_is_refused() -> None:
    other = scenario("mi-face", target={"name": "mlp"}, exposure={"access": "white-box"})
    with pytest.raises(ScenarioInvalid, match="an assessment is about one system"):
        read_assessment(assessment([other]).model_dump_json())


def test_the_inherent_risk_is_that_of_the_open_surface() -> None:
    found = rated(0, bare=30, audience="public")
    assert (found.inherent.exposure.value, found.residual.exposure.value) == (4, 3)
    assert found.exposure is found.residual.exposure
    assert found.inherent.likelihood is not None and found.inherent.likelihood.value == 4


def test_a_budget_is_a_control_like_others() -> None:
    limited = {"access": "scores", "query_budget": 5000}
    one = scenario(exposure=limited)
    whole = assessment([one], system={"target": {"name": "cnn"}, "exposure": limited})
    found = rate(whole, gather(whole, runs(finished(one, 0))), DEFAULT)
    assert found.residual.assessed and not found.inherent.assessed


def test_no_more_than_guessing_is_said_so_and_keeps_what_was_recovered() -> None:
    attacked, outside = scenario(**AS_DEPLOYED), scenario(target=left_out(list(range(PEOPLE))), **AS_DEPLOYED)
    whole = assessment([attacked, outside])
    found = rate(whole, gather(whole, runs(finished(attacked, 2), finished(outside, 20))), DEFAULT).residual
    assert found.upper == 0 and found.vulnerability is not None
    assert "no more than guessing was seen" in found.vulnerability.because
    assert "up to 16.5" in found.vulnerability.because
