"""The Attributes page asks, submits and shows; what is missing is said, and nothing chosen is lost."""

import json
from typing import Any

import pytest

from inversion_core import jobs
from inversion_core.scenario import Scenario
from inversion_core.store.runs import open_store
from inversion_core.values import State
from pages.ui import uploads
from tests.pages import tables, world
from tests.pages.conftest import Visit

ME = "me"
PEOPLE = "age,smokes,city,ill\n" + "".join(
    f"{20 + place * 7 % 61},{('yes', 'no')[place % 2]},{'abc'[place % 3]},{('yes', 'no', '')[place % 3]}\n"
    for place in range(120)
)


@pytest.fixture(autouse=True)
def this_is_me(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the visitor a known name, as a browser's cookie would."""
    for module in ("live", "launch"):
        monkeypatch.setattr(f"pages.ui.{module}.owner", lambda: ME)


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> list[Scenario]:
    """Note what is submitted, and queue it without an engine."""
    seen: list[Scenario] = []

    def submit(scenario: Scenario, owner: str) -> str:
        seen.append(scenario)
        return open_store().create(scenario, owner)[0]

    monkeypatch.setattr(jobs, "submit", submit)
    return seen


def attributes(visit: Visit, **params: str) -> Visit:
    return visit.open("lab/attributes", **params)


def give(visit: Visit, content: str | bytes, name: str = "people.csv") -> None:
    """Choose one's own table and upload it."""
    visit.app.selectbox(key="table-dataset").set_value("table")
    visit.again()
    data = content.encode() if isinstance(content, str) else content
    uploader = next(one for one in visit.app.get("file_uploader") if one.label.startswith("Your table"))
    uploader.set_value((name, data, "text/csv"))
    visit.again()


def roles(visit: Visit, label: str, sensitive: str) -> None:
    visit.app.selectbox(key="own-label").set_value(label)
    visit.app.selectbox(key="own-sensitive").set_value(sensitive)
    visit.again()


def button(visit: Visit, name: str) -> Any:
    return visit.app.button(key=f"attack-{name}")


def errors(visit: Visit) -> list[str]:
    return [one.value for one in visit.app.error]


def test_nobody_faces_an_empty_page(visit: Visit) -> None:
    attributes(visit)
    for words in (
        "your own runs appear here",
        "anyone, without the model",
        "given away by the model",
        "Sensitive values guessed right",
    ):
        assert words in visit.text
    assert visit.links["Everything about this run"] == "evidence=attributes-clinic"


def test_only_tables_and_what_works_on_them_are_offered(visit: Visit) -> None:
    attributes(visit)
    offered = visit.app.selectbox(key="table-dataset").options
    assert any("Clinic" in title for title in offered) and "Synthetic people" not in offered
    assert any("tree" in title for title in visit.app.selectbox(key="table-target").options)
    assert not [one for one in visit.app.button if one.key == "attack-mi-face"]


def test_launch_submits_what_is_shown_and_puts_the_run_into_the_address(
    visit: Visit, submitted: list[Scenario]
) -> None:
    attributes(visit)
    visit.app.slider(key="datasets-clinic-memorised").set_value(0.25)
    visit.app.number_input(key="datasets-clinic-records").set_value(400)
    visit.app.selectbox(key="table-target").set_value("decision-tree")
    visit.app.multiselect(key="table-unknown").set_value(["age"])
    visit.app.number_input(key="table-seed").set_value(4)
    visit.again()
    visit.click("launch")
    assert submitted == [
        Scenario.model_validate(
            {
                "dataset": {"name": "clinic", "options": {"memorised": 0.25, "records": 400}},
                "target": {"name": "decision-tree"},
                "exposure": {
                    "access": "scores",
                    "knowledge": {
                        "clues": ["true-label", "marginals", "auxiliary"],
                        "unknown": ["age"],
                    },
                },
                "attack": {"name": "csmia"},
                "seed": 4,
            }
        )
    ]
    (run,) = open_store().runs()
    assert visit.app.query_params["run"] == run.id
    assert "Waiting, you are 1st" in visit.progress[0]


def test_the_size_of_a_planted_leak_is_said(visit: Visit) -> None:
    attributes(visit)
    visit.app.slider(key="datasets-clinic-predictable").set_value(0.0)
    visit.app.slider(key="datasets-clinic-memorised").set_value(1.0)
    assert "anyone can be right about 50%, who reads all the model learnt about 100%" in visit.again().text


def test_a_piece_of_knowledge_switched_off_greys_out_what_needs_it(visit: Visit) -> None:
    attributes(visit)
    assert not button(visit, "csmia").disabled and not visit.app.button(key="launch").disabled
    visit.app.button_group(key="table-knows").set_value(["marginals", "auxiliary"])
    visit.again()
    assert button(visit, "csmia").disabled and visit.app.button(key="launch").disabled
    assert "Needs true label." in visit.text
    assert any("needs the clue 'true-label'" in one.value for one in visit.app.warning)
    visit.app.button_group(key="table-knows").set_value(["true-label", "marginals", "auxiliary"])
    visit.again()
    assert not button(visit, "csmia").disabled and not visit.app.button(key="launch").disabled


def test_less_access_greys_out_what_needs_more(visit: Visit) -> None:
    attributes(visit)
    assert button(visit, "neuron-attribute").disabled and "Needs the model's weights." in visit.text
    visit.app.segmented_control(key="table-exposure").set_value("white-box")
    visit.again()
    assert not button(visit, "neuron-attribute").disabled
    visit.app.segmented_control(key="table-exposure").set_value("labels")
    visit.again()
    assert button(visit, "csmia").disabled and "Needs scores." in visit.text
    assert not button(visit, "lomia").disabled


def test_more_unknown_columns_than_an_attack_bears_are_said(visit: Visit) -> None:
    attributes(visit)
    visit.app.multiselect(key="table-unknown").set_value(["age", "sex", "smoker"])
    visit.again()
    assert button(visit, "csmia").disabled and "Bears at most 2 unknown columns." in visit.text


def test_an_attack_that_does_not_fit_the_target_says_why(visit: Visit) -> None:
    attributes(visit)
    assert button(visit, "tree-inversion").disabled
    assert "Reads the leaves of trees, target 'mlp' has none." in visit.text


def test_another_attack_is_chosen_by_a_press(visit: Visit, submitted: list[Scenario]) -> None:
    attributes(visit).click("attack-lomia")
    assert visit.app.query_params["table-attack"] == "lomia"
    visit.click("launch")
    assert submitted[0].attack.name == "lomia"


def test_ones_own_table_is_asked_for_step_by_step_and_launched(
    visit: Visit, submitted: list[Scenario]
) -> None:
    attributes(visit)
    visit.app.selectbox(key="table-dataset").set_value("table")
    visit.again()
    assert visit.app.button(key="launch").disabled and "Upload a table to go on." in visit.text
    give(visit, PEOPLE)
    assert "people.csv: 120 rows, 4 columns" in visit.text
    assert "Choose what the model predicts and what the attack guesses." in visit.text
    roles(visit, "ill", "smokes")
    visit.app.selectbox(key="own-positive").set_value("yes")
    visit.app.selectbox(key="table-target").set_value("decision-tree")
    visit.again()
    visit.click("launch")
    (scenario,) = submitted
    assert scenario.dataset.options == {"label": "ill", "sensitive": "smokes", "positive": "yes"}
    assert scenario.dataset.path is not None and uploads.again(scenario.dataset.path) is not None
    assert "people" not in scenario.dataset.path.rsplit("/", 1)[1]


def test_a_column_of_numbers_is_cut_into_ranges_that_are_shown(
    visit: Visit, submitted: list[Scenario]
) -> None:
    attributes(visit)
    give(visit, PEOPLE)
    roles(visit, "ill", "age")
    visit.app.number_input(key="own-bins").set_value(3)
    visit.again()
    assert "The attack guesses 'age':" in visit.text and " or less, " in visit.text
    visit.click("launch")
    assert submitted[0].dataset.options["bins"] == 3


def test_a_bad_table_is_one_sentence_and_the_choices_stay(visit: Visit) -> None:
    attributes(visit)
    visit.app.selectbox(key="table-target").set_value("random-forest")
    visit.app.multiselect(key="table-unknown").set_value(["age"])
    visit.again()
    give(visit, "a,b\n1,2\n3\n", "broken.csv")
    (told,) = errors(visit)
    assert "every line has as many cells as the first, 2; line 3 of 'broken.csv' has 1" in told
    assert visit.app.button(key="launch").disabled
    assert "Correct the table or upload another." in visit.text
    assert visit.app.selectbox(key="table-target").value == "random-forest"
    give(visit, PEOPLE)
    roles(visit, "ill", "smokes")
    assert not errors(visit) and not visit.app.button(key="launch").disabled
    assert visit.app.multiselect(key="table-unknown").value == ["age"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "'people.csv' is empty"),
        ("a,b\n\xe9,1\n".encode("latin-1"), "save it as UTF-8"),
        (b"a\n1\n", "has one column"),
    ],
    ids=["empty", "encoding", "one column"],
)
def test_what_is_wrong_with_a_file_is_said_with_its_name(visit: Visit, content: bytes, told: str) -> None:
    attributes(visit)
    give(visit, content)
    assert told in errors(visit)[0] and "uploads" not in errors(visit)[0]


