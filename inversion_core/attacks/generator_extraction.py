"""Generate and filter: what a generator draws again and again, almost unchanged, it has learnt by heart.

Carlini et al., "Extracting training data from diffusion models" (USENIX Security 2023), section 4.
"""

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Attack, Steps
from inversion_core.errors import AccessDenied, QueryBudgetExceeded
from inversion_core.oracles import Oracle
from inversion_core.samplers import SampleOracle
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction

PART = 250
"""Samples drawn at once."""
WIDER = 4
"""A clique is compared with the nearest 1 in this many of all samples around it."""
SEPARATE = 0.5
"""Candidates lie at least this share of their usual distance apart."""


class GeneratorExtraction(Attack):
    """Draw many samples, find those that have almost equal ones, and return each such clique once.

    The adversary sees nothing but samples. A sample is suspect when its `clique`-th nearest sample is much
    nearer than samples around it usually are; the most suspect come first, one a clique, each as the mean of
    its clique. Departures from Carlini et al.: no prompts, since this generator takes none; the nearness is
    relative to the sample's surroundings instead of one threshold, and a fixed number of candidates is
    returned, the surest first, so that a careful model is judged on as many as a careless one.

    Cost: `samples` samples; where the budget ends earlier, what was drawn until then.
    """

    name = "generator-extraction"
    title = "Generate and filter"
    reference = "Carlini et al., USENIX Security 2023"
    family = Family.GENERATION
    needs = Access.LABELS
    modality = Modality.IMAGE
    claim = Claim.INPUT

    class Params(Attack.Params):
        """How much is drawn, and what is made of it."""

        samples: int = Field(1200, ge=50, le=20000, description="Samples drawn from the generator.")
        clique: int = Field(8, ge=2, le=100, description="Nearly equal samples that make one suspect.")
        candidates: int = Field(20, ge=1, le=200, description="Pictures returned, the surest first.")

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield after each part of the samples; return the candidates with `confidence` in each."""
        if not isinstance(oracle, SampleOracle):
            raise AccessDenied(f"{self.name} draws samples, this oracle draws none; choose a generator")
        drawn: list[Tensor] = []
        total = -(-self.params.samples // PART)
        for number in range(total):
            try:
                drawn.append(oracle.samples(min(PART, self.params.samples - number * PART), rng))
            except QueryBudgetExceeded:
                if not drawn:
                    raise
                break
            shown = drawn[-1][: self.params.candidates]
            yield Progress(number + 1, total + 1, 0.0, best=shown, note="drawing samples")
        samples = torch.cat(drawn)
        pictures, suspicion = self.filtered(samples)
        yield Progress(total + 1, total + 1, 0.0, best=pictures, note="filtering what was drawn")
        return Reconstruction(pictures, torch.arange(len(pictures)), suspicion)

    def filtered(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        """(M, *shape) -> candidates (A, *shape) and how much nearer than usual their cliques are, in [0, 1]:
        1 for equal samples, 0 for a sample like any other.
        """
        flat = samples.flatten(1)
        apart = torch.cdist(flat, flat)
        near, order = apart.sort(1)  # the sample itself comes first
        clique = min(self.params.clique, len(samples) - 1)
        usual = near[:, max(clique, len(samples) // WIDER)]
        tightness = near[:, clique] / usual.clamp_min(1e-9)
        free = torch.ones(len(samples), dtype=torch.bool)
        chosen: list[int] = []
        for place in tightness.argsort().tolist():
            if free[place]:
                chosen.append(place)
                free &= apart[place] > SEPARATE * usual[place]
            if len(chosen) == self.params.candidates:
                break
        means = torch.stack([flat[order[place, : clique + 1]].mean(0) for place in chosen])
        return means.view(-1, *samples.shape[1:]), (1 - tightness[chosen]).clamp(0, 1)
