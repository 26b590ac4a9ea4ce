"""Forms are made from Params: a widget for every field of every component, its limits from the model."""

from typing import Any

import pytest
from pydantic import BaseModel, Field
from streamlit.testing.v1 import AppTest

from inversion_core.component import Component
from inversion_core.registry import KINDS, components

EVERY_COMPONENT = [
    pytest.param(kind, name, id=f"{kind}-{name}") for kind in KINDS for name in components(kind)
]


def form(kind: str, name: str) -> None:
    import streamlit as st

    from inversion_core.registry import find
    from pages.ui.params_form import params_form

    st.session_state["made"] = params_form(find(kind, name).Params, key="form", initial={})


def widgets(app: AppTest) -> dict[str, Any]:
    kinds = (
        app.number_input,
        app.selectbox,
        app.toggle,
        app.text_input,
        app.text_area,
        app.multiselect,
    )
    return {str(widget.key).removeprefix("form-"): widget for kind in kinds for widget in kind}


@pytest.mark.parametrize(("kind", "name"), EVERY_COMPONENT)
def test_every_field_has_a_widget_and_defaults_are_left_out(kind: str, name: str) -> None:
    app = AppTest.from_function(form, args=(kind, name), default_timeout=60).run()
    assert not app.exception, app.exception[0].message
    params: type[BaseModel] = components(kind)[name].Params
    assert set(widgets(app)) == set(params.model_fields)
    assert app.session_state["made"] == {}
    for field, widget in widgets(app).items():
        if description := params.model_fields[field].description:
            assert widget.help == description


class Odd(Component):
    """Has every type of field a form can show, and one it cannot."""

    class Params(Component.Params):
        steps: int = Field(20, ge=1, le=30, description="How many.")
        rate: float = Field(0.1, gt=0, lt=1)
        careful: bool = False
        limit: int | None = Field(None, ge=1)
        name: str = "x"
        people: tuple[int, ...] = ()


def test_values_that_differ_are_returned_with_their_types_and_make_the_model() -> None:
    def odd() -> None:
        import streamlit as st

        from pages.ui.params_form import params_form
        from tests.pages.test_params_form import Odd

        st.session_state["made"] = params_form(Odd.Params, key="form", initial={"rate": 0.5, "people": [3]})

    app = AppTest.from_function(odd, default_timeout=60).run()
    assert app.session_state["made"] == {"rate": 0.5, "people": ["3"]}
    app.number_input(key="form-steps").set_value(7)
    app.number_input(key="form-limit").set_value(3)
    app.toggle(key="form-careful").set_value(True)
    app.run()
    made = app.session_state["made"]
    assert made == {"steps": 7, "rate": 0.5, "careful": True, "limit": 3, "people": ["3"]}
    assert Odd.Params(**made).steps == 7 and Odd.Params(**made).people == (3,)
    steps = app.number_input(key="form-steps")
    assert (steps.min, steps.max) == (1, 30)


def test_a_field_no_widget_fits_is_an_error_of_the_programmer() -> None:
    class Unfit(BaseModel):
        layers: list[float] = []

    from pages.ui.params_form import params_form

    with pytest.raises(TypeError, match="switches, text and lists; 'layers'"):
        params_form(Unfit, key="unfit", initial={})
