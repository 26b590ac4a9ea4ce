"""What a row costs an honest user: closed forms on models made by hand, and rows of real small sweeps."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from inversion_core.compare.utility import Estimate, Utility, worse
from inversion_core.console import exhaust
from inversion_core.metrics.intervals import wilson
from inversion_core.sweeps import utility as measuring
from inversion_core.sweeps.cells import served
from inversion_core.sweeps.spec import Row, Sweep
from inversion_core.sweeps.utility import open_service, person_loss, timed, utilities, utility
from tests.sweeps.specs import tiny

TIMES = {"milliseconds", "bare_milliseconds"}


def without_times(found: Utility) -> dict[str, Any]:
    return found.model_dump(exclude=TIMES)


def sweep(base: dict[str, Any], rows: list[dict[str, Any]], attack: str) -> Sweep:
    spec = {"name": "t", "base": base, "rows": rows, "seeds": [0]}
    return Sweep.model_validate(spec | {"columns": [{"title": "a", "attack": {"name": attack}}]})


@pytest.fixture
def faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the base of a sweep over three tiny people."""
    monkeypatch.setattr(measuring, "TIMED", 3)
    base: dict[str, Any] = tiny(tmp_path / "photos")["base"]
    return base


def test_who_loses_and_who_gains_is_counted_by_person() -> None:
    people = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    before = torch.tensor([1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0]).bool()
    now = torch.tensor([1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0]).bool()
    loss = person_loss(now, before, people)
    assert (loss.people, loss.photos, loss.worst) == (3, 4, 0.75)
    assert (loss.losing, loss.gaining) == pytest.approx((1 / 3, 1 / 3))
    assert loss.mean.value == pytest.approx((0.75 - 0.25 + 0) / 3)
    assert loss.mean.low < 0 < loss.mean.value < loss.mean.high


