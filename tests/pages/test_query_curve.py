"""Success against queries: the line of a run, the same people through other places, the numbers behind."""

from typing import Any

import pytest

from inversion_core.store.runs import open_store
from pages.ui import query_curve, query_runs
from pages.ui.query_runs import Curve
from tests.pages import world
from tests.pages.conftest import Visit

NES, LABELS = {"name": "nes-latent"}, {"name": "brep-mi"}
PUBLIC = {
    "access": "scores",
    "defences": [{"name": "top-k", "params": {"k": 3}}, {"name": "rounding", "params": {"decimals": 2}}],
}


def asked(seed: int, *shares: float, remarks: tuple[str, ...] = (), **changes: Any) -> str:
    """Return a run that is done and kept its success at 100, 300, ... rows a victim."""
    basis: dict[str, Any] = {"attack": NES, "exposure": {"access": "scores"}}
    found = {"by_queries": world.asked(*shares), "remarks": list(remarks)}
    return world.done(seed, found=found, **basis | changes)


def beside(run: str) -> list[Curve]:
    """Return the curves drawn beside a run."""
    return query_runs.others(open_store().get(run).scenario)


def test_a_run_shows_its_success_by_queries_with_interval_n_and_baseline(visit: Visit) -> None:
    run = asked(0, 0.25, 0.5, 0.75)
    visit.open("lab/run", run=run)
    assert (
        "Success against queries" in visit.text and "How often does the attacker have to ask?" in visit.text
    )
    (shown,) = [one.value for one in visit.app.table if "rows a victim" in one.value.columns]
    assert list(shown["rows a victim"]) == ["100", "300", "1,000"]
    assert list(shown["recognised"]) == ["25 %", "50 %", "75 %"]
    assert list(shown["95 % interval"]) == ["5 % to 45 %", "30 % to 70 %", "55 % to 95 %"]
    assert set(shown["n"]) == {str(world.PEOPLE)}
    assert set(shown["guessing"]) == {"8.3 %"}


def test_a_run_that_kept_nothing_on_its_way_has_no_chart(visit: Visit) -> None:
    visit.open("lab/run", run=world.done())
    assert "Success against queries" not in visit.text and "The attack remarks" not in visit.text


def test_what_the_attack_remarks_stands_there_even_without_a_chart(visit: Visit) -> None:
    told = "no seed found after 100 public faces for the classes <4>"
    visit.open("lab/run", run=asked(0, remarks=(told,)))
    assert f"The attack remarks: {told}." in visit.text
    assert "Remarks on the search" in visit.text and "Success against queries" not in visit.text


def test_the_same_people_through_other_places_are_drawn_beside(visit: Visit) -> None:
    asked(1, 0.1, attack=LABELS, exposure={"access": "labels"})
    asked(2, 0.2, exposure=PUBLIC)
    visit.open("lab/run", run=asked(3, 0.3))
    (shown,) = [one.value for one in visit.app.table if "rows a victim" in one.value.columns]
    assert list(shown.index) == [
        "this run: Evolution strategy, Partner API",
        "Evolution strategy, Public API",
        "Boundary repulsion, Label-only service",
    ]


def test_of_every_other_place_the_latest_run_counts_whatever_its_seed_and_budget() -> None:
    asked(1, 0.1, exposure=PUBLIC)
    asked(2, 0.2, exposure=PUBLIC | {"query_budget": 5000})
    here = asked(3, 0.3)
    asked(4, 0.4)  # the place and the attack of the run itself
    (other,) = beside(here)
    assert other.label == "Evolution strategy, Public API" and other.rows[0]["value"] == 0.2


@pytest.mark.parametrize(
    "changes",
    [
        {"victims": (0, 1)},
        {"target": {"name": "softmax", "params": {"epochs": 7}}},
        {"target": {"name": "softmax", "defences": [{"name": "label-smoothing"}]}},
        {"dataset": {"name": "people", "options": {"people": world.PEOPLE + 1}}},
    ],
    ids=str,
)
def test_other_people_or_another_model_are_not_drawn_beside(changes: dict[str, Any]) -> None:
    asked(1, 0.1, exposure=PUBLIC, **changes)
    assert beside(asked(2, 0.2)) == []


def test_a_default_written_out_is_the_same_model() -> None:
    scenario = world.scenario()
    target = {"name": "softmax", "params": scenario.make_target().params.model_dump(mode="json")}
    asked(1, 0.1, exposure=PUBLIC, target=target)
    assert len(beside(asked(2, 0.2))) == 1


def test_an_exposure_that_is_no_place_is_told_as_it_is_and_six_are_enough() -> None:
    for decimals in range(query_runs.MOST + 1):
        exposure = {
            "access": "scores",
            "defences": [{"name": "rounding", "params": {"decimals": decimals}}],
        }
        asked(decimals, 0.1, exposure=exposure)
    labels = [one.label for one in beside(asked(9, 0.2))]
    assert len(labels) == query_runs.MOST
    assert labels[0] == "Evolution strategy, scores + rounding decimals=6"


def test_the_chart_has_a_line_a_run_an_interval_a_point_and_guessing_in_words() -> None:
    here = Curve("NES, Partner API", world.asked(0.25, 0.5))
    others = [Curve(f"other {place}", world.asked(0.1)) for place in range(query_runs.MOST)]
    figure = query_curve.figure(here, others)
    guessing, *lines, own = figure.data
    assert guessing.name == "guessing without the model, 8.3 %" and set(guessing.y) == {1 / world.PEOPLE}
    assert own.name == "this run: NES, Partner API" and own.x == (100, 300) and own.y == (0.25, 0.5)
    assert own.error_y.array == pytest.approx((0.2, 0.2))
    assert own.error_y.arrayminus == pytest.approx((0.2, 0.2))
    looks = {(line.line.color, line.line.dash, line.marker.symbol) for line in lines}
    assert len(looks) == query_runs.MOST and len({line.marker.symbol for line in lines}) == query_runs.MOST
    assert own.line.width > max(line.line.width for line in lines)
    low, high = figure.layout.xaxis.range
    assert low < 2 and high > 2.47 and figure.layout.xaxis.ticktext == ("100", "300")


def test_what_was_found_without_a_single_query_is_in_the_table_but_has_no_place_on_the_axis() -> None:
    nothing = Curve("NES", [row | {"queries": 0} for row in world.asked(0.25)])
    assert query_curve.figure(nothing, []).data[-1].x == ()
    assert list(query_curve.table(nothing, [])["rows a victim"]) == [0]


def test_the_numbers_behind_have_interval_and_n_for_every_run() -> None:
    behind = query_curve.table(Curve("NES", world.asked(0.25)), [Curve("other", world.asked(0.5, n=7))])
    assert list(behind["run"]) == [
        "this run: NES",
        "other",
    ]
    assert list(behind["n"]) == [world.PEOPLE, 7] and list(behind["guessing"]) == [1 / world.PEOPLE, 1 / 7]
    assert list(behind["95 % low"]) == pytest.approx([0.05, 0.3])
    assert list(behind["95 % high"]) == pytest.approx([0.45, 0.7])
