"""What is proposed to be run: sound scenarios about what is deployed, its absence, and those who know."""

from collections import Counter

import pytest

from inversion_core.risk.assessment import System
from inversion_core.risk.plan import MEMBERSHIP, PEOPLE, SEEDS, THEFT, plan
from inversion_core.risk.roles import Role, role
from inversion_core.scenario import problems
from tests.risk.made import ROUNDED

SCORES = {"access": "scores", "defences": ROUNDED}
TABLE = {
    "dataset": {"name": "clinic"},
    "target": {"name": "mlp", "defences": [{"name": "dp-sgd", "params": {"epsilon": 8}}]},
    "exposure": {"access": "scores"},
}


@pytest.mark.parametrize(
    "system",
    [
        {"target": {"name": "cnn"}, "exposure": SCORES},
        {"target": {"name": "cnn"}, "exposure": {"access": "white-box"}},
        {"target": {"name": "cnn"}, "exposure": {"access": "labels", "monitor": True}},
        TABLE,
    ],
)
def test_a_plan_is_sound_and_about_the_system(system: dict[str, object]) -> None:
    whole = System.model_validate(system)
    proposed = plan(whole)
    roles = Counter(role(whole, one) for one in proposed)
    assert roles[Role.DEPLOYED] >= len(SEEDS) and not roles[Role.OTHER]
    assert len({one.model_dump_json() for one in proposed}) == len(proposed)
    assert not any(problems(one) for one in proposed)


def test_controls_bring_the_same_attacks_without_them_and_those_who_know_them() -> None:
    whole = System.model_validate({"target": {"name": "cnn"}, "exposure": SCORES})
    proposed = plan(whole, seeds=[0])
    by_role = {
        wanted: {one.attack.name for one in proposed if role(whole, one) is wanted}
        for wanted in (Role.DEPLOYED, Role.BARE, Role.STRONGER)
    }
    assert by_role[Role.BARE] <= by_role[Role.DEPLOYED]
    assert {"nes-latent", "brep-mi"} <= by_role[Role.DEPLOYED]
    assert by_role[Role.STRONGER] == {"plug-and-play"}
    beside = {one.attack.name for one in proposed if one.attack.name in (MEMBERSHIP, THEFT)}
    assert beside == {MEMBERSHIP, THEFT}
    assert all(len(one.victims) == PEOPLE for one in proposed if one.attack.name != MEMBERSHIP)


@pytest.mark.parametrize(
    ("exposure", "wanted"),
    [
        ({"access": "scores"}, {MEMBERSHIP: None, THEFT: 3000}),
        ({"access": "labels"}, {THEFT: 3000}),
        ({"access": "white-box"}, {MEMBERSHIP: None}),
        ({"access": "scores", "query_budget": 500}, {THEFT: 500}),
        ({"access": "scores", "monitor": True}, {THEFT: 3000}),
    ],
)
def test_membership_and_theft_are_proposed_where_they_can_end(
    exposure: dict[str, object], wanted: dict[str, int | None]
) -> None:
    whole = System.model_validate({"target": {"name": "cnn"}, "exposure": exposure})
    as_deployed = [one for one in plan(whole, seeds=[0]) if one.exposure == whole.exposure]
    found = {one.attack.name: one.attack.params.get("queries") for one in as_deployed}
    assert {name: rows for name, rows in found.items() if name in (MEMBERSHIP, THEFT)} == wanted


def test_nobody_copies_the_model_of_a_table() -> None:
    names = {one.attack.name for one in plan(System.model_validate(TABLE), seeds=[0])}
    assert MEMBERSHIP in names and THEFT not in names
