"""What each tier is answered: the project's own defences, composed in the order an API applies them.

model -> defences of the exposure (all callers) -> defences of the tier -> the label alone, where only that is
released.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.choices import Choice
from inversion_core.defences.base import OutputDefence, Predict, answered
from inversion_core.registry import find
from inversion_core.store.api_keys import Tier


@dataclass(frozen=True)
class TierRule:
    """`rate`: rows a minute of a key without a rate of its own."""

    sentence: str
    rate: int
    labels_only: bool = False
    defences: tuple[Choice, ...] = ()


TIERS: Mapping[Tier, TierRule] = {
    Tier.ANONYMOUS: TierRule("the winning label, no score", rate=120, labels_only=True),
    Tier.AUTHENTICATED: TierRule(
        "the three highest scores, rounded to two decimals",
        rate=6_000,
        defences=(
            Choice(name="top-k", params={"k": 3}),
            Choice(name="rounding", params={"decimals": 2}),
        ),
    ),
    Tier.PARTNER: TierRule("every score as the model gives it", rate=1_000_000),
}


@dataclass(frozen=True, eq=False)
class Released:
    """What leaves the service: `labels` (N,) int64, `scores` (N, K) or None."""

    labels: Tensor
    scores: Tensor | None

    def rows(self, start: int, stop: int) -> "Released":
        """Return some of the rows."""
        return Released(self.labels[start:stop], None if self.scores is None else self.scores[start:stop])


class Release:
    """Turns the model's answers into what a tier may see; one thread uses it."""

    def __init__(self, exposed: Sequence[OutputDefence], *, labels_only: bool, rng: torch.Generator) -> None:
        self._labels_only = labels_only
        self._rng = rng
        self._defences = {tier: (*exposed, *_made(rule.defences)) for tier, rule in TIERS.items()}

    def __call__(self, predict: Predict, inputs: Tensor, tier: Tier) -> Released:
        """Inputs (N, *shape), and the model to ask about them -> what the tier may see of its answer."""
        scores = answered(predict, self._defences[tier], inputs, self._rng)
        hidden = self._labels_only or TIERS[tier].labels_only
        return Released(scores.argmax(1), None if hidden else scores)

    def told(self, tier: Tier) -> str:
        """Return in words what a tier is answered."""
        names = [type(one).title.lower() for one in self._defences[tier]]
        if self._labels_only or TIERS[tier].labels_only:
            return "the winning label, no score" + (f" (after {', '.join(names)})" if names else "")
        return TIERS[tier].sentence + (f" (defences in order: {', '.join(names)})" if names else "")


def _made(choices: Sequence[Choice]) -> list[OutputDefence]:
    made = [find("defences", choice.name)(**choice.params) for choice in choices]
    assert all(isinstance(one, OutputDefence) for one in made)
    return [one for one in made if isinstance(one, OutputDefence)]
