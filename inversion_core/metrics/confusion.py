"""Shares and coefficients of tables of truth by guess, one value against the rest.

Every function takes tables (..., V, V), true value by row and guess by column, and answers (..., V), one
number a value. A share of nothing, 0 / 0, counts as 0, as in scikit-learn with `zero_division=0`: an attack
that never names a value has no precision for it. So G-mean and MCC of an attack that always says the same are
0. MCC: Matthews, Biochimica et Biophysica Acta, 1975. G-mean: Kubat and Matwin, ICML 1997.
"""

from typing import NamedTuple

from torch import Tensor


class Outcomes(NamedTuple):
    """True and false positives and negatives, each (..., V)."""

    tp: Tensor
    fp: Tensor
    fn: Tensor
    tn: Tensor


def outcomes(tables: Tensor) -> Outcomes:
    """(..., V, V) -> one against the rest."""
    tp = tables.diagonal(dim1=-2, dim2=-1)
    fp, fn = tables.sum(-2) - tp, tables.sum(-1) - tp
    return Outcomes(tp, fp, fn, (tables.sum((-2, -1))[..., None] - tp - fp - fn).clamp_min(0))


def ratio(part: Tensor, whole: Tensor) -> Tensor:
    """Return part / whole, 0 where the whole is 0."""
    return (part / whole.where(whole > 0, 1)).where(whole > 0, 0)


def precision(tables: Tensor) -> Tensor:
    """Return how many of those guessed to have a value have it."""
    told = outcomes(tables)
    return ratio(told.tp, told.tp + told.fp)


def recall(tables: Tensor) -> Tensor:
    """Return how many of those who have a value are guessed to."""
    told = outcomes(tables)
    return ratio(told.tp, told.tp + told.fn)


def false_positive_rate(tables: Tensor) -> Tensor:
    """Return how many of those who lack a value are guessed to have it."""
    told = outcomes(tables)
    return ratio(told.fp, told.fp + told.tn)


def f1(tables: Tensor) -> Tensor:
    """Return the harmonic mean of precision and recall."""
    told = outcomes(tables)
    return ratio(2 * told.tp, 2 * told.tp + told.fp + told.fn)


def gmean(tables: Tensor) -> Tensor:
    """Return the geometric mean of recall among those who have a value and among those who lack it."""
    told = outcomes(tables)
    return (ratio(told.tp, told.tp + told.fn) * ratio(told.tn, told.tn + told.fp)).sqrt()


def mcc(tables: Tensor) -> Tensor:
    """Return the correlation of guess and truth, from -1 to 1."""
    told = outcomes(tables)
    margins = [told.tp + told.fp, told.tp + told.fn, told.tn + told.fp, told.tn + told.fn]
    scale = margins[0].sqrt() * margins[1].sqrt() * margins[2].sqrt() * margins[3].sqrt()
    return ratio(told.tp * told.tn - told.fp * told.fn, scale)


def accuracy(tables: Tensor) -> Tensor:
    """Return how many guesses are right, (...): there is one for all values together."""
    return ratio(tables.diagonal(dim1=-2, dim2=-1).sum(-1), tables.sum((-2, -1)))
