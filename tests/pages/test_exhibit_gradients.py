"""The exhibit of gradients: a form that gives sound scenarios, a run with its pictures, and the charts."""

from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import torch
from streamlit.testing.v1 import AppTest

from inversion_core import pictures
from inversion_core.exhibits import gradients
from inversion_core.metrics.intervals import wilson
from inversion_core.scenario import Scenario, problems
from inversion_core.values import Score
from pages.ui import gradients_measured
from pages.ui.exhibit_gradients import EXHIBIT


def result(hits: int, count: int) -> dict[str, Any]:
    low, high = wilson(hits, count)
    score = Score("identified-share", hits / count, low, high, count, 1 / 2000, 1.0, "higher")
    rows = [
        {"name": f"person {place}", "psnr": 20.0 + place, "evaluator_rank": 1 if place < hits else 7}
        for place in range(count)
    ]
    told = {"clients": count, "labels known": True, "defences": []}
    return {"scores": [asdict(score)], "victims": rows, "assumptions": told}


def run(scenario: Scenario, hits: int) -> Any:
    setting = scenario.federated()
    return SimpleNamespace(scenario=scenario, result=result(hits, setting.clients * setting.photos))


def draft_of(before: dict[str, Any]) -> dict[str, Any]:
    def page(before: dict) -> None:  # type: ignore[type-arg]  # its text alone is run
        import streamlit as st

        from pages.ui.exhibit_gradients import EXHIBIT

        st.session_state["draft"] = EXHIBIT.form(before)

    app = AppTest.from_function(page, default_timeout=60, args=(before,)).run()
    assert not app.exception
    found: dict[str, Any] = app.session_state["draft"]
    return found


def test_the_form_begins_with_a_scenario_that_can_run() -> None:
    assert problems(Scenario.model_validate(draft_of({}))) == []


def test_the_form_takes_over_an_earlier_scenario() -> None:
    for wanted in (gradients.aggregated()[3], gradients.batches()[1], gradients.noisy()[2]):
        found = Scenario.model_validate(draft_of(wanted.model_dump(mode="json")))
        assert found.key() == wanted.key()


def test_a_run_shows_every_photo_beside_its_original_and_what_it_holds_under() -> None:
    def page(told: dict, sheet: bytes) -> None:  # type: ignore[type-arg]  # its text alone is run
        from pages.ui.exhibit import ShownRun
        from pages.ui.exhibit_gradients import EXHIBIT

        sheets = {"original-sheet.png": "a", "reconstruction-sheet.png": "b"}
        EXHIBIT.finished(ShownRun(None, told, True, sheets, lambda _: sheet))  # type: ignore[arg-type]

    sheet = pictures.png(pictures.sheet(torch.zeros(3, 3, 16, 16, dtype=torch.uint8)))
    app = AppTest.from_function(page, default_timeout=60, args=(result(2, 3), sheet)).run()
    assert not app.exception and sum(len(image.proto.imgs) for image in app.image) == 3
    html = " ".join(one.proto.body for one in app.get("html"))
    assert "person 2: the 7th nearest photo, 22.0 dB" in html and "person 0: identified" in html
    assert "Labels known" in html and "yes" in html


def test_every_run_of_the_sweeps_has_its_place_on_a_chart() -> None:
    for chart, part in zip(
        gradients_measured.CHARTS,
        (
            gradients.aggregated(),
            gradients.noisy(),
            gradients.pruned(),
            gradients.batches(),
            gradients.private(),
            gradients.averaged(),
        ),
        strict=True,
    ):
        points = gradients_measured.of(chart, [run(one, 1) for one in part])
        assert len(points) == len(part), chart.name
        assert len(gradients_measured.table(chart, points)) == len(part)
        assert len(gradients_measured.figure(chart, points).data) == 1 + len({one.line for one in points})


def test_every_run_is_on_a_chart_or_in_the_table_beside() -> None:
    runs = [run(one, 1) for one in gradients.scenarios()]
    charted = [one for one in runs if any(chart.place(one.scenario) for chart in gradients_measured.CHARTS)]
    rows = gradients_measured.beside(runs)
    counted = sum(int(row["identified"].split(" of ")[1]) for row in rows)
    assert counted == sum(one.result["scores"][0]["n"] for one in runs if one not in charted)
    assert any("deep-leakage" in row["attack"] for row in rows)
    assert any("statistics sent" in row["attack"] for row in rows)


def test_seeds_are_counted_together() -> None:
    one, other = gradients.batches()[1], gradients.batches()[1].model_copy(update={"seed": 1})
    (point,) = gradients_measured.of(gradients_measured.CHARTS[3], [run(one, 1), run(other, 3)])
    photos = 2 * one.federated().clients * one.federated().photos
    assert (point.hits, point.n, point.share) == (4, photos, 4 / photos)


def test_a_blind_pick_is_drawn_where_it_lies_for_every_sum() -> None:
    chart, part = gradients_measured.CHARTS[0], gradients.aggregated()[:3]
    runs = [run(one, 1) for one in part]
    for one in runs:
        one.result["scores"][0]["baseline"] = one.scenario.federated().clients / 2000
    blind = gradients_measured.figure(chart, gradients_measured.of(chart, runs)).data[-1]
    assert list(blind.y) == [place / 2000 for place in blind.x] and len(set(blind.y)) == 3
    assert blind.name == f"a blind pick, {0.05 * min(blind.x):.2g} to {0.05 * max(blind.x):.2g} %"


def test_the_measured_part_draws_without_an_error() -> None:
    def page(runs: list) -> None:  # type: ignore[type-arg]  # its text alone is run
        from pages.ui.exhibit_gradients import EXHIBIT

        EXHIBIT.measured(runs)

    runs = [run(one, 1) for one in (*gradients.aggregated(), *gradients.pruned())]
    app = AppTest.from_function(page, default_timeout=60, args=(runs,)).run()
    assert not app.exception
    assert [one.value for one in app.subheader][:1] == [gradients_measured.CHARTS[0].title]


def test_the_card_says_claim_access_and_cost() -> None:
    assert EXHIBIT.name == "gradients" and EXHIBIT.question.endswith("?")
    assert all((EXHIBIT.claim, EXHIBIT.access, EXHIBIT.cost))
