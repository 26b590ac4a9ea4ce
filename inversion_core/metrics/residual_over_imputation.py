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
from inversion_core.metrics.guesses import Panel
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
        panel = Panel.of(truth)
        members, control = panel.members, panel.control
        gain = paired_gain(members.attack_right, members.imputer_right, rng)
        free = paired_gain(control.attack_right, control.imputer_right, rng)
        rulers = {
            **_told(CONTROL, free),
            **_told(MEMORY, difference(gain, free)),
            **_told(RISK, residual_risk(members.attack_right, control.attack_right)),
            **dict(_parts(panel)),
        }
        return Score(
            name=self.name,
            value=gain.value,
            low=gain.low,
            high=gain.high,
            n=len(members.values),
            baseline=0.0,
            control=free.value,
            better="higher",
            rulers=rulers,
        )


def _told(name: str, estimate: Estimate | None) -> dict[str, float]:
    if estimate is None:
        return {}
    return {name: estimate.value, f"{name}, low": estimate.low, f"{name}, high": estimate.high}


def _parts(panel: Panel) -> Iterator[tuple[str, float]]:
    for case, mine in panel.cases():
        yield f"case {case}", _gain(panel, mine)
    for column, level, mine in panel.groups():
        yield f"{column}: {level}", _gain(panel, mine)
    attack, imputer, *_ = lines(panel)
    k = reach(len(attack))
    yield f"{SUREST} {k:,}", at(attack, k) - at(imputer, k)


def _gain(panel: Panel, mine: Tensor) -> float:
    members = panel.members
    return (members.attack_right[mine].double() - members.imputer_right[mine].double()).mean().item()
