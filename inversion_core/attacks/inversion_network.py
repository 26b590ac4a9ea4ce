"""Inversion network: draw the photo behind a prediction vector.

Yang, Chang and Liang, "Neural network inversion in adversarial setting via background knowledge alignment"
(CCS 2019). Departures are told in `decoder` and `decoding`; further, scores are standardised after the
logarithm, and nothing is truncated by the adversary beyond what the API left out.
"""

from torch import Tensor

from inversion_core.attacks.decoding import DecoderAttack
from inversion_core.oracles import Oracle
from inversion_core.values import Access, Knowledge

SHIFT = 50.0
"""Added to the logarithm of a score, as in the paper; scores below e^-50 count as not released, 0."""


class InversionNetwork(DecoderAttack):
    """Turn an overheard answer of the model back into the photo it was given for.

    The attacker asks the API about photos of strangers, learns to draw each from its answer, and applies that
    to an answer given for a victim's photo; one forward pass then draws a thousand. Scores of all classes
    tell much of a picture; a few of them tell little more than the label alone, of which the attacker learns
    what it looks like. Cost: a row for each public photo, and one for each victim to check the result.
    """

    name = "inversion-network"
    title = "Inversion network"
    reference = "Yang, Chang and Liang, CCS 2019, https://doi.org/10.1145/3319535.3354261"
    needs = Access.LABELS

    def observed(self, knowledge: Knowledge) -> Tensor:
        """Return what the API released for the victims' photos."""
        assert knowledge.observed is not None, "the trial prepares an answer for each victim"
        return knowledge.observed

    def ask(self, oracle: Oracle, inputs: Tensor) -> Tensor:
        """(M, C, H, W) -> scores (M, K) where they are released, else labels as corners."""
        return oracle.answers(inputs)

    def agreement(self, answers: Tensor, others: Tensor) -> Tensor:
        """Return the mass two answers share, as a part of the larger one."""
        return answers.minimum(others).sum(1) / answers.maximum(others).sum(1).clamp_min(1e-12)

    def read(self, answers: Tensor) -> Tensor:
        """Return the logarithms, shifted so that what was not released is 0."""
        return answers.log().clamp_min(-SHIFT) + SHIFT
