"""How often the guesses an adversary is surest of are right.

Jayaraman and Evans, "Are attribute inference attacks just imputation?", CCS 2022: a leak can hide in a mean,
and a threatened person is one about whom the attacker is sure and right.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from inversion_core.metrics.attribute_scores import COMMON, CONTROL_WITHOUT, WITHOUT
from inversion_core.metrics.base import TableMetric
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.guesses import Answers, Panel, Side, panel
from inversion_core.metrics.intervals import wilson
from inversion_core.tables import TableTruth
from inversion_core.values import Score

SUREST = 100
CURVE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


class AttributePPV(TableMetric):
    """Share of the surest guesses that are right, among a tenth of the records and at most SUREST.

    Where the column has a positive value: the share of positives among the records with most weight on it.
    Of records somebody is equally sure of any may be among the surest, so they count by the share that is
    right. `n` is k; rulers give other k.
    """

    name = "attribute-ppv-at-k"
    title = explain("attribute-ppv-at-k").title
    reference = "Jayaraman and Evans, CCS 2022"

    def score(self, truth: TableTruth, rng: torch.Generator) -> Score:
        """Return the share with its Wilson interval; the baseline is the imputer's own surest."""
        run = panel(truth)
        attack, imputer = lines(run.members, run.positive)
        control, control_imputer = lines(run.control, run.positive)
        k = reach(len(attack))
        value = at(attack, k)
        low, high = wilson(value * k, k)
        told = run.common if run.positive is None else run.positive
        blind = (run.members.values == told).double()
        rulers = {
            COMMON: at(blind, len(blind)),
            CONTROL_WITHOUT: at(control_imputer, reach(len(control_imputer))),
            **dict(_further(attack, imputer, k)),
        }
        return Score(
            name=self.name,
            value=value,
            low=low,
            high=high,
            n=k,
            baseline=at(imputer, k),
            control=at(control, reach(len(control))),
            better="higher",
            rulers=rulers,
        )


def reach(records: int) -> int:
    """Return k for so many records."""
    return min(SUREST, max(records // 10, min(records, 1)))


def lines(told: Answers, positive: int | None) -> tuple[Tensor, Tensor]:
    """Return who attack and imputer are right about, the surest first; each (M,)."""
    return _line(told.attack, told.values, positive), _line(told.imputer, told.values, positive)


def at(line: Tensor, k: int) -> float:
    """Return the share right among the first k of a line; 0 where there is nobody."""
    return line[:k].mean().item() if k and len(line) else 0.0


def curve(run: Panel) -> list[dict[str, float]]:
    """Return k, attack and imputer for growing k, the last being all records."""
    attack, imputer = lines(run.members, run.positive)
    ks = [k for k in CURVE if k < len(attack)] + [len(attack)] * (len(attack) > 0)
    return [{"k": k, "attack": at(attack, k), "imputer": at(imputer, k)} for k in ks]


def _line(side: Side, values: Tensor, positive: int | None) -> Tensor:
    """Return (M,) float64: 1 for right, the surest first; within a tie everybody has the tie's share."""
    right = side.guess == values if positive is None else values == positive
    order = side.sure.argsort(descending=True)
    _, tie, size = side.sure[order].unique_consecutive(return_inverse=True, return_counts=True)
    hits = torch.zeros(len(size), dtype=torch.float64).index_add_(0, tie, right[order].double())
    shares: Tensor = hits / size
    return shares[tie]


def _further(attack: Tensor, imputer: Tensor, k: int) -> Iterator[tuple[str, float]]:
    for other in (10, 100, 1000):
        if other != k and other <= len(attack):
            yield f"the surest {other:,}", at(attack, other)
            yield f"the surest {other:,}, {WITHOUT}", at(imputer, other)