def test_a_label_with_one_class_keeps_what_was_chosen(visit: Visit) -> None:
    attributes(visit)
    give(visit, "x,s,y\n" + "".join(f"{place % 7},{place % 2},same\n" for place in range(80)))
    roles(visit, "y", "s")
    (told,) = errors(visit)
    assert "tells at least two classes apart, the label 'y' takes 1 value" in told
    assert visit.app.selectbox(key="own-label").value == "y"
    assert "The table cannot be used yet" in visit.text


def test_a_table_can_be_deleted(visit: Visit) -> None:
    attributes(visit)
    give(visit, PEOPLE)
    assert len(list(uploads.folder().iterdir())) == 1
    visit.click("own-upload-forget")
    assert list(uploads.folder().iterdir()) == []
    assert "Upload a table to go on." in visit.text


def test_a_finished_run_shows_sentence_bars_memory_cases_groups_and_records(visit: Visit) -> None:
    run = tables.done(owner=ME)
    attributes(visit, run=run)
    for words in (
        "an attacker is right about",
        "planted in these data",
        "Remembered, or merely guessable?",
        "Never seen",
        "When the attacker is surest",
        "Case 1",
        "Who is hit harder",
        "Record by record",
        "What the attacker used",
    ):
        assert words in visit.text
    assert visit.links["Everything about this run"] == f"run={run}"
    assert not visit.progress


