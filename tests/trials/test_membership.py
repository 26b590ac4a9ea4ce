"""Who is asked about, what shadow models are trained on, and a run from end to end."""

from pathlib import Path
from typing import Any

import pytest
import torch

from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.datasets.base import Split
from inversion_core.execute import execute
from inversion_core.metrics.finding import Finding
from inversion_core.metrics.verdict import headline, verdict
from inversion_core.risk.product import attack_class
from inversion_core.scenario import Scenario, problems
from inversion_core.settings import settings
from inversion_core.store.runs import RunStore
from inversion_core.targets.catalogue import target_key
from inversion_core.trials.candidates import Pool, gather
from inversion_core.trials.shadows import halves
from inversion_core.values import Access, State

SMALL = {"records": 200}


def scenario(attack: str = "lira", dataset: str = "clinic", **changes: Any) -> Scenario:
    options = SMALL if dataset == "clinic" else {}
    params = {} if attack == "loss-threshold" else {"shadows": 4}
    made = Scenario(
        dataset=DatasetChoice(name=dataset, options=options),
        target=TargetChoice(name="decision-tree"),
        exposure=Exposure(access=Access.SCORES),
        attack=Choice(name=attack, params=params),
    )
    return made.model_copy(update=changes)


def pool(made: Scenario) -> Pool:
    return gather(made, made.make_dataset(), made.training_defences())


def run(made: Scenario) -> dict[str, Any]:
    folder = settings().data_folder
    store = RunStore(f"sqlite:///{folder}/runs.sqlite", f"{folder}/artifacts")
    record = execute(store.create(made, "test")[0], store)
    store.close()
    assert record.state is State.DONE, record.error
    assert record.result is not None
    return record.result


def weights() -> set[Path]:
    return set((settings().cache / "targets").glob("*.safetensors"))


def test_where_the_parts_differ_half_of_the_private_records_are_the_others() -> None:
    found = pool(scenario())
    assert len(found) == 200 and int(found.member.sum()) == 100 and found.split is not None
    assert len(found.split.train) == 100 and len(found.split.held_out) == 100


def test_where_the_parts_are_alike_the_target_is_the_one_it_always_is() -> None:
    made = scenario(dataset="diabetes")
    found, data = pool(made), made.make_dataset()
    assert found.split is None and len(found) == 442
    assert torch.equal(found.inputs[found.member], data.train().inputs)
    assert torch.equal(found.inputs[~found.member], data.held_out().inputs)


@pytest.mark.parametrize("dataset", ["clinic", "diabetes"])
def test_as_many_members_as_others_are_asked_about_and_the_population_is_apart(dataset: str) -> None:
    found = pool(scenario(dataset=dataset))
    members = found.member[found.candidates]
    assert int(members.sum()) == int((~members).sum()) == len(members) // 2 > 50
    assert not found.member[found.population].any() and len(found.population) > 20
    together = torch.cat([found.candidates, found.population])
    assert len(together.unique()) == len(together)


def test_every_attack_of_a_seed_is_asked_about_the_same_records() -> None:
    one, other = pool(scenario("lira")), pool(scenario("rmia"))
    assert torch.equal(one.candidates, other.candidates) and torch.equal(one.member, other.member)
    assert not torch.equal(one.candidates, pool(scenario(seed=1)).candidates)


def test_named_victims_alone_are_asked_about_and_as_many_others() -> None:
    found = pool(scenario(dataset="diabetes", victims=(3, 5, 8)))
    members = found.candidates[found.member[found.candidates]]
    assert sorted(members.tolist()) == [3, 5, 8] and len(found.candidates) == 6


@pytest.mark.parametrize(("shadows", "each"), [(4, 2), (8, 4), (5, 2)])
def test_every_record_is_in_half_of_the_shadow_models(shadows: int, each: int) -> None:
    inside = halves(500, shadows, torch.Generator().manual_seed(0))
    assert inside.shape == (shadows, 500) and (inside.sum(0) == each).all()
    assert (inside.float().mean(1) - each / shadows).abs().max() < 0.1
    assert torch.equal(inside, halves(500, shadows, torch.Generator().manual_seed(0)))


def test_a_split_has_a_key_of_its_own_and_none_leaves_the_key_as_it_was() -> None:
    made = scenario(dataset="diabetes")
    data = made.make_dataset()
    plain = target_key(data, made.make_target(), ())
    split = Split(data.train(), data.held_out())
    assert target_key(data, made.make_target(), (), None) == plain
    assert (
        len({plain, *(target_key(data, made.make_target(), (), one) for one in (split, _turned(split)))}) == 3
    )


def _turned(split: Split) -> Split:
    return Split(split.held_out, split.train)


def test_a_run_says_what_was_told_apart_and_what_it_took() -> None:
    result = run(scenario())
    assert result["family"] == "membership" and headline(result) == "membership-auc"
    assert {one["name"] for one in result["scores"]} == {
        "membership-advantage",
        "membership-auc",
        "membership-tpr-at-fpr",
    }
    assert result["queries"] == 150 and result["curve"]["others"] == 75 and result["curve"]["finest"] == 0.1
    assert result["shadows"]["count"] == 4 and result["victims"] == [] and len(result["surest"]) == 12
    assert "random half" in result["remarks"][0]
    told = verdict(result)
    auc = next(one for one in result["scores"] if one["name"] == "membership-auc")
    assert (told.finding is Finding.TOLD_APART) == (auc["low"] > auc["baseline"])
    assert f"{auc['value']:.0%}" in told.sentence and any(
        "10 % false alarms" in one for one in told.not_shown
    )


def test_the_same_scenario_gives_the_same_numbers_and_shadow_models_are_shared() -> None:
    first = run(scenario())
    trained = weights()
    assert len(trained) == 5
    again = run(scenario(exposure=Exposure(access=Access.SCORES, query_budget=1000)))
    assert again["scores"] == first["scores"] and again["curve"] == first["curve"]
    run(scenario("rmia"))
    assert weights() == trained


def test_the_attack_sees_what_is_released_and_so_do_its_shadow_models() -> None:
    hidden = Exposure(access=Access.SCORES, defences=(Choice(name="rounding", params={"decimals": 0}),))
    forest = TargetChoice(name="random-forest", params={"trees": 7})
    plain, rounded = (
        run(scenario("loss-threshold", target=forest, exposure=one))
        for one in (Exposure(access=Access.SCORES), hidden)
    )
    assert len(rounded["curve"]["fpr"]) <= 3 < len(plain["curve"]["fpr"])
    assert plain["shadows"]["count"] == 0 and len(weights()) == 1


def test_what_cannot_be_judged_or_watched_is_refused() -> None:
    watched = scenario(exposure=Exposure(access=Access.SCORES, monitor=True))
    assert any("asks about each record once" in told for told in problems(watched))
    labels = scenario(exposure=Exposure(access=Access.LABELS))
    assert any("needs scores access" in told for told in problems(labels))


def test_every_membership_attack_has_its_place_in_the_crosswalk() -> None:
    assert {attack_class(name).id for name in ("lira", "rmia", "loss-threshold")} == {"membership"}
