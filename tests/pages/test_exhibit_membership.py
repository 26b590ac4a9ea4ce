"""The exhibit of membership: its form makes sound scenarios, its pictures say what the numbers say."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from inversion_core import exhibits
from inversion_core.scenario import Scenario, problems
from pages.ui.exhibit_membership import EXHIBIT
from pages.ui.membership_curve import at, counted, figure, table
from pages.ui.membership_measured import figure as measured_figure

CURVE: dict[str, Any] = {
    "fpr": [0.0, 0.002, 0.01, 0.1, 1.0],
    "tpr": [0.0, 0.01, 0.05, 0.4, 1.0],
    "members": 500,
    "others": 500,
    "finest": 0.01,
    "epsilon": 1.0,
    "delta": 1e-5,
}


def form_page() -> None:
    import streamlit as st

    from pages.ui.exhibit_membership import EXHIBIT

    st.session_state["draft"] = EXHIBIT.form(st.session_state.get("before", {}))


def finished_page() -> None:
    import streamlit as st

    from inversion_core import exhibits
    from pages.ui import library
    from pages.ui.exhibit import ShownRun
    from pages.ui.exhibit_membership import EXHIBIT

    shelf = exhibits.stored("membership")
    record = shelf.runs()[st.session_state["place"]]
    assert record.result is not None
    EXHIBIT.finished(
        ShownRun(
            scenario=record.scenario,
            result=record.result,
            synthetic=library.synthetic(record.scenario),
            sheets={one.name: one.sha256 for one in shelf.artifacts(record.id)},
            read=shelf.artifact,
        )
    )


def measured_page() -> None:
    from inversion_core import exhibits
    from pages.ui.exhibit_membership import EXHIBIT

    EXHIBIT.measured(exhibits.stored("membership").runs())


def opened(page: Any, **state: Any) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def drafted(app: AppTest) -> Scenario:
    return Scenario.model_validate(app.session_state["draft"])


def test_the_form_as_it_opens_is_a_sound_scenario() -> None:
    made = drafted(opened(form_page))
    assert problems(made) == [] and made.attack.name == "rmia"


def test_pictures_bring_their_own_targets() -> None:
    app = opened(form_page)
    app.selectbox(key="membership-dataset").set_value("people").run()
    made = drafted(app)
    assert problems(made) == [] and (made.dataset.name, made.target.name) == ("people", "cnn-gn")


def test_an_earlier_scenario_fills_the_form_in() -> None:
    kept = exhibits.scenarios("membership")
    several = next(one for one in kept if len(one.target.defences) > 1)
    for one in (kept[1], kept[-1], several):
        made = drafted(opened(form_page, before=one.model_dump(mode="json")))
        assert made.canonical() == one.canonical()


def test_the_card_says_what_is_claimed_and_what_not() -> None:
    assert "not what it contains" in EXHIBIT.claim and EXHIBIT.question.endswith("?")


def test_the_curve_is_marked_where_the_sample_ends_and_bounded_where_privacy_says() -> None:
    drawn = figure(CURVE)
    names = [one.name for one in drawn.data]
    assert names == ["guessing", "allowed by differential privacy, epsilon 1", "this attack"]
    assert [shape.x1 for shape in drawn.layout.shapes] == [0.01, 0.01]
    assert list(drawn.data[2].x) == [0.002, 0.01, 0.1, 1.0] and drawn.layout.xaxis.type == "log"
    without = figure(CURVE | {"epsilon": None, "delta": None})
    assert [one.name for one in without.data] == ["guessing", "this attack"]


def test_the_table_goes_no_finer_than_the_sample() -> None:
    rows = table(CURVE)
    assert list(rows["false alarms"]) == ["1 %", "5 %", "10 %", "50 %"]
    assert list(rows["members named"]) == ["5 %", "5 %", "40 %", "40 %"]
    assert rows["allowed by differential privacy"][0] == "7.4 %"
    assert at(CURVE, 0.001) == 0.0


@pytest.mark.parametrize("place", [0, -1])
def test_a_stored_run_is_drawn_with_its_scores_and_its_surest(place: int) -> None:
    app = opened(finished_page, place=place)
    shown = " ".join(one.value for one in app.header)
    assert "Members named against false alarms" in shown and "Of whom the attack is surest" in shown
    assert len(app.table) >= 3


def surest(members: list[bool], beliefs: list[float], others_above: float) -> list[dict[str, Any]]:
    rows = [{"member": one, "belief": two} for one, two in zip(members, beliefs, strict=True)]
    return [{**row, "others_above": others_above} for row in rows]


def test_the_surest_are_counted_only_where_chance_did_not_choose_them() -> None:
    told = counted(surest([True, True, False], [3.0, 2.0, 1.0], 1 / 750), 750)
    assert told == "2 of these 3 were trained on; guessing gives half."
    only = counted(surest([True] * 3, [1.0] * 3, 0.0), 750)
    assert only == "3 of these 3 were trained on; guessing gives half."
    tied = counted(surest([True] * 3, [1.0] * 3, 6 / 750), 750)
    assert tied == (
        "The attack believes these 3 exactly as much as records that are not shown, 6 of them not trained "
        "on: which are shown is chance."
    )
    some = counted(surest([True] * 3, [2.0, 1.0, 1.0], 6 / 750), 750)
    assert "the last 2 of these 3" in some and "trained on; guessing" not in some


def test_the_stored_runs_are_drawn_together() -> None:
    app = opened(measured_page)
    count = len(exhibits.stored("membership").runs())
    assert len(app.table[0].value) == count > 10


def test_every_attack_has_a_symbol_of_its_own() -> None:
    row = {"system": "a", "value": 0.6, "low": 0.5, "high": 0.7, "AUC": "0.6", "seed": 0}
    drawn = measured_figure(
        [{**row, "name": name, "attack": name} for name in ("lira", "rmia", "loss-threshold")]
    )
    assert len({one.marker.symbol for one in drawn.data}) == 3
