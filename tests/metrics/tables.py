"""Truths about tables, made by hand."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from inversion_core.tables import Guesses, TableTruth


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def sure(values: Sequence[int], count: int) -> Tensor:
    """Return beliefs of somebody who is certain."""
    return one_hot(torch.tensor(values, dtype=torch.long), count).float()


def guesses(
    values: Sequence[int],
    attack: Sequence[int],
    imputer: Sequence[int] | None = None,
    *,
    count: int = 2,
    cases: Sequence[int] | None = None,
) -> Guesses:
    """Return certain guesses; without an imputer it names 0 for everybody."""
    return Guesses(
        torch.tensor(values, dtype=torch.long),
        sure(attack, count),
        sure(imputer if imputer is not None else [0] * len(values), count),
        None if cases is None else torch.tensor(cases),
    )


def truth(members: Guesses, control: Guesses | None = None, **changes: object) -> TableTruth:
    count = members.beliefs.shape[1]
    parts: dict[str, object] = {"levels": tuple("abcdefgh"[:count]), "common": 0, "positive": 1}
    return TableTruth(members, control if control is not None else members, **(parts | changes))  # type: ignore[arg-type]


def counted(tp: int, fp: int, fn: int, tn: int) -> tuple[list[int], list[int]]:
    """Return true and guessed values with these counts, 1 being positive."""
    return [1] * tp + [0] * fp + [1] * fn + [0] * tn, [1] * (tp + fp) + [0] * (fn + tn)
