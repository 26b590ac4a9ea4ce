"""The loss threshold: records the model is sure of are taken for those it was trained on.

Yeom, Giacomelli, Fredrikson and Jha, "Privacy risk in machine learning: analyzing the connection to
overfitting" (CSF 2018).
"""

import torch

from inversion_core.attacks.base import Steps
from inversion_core.attacks.shadow_models import MembershipAttack, asked, believed, known_of, of_label
from inversion_core.oracles import Oracle
from inversion_core.values import Knowledge


class LossThreshold(MembershipAttack):
    """Take a record for a member the surer the model is of its true label; the floor for every other attack.

    It owns no shadow models and treats easy records like memorised ones. Departure: the paper fixes the
    threshold at the mean training loss; here it is left open, and the metrics choose it.

    Cost: one row a candidate.
    """

    name = "loss-threshold"
    title = "Loss threshold"
    reference = "Yeom et al., CSF 2018"

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield one Progress a query."""
        candidates = known_of(knowledge).candidates
        (scores,) = yield from asked(oracle, candidates)
        return believed(knowledge, of_label(scores, candidates.labels, self.params.floor).log())
