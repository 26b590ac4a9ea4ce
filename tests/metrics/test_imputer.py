"""Whoever guesses without the model uses what the adversary knows, all of it and nothing more."""

import math
import time
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from inversion_core.metrics.imputer import impute
from inversion_core.tables import Column, Records, TableKnowledge
from tests.metrics.tables import rng

COLUMNS = (
    Column("age", None, (20.0, 40.0, 60.0)),
    Column("town", ("x", "y", "z"), (0.0, 1.0, 2.0)),
    Column("ill", ("no", "yes"), (0.0, 1.0)),
)
SENSITIVE = 2


def people(count: int, seed: int, *, signal: float = 1.0) -> Records:
    """Return records whose illness follows age, town and label to a known degree, with missing cells."""
    draws = rng(seed)
    age = 20 + 60 * torch.rand(count, generator=draws)
    town = torch.randint(3, (count,), generator=draws)
    label = torch.randint(2, (count,), generator=draws)
    logit = signal * (0.1 * (age - 50) + 2.0 * (town == 1) - 1.0 + 2.0 * (2 * label - 1))
    ill = torch.rand(count, generator=draws) < torch.sigmoid(logit)
    age[torch.rand(count, generator=draws) < 0.05] = math.nan
    return Records(torch.stack([age, town.float(), ill.float()], 1), label)


def about(victims: Records, **changes: object) -> TableKnowledge:
    """Return what an adversary knows who knows everything but the illness."""
    rows = victims.inputs.clone()
    rows[:, SENSITIVE] = math.nan
    parts: dict[str, object] = {"labels": victims.labels}
    return TableKnowledge(COLUMNS, SENSITIVE, rows, **(parts | changes))  # type: ignore[arg-type]


def accuracy(guess: Tensor, victims: Records) -> float:
    return (guess.argmax(1) == victims.inputs[:, SENSITIVE].long()).double().mean().item()


def majority(victims: Records) -> float:
    share = victims.inputs[:, SENSITIVE].mean().item()
    return max(share, 1 - share)


@pytest.mark.parametrize("count", [150, 3000])
def test_where_there_is_signal_it_beats_the_majority(count: int) -> None:
    victims, others = people(2000, 1), people(count, 2)
    guess = impute(about(victims), others, rng())
    assert guess.shape == (2000, 2) and guess.dtype == torch.float32
    assert torch.allclose(guess.sum(1), torch.ones(2000))
    assert accuracy(guess, victims) > majority(victims) + 0.2


def test_the_label_is_used_where_it_is_known() -> None:
    victims, others = people(2000, 1), people(3000, 2)
    with_label = accuracy(impute(about(victims), others, rng()), victims)
    assert with_label > accuracy(impute(about(victims, labels=None), others, rng()), victims) + 0.05


@pytest.mark.parametrize("count", [60, 400, 3000])
def test_where_there_is_no_signal_it_is_at_chance(count: int) -> None:
    victims = people(4000, 1, signal=0.0)
    assert abs(accuracy(impute(about(victims), people(count, 2, signal=0.0), rng()), victims) - 0.5) < 0.04


def test_labels_the_adversary_lacks_are_never_looked_at() -> None:
    victims, others = people(300, 1), people(400, 2)
    known = about(victims, labels=None)
    shuffled = Records(others.inputs, others.labels[torch.randperm(400, generator=rng())])
    assert torch.equal(impute(known, others, rng()), impute(known, shuffled, rng()))


def test_unknown_columns_are_never_looked_at() -> None:
    victims, others = people(300, 1), people(400, 2)
    known = about(victims, unknown=(0,))
    scrambled = victims.inputs.clone(), others.inputs.clone()
    scrambled[0][:, 0] = 7.0
    scrambled[0][:, SENSITIVE] = math.nan
    scrambled[1][:, 0] = torch.randn(400, generator=rng())
    again = replace(known, records=scrambled[0])
    assert torch.equal(
        impute(known, others, rng()), impute(again, Records(scrambled[1], others.labels), rng())
    )


def test_what_the_victims_hide_is_never_looked_at() -> None:
    victims, others = people(300, 1), people(400, 2)
    known = about(victims)
    peeked = replace(known, records=victims.inputs, marginals=torch.tensor([1.0, 0.0]), auxiliary=victims)
    assert torch.equal(impute(known, others, rng()), impute(peeked, others, rng()))


def test_the_same_seed_guesses_the_same() -> None:
    victims, others = people(200, 1), people(3000, 2)
    first = impute(about(victims), others, rng(3))
    assert torch.equal(first, impute(about(victims), others, rng(3)))


def few(*values: float) -> Records:
    inputs = torch.tensor([[30.0, 0.0, value] for value in values]).view(-1, 3)
    return Records(inputs, torch.zeros(len(values), dtype=torch.long))


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (few(0, 0, 0, 1), [0.75, 0.25]),
        (few(*[1] * 50), [0.0, 1.0]),
        (few(math.nan, 1, 1, 0), [1 / 3, 2 / 3]),
        (few(math.nan), [0.5, 0.5]),
        (few(), [0.5, 0.5]),
    ],
)
def test_with_too_little_to_learn_from_it_says_how_common_each_value_is(
    others: Records, expected: list[float]
) -> None:
    guess = impute(about(people(5, 1)), others, rng())
    assert guess.tolist() == [pytest.approx(expected)] * 5


def test_without_any_column_it_says_how_common_each_value_is() -> None:
    others = people(400, 2)
    guess = impute(about(people(5, 1), unknown=(0, 1), labels=None), others, rng())
    share = others.inputs[:, SENSITIVE].mean().item()
    assert guess.tolist() == [pytest.approx([1 - share, share])] * 5


def test_nobody_to_guess_about() -> None:
    assert impute(about(people(0, 1)), people(60, 2), rng()).shape == (0, 2)


def test_values_levels_and_columns_it_never_met() -> None:
    """A value nobody else has, a level only a victim has, a column that is empty everywhere, a rare value."""
    columns = (
        *COLUMNS[:2],
        Column("ill", ("no", "yes", "odd", "never"), ()),
        Column("empty", None, ()),
        Column("code", tuple(str(code) for code in range(900)), ()),
    )
    others, victims = people(900, 2), people(40, 1)
    others.inputs[0, SENSITIVE] = 2.0
    others.inputs[others.inputs[:, 1] == 2, 1] = 0.0
    wide = [
        torch.cat([part.inputs, torch.full((len(part), 1), math.nan), torch.arange(len(part))[:, None]], 1)
        for part in (others, victims)
    ]
    known = TableKnowledge(columns, SENSITIVE, wide[1], labels=victims.labels)
    guess = impute(known, Records(wide[0], others.labels), rng())
    assert guess.shape == (40, 4) and bool(guess.isfinite().all())
    assert guess[:, 3].max() < 0.01 and accuracy(guess, victims) > 0.7


def test_it_is_quick() -> None:
    victims, others = people(35_000, 1), people(10_000, 2)
    began = time.process_time()
    impute(about(victims), others, rng())
    assert time.process_time() - began < 10
