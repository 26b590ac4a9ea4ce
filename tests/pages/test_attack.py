"""The Attack page asks, submits and shows; it computes nothing and loses nothing."""

import json

import pytest

from inversion_core import jobs
from inversion_core.errors import EngineUnavailable
from inversion_core.scenario import Scenario
from inversion_core.store.runs import open_store
from inversion_core.values import State
from tests.pages import world
from tests.pages.conftest import Visit

ME = "me"


@pytest.fixture(autouse=True)
def this_is_me(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the visitor a known name, as a browser's cookie would."""
    for module in ("live", "launch"):
        monkeypatch.setattr(f"pages.ui.{module}.owner", lambda: ME)


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Scenario, str]]:
    """Note what is submitted, and queue it without an engine."""
    seen: list[tuple[Scenario, str]] = []

    def submit(scenario: Scenario, owner: str) -> str:
        seen.append((scenario, owner))
        return open_store().create(scenario, owner)[0]

    monkeypatch.setattr(jobs, "submit", submit)
    return seen


def choose(visit: Visit, **choices: str) -> None:
    """Set the cards by their keys."""
    for key, value in choices.items():
        kind = visit.app.segmented_control if key == "exposure" else visit.app.selectbox
        kind(key=key).set_value(value)
    visit.again()


def attack(visit: Visit, **params: str) -> Visit:
    return visit.open("lab/attack", **params)


def test_before_the_first_run_a_stored_one_shows_what_to_expect(visit: Visit) -> None:
    attack(visit)
    assert "Your run appears here" in visit.text
    assert len([alt for alt in visit.pictures if "what was recovered" in alt]) == 5


def test_every_card_has_its_sentence(visit: Visit) -> None:
    attack(visit)
    choose(visit, attack="mi-face", defence="rounding")
    for words in (
        "Climb the model's confidence",
        "few decimals",
        "the attacker holds the weights",
    ):
        assert words in visit.text


def test_launch_submits_what_is_shown_and_puts_the_run_into_the_address(
    visit: Visit, submitted: list[tuple[Scenario, str]]
) -> None:
    attack(visit)
    choose(visit, target="softmax", defence="label-smoothing", attack="mi-face")
    visit.app.number_input(key="attacks-mi-face-steps").set_value(7)
    visit.app.number_input(key="seed").set_value(3)
    visit.app.number_input(key="victims").set_value(5)
    visit.again()
    visit.click("launch")
    ((scenario, who),) = submitted
    assert who == ME
    assert scenario == world.scenario(
        3,
        dataset={"name": "people"},
        target={"name": "softmax", "defences": [{"name": "label-smoothing"}]},
        attack={"name": "mi-face", "params": {"steps": 7}},
        victims=[0, 1, 2, 3, 4],
    )
    (run,) = open_store().runs()
    assert visit.app.query_params["run"] == run.id
    assert "Waiting, you are 1st" in visit.progress[0]


@pytest.mark.parametrize(("defence", "told"), [("temperature", True), ("randomised-smoothing", False)])
def test_a_defence_that_leaves_labels_alone_says_so_where_labels_are_all(
    visit: Visit, defence: str, told: bool
) -> None:
    attack(visit)
    choose(visit, exposure="label-only", attack="brep-mi", defence=defence)
    assert not visit.app.warning
    assert ("leaves every label as it was" in visit.text) is told


def test_a_monitor_is_offered_where_a_service_is_asked_and_comes_back_with_a_run(
    visit: Visit, submitted: list[tuple[Scenario, str]]
) -> None:
    attack(visit)
    assert not [one for one in visit.app.toggle if one.key == "monitor"]
    choose(visit, exposure="label-only", attack="brep-mi")
    visit.app.toggle(key="monitor").set_value(True)
    visit.again()
    visit.click("launch")
    assert submitted[0][0].exposure.monitor
    (run,) = open_store().runs()
    attack(visit, **{"from": run.id})
    assert visit.app.toggle(key="monitor").value


