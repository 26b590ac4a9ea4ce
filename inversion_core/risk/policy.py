"""The organisation's policy: where the levels lie, and what a gate lets through.

No standard read gives a number for acceptable inversion success, so every number here is a decision of
whoever approves the policy. The cut-offs of the default echo the least cell sizes 20, 5 and 3 of statistical
disclosure control and the 9 % (1 of 11) that regulators of clinical reports have taken as the risk of
re-identification for public release: an analogy, no equivalence.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from inversion_core.choices import Frozen
from inversion_core.errors import ScenarioInvalid
from inversion_core.risk.assessment import DataKind
from inversion_core.scenario import sentences

Level = Annotated[int, Field(ge=1, le=4)]
Share = Annotated[float, Field(ge=0, le=1)]

FLOORS: Mapping[DataKind, int | None] = {
    DataKind.FACE: 3,
    DataKind.OTHER_BIOMETRIC: 3,
    DataKind.MEDICAL: 3,
    DataKind.FINANCIAL: 3,
    DataKind.LOCATION: 3,
    DataKind.TEXT: 2,
    DataKind.HANDWRITING: 2,
    DataKind.GENERIC: None,
}


class Thresholds(Frozen):
    """What the gate lets through; None: not looked at."""

    vulnerability: Level | None = Field(2, description="Highest vulnerability that passes.")
    likelihood: Level | None = Field(None, description="Highest likelihood that passes.")
    upper_bound: Share | None = Field(
        None, description="Highest upper bound of what the model adds that passes, a share."
    )
    accuracy_lost: Share | None = Field(
        None, description="Most held-out accuracy the controls may cost, a share."
    )
    people: int = Field(20, ge=1, description="Fewest people (or records) a result must rest on.")
    seeds: int = Field(3, ge=1, description="Fewest seeds a result must rest on.")
    adaptive: bool = Field(
        True, description="Whether an attacker who knows the controls must have been tried, where one exists."
    )
    judge: Share = Field(0.5, description="Least share of real photos the judge must name.")


class Policy(Frozen):
    """Cut-offs and thresholds. `vulnerability`: upper bounds of R below which it is 1, 2 and 3; at and above
    the last it is 4.
    """

    version: int = Field(1, ge=1)
    title: str = Field("Project default", min_length=1, max_length=128)
    note: str = Field("", max_length=4000)
    vulnerability: tuple[Share, Share, Share] = (0.05, 0.20, 0.33)
    uncontrolled: Level = Field(
        3, description="Least vulnerability where no control group was run and nobody said why."
    )
    severity: dict[DataKind, Level | None] = Field(
        default_factory=lambda: dict(FLOORS), description="Least severity by kind of data; None: no person's."
    )
    thresholds: Thresholds = Thresholds()
    format: Literal[1] = 1

    @model_validator(mode="after")
    def _ordered(self) -> "Policy":
        if list(self.vulnerability) != sorted(set(self.vulnerability)):
            raise ValueError(f"cut-offs rise, {self.vulnerability} do not; put them in order")
        if gone := [kind.value for kind in DataKind if kind not in self.severity]:
            raise ValueError(f"every kind of data has a severity, {', '.join(gone)} lacks one; add it")
        return self


DEFAULT = Policy()
"""What is in force until an organisation approves its own."""


def read_policy(text: str) -> Policy:
    """Parse a policy; raises ScenarioInvalid with one sentence a problem."""
    try:
        return Policy.model_validate_json(text)
    except ValidationError as error:
        raise ScenarioInvalid(sentences(error, "policy")) from error