def test_equal_people_give_no_false_certainty() -> None:
    right = torch.ones(40).bool()
    loss = person_loss(right, right, torch.arange(40) // 4)
    assert loss.worst == loss.mean.value == 0
    assert loss.mean.high == -loss.mean.low == wilson(0, 10)[1]


def test_two_that_are_timed_take_turns() -> None:
    now, order = [0.0], []

    def asker(name: str, seconds: float) -> Any:
        def ask(number: int) -> None:
            order.append((name, number))
            # The machine slows down steadily: whoever is asked later would look slower.
            now[0] += seconds + 0.001 * len(order)

        return ask

    slow, fast = timed([asker("slow", 0.2), asker("fast", 0.1)], clock=lambda: now[0])
    assert slow - fast == pytest.approx(100, abs=3)
    counted = order[2 * measuring.WARM_UP :]
    assert len(counted) == 2 * measuring.TIMED
    assert counted[:4] == [("slow", 0), ("fast", 0), ("fast", 1), ("slow", 1)]


def test_a_defence_of_the_answers_is_held_against_the_same_model(faces: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = [
        {"title": "none"},
        {"title": "hot", "defences": [{"name": "temperature", "params": {"temperature": 1000}}]},
        {"title": "label", "defences": [{"name": "label-only"}]},
        {"title": "tier", "exposure": {"access": "labels"}},
        {"title": "budget", "exposure": {"query_budget": 7}},
    ]
    found = exhaust(utilities(sweep(faces, rows, "mi-face")))
    bare, hot, label = found["none"], found["hot"], found["label"]
    assert list(found) == [row["title"] for row in rows]
    assert (bare.n, bare.distortion, bare.accuracy.value) == (3, 0, 1)
    assert bare.people is not None and bare.people.mean == Estimate(value=0, low=0, high=0)
    # At such a temperature each of three classes gets a third, and the label stays.
    assert hot.accuracy == bare.accuracy and hot.calibration_error == pytest.approx(2 / 3, abs=2e-3)
    assert hot.brier == pytest.approx(2 / 3, abs=4e-3)
    assert hot.distortion is not None and bare.calibration_error is not None
    # The winner falls from its confidence to a third, and what it loses the others get.
    assert hot.distortion == pytest.approx(2 * (1 - bare.calibration_error - 1 / 3), abs=4e-3)
    assert label.released == "labels" and label.calibration_error is None and label.brier is None
    assert label.distortion == pytest.approx(2 * bare.calibration_error, abs=1e-5)
    assert without_times(found["tier"]) == without_times(label)
    assert found["budget"] == bare
    assert not any(one.trained_anew for one in found.values())
    assert worse(hot, bare) >= {"confidence", "distortion"} and not worse(bare, bare) - {"answer"}


def test_a_defence_of_the_training_is_trained_anew_and_measuring_is_repeatable(faces: dict[str, Any]) -> None:
    strong = {"title": "softened", "defences": [{"name": "label-smoothing", "params": {"alpha": 0.5}}]}
    wanted = sweep(faces, [{"title": "none"}, strong], "mi-face")
    first, again = exhaust(utilities(wanted)), exhaust(utilities(wanted))
    assert {row: without_times(one) for row, one in first.items()} == {
        row: without_times(one) for row, one in again.items()
    }
    softened = first["softened"]
    assert softened.trained_anew and softened.distortion is not None and softened.distortion > 0.001
    assert softened.people is not None and softened.people.people == 3
    assert softened.promise is None and softened.milliseconds > 0


def test_a_promise_of_the_training_is_told_for_photo_and_person(faces: dict[str, Any]) -> None:
    service = exhaust(open_service(served(sweep(faces, [{"title": "none"}], "mi-face"), Row(title="none"))))
    told = {"epsilon": 8.0, "delta": 1e-5, "person_epsilon": 24.0, "photos_per_person": 3}
    private = replace(service, card=service.card.model_copy(update={"guarantees": {"dp-sgd": told}}))
    promise = utility(private, service).promise
    assert promise is not None and (promise.epsilon, promise.delta) == (8, 1e-5)
    assert (promise.person_epsilon, promise.person_delta) == (24, 1)


def test_what_cannot_be_served_and_other_data_have_no_comparison(faces: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = [
        {"title": "none"},
        {"title": "bottleneck", "defences": [{"name": "mid"}]},
        {"title": "two photos", "options": {"train_per_class": 2}},
    ]
    found = exhaust(utilities(sweep(faces, rows, "mi-face")))
    assert set(found) == {"none", "two photos"}, "a softmax has no layer for a bottleneck"
    other = found["two photos"]
    assert (other.n, other.distortion, other.people) == (6, None, None) and other.trained_anew


def test_a_table_has_no_losses_by_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "TIMED", 3)
    base = {"dataset": {"name": "clinic"}, "target": {"name": "decision-tree", "params": {}}}
    rows: list[dict[str, Any]] = [
        {"title": "none"},
        {"title": "whole numbers", "defences": [{"name": "rounding", "params": {"decimals": 0}}]},
        {"title": "votes", "defences": [{"name": "randomised-smoothing"}]},
    ]
    found = exhaust(utilities(sweep(base, rows, "csmia")))
    assert set(found) == {"none", "whole numbers"}, "a level with noise on it is no level"
    bare, rounded = found["none"], found["whole numbers"]
    assert bare.n > 100 and bare.people is None is rounded.people and bare.calibration_error is not None
    assert 0.5 < bare.accuracy.low < bare.accuracy.value < bare.accuracy.high < 1
    assert rounded.distortion is not None and 0 < rounded.distortion <= 1
    assert bare.training_seconds == rounded.training_seconds and rounded.milliseconds > 0


def test_a_target_that_runs_elsewhere_is_not_asked() -> None:
    base = {"target": {"name": "http-target", "params": {"url": "http://127.0.0.1:9"}}}
    assert exhaust(utilities(sweep(base, [{"title": "none"}], "brep-mi"))) == {}


def test_clearly_worse_needs_intervals_that_do_not_touch() -> None:
    def model(low: float, high: float, **other: Any) -> Utility:
        given: dict[str, Any] = {
            "released": "scores", "n": 9, "calibration_error": 0.1, "brier": 0.1, "distortion": 0.0,
            "people": None, "milliseconds": 2.0, "bare_milliseconds": 2.0, "training_seconds": 10.0,
            "trained_anew": True,
        }  # fmt: skip
        middle = Estimate(value=(low + high) / 2, low=low, high=high)
        return Utility(**given | {"accuracy": middle} | other)

    bare = model(0.8, 0.9)
    assert worse(model(0.7, 0.81), bare) == frozenset()
    assert worse(model(0.6, 0.79), bare) == {"accuracy"}
    assert worse(model(0.8, 0.9, calibration_error=0.14), bare) == frozenset()
    assert worse(model(0.8, 0.9, calibration_error=0.16), bare) == {"confidence"}
    assert worse(model(0.8, 0.9, calibration_error=None, distortion=0.21), bare) == {"distortion"}
    assert worse(model(0.8, 0.9, milliseconds=3.0), bare) == {"answer"}
    assert worse(model(0.8, 0.9, training_seconds=20.0), bare) == {"training"}
    assert worse(model(0.8, 0.9, training_seconds=20.0, trained_anew=False), bare) == frozenset()
    lost = person_loss(torch.arange(40) % 4 > 0, torch.ones(40).bool(), torch.arange(40) // 10)
    hurt = worse(model(0.8, 0.9, people=lost), bare)
    assert lost.mean.low > 0 and hurt == {"people"}
