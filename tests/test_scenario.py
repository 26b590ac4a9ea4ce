"""A scenario as JSON: what it accepts, what it is equal to, and why it cannot run."""

import json
import pickle
import re
from typing import Any

import pytest

from inversion_core.errors import ScenarioInvalid
from inversion_core.scenario import Scenario, problems, read_scenario

PEOPLE: dict[str, Any] = {
    "dataset": {"name": "people"},
    "target": {"name": "softmax"},
    "attack": {"name": "mi-face"},
}


def scenario(**changes: Any) -> Scenario:
    return Scenario.model_validate(PEOPLE | changes)


def told(**changes: Any) -> list[str]:
    return problems(scenario(**changes))


def test_a_scenario_survives_json_unchanged() -> None:
    first = scenario(victims=[3, 1], seed=5, exposure={"access": "white-box", "query_budget": 9000})
    again = read_scenario(first.model_dump_json())
    assert again == first and again.key() == first.key()


def test_a_scenario_needs_only_a_target_and_an_attack() -> None:
    least = read_scenario('{"target": {"name": "softmax"}, "attack": {"name": "mi-face"}}')
    assert least == scenario() and least.victims == "all" and least.seed == 0
    assert least.exposure.access == "white-box" and least.exposure.query_budget is None


def test_nothing_said_and_every_default_said_are_the_same_scenario() -> None:
    least = scenario()
    spelled_out = Scenario.model_validate(least.canonical())
    assert spelled_out != least and spelled_out.key() == least.key()
    assert spelled_out.canonical() == least.canonical()
    assert spelled_out.attack.params["steps"] and spelled_out.target.params["epochs"]


def test_the_order_of_keys_does_not_matter() -> None:
    turned = json.dumps(dict(reversed(scenario(seed=3).model_dump(mode="json").items())))
    assert read_scenario(turned).key() == scenario(seed=3).key()


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"victims": [0]},
        {"victims": [1, 0]},
        {"attack": {"name": "mi-face", "params": {"steps": 7}}},
        {"target": {"name": "mlp"}},
        {"target": {"name": "softmax", "params": {"seed": 1}}},
        {"target": {"name": "softmax", "defences": [{"name": "label-smoothing"}]}},
        {"exposure": {"query_budget": 10}},
        {"exposure": {"defences": [{"name": "rounding"}]}},
    ],
    ids=str,
)
def test_whatever_changes_the_result_changes_the_key(change: dict[str, Any]) -> None:
    assert scenario(**change).key() != scenario().key()


def test_a_scenario_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        scenario().seed = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "scenario: invalid JSON"),
        ("[1]", "scenario: .*object"),
        ("{}", "scenario.target is missing; add it"),
        ('{"target": {"name": "softmax"}}', "scenario.attack is missing; add it"),
        (json.dumps(PEOPLE | {"extra": 1}), "scenario.extra is no known key"),
        (json.dumps(PEOPLE | {"seed": "x"}), "scenario.seed: .*'x' was given"),
        (json.dumps(PEOPLE | {"seed": 2**63}), "scenario.seed: .*was given"),
        (json.dumps(PEOPLE | {"victims": "some"}), "scenario.victims.*'some' was given"),
        (
            json.dumps(PEOPLE | {"target": {"name": "softmax", "defence": []}}),
            "scenario.target.defence is no known",
        ),
        (
            json.dumps(PEOPLE | {"exposure": {"access": "root"}}),
            "scenario.exposure.access: .*'root' was given",
        ),
    ],
)
def test_json_that_is_no_scenario_is_told_by_place_rule_and_value(text: str, sentence: str) -> None:
    with pytest.raises(ScenarioInvalid, match=sentence):
        read_scenario(text)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"attack": {"name": "magic"}}, "attack: attacks are chosen by name, 'magic' is none"),
        ({"target": {"name": "magic"}}, "target: targets are chosen by name, 'magic' is none"),
        ({"dataset": {"name": "magic"}}, "dataset: datasets are chosen by name, 'magic' is none"),
        ({"dataset": {"name": "people", "options": {"hats": 1}}}, "dataset.options.hats is no known key"),
        (
            {"dataset": {"name": "people", "path": "/x"}},
            "dataset.path: 'people' takes no path, '/x' was given",
        ),
        (
            {"dataset": {"name": "image-folder"}},
            "dataset.path: 'image-folder' reads a folder or file, none was",
        ),
        ({"attack": {"name": "mi-face", "params": {"steps": 0}}}, "attack.params.steps: .*'0' was given"),
        ({"target": {"name": "mlp", "params": {"hidden": "big"}}}, "target.params.hidden: .*'big' was given"),
        (
            {"target": {"name": "softmax", "defences": [{"name": "armour"}]}},
            "target.defences.0: defences are chosen by name, 'armour' is none",
        ),
        (
            {"target": {"name": "softmax", "defences": [{"name": "rounding"}]}},
            "target.defences: 'rounding' belongs under exposure.defences; move it there",
        ),
        (
            {"exposure": {"defences": [{"name": "label-smoothing"}]}},
            "exposure.defences: 'label-smoothing' belongs under target.defences; move it there",
        ),
        (
            {"exposure": {"defences": [{"name": "rounding"}, {"name": "rounding"}]}},
            "exposure.defences: 'rounding' is listed 2 times; keep one",
        ),
        ({"target": {"name": "cnn", "defences": [{"name": "dp-sgd"}]}}, "target.defences: "),
        (
            {"exposure": {"access": "labels"}},
            "attack 'mi-face' needs white-box access, the exposure gives labels",
        ),
        ({"victims": []}, "victims is empty"),
        ({"victims": [100]}, r"victims are numbered 0 to 99, \[100\] were given"),
        ({"victims": [-1]}, r"victims are numbered 0 to 99, \[-1\] were given"),
        ({"victims": [4, 4]}, "victims names somebody twice"),
        (
            {"attack": {"name": "plug-and-play", "params": {"prior": "nobodys"}}},
            "attack.params.prior: .*'nobodys'",
        ),
    ],
    ids=str,
)
def test_each_problem_is_one_sentence(change: dict[str, Any], sentence: str) -> None:
    found = told(**change)
    assert len(found) == 1 and re.match(sentence, found[0]), found


def test_problems_come_together() -> None:
    assert len(told(attack={"name": "x"}, target={"name": "y"}, dataset={"name": "z"})) == 3
    assert len(told(exposure={"access": "scores"}, victims=[100])) == 2


def test_a_scenario_with_problems_has_no_key() -> None:
    with pytest.raises(ScenarioInvalid, match="'x' is none"):
        scenario(attack={"name": "x"}).key()


def test_a_sound_scenario_has_no_problems() -> None:
    assert told() == []
    assert told(target={"name": "cnn-gn", "defences": [{"name": "dp-sgd", "params": {"epsilon": 8}}]}) == []


def test_scenario_invalid_survives_a_process_border() -> None:
    error = pickle.loads(pickle.dumps(ScenarioInvalid(["one", "two"])))
    assert error.problems == ["one", "two"] and str(error) == "one\ntwo"
