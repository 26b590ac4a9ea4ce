"""The table of adaptive attackers: complete, in words, sound to run, and no dearer than the naive attack."""

from typing import Any

import pytest

from inversion_core.adaptive import STANDING, TRAINING, VARIANTS, Standing, Variant, adapted, standing
from inversion_core.attacks.base import Attack
from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.defences.base import Defence, TrainingDefence
from inversion_core.registry import components, every, find
from inversion_core.scenario import Scenario, problems
from inversion_core.values import Access, Modality


def scenario(attack: str, defence: str = "", **settings: Any) -> Scenario:
    """Return a sound scenario of an attack against one defence where that can stand before it."""
    kind = find("attacks", attack)
    assert issubclass(kind, Attack)
    choices = (Choice(name=defence, params=settings.pop("defence_params", {})),) if defence else ()
    training = bool(defence) and issubclass(find("defences", defence), TrainingDefence)
    table = kind.modality is Modality.TABLE
    target = "mlp" if table else "cnn-gn"
    target = {
        "tree-inversion": "decision-tree",
        "generator-extraction": "photo-generator",
        "canary-exposure": "character-model",
        "database-reconstruction": "naive-bayes",
        "analytic-gradient": "mlp",
    }.get(attack, target)
    data = {Modality.TABLE: "clinic", Modality.TEXT: "notes"}.get(kind.modality, "people")
    return Scenario(
        dataset=DatasetChoice(name=data),
        target=TargetChoice(name=target, defences=choices if training else ()),
        exposure=Exposure(
            access=Access.SCORES if kind.needs is Access.LABELS else kind.needs,
            defences=() if training else choices,
        ),
        attack=Choice(name=attack, params=settings),
    )


PAIRS = [
    pytest.param(attack.name, defence.name, id=f"{attack.name} against {defence.name}")
    for attack in every("attacks")
    for defence in every("defences")
    if not problems(scenario(attack.name, defence.name))
]


def test_the_pairs_are_found() -> None:
    assert len(PAIRS) > 60
    assert {one.values[0] for one in PAIRS} == set(components("attacks"))
    assert {one.values[1] for one in PAIRS} == set(components("defences"))


@pytest.mark.parametrize(("attack", "defence"), PAIRS)
def test_a_pair_has_variants_or_a_sentence_why_not_and_never_both(attack: str, defence: str) -> None:
    naive = scenario(attack, defence)
    found, told = adapted(naive), standing(naive)
    assert bool(found) != bool(told)
    assert all(one.defence == defence for one in found) and set(told) <= {defence}


@pytest.mark.parametrize(("attack", "defence"), PAIRS)
def test_a_variant_is_a_sound_scenario_that_differs_in_the_attack_alone(attack: str, defence: str) -> None:
    naive = scenario(attack, defence)
    for one in adapted(naive):
        assert problems(one.scenario) == [] and one.scenario.attack != naive.attack
        assert one.scenario.model_copy(update={"attack": naive.attack}) == naive


@pytest.mark.parametrize("row", [*VARIANTS, *STANDING], ids=lambda row: f"{row.attacks[0]} {row.defences[0]}")
def test_a_row_names_what_exists_and_says_why_in_a_sentence(row: Variant | Standing) -> None:
    for name in row.attacks:
        find("attacks", name)
    for name in row.defences:
        assert name == TRAINING or issubclass(find("defences", name), Defence)
    assert row.why[0].isupper() and row.why.endswith(".") and "\n" not in row.why


@pytest.mark.parametrize("row", VARIANTS, ids=lambda row: f"{row.attacks[0]} {row.defences[0]}")
def test_the_parameters_of_a_variant_exist(row: Variant) -> None:
    for attack in row.attacks:
        find("attacks", row.instead or attack)(**row.params)
    for defence in row.defences:
        assert set(row.when) <= set(find("defences", defence).Params.model_fields if row.when else ())


@pytest.mark.parametrize("defence", ["label-only", "output-noise", "rounding", "temperature", "top-k"])
def test_a_variant_asks_no_more_rows_than_the_naive_attack(defence: str) -> None:
    for one in adapted(scenario("nes-latent", defence, queries=321)):
        assert one.scenario.make_attack().params.queries == 321  # type: ignore[attr-defined]
    for one in adapted(scenario("nes-latent", defence)):
        assert one.scenario.make_attack().params.queries == 1000  # type: ignore[attr-defined]


def test_noise_is_averaged_as_it_is_drawn() -> None:
    def changes(fresh: bool) -> list[dict[str, Any]]:
        naive = scenario("nes-latent", "output-noise", defence_params={"fresh": fresh})
        return [
            one.scenario.attack.params for one in adapted(naive) if one.scenario.attack.name == "nes-latent"
        ]

    assert all("jitter" not in params for params in changes(True))
    assert any(params.get("repeats", 1) > 1 for params in changes(True))
    assert all(any("floor" in params for params in changes(fresh)) for fresh in (True, False))
    assert any(params.get("jitter", 0) > 0 and params["repeats"] > 1 for params in changes(False))


def test_scores_that_are_gone_leave_labels() -> None:
    (only,) = adapted(scenario("nes-latent", "label-only", pool=50, pairs=4))
    assert only.scenario.attack.name == "brep-mi"
    assert only.scenario.attack.params == {"pool": 50, "prior": "auto", "queries": 1000}


def test_several_defences_bring_each_variant_once() -> None:
    both = (Choice(name="top-k"), Choice(name="rounding"))
    naive = scenario("nes-latent").model_copy(
        update={"exposure": Exposure(access=Access.SCORES, defences=both)}
    )
    assert [one.scenario.attack.name for one in adapted(naive)] == ["brep-mi"]


def test_output_defences_leave_the_weights_alone_and_that_is_said() -> None:
    naive = scenario("plug-and-play", "rounding")
    assert adapted(naive) == []
    assert standing(naive)["rounding"].startswith("With white-box access the attack sees the same")


def test_without_defences_there_is_nothing_to_adapt_to() -> None:
    assert adapted(scenario("nes-latent")) == [] and standing(scenario("nes-latent")) == {}


def test_a_variant_that_is_run_already_is_no_variant() -> None:
    naive = scenario("mi-face", "label-smoothing", steps=400)
    assert adapted(naive) == []
