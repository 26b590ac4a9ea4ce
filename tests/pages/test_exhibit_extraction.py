"""The exhibits of extraction and encryption: sound forms, and drawings that say what the numbers say."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from inversion_core import exhibits
from inversion_core.scenario import Scenario, problems
from pages.ui import exhibit_encryption, exhibit_extraction


def extraction_form() -> None:
    import streamlit as st

    from pages.ui.exhibit_extraction import EXHIBIT

    st.session_state["draft"] = EXHIBIT.form({})


def encryption_form() -> None:
    import streamlit as st

    from pages.ui.exhibit_encryption import EXHIBIT

    st.session_state["draft"] = EXHIBIT.form({})


def shipped_pages() -> None:
    import importlib

    import streamlit as st

    from inversion_core import exhibits
    from pages.ui.exhibit import ShownRun

    name = st.session_state["name"]
    exhibit = importlib.import_module(f"pages.ui.exhibit_{name}").EXHIBIT
    shelf = exhibits.stored(name)
    for record in shelf.runs():
        if record.scenario.attack.name == "knockoff" or name == "encryption":
            sheets = {one.name: one.sha256 for one in shelf.artifacts(record.id)}
            exhibit.finished(ShownRun(record.scenario, record.result or {}, True, sheets, shelf.artifact))
    exhibit.measured(shelf.runs())


@pytest.mark.parametrize("page", [extraction_form, encryption_form])
def test_the_form_as_it_opens_is_a_sound_scenario(page: Callable[[], None]) -> None:
    at = AppTest.from_function(page, default_timeout=60).run()
    assert not at.exception
    assert problems(Scenario.model_validate(at.session_state["draft"])) == []


@pytest.mark.parametrize("name", ["extraction", "encryption"])
def test_shipped_runs_are_drawn(name: str) -> None:
    at = AppTest.from_function(shipped_pages, default_timeout=60)
    at.session_state["name"] = name
    at.run()
    assert not at.exception
    assert len(at.table) > 0


def test_points_of_the_theft_are_those_of_its_runs() -> None:
    runs = exhibits.stored("extraction").runs()
    found = exhibit_extraction.table(runs)
    stolen = found[(found["attack"] == "knockoff") & (found["what"] == "copy agrees")]
    assert len(stolen) == sum(run.scenario.attack.name == "knockoff" for run in runs) > 0
    drawn = [exhibit_extraction.figure(part) for _, part in found.groupby("answers")]
    assert len(drawn) == 2
    assert sum(len(line["x"]) for one in drawn for line in one.data) == len(found)


def test_each_channel_has_its_row_and_the_same_people_are_recognised() -> None:
    runs = exhibits.stored("encryption").runs()
    found = exhibit_encryption.table(runs)
    assert set(found["channel"]) == {title for title, _ in exhibit_encryption.CHANNELS.values()}
    small = [run for run in runs if len(run.scenario.victims) < 20]
    assert len({json.dumps(people(run)) for run in small}) == 1
    for run in runs:
        if (told := (run.result or {}).get("channel")) is not None:
            assert told["max_abs_difference"] < 1e-3 and told["same_label"] == told["photos"]
            assert max(map(abs, told["view_correlation"])) < 0.05


def people(run) -> list[bool]:
    return [row["evaluator_rank"] == 1 for row in run.result["victims"]]
