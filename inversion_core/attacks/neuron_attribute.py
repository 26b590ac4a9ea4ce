"""Neuron attribute inference: the units that react to a value in other people say who else has it.

Jayaraman, Evans, "Are attribute inference attacks just imputation?" (CCS 2022), section 5, the white-box
attack; details after the authors' code (EvaluatingDPML).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.completion import beliefs, chosen, table_of
from inversion_core.oracles import Oracle
from inversion_core.tables import Clue, Records, TableKnowledge
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction

AT_ONCE = 8192
"""Victims looked at in one step; their activations for every value are held at the same time."""
FEWEST = 5
"""Auxiliary records that share a label, below which nothing is learnt about that label."""


class NeuronAttribute(Attack):
    """Watch the hidden units: which react to whom, learnt from other people, tells the victims' values.

    For each value t all records get t in the sensitive column. Among the auxiliary records, whose true values
    are known, the k units most correlated with "truly has t" are found; their outputs, put on a common scale
    by rank among the auxiliary records, are averaged with the correlations as weights. The value with the
    highest average wins. The outputs are those of every hidden unit; of trees, the shares of the training
    records in the leaves reached.

    Departures, on by default: as published the attack never looks at the victim's label, and what it finds is
    what the units know of everybody. With `by_label` units are chosen for each label on its own, each
    auxiliary record under the label the model itself gives it (only the model's own answers show how its
    units look when a value fits a label), and beside a unit's output stands how far the value alone moves it.
    Further: a unit that falls with the value counts too, turned round.

    Cost: V queries per victim and V + 1 per auxiliary record, for V values.
    """

    name = "neuron-attribute"
    title = "Neuron attribute inference"
    reference = "Jayaraman and Evans, CCS 2022"
    needs = Access.WHITE_BOX
    family = Family.ATTRIBUTES
    modality = Modality.TABLE
    claim = Claim.ATTRIBUTE
    clues = (Clue.AUXILIARY, Clue.TRUE_LABEL)

    class Params(Attack.Params):
        """How many units are believed, and what they are asked."""

        units: int = Field(100, ge=1, le=10_000, description="Units believed for each value.")
        by_label: bool = Field(
            True,
            description="Use the labels, and what the value alone moves. Off: the attack as published.",
        )
        most_auxiliary: int = Field(
            10_000, ge=10, le=1_000_000, description="Auxiliary records looked at, at most."
        )
        draws: int = Field(11, ge=1, le=1001, description="Random draws to break ties; the median counts.")

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield one Progress for the auxiliary records and one for each of the victims' parts."""
        table = table_of(knowledge, self.clues, self.name)
        assert table.labels is not None and table.auxiliary is not None
        count = len(table.records)
        parts = torch.arange(count).split(AT_ONCE)
        labels = table.labels if self.params.by_label else torch.zeros_like(table.labels)
        gauges = self._learn(oracle, table, _some(table.auxiliary, self.params.most_auxiliary, rng))
        yield Progress(1, len(parts) + 1, math.nan, note="found the units that react")
        weights = torch.full((count, table.value_count), 0.5)
        for step, rows in enumerate(parts, 2):
            outputs = self._outputs(oracle, table, table.records[rows])
            for gauge in gauges:
                mine = labels[rows] == gauge.label
                weights[rows[mine], gauge.value] = gauge.read(outputs[gauge.value][mine])
            yield Progress(step, len(parts) + 1, math.nan, note="reading the units of the victims")
        guess = chosen(weights, rng, self.params.draws)
        found = beliefs(weights, guess)
        return Reconstruction(found, knowledge.classes, found.max(1).values)

    def _learn(self, oracle: Oracle, table: TableKnowledge, others: Records) -> list["Gauge"]:
        """Return a gauge for every value and label that enough auxiliary records show."""
        values = others.inputs[:, table.sensitive].long()
        labels = oracle.labels(others.inputs) if self.params.by_label else torch.zeros_like(values)
        outputs = self._outputs(oracle, table, others.inputs)
        return [
            Gauge.of(outputs[value][mine], values[mine] == value, self.params.units, int(label), value)
            for label in labels.unique()
            if (mine := labels == label).sum() >= FEWEST
            for value in range(table.value_count)
        ]

    def _outputs(self, oracle: Oracle, table: TableKnowledge, records: Tensor) -> Tensor:
        """(N, C) -> (V, N, F): the units' outputs for every value, and how far the value moves them."""
        outputs = torch.stack([oracle.activations(inputs) for inputs in _with_each_value(table, records)])
        if not self.params.by_label:
            return outputs
        return torch.cat([outputs, outputs - outputs.mean(0)], 2)


@dataclass(frozen=True, eq=False)
class Gauge:
    """What tells, among records of one label, who truly has the value that all were given.

    `units` (k,) are places in the outputs, `weights` (k,) their correlations, `scale` (n, k) the outputs of
    the auxiliary records in ascending order.
    """

    label: int
    value: int
    units: Tensor
    weights: Tensor
    scale: Tensor

    @classmethod
    def of(cls, outputs: Tensor, truly: Tensor, units: int, label: int, value: int) -> "Gauge":
        """Learn from the outputs (n, F) of auxiliary records, and who of them (n,) truly has the value."""
        correlation = _correlation(outputs, truly.float())
        best = correlation.abs().topk(min(units, len(correlation))).indices
        return cls(label, value, best, correlation[best], outputs[:, best].sort(0).values)

    def read(self, outputs: Tensor) -> Tensor:
        """(m, F) -> (m,) in [0, 1]: how much the outputs look like those of people who have the value."""
        if not self.weights.any():
            return torch.full((len(outputs),), 0.5)
        rank = _rank(self.scale, outputs[:, self.units])
        turned = torch.where(self.weights < 0, 1 - rank, rank)
        return (turned * self.weights.abs()).sum(1) / self.weights.abs().sum()


def _correlation(outputs: Tensor, truly: Tensor) -> Tensor:
    """(n, F), (n,) -> (F,) Pearson's correlations; 0 for a unit that never changes."""
    outputs, truly = outputs - outputs.mean(0), truly - truly.mean()
    length = outputs.norm(dim=0) * truly.norm()
    return torch.where(length > 1e-6, truly @ outputs / length.clamp_min(1e-6), 0.0)


def _rank(scale: Tensor, outputs: Tensor) -> Tensor:
    """(n, k) ascending, (m, k) -> (m, k) in [0, 1]: the share of the scale below each output, ties halved."""
    ascending, values = scale.T.contiguous(), outputs.T.contiguous()
    below = torch.searchsorted(ascending, values)
    not_above = torch.searchsorted(ascending, values, right=True)
    return (below + not_above).T / (2 * len(scale))


def _with_each_value(table: TableKnowledge, records: Tensor) -> Iterator[Tensor]:
    """Yield the records (N, C) with one sensitive value after another."""
    for value in range(table.value_count):
        inputs = records.clone()
        inputs[:, table.sensitive] = value
        yield inputs


def _some(records: Records, most: int, rng: torch.Generator) -> Records:
    """Return the records, or `most` of them at random."""
    if len(records) <= most:
        return records
    return records.rows(torch.randperm(len(records), generator=rng)[:most])
