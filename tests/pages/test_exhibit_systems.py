"""The exhibits of generative models, the last row and properties: form, finished run, stored runs."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from inversion_core import exhibits
from inversion_core.scenario import Scenario, problems

NAMES = ("generation", "property", "reconstruction")


def draw_form(name: str) -> None:
    import importlib

    import streamlit as st

    one = importlib.import_module(f"pages.ui.exhibit_{name}").EXHIBIT
    st.session_state["draft"] = one.form({})


def draw_stored(name: str) -> None:
    import importlib

    from inversion_core import exhibits
    from pages.ui.exhibit import ShownRun

    one = importlib.import_module(f"pages.ui.exhibit_{name}").EXHIBIT
    runs = exhibits.stored(name)
    one.measured(runs.runs())
    record = runs.runs()[0]
    assert record.result is not None
    sheets = {each.name: each.sha256 for each in runs.artifacts(record.id)}
    one.finished(ShownRun(record.scenario, record.result, True, sheets, runs.artifact))


def shown(draw: Any, name: str) -> AppTest:
    """Return what a page draws; nothing may be raised."""
    page = AppTest.from_function(draw, kwargs={"name": name}, default_timeout=60).run()
    assert not page.exception, page.exception[0].message
    return page


@pytest.mark.parametrize("name", NAMES)
def test_the_form_begins_with_a_sound_scenario(name: str) -> None:
    draft = shown(draw_form, name).session_state["draft"]
    assert problems(Scenario.model_validate(draft)) == []


@pytest.mark.parametrize("name", NAMES)
def test_stored_runs_are_drawn_with_a_table_behind_each_chart(name: str) -> None:
    page = shown(draw_stored, name)
    assert page.get("plotly_chart") and page.get("table")


@pytest.mark.parametrize("name", NAMES)
def test_every_run_that_ships_can_run(name: str) -> None:
    for one in exhibits.scenarios(name):
        assert problems(one) == []
