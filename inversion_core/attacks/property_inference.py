"""Property inference: what share of the training data belongs to a group, read off a model's answers.

Ateniese et al., "Hacking smart machines with smarter ones" (IJSN 2015); Ganju et al., "Property inference
attacks on fully connected neural networks using permutation invariant representations" (CCS 2018).
"""

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction

SMALLEST = 1e-4
"""A score below this counts as this before its logarithm is taken."""
PENALTIES = tuple(10.0**power for power in range(-1, 6))


class PropertyInference(Attack):
    """Train models of one's own on data with known shares, and learn to tell the share from their answers.

    Every model is asked about the same public rows; a ridge regression from the logarithms of the answers to
    the share is learnt on the shadow models and applied to the target. Departure from Ganju et al.: the
    answers of an API instead of sorted weights, and a share instead of one of two cases.

    Cost: `probes` rows of the target.
    """

    name = "property-inference"
    title = "Property inference (share of a group)"
    reference = "Ganju et al., CCS 2018"
    family = Family.PROPERTY
    needs = Access.LABELS
    modality = Modality.TABLE
    claim = Claim.PROPERTY

    class Params(Attack.Params):
        """Which property, and what the adversary spends to learn about it."""

        column: str = Field("sex", description="Categorical column that says who is of the group.")
        level: str = Field("female", description="Value of the group in that column.")
        shadows: int = Field(80, ge=8, le=1000, description="Models the adversary trains.")
        probes: int = Field(200, ge=2, le=5000, description="Public rows every model is asked about.")
        rows: int = Field(600, ge=50, le=100_000, description="Training rows of each model.")
        targets: int = Field(
            60, ge=3, le=1000, description="Models attacked: a third each with 20, 50 and 80 % of the group."
        )

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return the share (1, 1) that the target's answers speak for."""
        from sklearn.linear_model import RidgeCV

        shadows = knowledge.shadows
        assert shadows is not None, "the trial trains the shadow models"
        seen = oracle.answers(shadows.probes)
        model = RidgeCV(PENALTIES).fit(_features(shadows.answers), shadows.shares.numpy())
        share = torch.from_numpy(model.predict(_features(seen[None]))).float().clamp(0, 1)
        yield Progress(1, 1, 0.0, note="reading the share off the answers")
        return Reconstruction(share[:, None], torch.zeros(1, dtype=torch.long), torch.ones(1))


def _features(answered: Tensor) -> "object":
    """(S, P, K) -> (S, P K) as numpy."""
    return answered.clamp_min(SMALLEST).log().flatten(1).double().numpy()
