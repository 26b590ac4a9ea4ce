"""What the attacks on tables share: complete a victim's record with every value, and choose among the values.

Sizes in shapes: N victims, C columns, V values of the sensitive column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from inversion_core.errors import AccessDenied
from inversion_core.tables import Clue, TableKnowledge
from inversion_core.values import Knowledge

CHUNK = 50_000
"""Records in one query."""


@dataclass(frozen=True, eq=False)
class Completion:
    """Some victims' records with `value` in the sensitive column and no unknown column left.

    `inputs` (n, C) belong to the victims at `rows`; `step` of `total` counts the queries.
    """

    step: int
    total: int
    value: int
    rows: slice
    inputs: Tensor


def table_of(knowledge: Knowledge, clues: tuple[Clue, ...], attack: str) -> TableKnowledge:
    """Return what is known of the table; raises AccessDenied where a clue the attack needs is missing."""
    table = knowledge.table
    assert table is not None, "an attack on tables is given a table"
    held = {
        Clue.TRUE_LABEL: table.labels is not None,
        Clue.MARGINALS: table.marginals is not None and table.confusion is not None,
        Clue.AUXILIARY: table.auxiliary is not None,
    }
    for clue in clues:
        if not held[clue]:
            raise AccessDenied(f"attack {attack!r} needs the clue {clue.value!r}, it was not given; add it")
    return table


def guesses_of_unknown(table: TableKnowledge) -> Tensor:
    """Return (G, U): the combinations of typical values of the unknown columns; (1, 0) if all are known."""
    guesses = list(product(*(table.columns[place].grid for place in table.unknown)))
    return torch.tensor(guesses, dtype=torch.float32).view(len(guesses), len(table.unknown))


def completions(table: TableKnowledge) -> Iterator[Completion]:
    """Yield every record with every sensitive value and every guess of the unknown columns."""
    guesses, count = guesses_of_unknown(table), len(table.records)
    starts = range(0, count, CHUNK)
    plan = list(product(range(table.value_count), guesses, starts))
    for step, (value, guess, start) in enumerate(plan, 1):
        rows = slice(start, min(start + CHUNK, count))
        inputs = table.records[rows].clone()
        inputs[:, table.sensitive] = value
        inputs[:, list(table.unknown)] = guess
        yield Completion(step, len(plan), value, rows, inputs)


def chosen(weights: Tensor, rng: torch.Generator, draws: int = 1) -> Tensor:
    """(N, V) -> (N,): the value of the largest weight, ties broken at random.

    With several draws the one in the middle is returned: of all draws the one whose numbers of guesses for
    each value are nearest to the medians of these numbers.
    """
    best = weights == weights.max(1, keepdim=True).values
    guess = best.int().argmax(1)
    tied = (best.sum(1) > 1).nonzero().flatten()
    if not len(tied):
        return guess
    drawn = [
        (torch.rand(len(tied), weights.shape[1], generator=rng) * best[tied]).argmax(1) for _ in range(draws)
    ]
    counts = torch.stack([one.bincount(minlength=weights.shape[1]) for one in drawn]).float()
    middle = (counts - counts.median(0).values).abs().sum(1).argmin()
    guess[tied] = drawn[int(middle)]
    return guess


def beliefs(weights: Tensor, guess: Tensor) -> Tensor:
    """(N, V) weights from 0 up -> (N, V) float32 that add up to 1, the guess (N,) the largest even if tied.

    Weights that are all 0 say nothing: every value is as likely as any other.
    """
    weights = weights.double()
    total = weights.sum(1, keepdim=True)
    shares = torch.where(total > 0, weights / total.clamp_min(1e-300), 1 / weights.shape[1]).float()
    at_top = shares.max(1).values
    return shares.scatter(1, guess[:, None], torch.nextafter(at_top, torch.tensor(2.0))[:, None])


def cases_of(hits: Tensor) -> Tensor:
    """(N, V) whether a value gives the true label -> (N,): case 1 exactly one does, 2 several, 3 none."""
    return torch.tensor([3, 1, 2])[hits.sum(1).clamp_max(2)]
