"""CSMIA: the value with which the model is right about the victim, and how sure it then is.

Mehnaz et al., "Are your sensitive attributes private? Novel model inversion attribute inference attacks on
classification models" (USENIX Security 2022).
"""

import math

import torch
from pydantic import Field

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.completion import (
    beliefs,
    cases_of,
    chosen,
    completions,
    guesses_of_unknown,
    table_of,
)
from inversion_core.oracles import Oracle
from inversion_core.tables import Clue
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction


class CSMIA(Attack):
    """Try each sensitive value and see with which the model gives the person's true label, and how surely.

    Case 1, exactly one value gives the true label: that value. Case 2, several do: the one with the highest
    confidence. Case 3, none does: the one whose wrong label has the lowest confidence.

    Columns nobody told the adversary are tried in every combination of typical values: a value gives the true
    label if any combination does, and confidences are summed over the combinations. Ties are broken at
    random, and the median of several draws is taken. Departures: the paper's service reports a lower bound of
    a tree's confidence, here it is the released score; the median is over the numbers of guesses for each
    value, which the adversary sees, instead of over scores, which it does not.

    Cost: one query per victim, value and combination.
    """

    name = "csmia"
    title = "CSMIA, by confidence"
    reference = "Mehnaz et al., USENIX Security 2022"
    needs = Access.SCORES
    family = Family.ATTRIBUTES
    modality = Modality.TABLE
    claim = Claim.ATTRIBUTE
    clues = (Clue.TRUE_LABEL,)
    most_unknown = 2

    class Params(Attack.Params):
        """How ties are broken."""

        draws: int = Field(11, ge=1, le=1001, description="Random draws to break ties; the median counts.")

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield one Progress a query."""
        table = table_of(knowledge, self.clues, self.name)
        labels = table.labels
        assert labels is not None
        shape = (len(table.records), table.value_count)
        right, wrong = torch.zeros(shape), torch.zeros(shape)
        hits = torch.zeros(shape, dtype=torch.bool)
        for asked in completions(table):
            rows, value = asked.rows, asked.value
            confidence, answer = oracle.scores(asked.inputs).detach().max(1)
            hit = answer == labels[rows]
            hits[rows, value] |= hit
            right[rows, value] += confidence * hit
            wrong[rows, value] += confidence * ~hit
            yield Progress(asked.step, asked.total, math.nan, note=f"trying value {value + 1} of {shape[1]}")
        # One number holds all three cases: with the right label the surer the better, with a wrong one worse.
        signed = torch.where(hits, right, -wrong) / len(guesses_of_unknown(table))
        guess = chosen(signed, rng, self.params.draws)
        found = beliefs(signed.double().exp(), guess)
        return Reconstruction(found, knowledge.classes, found.max(1).values, cases_of(hits))