def test_nothing_learnt_is_said_in_words(visit: Visit) -> None:
    attributes(visit, run=tables.done(gain=(0.01, -0.01, 0.03)))
    assert "learned nothing from the model that was not already guessable" in visit.text
    assert "+1.0 points" in visit.text and "\N{MINUS SIGN}1.0 to +3.0" in visit.text


def test_records_are_narrowed_to_those_only_the_attack_is_right_about(visit: Visit) -> None:
    run = tables.done()
    attributes(visit, run=run)
    listed = visit.app.dataframe[-1].value
    assert list(listed["attack"]) == ["✓ right", "✗ wrong", "✓ right", "✗ wrong", "truth unknown"]
    visit.app.segmented_control(key=f"records-{run}").set_value("only the attack right")
    visit.again()
    assert list(visit.app.dataframe[-1].value["record"]) == [0]
    visit.app.segmented_control(key=f"records-{run}").set_value("only guessing right")
    visit.again()
    assert list(visit.app.dataframe[-1].value["record"]) == [1]


def test_a_run_that_lost_its_guesses_still_shows_its_numbers(visit: Visit) -> None:
    attributes(visit, run=tables.done(records=None))
    assert "given away by the model" in visit.text
    assert "should have a records.csv, it has none" in errors(visit)[0]


def test_a_running_attack_shows_its_progress_and_can_be_cancelled(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(jobs, "cancel", lambda run, who: asked.append((run, who)))
    run = tables.running(owner=ME)
    attributes(visit, run=run)
    assert "Attacking: step 1 of 2 (trying value 1 of 2)" in visit.progress[0]
    visit.click("cancel")
    assert asked == [(run, ME)]


def test_my_latest_table_run_is_found_and_pictures_are_left_to_attack(visit: Visit) -> None:
    tables.running(1, owner=ME)
    world.running(2, owner=ME)
    attributes(visit)
    assert "Attacking: step 1 of 2" in visit.progress[0]
    visit.open("lab/attack")
    assert "step 5: what the attacker has" in visit.text


def test_a_run_on_other_data_opens_on_its_own_page(visit: Visit) -> None:
    attributes(visit, run=world.running(owner=ME))
    assert [one.value for one in visit.app.title] == ["Attack"]
    visit.open("lab/attack", run=tables.running(owner=ME))
    assert [one.value for one in visit.app.title] == ["Attributes"]


def test_a_failed_run_says_why(visit: Visit) -> None:
    run = tables.running()
    open_store().finish(run, State.FAILED, error="query budget is 20, 20 spent; raise it")
    attributes(visit, run=run)
    assert "query budget is 20, 20 spent; raise it" in visit.text


def test_again_with_one_change_starts_from_that_scenario(visit: Visit, submitted: list[Scenario]) -> None:
    before = tables.scenario(
        5,
        dataset={"name": "credit", "options": {"memorised": 0.25, "records": 400}},
        target={"name": "random-forest", "params": {"trees": 5}},
        exposure={
            "access": "labels",
            "query_budget": 90_000,
            "knowledge": {"clues": ["true-label"], "unknown": []},
        },
        attack={"name": "lomia"},
        victims=[0, 1, 2],
    )
    run, _ = open_store().create(before, ME)
    attributes(visit, **{"from": run})
    visit.click("launch")
    assert json.loads(submitted[0].model_dump_json()) == json.loads(before.model_dump_json())


def test_again_with_ones_own_table(visit: Visit, submitted: list[Scenario]) -> None:
    kept = uploads.keep(PEOPLE.encode(), "people.csv")
    options = {"label": "ill", "sensitive": "age", "bins": 3, "types": {"city": "ignore"}}
    before = tables.scenario(
        dataset={"name": "table", "path": str(kept.path), "options": options},
        exposure={"access": "scores", "knowledge": {"clues": ["true-label"], "unknown": ["smokes"]}},
    )
    run, _ = open_store().create(before, ME)
    attributes(visit, **{"from": run})
    visit.click("launch")
    assert submitted[0].dataset == before.dataset
    assert submitted[0].exposure == before.exposure
