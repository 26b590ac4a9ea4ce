"""The words of membership inference: candidates, shadow models, and what only metrics see.

Sizes in shapes: N candidates, M records of the population, S shadow models, K classes.
"""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Sample:
    """Records as a target takes them: `inputs` (N, *shape) float32, `labels` (N,) int64.

    `shadow_scores` (S, N, K): what each shadow model releases about them; `inside` (S, N) bool: whether it
    was trained on them. S is 0 for an adversary without shadow models.
    """

    inputs: Tensor
    labels: Tensor
    shadow_scores: Tensor
    inside: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class MembershipKnowledge:
    """What the adversary holds: the candidates, and a `population` known not to be trained on.

    Both come from the same distribution, and so does what the adversary's shadow models were trained on.
    """

    candidates: Sample
    population: Sample


@dataclass(frozen=True)
class Privacy:
    """The promise of a differentially private training about one record."""

    epsilon: float
    delta: float


@dataclass(frozen=True, eq=False)
class MembershipTruth:
    """What only metrics see of a membership run.

    `beliefs` (N,): the attack's, higher where it takes a candidate for a member; `members` (N,) bool: who is
    one; `people` (N,) int64: whose record it is, so that records of one person are not taken for independent;
    `blind` (N,): beliefs of a classifier that never met the model, fitted on other candidates' membership.
    """

    beliefs: Tensor
    members: Tensor
    people: Tensor
    blind: Tensor
    privacy: Privacy | None = None
