"""How many more values an attack guesses right than whoever knows the same and never asks the model.

Jayaraman and Evans, "Are attribute inference attacks just imputation?", CCS 2022. The control tells apart
what the model carries about everybody (records never trained on gain as much) from what it remembers of
members.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from inversion_core.metrics.attribute_surest import at, lines, reach
from inversion_core.metrics.base import TableMetric
from inversion_core.metrics.bootstrap import Estimate, difference, paired_gain, residual_risk
from inversion_core.metrics.glossary import explain
from inversion_core.metrics.guesses import Answers, Panel, panel
from inversion_core.tables import TableTruth
from inversion_core.values import Score

CONTROL = "records it never saw"
MEMORY = "more than records it never saw"
RISK = "residual risk"
SUREST = "among the surest"


class ResidualOverImputation(TableMetric):
    """Accuracy of the attack minus accuracy of the imputer, on the same records; from -1 to 1.

    Above 0 the model gave something away, below 0 not asking it is the better way to guess. `baseline` is 0,
    the imputer beside itself; `control` is the same difference on records the target never saw. Rulers: the
    interval of the control, what members have beyond it, the residual risk (attack on members beside attack
    on control), each with its interval; the cases, the subgroups and the surest guesses.
    """

    name = "residual-over-imputation"
    title = explain("residual-over-imputation").title
    reference = "Jayaraman and Evans, CCS 2022; residual risk: Giomi et al., PoPETs 2023"

    def score(self, truth: TableTruth, rng: torch.Generator) -> Score:
        """Return the difference with its paired bootstrap interval."""
        run = panel(truth)
        attack, imputer = right(run.members)
        free_attack, free_imputer = right(run.control)
        gain, free = paired_gain(attack, imputer, rng), paired_gain(free_attack, free_imputer, rng)
        rulers = {
            **_told(CONTROL, free),
            **_told(MEMORY, difference(gain, free)),
            **_told(RISK, residual_risk(attack, free_attack)),
            **dict(_parts(run)),
        }
        return Score(
            name=self.name,
            value=gain.value,
            low=gain.low,
            high=gain.high,
            n=len(attack),
            baseline=0.0,
            control=free.value,
            better="higher",
            rulers=rulers,
        )


def right(told: Answers) -> tuple[Tensor, Tensor]:
    """Return whether attack and imputer are right about each record; each (M,) bool."""
    return told.attack.guess == told.values, told.imputer.guess == told.values


def _told(name: str, estimate: Estimate | None) -> dict[str, float]:
    if estimate is None:
        return {}
    return {name: estimate.value, f"{name}, low": estimate.low, f"{name}, high": estimate.high}


def _parts(run: Panel) -> Iterator[tuple[str, float]]:
    for case, pair in run.cases.items():
        yield f"case {case}", pair.gain
    for column, levels in run.groups.items():
        for level, pair in levels.items():
            yield f"{column}: {level}", pair.gain
    attack, imputer = lines(run.members, run.positive)
    k = reach(len(attack))
    yield f"{SUREST} {k:,}", at(attack, k) - at(imputer, k)
