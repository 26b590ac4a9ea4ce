"""Guessed values as counts: whom each adversary names, and how often that is true.

Rules for every score of a table. The guess is the value with the most weight, the first of several; NaN
weighs less than anything. A row whose weights are all alike names nothing, and counts as the most common
value of the auxiliary records, which is what somebody without an opinion would say. A record whose true value
is not known is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.tables import Guesses, TableTruth


@dataclass(frozen=True, eq=False)
class Answers:
    """Who was right about the records whose value is known.

    All (M,): `places` of the records among all, the true `values`, what `attack` and `imputer` name, `cases`
    of the attack's rule (None where it has none). `beliefs` and `imputed` (M, V): their weights, each row
    adding to 1 where weights can.
    """

    places: Tensor
    values: Tensor
    attack: Tensor
    imputer: Tensor
    beliefs: Tensor
    imputed: Tensor
    cases: Tensor | None

    @property
    def attack_right(self) -> Tensor:
        """(M,) bool."""
        return self.attack == self.values

    @property
    def imputer_right(self) -> Tensor:
        """(M,) bool."""
        return self.imputer == self.values


def answers(guesses: Guesses, common: int) -> Answers:
    """Return what was named; `common` for rows that name nothing."""
    count = guesses.beliefs.shape[1]
    places = torch.nonzero((guesses.values >= 0) & (guesses.values < count))[:, 0]
    beliefs, imputed = guesses.beliefs[places], guesses.imputed[places]
    return Answers(
        places=places,
        values=guesses.values[places],
        attack=named(beliefs, common),
        imputer=named(imputed, common),
        beliefs=weights(beliefs),
        imputed=weights(imputed),
        cases=None if guesses.cases is None else guesses.cases[places],
    )


def named(beliefs: Tensor, common: int) -> Tensor:
    """(N, V) -> (N,): the value with the most weight, `common` where all weigh the same."""
    heard = beliefs.nan_to_num(nan=-torch.inf, posinf=torch.inf, neginf=-torch.inf)
    alike = (heard == heard[:, :1]).all(1)
    # A single value is named for want of another.
    return torch.where(alike, torch.full_like(heard[:, 0], common).long(), heard.argmax(1))


def weights(beliefs: Tensor) -> Tensor:
    """(N, V) -> (N, V): each row adding to 1, so that records can be ordered by how sure the adversary is.

    Rows without weight are even; where weights are negative, somebody's scale has no shares and stays as it
    is.
    """
    heard = beliefs.double().nan_to_num(nan=0.0)
    if bool((heard < 0).any()) or not bool(heard.isfinite().all()):
        return heard
    sums = heard.sum(1, keepdim=True)
    return torch.where(sums > 0, heard / sums.clamp_min(torch.finfo(heard.dtype).tiny), 1 / heard.shape[1])


def table(values: Tensor, guesses: Tensor, count: int) -> Tensor:
    """Return (V, V) float64: records by true value (row) and guess (column)."""
    return (values * count + guesses).bincount(minlength=count * count).view(count, count).double()


@dataclass(frozen=True, eq=False)
class Panel:
    """The answers of a run about members and about records the target never saw."""

    truth: TableTruth
    members: Answers
    control: Answers

    @classmethod
    def of(cls, truth: TableTruth) -> "Panel":
        """Return the answers of a run."""
        return cls(truth, answers(truth.members, truth.common), answers(truth.control, truth.common))

    @property
    def count(self) -> int:
        """V."""
        return len(self.truth.levels)

    def cases(self) -> Iterator[tuple[int, Tensor]]:
        """Yield each case that occurs, and the members (M,) bool it decided."""
        if self.members.cases is not None:
            for case in self.members.cases.unique().tolist():
                yield case, self.members.cases == case

    def groups(self) -> Iterator[tuple[str, str, Tensor]]:
        """Yield column, level and the members (M,) bool of each subgroup."""
        for column, levels in self.truth.groups.items():
            codes = {level: code for code, level in enumerate(sorted(set(levels)))}
            mine = torch.tensor([codes[level] for level in levels])[self.members.places]
            for level, code in codes.items():
                if (mine == code).any():
                    yield column, level, mine == code