def test_a_defence_of_the_answers_goes_into_the_exposure(
    visit: Visit, submitted: list[tuple[Scenario, str]]
) -> None:
    attack(visit)
    choose(visit, target="softmax", defence="rounding", attack="mi-face")
    assert "whoever holds the weights never sees it" in visit.text
    visit.click("launch")
    assert [one.name for one in submitted[0][0].exposure.defences] == ["rounding"]
    assert submitted[0][0].target.defences == ()


def test_what_stands_in_the_way_is_said_and_launch_waits(visit: Visit) -> None:
    attack(visit)
    choose(visit, attack="mi-face", exposure="label-only")
    assert visit.app.button(key="launch").disabled
    assert any("needs white-box access, the exposure gives labels" in one.value for one in visit.app.warning)
    choose(visit, exposure="embedded-device", target="softmax")
    assert not visit.app.button(key="launch").disabled
    assert not visit.app.warning


def test_a_folder_of_photographs_is_asked_for_its_path(visit: Visit) -> None:
    attack(visit)
    choose(visit, attack="mi-face", dataset="image-folder")
    assert any("add a path" in one.value for one in visit.app.warning)
    visit.app.text_input(key="path-image-folder").set_value("/no/such/folder")
    visit.again()
    assert any("/no/such/folder" in one.value for one in visit.app.warning)


def test_training_is_announced_before_it_comes(visit: Visit) -> None:
    attack(visit)
    choose(visit, target="softmax", attack="mi-face")
    visit.app.number_input(key="targets-softmax-epochs").set_value(3)
    visit.again()
    assert "not trained yet: training comes first" in visit.text


