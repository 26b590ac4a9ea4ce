"""Guessed values as counts: whom each adversary names, and how often that is true.

Rules for every score of a table. The guess is the value with the most weight, the first of several; NaN
weighs less than anything. A row whose weights are all alike names nothing, and counts as the most common
value of the auxiliary records, which is what somebody without an opinion would say. A record whose true value
is not known is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from inversion_core.tables import Guesses, TableTruth


class Pair(NamedTuple):
    """Tables (V, V) of attack and imputer about the same records: true value by row, guess by column."""

    attack: Tensor
    imputer: Tensor

    @property
    def size(self) -> int:
        """How many records."""
        return int(self.attack.sum())

    @property
    def hits(self) -> tuple[int, int]:
        """How many of them attack and imputer are right about."""
        return int(self.attack.diagonal().sum()), int(self.imputer.diagonal().sum())

    @property
    def gain(self) -> float:
        """Share the attack is right about minus share the imputer is."""
        attack, imputer = self.hits
        return (attack - imputer) / max(self.size, 1)


@dataclass(frozen=True, eq=False)
class Side:
    """What one adversary says about M records: `guess` (M,) int64, and how `sure` (M,) float64 it is.

    `sure` is the weight of the positive value, where the column has one, else of the guess.
    """

    guess: Tensor
    sure: Tensor


@dataclass(frozen=True, eq=False)
class Answers:
    """Attack and imputer about the M records whose value is known; `values` (M,) are the true ones."""

    values: Tensor
    attack: Side
    imputer: Side
    count: int

    @cached_property
    def tables(self) -> Pair:
        """Return how often each value was named for each."""
        return self.split(torch.zeros_like(self.values), 1)[0]

    def split(self, codes: Tensor, parts: int) -> list[Pair]:
        """Return the tables of each part; `codes` (M,) says which part a record is in."""
        rows = codes * self.count + self.values
        counted = [_table(rows, side.guess, parts, self.count) for side in (self.attack, self.imputer)]
        return [Pair(attack, imputer) for attack, imputer in zip(*counted, strict=True)]


@dataclass(frozen=True, eq=False)
class Panel:
    """The answers of a run about members and about records the target never saw, counted.

    `positive` and `common` are values as in TableTruth; `cases`: case of the attack's rule -> its members;
    `groups`: column -> level -> its members. What does not occur is left out.
    """

    members: Answers
    control: Answers
    positive: int | None
    common: int
    cases: Mapping[int, Pair]
    groups: Mapping[str, Mapping[str, Pair]]


_COUNTED: WeakKeyDictionary[TableTruth, Panel] = WeakKeyDictionary()


def panel(truth: TableTruth) -> Panel:
    """Return the answers of a run, counted once and kept as long as `truth` is."""
    if truth not in _COUNTED:
        _COUNTED[truth] = _count(truth)
    return _COUNTED[truth]


def named(beliefs: Tensor, common: int) -> Tensor:
    """(N, V) -> (N,): the value with the most weight, `common` where all weigh the same."""
    heard = beliefs.nan_to_num(nan=-torch.inf, posinf=torch.inf, neginf=-torch.inf)
    alike = (heard == heard[:, :1]).all(1)
    return heard.argmax(1).where(~alike, common)


def _count(truth: TableTruth) -> Panel:
    places = _known(truth.members)
    members = _answers(truth.members, places, truth)
    cases: dict[int, Pair] = {}
    if truth.members.cases is not None:
        numbers, codes = truth.members.cases[places].unique(return_inverse=True)
        cases = dict(zip(numbers.tolist(), members.split(codes, len(numbers)), strict=True))
    groups = {column: _group(levels, places, members) for column, levels in truth.groups.items()}
    control = _answers(truth.control, _known(truth.control), truth)
    return Panel(members, control, truth.positive, truth.common, cases, groups)


def _known(guesses: Guesses) -> Tensor:
    """Return the places of the records whose value is known."""
    return torch.nonzero((guesses.values >= 0) & (guesses.values < guesses.beliefs.shape[1]))[:, 0]


def _answers(guesses: Guesses, places: Tensor, truth: TableTruth) -> Answers:
    attack, imputer = (
        _side(beliefs if len(places) == len(beliefs) else beliefs[places], truth)
        for beliefs in (guesses.beliefs, guesses.imputed)
    )
    return Answers(guesses.values[places], attack, imputer, len(truth.levels))


def _side(beliefs: Tensor, truth: TableTruth) -> Side:
    guess = named(beliefs, truth.common)
    column = guess if truth.positive is None else torch.full_like(guess, truth.positive)
    heard = beliefs.nan_to_num(nan=0.0, posinf=torch.inf, neginf=-torch.inf)
    sure = heard.gather(1, column[:, None])[:, 0].double()
    if bool((heard >= 0).all()) and bool(heard.isfinite().all()):
        # As a share of the row, so that records compare; a scale with negative weights has no shares.
        whole = heard.sum(1, dtype=torch.float64)
        sure = torch.where(whole > 0, sure / whole.where(whole > 0, 1), 1 / beliefs.shape[1])
    return Side(guess, sure)


def _group(levels: list[str], places: Tensor, members: Answers) -> dict[str, Pair]:
    codes = {level: code for code, level in enumerate(sorted(set(levels)))}
    mine = torch.tensor([codes[level] for level in levels])[places]
    parts = zip(codes, members.split(mine, len(codes)), strict=True)
    return {level: pair for level, pair in parts if pair.size}


def _table(rows: Tensor, guess: Tensor, parts: int, count: int) -> Tensor:
    """Return (parts, V, V) float64."""
    cells = (rows * count + guess).bincount(minlength=parts * count * count)
    return cells.view(parts, count, count).double()
