"""RMIA, the robust membership inference attack: does the target favour this record over the population?

Zarifzadeh, Liu and Shokri, "Low-cost high-power membership inference attacks" (ICML 2024).
"""

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Steps
from inversion_core.attacks.shadow_models import ShadowAttack, asked, believed, known_of, of_label
from inversion_core.membership import Sample
from inversion_core.oracles import Oracle
from inversion_core.values import Knowledge


class RMIA(ShadowAttack):
    """Count the records of a population over which the target favours the candidate more than others do.

    The ratio of a record is p(x) / p'(x), the target's score of its true label over what models that never
    saw it give on average, p' = ((1 + a) p_out + (1 - a)) / 2. The belief is the share of population records
    z with ratio(x) / ratio(z) > gamma. This is the offline variant: reference models trained on the record
    are left out; two reference models are enough to start with.

    Departure: p is the released score itself, where the paper tries rescaled ones too.

    Cost: one row a candidate and one a population record; the reference models cost training, not queries.
    """

    name = "rmia"
    title = "RMIA, against a population"
    reference = "Zarifzadeh, Liu and Shokri, ICML 2024"

    class Params(ShadowAttack.Params):
        """The reference models, and what counts as favoured."""

        shadows: int = Field(
            8,
            ge=2,
            le=256,
            description="Reference models of the target's kind, each trained on a random half of the data.",
        )
        gamma: float = Field(
            1.0, gt=0, le=100, description="How many times a population record's ratio must be exceeded."
        )
        a: float = Field(
            0.3,
            ge=0,
            le=1,
            description="How far scores of models without a record are taken for those of all models.",
        )

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield one Progress a query."""
        known = known_of(knowledge)
        scores, others = yield from asked(oracle, known.candidates, known.population)
        bars = self.params.gamma * self._ratio(known.population, others).sort().values
        passed = torch.searchsorted(bars, self._ratio(known.candidates, scores))  # bars strictly below
        return believed(knowledge, passed.double() / len(bars))

    def _ratio(self, sample: Sample, scores: Tensor) -> Tensor:
        """(N,): how much surer the target is of each record than reference models that never saw it."""
        floor, a = self.params.floor, self.params.a
        shadows = of_label(sample.shadow_scores, sample.labels, floor)
        out = torch.where(sample.inside, torch.nan, shadows).nanmean(0)
        return of_label(scores, sample.labels, floor) / (((1 + a) * out + (1 - a)) / 2)
