"""LOMIA: learn from the people whom the model gives away, guess everybody with what was learnt.

Mehnaz et al., "Are your sensitive attributes private? Novel model inversion attribute inference attacks on
classification models" (USENIX Security 2022).
"""

import math
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.completion import beliefs, cases_of, chosen, completions, table_of
from inversion_core.oracles import Oracle
from inversion_core.tables import Clue, TableKnowledge
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction

MOST_LEVELS = 255
"""Levels that the learner takes as categories; a column with more is taken as numbers."""


class LOMIA(Attack):
    """Take the records with which the model is right for one value alone, and train a model of its own.

    Case 1: exactly one value gives the true label; these records, with that value, are the attack's training
    data. A learner from the known columns and the true label to the value then guesses every victim, the
    others (case 2: several values, case 3: none) as well. With a single value among the case 1 records
    everybody is guessed to have it; without any such record the guesses are random.

    Columns nobody told the adversary are tried in every combination of typical values; a value gives the true
    label if any combination does, and the learner does without them. Departure: the learner is gradient
    boosting from scikit-learn, the paper used the ensembles of a commercial service.

    Cost: one query per victim, value and combination.
    """

    name = "lomia"
    title = "LOMIA, by label only"
    reference = "Mehnaz et al., USENIX Security 2022"
    needs = Access.LABELS
    family = Family.ATTRIBUTES
    modality = Modality.TABLE
    claim = Claim.ATTRIBUTE
    clues = (Clue.TRUE_LABEL,)
    most_unknown = 2

    class Params(Attack.Params):
        """The learner, and how ties are broken."""

        rounds: int = Field(100, ge=1, le=1000, description="Trees of the learner.")
        draws: int = Field(11, ge=1, le=1001, description="Random draws to break ties; the median counts.")

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield one Progress a query and some while the learner trains."""
        table = table_of(knowledge, self.clues, self.name)
        labels = table.labels
        assert labels is not None
        hits = torch.zeros(len(table.records), table.value_count, dtype=torch.bool)
        step = 0
        for asked in completions(table):
            hits[asked.rows, asked.value] |= oracle.labels(asked.inputs) == labels[asked.rows]
            step = asked.step
            note = f"trying value {asked.value + 1} of {table.value_count}"
            yield Progress(step, asked.total + 2, math.nan, note=note)
        cases = cases_of(hits)
        told = cases == 1
        yield Progress(step + 1, step + 2, math.nan, note=f"learning from {int(told.sum()):,} records")
        weights = self._learn(table, labels, told, hits.int().argmax(1), rng)
        found = beliefs(weights, chosen(weights, rng, self.params.draws))
        yield Progress(step + 2, step + 2, math.nan, note="guessing everybody")
        return Reconstruction(found, knowledge.classes, found.max(1).values, cases)

    def _learn(
        self, table: TableKnowledge, labels: Tensor, told: Tensor, values: Tensor, rng: torch.Generator
    ) -> Tensor:
        """Return (N, V) probabilities learnt from the `told` records, whose values are `values`."""
        weights = torch.zeros(len(labels), table.value_count)
        seen = values[told].unique()
        if len(seen) < 2:
            weights[:, seen] = 1
            return weights
        features, categories = _features(table, labels)
        learner = self._learner(categories, int(told.sum()), rng)
        mine = told.numpy()
        learner.fit(features[mine], values.numpy()[mine])
        weights[:, seen] = torch.as_tensor(learner.predict_proba(features)).float()
        return weights

    def _learner(self, categories: list[bool], count: int, rng: torch.Generator) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(
            max_iter=self.params.rounds,
            min_samples_leaf=max(1, min(20, count // 20)),
            categorical_features=categories,
            early_stopping=False,
            random_state=int(torch.randint(2**31, (), generator=rng)),
        )


def _features(table: TableKnowledge, labels: Tensor) -> tuple[np.ndarray, list[bool]]:
    """Return what is known of each victim (N, F), the true label last, and which of it are categories."""
    hidden = {table.sensitive, *table.unknown}
    places = [place for place in range(len(table.columns)) if place not in hidden]
    features = torch.cat([table.records[:, places], labels[:, None].float()], 1)
    levels = [table.columns[place].levels for place in places]
    few = [names is not None and len(names) <= MOST_LEVELS for names in levels]
    return features.numpy(), [*few, int(labels.max()) < MOST_LEVELS]