def test_an_engine_that_cannot_start_is_told_in_words(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> str:
        raise EngineUnavailable("no worker can be started; see the log")

    monkeypatch.setattr(jobs, "submit", unavailable)
    attack(visit)
    choose(visit, target="softmax", attack="mi-face")
    visit.click("launch")
    assert [error.value for error in visit.app.error] == ["no worker can be started; see the log"]


def test_a_running_attack_shows_truth_step_and_difference(visit: Visit) -> None:
    attack(visit, run=world.running(owner=ME))
    assert "Attacking: step 5 of 10" in visit.progress[0]
    assert "step 5: what the attacker has" in visit.text
    assert len([alt for alt in visit.pictures if "picture at step 5" in alt]) == 5
    assert "Loss of the attack, from 1 at step 1 to 0.2 at step 5." in visit.text


def test_more_people_are_shown_on_request(visit: Visit) -> None:
    attack(visit, run=world.running(owner=ME))
    visit.app.segmented_control(key="shown").set_value(24)
    visit.again()
    assert len([alt for alt in visit.pictures if "picture at step 5" in alt]) == world.PEOPLE


def test_my_latest_run_is_found_without_an_address(visit: Visit) -> None:
    world.running(1, owner="another")
    world.running(2, owner=ME)
    attack(visit)
    assert "step 5: what the attacker has" in visit.text
    assert not visit.app.button(key="cancel").disabled


def test_only_an_owner_can_cancel(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(jobs, "cancel", lambda run, who: asked.append((run, who)))
    attack(visit, run=world.running(1, owner="another"))
    assert visit.app.button(key="cancel").disabled
    mine = world.running(2, owner=ME)
    attack(visit, run=mine).click("cancel")
    assert asked == [(mine, ME)]


def test_a_cancelled_run_keeps_its_pictures_marked_as_no_evidence(visit: Visit) -> None:
    attack(visit, run=world.ended(State.CANCELLED))
    assert any("Partial, not evidence" in one.value for one in visit.app.warning)
    assert len(visit.pictures) == 5
    assert not [button for button in visit.app.button if button.key == "cancel"]


def test_a_failed_run_says_why(visit: Visit) -> None:
    attack(visit, run=world.ended(State.FAILED, error="query budget is 20, 20 spent; raise it"))
    assert "query budget is 20, 20 spent; raise it" in visit.text


def test_a_finished_run_shows_verdict_meter_and_the_way_on(visit: Visit) -> None:
    run = world.done(owner=ME)
    attack(visit, run=run)
    assert "an independent judge recognises for 9 of 12 people" in visit.text
    assert "75 %" in visit.text and "guessing without the model 5 %" in visit.text
    assert visit.links["Everything about this run"] == f"run={run}"
    assert not visit.progress


@pytest.mark.parametrize("run", ["nobody", "<script>", "x" * 500])
def test_an_unknown_run_is_one_sentence(visit: Visit, run: str) -> None:
    attack(visit, run=run)
    (error,) = visit.app.error
    assert "runs are found by id" in error.value and "open one from the list" in error.value


def test_again_with_one_change_starts_from_that_scenario(
    visit: Visit, submitted: list[tuple[Scenario, str]]
) -> None:
    before = world.scenario(
        5,
        target={"name": "mlp", "params": {"epochs": 9}, "defences": [{"name": "label-smoothing"}]},
        exposure={"access": "white-box", "query_budget": 5000},
        attack={"name": "mi-face", "params": {"steps": 11}},
        victims=[0, 1],
    )
    run, _ = open_store().create(before, ME)
    attack(visit, **{"from": run})
    assert "from" not in visit.app.query_params
    visit.click("launch")
    assert json.loads(submitted[0][0].model_dump_json()) == json.loads(before.model_dump_json())
    visit.app.number_input(key="attacks-mi-face-steps").set_value(12)
    visit.again()
    visit.click("launch")
    assert submitted[1][0].attack.params == {"steps": 12}
    assert submitted[1][0].target == before.target


def test_a_place_brings_its_own_defences_and_one_chosen_beside_it_adds_to_them(
    visit: Visit, submitted: list[tuple[Scenario, str]]
) -> None:
    attack(visit)
    choose(visit, attack="inversion-network", exposure="public-api")
    assert "three highest scores" in visit.text
    visit.click("launch")
    exposure = submitted[0][0].exposure
    assert exposure.access == "scores"
    assert [(one.name, one.params) for one in exposure.defences] == [
        ("top-k", {"k": 3}),
        ("rounding", {"decimals": 2}),
    ]
    choose(visit, exposure="partner-api", defence="rounding")
    visit.click("launch")
    assert [(one.name, one.params) for one in submitted[1][0].exposure.defences] == [("rounding", {})]


def test_a_template_store_tells_which_attacks_cannot_run_there(visit: Visit) -> None:
    attack(visit)
    choose(visit, attack="mi-face", exposure="template-store")
    assert any("the exposure gives templates" in one.value for one in visit.app.warning)
    choose(visit, attack="template-inversion")
    assert not visit.app.warning and not visit.app.button(key="launch").disabled


@pytest.mark.parametrize(
    ("defences", "shown"),
    [
        ([], "partner-api"),
        ([("top-k", {"k": 3}), ("rounding", {"decimals": 2})], "public-api"),
        ([("rounding", {"decimals": 3})], "partner-api"),
        ([("top-k", {"k": 5}), ("rounding", {"decimals": 4})], "custom"),
    ],
    ids=["a place", "a place with defences", "a place and a defence", "no place"],
)
def test_an_exposure_comes_back_as_it_was(
    visit: Visit, submitted: list[tuple[Scenario, str]], defences: list[tuple[str, object]], shown: str
) -> None:
    listed = [{"name": name, "params": params} for name, params in defences]
    before = world.scenario(
        6,
        target={"name": "cnn"},
        exposure={"access": "scores", "query_budget": 9000, "defences": listed},
        attack={"name": "inversion-network"},
    )
    run, _ = open_store().create(before, ME)
    attack(visit, **{"from": run})
    assert visit.app.segmented_control(key="exposure").value == shown
    visit.click("launch")
    assert submitted[0][0].exposure == before.exposure


def test_real_people_come_blurred_until_somebody_asks(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.ui import library

    real = library.People(tuple(f"Person {place}" for place in range(world.PEOPLE)), synthetic=False)
    monkeypatch.setattr(library, "people", lambda scenario: real)
    run = world.running(owner=ME)
    attack(visit, run=run)
    veiled = set(visit.pictures.values())
    assert "real people" in visit.text
    visit.app.toggle(key=f"faces-{run}").set_value(True)
    visit.again()
    assert veiled.isdisjoint(visit.pictures.values())
