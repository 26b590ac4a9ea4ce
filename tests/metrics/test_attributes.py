"""Traits read off pictures, against guessing the commonest value."""

from typing import Any

import pytest
import torch

from inversion_core.metrics.attributes import AttributeAccuracy, commonest_value

HAIR = ["black", "black", "black", "black", "black", "fair", "fair", "red"]
GLASSES = ["no", "yes", "no", "yes", "no", "yes", "no", "no"]
NAMED = {"hair": HAIR, "glasses": GLASSES}


def reader(world: Any) -> Any:
    """Read traits by recognising the person: right whenever the picture is."""

    def read(images: torch.Tensor) -> dict[str, list[str]]:
        who = world.judge(world.rest)(images).argmax(1).tolist()
        return {name: [values[label] for label in who] for name, values in NAMED.items()}

    return read


def truth_of(world: Any) -> Any:
    return world.truth(attributes=NAMED, read_attributes=reader(world))


def test_a_perfect_recovery_has_every_trait(world: Any, rng: torch.Generator) -> None:
    score = AttributeAccuracy().score(world.recovered(), truth_of(world), rng)
    assert (score.value, score.control, score.n, score.better) == (1.0, 1.0, 8, "higher")
    assert score.low < 1.0 == score.high


def test_the_baseline_guesses_the_commonest_value_of_all_private_people(
    world: Any, rng: torch.Generator
) -> None:
    """Black is commonest among all, not among the two victims; the guesser does not know who they are."""
    score = AttributeAccuracy().score(world.recovered(classes=[5, 6]), truth_of(world), rng)
    assert score.baseline == (0 + 0 + 0 + 1) / 4
    assert score.rulers == {
        "hair": 1.0,
        "hair, commonest value": 0.0,
        "glasses": 1.0,
        "glasses, commonest value": 0.5,
    }


def test_one_picture_for_everybody_beats_nothing(world: Any, rng: torch.Generator) -> None:
    score = AttributeAccuracy().score(world.fooling(), truth_of(world), rng)
    assert score.value <= score.baseline == (5 / 8 + 5 / 8) / 2
    assert score.control == 1.0


def test_mean_is_over_victims_and_traits(world: Any, rng: torch.Generator) -> None:
    """Of four victims one is shown as somebody else: fair hair with glasses read as black without."""
    recovered = world.recovered(classes=[0, 1, 2, 5])
    recovered.samples[3] = world.patterns[0]
    score = AttributeAccuracy().score(recovered, truth_of(world), rng)
    assert score.value == (2 + 2 + 2 + 0) / 8
    assert score.rulers["hair"] == 0.75


def test_data_without_names_or_reader_is_refused(world: Any) -> None:
    assert "needs named attributes" in (AttributeAccuracy().problem(world.truth()) or "")
    assert "needs named attributes" in (AttributeAccuracy().problem(world.truth(attributes=NAMED)) or "")
    assert AttributeAccuracy().problem(truth_of(world)) is None


@pytest.mark.parametrize(
    ("values", "commonest"),
    [(["b", "a", "b"], "b"), (["b", "a"], "a"), (["x"], "x"), (["b", "b", "a", "a"], "a")],
)
def test_of_equally_common_values_the_first_in_the_alphabet(values: list[str], commonest: str) -> None:
    assert commonest_value(values) == commonest
