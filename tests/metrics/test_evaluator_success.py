"""Who recognises whom: the evaluator is the headline, the target is not, the gap between them is told."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from inversion_core.metrics.base import Metric
from inversion_core.metrics.evaluator_success import (
    FAMILY,
    NO_FAMILY,
    RIGHT_FAMILY,
    AdversarialGap,
    EvaluatorTop1,
    EvaluatorTop5,
    TargetTop1,
)
from inversion_core.metrics.intervals import wilson
from inversion_core.metrics.recognition import CONTROL_PHOTOS, control_photos, ranks
from inversion_core.values import Photos, Reconstruction

JUDGING = [EvaluatorTop1(), EvaluatorTop5(), TargetTop1(), AdversarialGap()]


def test_a_perfect_recovery_is_recognised_by_both(world: Any, rng: torch.Generator) -> None:
    recovered, truth = world.recovered(), world.truth()
    for metric in (EvaluatorTop1(), EvaluatorTop5(), TargetTop1()):
        score = metric.score(recovered, truth, rng)
        assert (score.value, score.n, score.control, score.better) == (1.0, 8, 1.0, "higher")
        assert (score.low, score.high) == wilson(8, 8)
    gap = AdversarialGap().score(recovered, truth, rng)
    assert (gap.value, gap.control, gap.better) == (0.0, 0.0, "lower")
    assert gap.low < 0 < gap.high


def test_pictures_that_only_fool_the_target_show_in_the_gap(world: Any, rng: torch.Generator) -> None:
    fooling, truth = world.fooling(), world.truth()
    evaluator = EvaluatorTop1().score(fooling, truth, rng)
    assert TargetTop1().score(fooling, truth, rng).value == 1.0
    assert evaluator.value <= 1 / 8  # one picture for everybody is at most one person
    assert evaluator.control == 1.0
    gap = AdversarialGap().score(fooling, truth, rng)
    assert gap.value == 1.0 - evaluator.value
    assert gap.low > 0.3
    assert gap.rulers == {"target-top1": 1.0, "evaluator-top1": evaluator.value}


def test_baselines_are_guessing(world: Any, rng: torch.Generator) -> None:
    recovered, truth = world.recovered(classes=[1, 5]), world.truth()
    assert EvaluatorTop1().score(recovered, truth, rng).baseline == 1 / 8
    assert EvaluatorTop5().score(recovered, truth, rng).baseline == 5 / 8
    assert AdversarialGap().score(recovered, truth, rng).baseline == 0.0


def test_the_wrong_person_is_a_miss(world: Any, rng: torch.Generator) -> None:
    swapped = Reconstruction(world.patterns.roll(1, 0), torch.arange(8), torch.ones(8))
    assert EvaluatorTop1().score(swapped, world.truth(), rng).value == 0.0


def test_families_are_told_apart(world: Any, rng: torch.Generator) -> None:
    """0 and 1 are siblings and taken for each other, 2 and 3 are recovered; of the others only 4 fails."""
    families = ["a", "a", "b", "b", None, None, None, None]
    shown = torch.tensor([1, 0, 2, 3, 0, 5, 6, 7])
    recovered = Reconstruction(world.patterns[shown], torch.arange(8), torch.ones(8))
    score = EvaluatorTop1().score(recovered, world.truth(families=families), rng)
    assert score.value == 5 / 8
    assert score.rulers == {FAMILY: 0.5, RIGHT_FAMILY: 1.0, NO_FAMILY: 0.75}


def test_where_every_victim_has_a_look_alike_nobody_is_counted_apart(
    world: Any, rng: torch.Generator
) -> None:
    families = ["a", "a", *[None] * 6]
    score = EvaluatorTop1().score(world.recovered(classes=[0, 1]), world.truth(families=families), rng)
    assert score.rulers == {FAMILY: 1.0, RIGHT_FAMILY: 1.0}
    assert EvaluatorTop1().score(world.recovered(), world.truth(), rng).rulers == {}


def test_a_judge_who_cannot_decide_recognises_nobody() -> None:
    classes = torch.tensor([0, 2])
    assert ranks(torch.full((2, 4), 0.25), classes).tolist() == [4, 4]
    assert ranks(torch.full((2, 4), float("nan")), classes).tolist() == [4, 4]


def test_ranks_count_from_one() -> None:
    probabilities = torch.tensor([[0.5, 0.3, 0.2]] * 3)
    assert ranks(probabilities, torch.tensor([0, 1, 2])).tolist() == [1, 2, 3]


def test_the_judges_are_asked_once_for_all_metrics(world: Any, rng: torch.Generator) -> None:
    asked: list[int] = []
    judge = world.judge(world.rest)

    def counting(images: torch.Tensor) -> torch.Tensor:
        asked.append(len(images))
        return judge(images)

    recovered, truth = world.recovered(), world.truth(evaluator=counting)
    for metric in JUDGING:
        metric.score(recovered, truth, rng)
    assert asked == [8, 8 * CONTROL_PHOTOS]


def test_another_truth_is_asked_afresh(world: Any, rng: torch.Generator) -> None:
    recovered = world.recovered()
    blind = world.truth(evaluator=lambda images: torch.ones(len(images), 8) / 8)
    assert EvaluatorTop1().score(recovered, world.truth(), rng).value == 1.0
    assert EvaluatorTop1().score(recovered, blind, rng).value == 0.0


def test_the_control_is_the_victims_own_held_out_photos(world: Any) -> None:
    photos = control_photos(torch.tensor([6, 2]), world.truth())
    assert photos.labels.tolist() == [6] * CONTROL_PHOTOS + [2] * CONTROL_PHOTOS
    assert torch.equal(photos.inputs[:CONTROL_PHOTOS], world.held_out.of(6)[:CONTROL_PHOTOS])


@pytest.mark.parametrize("metric", JUDGING, ids=lambda metric: metric.name)
def test_tables_cannot_be_judged(metric: Metric, world: Any) -> None:
    rows = Photos(torch.zeros(8, 9, dtype=torch.uint8), torch.arange(8))
    assert "judges pictures" in (metric.problem(world.truth(train=rows)) or "")
    assert metric.problem(world.truth()) is None


def test_five_guesses_among_five_people_prove_nothing(make_world: Callable[..., Any]) -> None:
    truth = make_world(people=5).truth()
    assert EvaluatorTop5().problem(truth) == "evaluator-top5 needs more than 5 classes, this data has 5"
    assert EvaluatorTop1().problem(truth) is None
