"""LiRA, the likelihood ratio attack: is the model surer of this record than models that never saw it?

Carlini, Chien, Nasr, Song, Terzis and Tramer, "Membership inference attacks from first principles" (IEEE S&P
2022).
"""

from enum import StrEnum

import torch
from pydantic import Field
from torch import Tensor

from inversion_core.attacks.base import Steps
from inversion_core.attacks.shadow_models import ShadowAttack, asked, believed, known_of, log_odds
from inversion_core.oracles import Oracle
from inversion_core.values import Knowledge

LEAST_SPREAD = 1e-3
"""Standard deviation in log odds below which shadow models are taken to agree."""


class Variant(StrEnum):
    """Which shadow models of a record are used."""

    ONLINE = "online"
    OFFLINE = "offline"


class LiRA(ShadowAttack):
    """Hold the target's log odds of the true label against those of shadow models, record by record.

    The log odds of shadow models trained with the record (IN) and without it (OUT) are taken as two normal
    distributions about their medians. Online: log density under IN minus log density under OUT; the
    candidates themselves are then among what shadow models are trained on. Offline: OUT models alone, the log
    of the probability that one of them is less sure than the target (one-sided, logcdf), as in the paper's
    text; the paper's code takes minus the log density under OUT, whose scores are not comparable.

    Departures: one query a record, no augmentations; the one spread that few shadow models need is the pooled
    deviation within records, where the paper's code takes the deviation over all records and models, and for
    OUT by mistake that of IN.

    Cost: one row a candidate; the shadow models cost training, not queries.
    """

    name = "lira"
    title = "LiRA, likelihood ratio"
    reference = "Carlini et al., IEEE S&P 2022"

    class Params(ShadowAttack.Params):
        """Which models are compared, and how their spread is estimated."""

        variant: Variant = Field(
            Variant.ONLINE,
            description="Online: models with and without the record; offline: only those without.",
        )
        fixed_variance: bool = Field(
            True,
            description="One spread for all records, not one for each: steadier below 64 shadow models.",
        )

    params: Params

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield one Progress a query."""
        candidates, floor = known_of(knowledge).candidates, self.params.floor
        (scores,) = yield from asked(oracle, candidates)
        target = log_odds(scores, candidates.labels, floor)
        shadows = log_odds(candidates.shadow_scores, candidates.labels, floor)
        fixed = self.params.fixed_variance
        out = _normal(shadows, ~candidates.inside, fixed)
        if self.params.variant is Variant.OFFLINE:
            return believed(knowledge, torch.special.log_ndtr((target - out.mean) / out.stddev))
        inside = _normal(shadows, candidates.inside, fixed)
        return believed(knowledge, inside.log_prob(target) - out.log_prob(target))


def _normal(shadows: Tensor, counted: Tensor, fixed: bool) -> torch.distributions.Normal:
    """Return the distributions (N,) of those of `shadows` (S, N) that are `counted` (S, N)."""
    kept = torch.where(counted, shadows, torch.nan)
    apart = (kept - kept.nanmean(0)).square()
    count = counted.sum(0)
    if fixed:
        spread = (apart.nansum() / (count - 1).clamp_min(0).sum()).sqrt().expand(shadows.shape[1])
    else:
        spread = (apart.nansum(0) / (count - 1).clamp_min(1)).sqrt()
    middle = kept.nanquantile(0.5, dim=0)
    return torch.distributions.Normal(middle, spread.clamp_min(LEAST_SPREAD), validate_args=False)
