"""FJRMIA: the value that, by the model's published mistakes and the population, best explains the label.

Fredrikson, Jha, Ristenpart, "Model inversion attacks that exploit confidence information and basic
countermeasures" (CCS 2015), section 4, the black-box attack.
"""

import math

import torch
from pydantic import Field

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.completion import beliefs, chosen, completions, table_of
from inversion_core.oracles import Oracle
from inversion_core.tables import Clue
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction


class FJRMIA(Attack):
    """Weigh each sensitive value by how common it is and how often the model errs in the way it then would.

    argmax over v of C[y, f(x, v)] * prior[v], where y is the person's true label and C[y, y'] the share of
    people of class y whom the model calls y' (the confusion matrix on a model's card). Where the model
    answers the same for every value, the most common value wins: that is why it often names nobody else.

    Columns nobody told the adversary are tried in every combination of typical values and the weights added
    up. Departure: those combinations count alike, the paper weighs them by how common they are.

    Cost: one query per victim, value and combination.
    """

    name = "fjrmia"
    title = "FJRMIA, by confusion matrix"
    reference = "Fredrikson, Jha and Ristenpart, CCS 2015"
    needs = Access.LABELS
    family = Family.ATTRIBUTES
    modality = Modality.TABLE
    claim = Claim.ATTRIBUTE
    clues = (Clue.TRUE_LABEL, Clue.MARGINALS)
    most_unknown = 2

    class Params(Attack.Params):
        """How ties are broken."""

        draws: int = Field(11, ge=1, le=1001, description="Random draws to break ties; the median counts.")

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield one Progress a query."""
        table = table_of(knowledge, self.clues, self.name)
        labels, confusion, prior = table.labels, table.confusion, table.marginals
        assert labels is not None and confusion is not None and prior is not None
        weights = torch.zeros(len(table.records), table.value_count)
        for asked in completions(table):
            rows, value = asked.rows, asked.value
            answer = oracle.labels(asked.inputs)
            weights[rows, value] += confusion[labels[rows], answer] * prior[value]
            note = f"trying value {value + 1} of {table.value_count}"
            yield Progress(asked.step, asked.total, math.nan, note=note)
        found = beliefs(weights, chosen(weights, rng, self.params.draws))
        return Reconstruction(found, knowledge.classes, found.max(1).values)
