"""The row of each victim, and which of them is shown as best and as median."""

import json
from typing import Any

import pytest
import torch

from inversion_core.metrics.image_similarity import Ssim
from inversion_core.metrics.victims import best, describe_victims, median, ordered

NAMES = ["Ada", "Ben", "Cho", "Dee", "Eli", "Fay", "Gus", "Hal"]
FAMILIES = ["north", "north", *[None] * 6]
HAIR = ["black", "fair"] * 4


def rows_of(world: Any, **changes: Any) -> list[dict[str, Any]]:
    read = {"read_attributes": lambda images: {"hair": ["black"] * len(images)}}
    truth = world.truth(families=FAMILIES, attributes={"hair": HAIR}, **read)
    return describe_victims(changes.get("recovered") or world.recovered(), truth, NAMES)


def test_a_row_tells_all_about_a_victim(world: Any) -> None:
    row = rows_of(world)[1]
    assert (row["class"], row["name"], row["family"], row["evaluator_rank"]) == (1, "Ben", "north", 1)
    assert row["attributes"] == {"hair": {"guess": "black", "truth": "fair", "right": False}}
    assert row["evaluator_probability"] > 0.9 and row["target_probability"] > 0.5
    assert row["confidence"] == pytest.approx(1 / 7, abs=1e-6)


def test_rows_survive_json(world: Any) -> None:
    rows = rows_of(world)
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_names_follow_the_victims_and_not_the_classes(world: Any) -> None:
    rows = describe_victims(world.recovered(classes=[6, 2]), world.truth(), ["Gus", "Cho"])
    assert [(row["class"], row["name"]) for row in rows] == [(6, "Gus"), (2, "Cho")]
    assert [row["evaluator_rank"] for row in rows] == [1, 1]


def test_ssim_of_the_rows_is_the_ssim_of_the_run(world: Any, rng: torch.Generator) -> None:
    mean = sum(row["ssim"] for row in rows_of(world)) / 8
    assert mean == pytest.approx(Ssim().score(world.recovered(), world.truth(), rng).value, abs=1e-5)


def test_what_is_no_number_becomes_none(world: Any) -> None:
    recovered = world.recovered()
    recovered.confidence[3] = float("nan")
    assert rows_of(world, recovered=recovered)[3]["confidence"] is None


def test_data_without_names_has_no_attributes_and_no_family(world: Any) -> None:
    row = describe_victims(world.recovered(), world.truth(), NAMES)[0]
    assert row["attributes"] == {} and row["family"] is None


def made(label: int, rank: int, probability: float | None, ssim: float | None = 0.5) -> dict[str, Any]:
    return {"class": label, "evaluator_rank": rank, "evaluator_probability": probability, "ssim": ssim}


def test_best_and_median_go_by_rank_then_probability_then_ssim_then_class() -> None:
    rows = [
        made(4, 1, 0.9, 0.3),
        made(0, 2, 0.99),
        made(3, 1, 0.9, 0.7),
        made(2, 1, 0.8, 0.9),
        made(1, 1, 0.9, 0.7),
    ]
    assert [row["class"] for row in ordered(rows)] == [1, 3, 4, 2, 0]
    assert best(rows)["class"] == 1
    assert median(rows)["class"] == 4
    assert median(rows[::-1]) == median(rows)


def test_of_two_middle_victims_the_worse_is_the_median() -> None:
    assert median([made(0, 1, 0.9), made(1, 7, 0.1)])["class"] == 1
    assert median([made(5, 3, 0.2)]) == best([made(5, 3, 0.2)])


def test_a_missing_number_is_the_worst() -> None:
    assert best([made(0, 1, None), made(1, 1, 0.1), made(2, 1, 0.1, None)])["class"] == 1


@pytest.mark.parametrize("choose", [best, median])
def test_nobody_has_no_best(choose: Any) -> None:
    with pytest.raises(ValueError, match="none was given"):
        choose([])
