"""A watched key in this process: the answers until the alarm, the wall after it, and where it makes sense."""

import numpy as np
import pytest
import torch

from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.errors import QueryBudgetExceeded
from inversion_core.oracles import LabelOracle
from inversion_core.scenario import Scenario, problems
from inversion_core.serving.detector import WINDOW, Detector
from inversion_core.serving.monitored import Monitored, when
from inversion_core.values import Access
from tests.serving.toy import SHAPE, Toy

REFERENCE = np.zeros((10, 64), np.uint8)
CROWDED = Detector(REFERENCE, {"nearest": 5.0})
"""Alarms on rows that are nearly the same."""


def pictures(count: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, *SHAPE, generator=torch.Generator().manual_seed(seed))


def scenario(**exposure: object) -> Scenario:
    return Scenario(
        target=TargetChoice(name="cnn"), attack=Choice(name="brep-mi"), exposure=Exposure(**exposure)
    )


def test_a_search_around_one_picture_is_answered_until_the_alarm_and_never_after() -> None:
    toy = Toy()
    watched = Monitored(toy, CROWDED)
    around = pictures(1).repeat(WINDOW + 32, 1, 1, 1)
    answers = watched.predict(around[: WINDOW - 1])
    assert watched.alarm is None and torch.equal(answers, toy.predict(around[: WINDOW - 1]))
    assert len(watched.predict(around[:33])) == 33  # the answer that completes the alarm still comes
    assert watched.alarm is not None and watched.alarm.rows == WINDOW and watched.asked == WINDOW + 32
    with pytest.raises(QueryBudgetExceeded, match="the key was blocked: in its last 128 of 128 rows"):
        watched.predict(around[:1])
    assert watched.asked == WINDOW + 32 and watched.told().startswith("blocked the key")


def test_pictures_that_differ_raise_nothing() -> None:
    watched = Monitored(Toy(), CROWDED)
    watched.predict(pictures(300))
    assert watched.alarm is None and watched.told() == "no alarm in 300 rows"


def test_rows_refused_by_the_monitor_are_not_charged() -> None:
    watched = Monitored(Toy(), CROWDED)
    oracle = LabelOracle(watched)
    around = pictures(1).repeat(WINDOW, 1, 1, 1)
    oracle.labels(around)
    with pytest.raises(QueryBudgetExceeded):
        oracle.labels(around)
    assert oracle.spent == WINDOW


def test_time_is_that_of_an_album_however_the_rows_are_parted() -> None:
    parts = np.concatenate([when(0, 100), when(100, 28), when(128, 72)])
    assert np.array_equal(parts, when(0, 200)) and len(set(parts)) == 4


def test_only_a_service_of_pictures_with_public_people_is_watched() -> None:
    assert problems(scenario(access=Access.LABELS, monitor=True)) == []
    (told,) = problems(scenario(access=Access.WHITE_BOX, monitor=True))
    assert told == "exposure.monitor watches what a service is asked, white-box access asks none; remove it"


def test_a_scenario_without_a_monitor_keeps_the_key_it_had_before_there_was_one() -> None:
    plain, watched = scenario(access=Access.LABELS), scenario(access=Access.LABELS, monitor=True)
    assert "monitor" not in plain.canonical()["exposure"] and plain.key() != watched.key()
