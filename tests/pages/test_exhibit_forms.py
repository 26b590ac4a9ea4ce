"""Every exhibit's form takes over an earlier run whole: "again with one change" changes nothing else."""

import pytest
from streamlit.testing.v1 import AppTest

from inversion_core import exhibits
from inversion_core.scenario import Scenario
from pages.ui import exhibits as shown


def draw(name: str, before: dict) -> None:  # type: ignore[type-arg]  # its text alone is run
    import importlib

    import streamlit as st

    one = importlib.import_module(f"pages.ui.exhibit_{name}").EXHIBIT
    st.session_state["draft"] = one.form(st.session_state.get("before", before))


def kinds(name: str) -> list[Scenario]:
    """Return the last stored scenario of each attack, exposure and target of an exhibit, six at most; what
    stands beside for comparison belongs to another page.
    """
    found = {
        str((one.attack.name, one.exposure, one.target)): one
        for one in exhibits.scenarios(name)
        if (owner := shown.of(one)) is not None and owner.name == name
    }
    return list(found.values())[-6:]


@pytest.mark.parametrize("name", exhibits.names())
def test_a_form_takes_over_an_earlier_run(name: str) -> None:
    for wanted in kinds(name):
        again = {"name": name, "before": wanted.model_dump(mode="json")}
        page = AppTest.from_function(draw, kwargs=again, default_timeout=60).run()
        assert not page.exception, page.exception[0].message
        assert Scenario.model_validate(page.session_state["draft"]).canonical() == wanted.canonical()


@pytest.mark.parametrize("name", ["gradients", "extraction", "property"])
def test_a_form_takes_over_what_it_has_no_choice_for(name: str) -> None:
    first = exhibits.scenarios(name)[0].model_dump(mode="json")
    defences = {
        "gradients": [
            {"name": "local-dp", "params": {"noise": 0.1}},
            {"name": "secure-aggregation", "params": {}},
        ],
        "property": [{"name": "rounding", "params": {"decimals": 2}}],
    }
    chosen = defences.get(name, [{"name": "rounding", "params": {"decimals": 1}}])
    first["exposure"]["defences"] = chosen
    page = AppTest.from_function(draw, kwargs={"name": name, "before": first}, default_timeout=60).run()
    assert not page.exception, page.exception[0].message
    wanted = Scenario.model_validate(first)
    assert Scenario.model_validate(page.session_state["draft"]).canonical() == wanted.canonical()


def test_a_form_keeps_a_table_of_ones_own() -> None:
    before = exhibits.scenarios("property")[0].model_dump(mode="json")
    before["dataset"] = {"name": "table", "path": "own.csv", "options": {"label": "y", "sensitive": "s"}}
    page = AppTest.from_function(
        draw, kwargs={"name": "property", "before": before}, default_timeout=60
    ).run()
    assert not page.exception, page.exception[0].message
    assert page.session_state["draft"]["dataset"] == before["dataset"]


def test_a_form_that_is_open_follows_a_run_of_the_other_system() -> None:
    every = exhibits.scenarios("generation")
    photos, notes = every[0].model_dump(mode="json"), every[-1].model_dump(mode="json")
    page = AppTest.from_function(draw, kwargs={"name": "generation", "before": photos}, default_timeout=60)
    for before in (photos, notes, photos):
        page.session_state["before"] = before
        page.run()
        assert not page.exception, page.exception[0].message
        assert page.session_state["draft"]["attack"]["name"] == before["attack"]["name"]
