"""Rebuilt rows: errors by column, exact rows, and a baseline that knows what the adversary knows."""

from dataclasses import asdict

import torch

from inversion_core.metrics.finding import Finding
from inversion_core.metrics.rebuilt_row import RowError, RowsExact, RowTruth, column_errors
from inversion_core.metrics.system_verdict import reconstruction_verdict
from inversion_core.released import Coding
from inversion_core.tables import Column

COLUMNS = (Column("colour", ("red", "green", "blue"), (0, 1, 2)), Column("age", None, (0.5,)))
CODING = Coding(COLUMNS, torch.zeros(2), torch.ones(2))


def rows(*cells: tuple[float, float]) -> torch.Tensor:
    return CODING.features(torch.tensor(cells))


def test_errors_are_told_column_by_column_and_a_missing_cell_is_no_level() -> None:
    gap = float("nan")
    truth = rows((0, 0.2), (1, 0.2), (gap, 0.2), (gap, 0.2))
    guess = rows((0, 0.5), (2, 0.2), (0, 0.2), (gap, 0.2))
    assert torch.allclose(
        column_errors(guess, truth, CODING),
        torch.tensor([[0, 0.3], [1, 0], [1, 0], [0, 0]], dtype=torch.float64),
        atol=1e-6,
    )


def test_a_row_is_exact_where_every_column_is() -> None:
    truth = rows((0, 0.2), (1, 0.2), (2, 0.9))
    guess = rows((0, 0.2), (1, 0.21), (2, 0.903))
    without = {"typical": rows((0, 0.2))[0]}
    score = RowsExact().score(RowTruth(truth, guess, without, CODING))
    assert (round(score.value * score.n), score.n, score.baseline) == (2, 3, 1 / 3)


def test_what_the_known_rows_have_in_common_is_not_the_models() -> None:
    """Members differ from other people; who answers with what is typical of members learnt nothing new."""
    truth = rows(*[(2, 0.6 + 0.01 * place) for place in range(10)])
    typical = rows((2, 0.65))[0]
    guesses = typical.expand_as(truth)
    others = {"typical of other people": rows((0, 0.35))[0]}
    fooled = RowError().score(RowTruth(truth, guesses, others, CODING))
    assert fooled.high < fooled.baseline, "beside other people it looks like a success"
    made = RowTruth(truth, guesses, {**others, "typical of all rows": typical}, CODING)
    error, exact = RowError().score(made), RowsExact().score(made)
    assert error.value == error.baseline and set(error.rulers) == set(made.baselines)
    told = reconstruction_verdict({"scores": [asdict(error), asdict(exact)]})
    assert told.finding is Finding.NOTHING
