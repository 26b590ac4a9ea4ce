"""Exposure: among all secrets of a known format, how early does the true one come when the model ranks them?

Carlini et al., "The secret sharer: evaluating and testing unintended memorization in neural networks" (USENIX
Security 2019).
"""

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.errors import AccessDenied
from inversion_core.oracles import Oracle
from inversion_core.samplers import TextOracle
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction


class CanaryExposure(Attack):
    """Ask how likely every possible code is after a known beginning, and take the likeliest.

    The format is known and small, so that all codes are ranked exactly, digit by digit: a beginning that many
    codes share is asked once. No sampling and no fitted curve, as longer secrets need in the paper.

    Cost: (10^digits - 1) / 9 contexts a secret.
    """

    name = "canary-exposure"
    title = "Ranking every possible secret"
    reference = "Carlini et al., USENIX Security 2019"
    family = Family.GENERATION
    needs = Access.SCORES
    modality = Modality.TEXT
    claim = Claim.INPUT

    class Params(Attack.Params):
        """What is known of the format."""

        digits: int = Field(4, ge=1, le=6, description="Digits of a code.")

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Return for each of `knowledge.prompts` the log-probability of every code: samples (A,
        10^digits).
        """
        if not isinstance(oracle, TextOracle):
            raise AccessDenied(f"{self.name} asks a model of text, this is none; choose character-model")
        ranked = []
        for number, prompt in enumerate(knowledge.prompts):
            ranked.append(self.ranking(oracle, prompt))
            yield Progress(
                number + 1, len(knowledge.prompts), 0.0, note=f"ranking the codes that follow {prompt!r}"
            )
        samples = torch.stack(ranked)
        return Reconstruction(samples, knowledge.classes, samples.softmax(1).max(1).values)

    def ranking(self, oracle: TextOracle, prompt: str) -> Tensor:
        """Return the log-probability (10^digits,) of each code after `prompt`, in numerical order."""
        digits = torch.tensor([oracle.alphabet.index(one) for one in "0123456789"])
        contexts = torch.tensor([[oracle.alphabet.index(one) for one in prompt]])
        found = torch.zeros(1, dtype=torch.float64)
        for _ in range(self.params.digits):
            likely = oracle.next_scores(contexts)[:, digits].log()  # (10^d, 10)
            found = (found[:, None] + likely).flatten()
            contexts = torch.cat(
                [contexts.repeat_interleave(10, 0), digits.repeat(len(contexts))[:, None]], 1
            )
        return found
