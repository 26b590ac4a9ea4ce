"""From measured success to levels, by the rules of a policy; a level is no probability, none is multiplied.

Vulnerability V comes from the upper bound of what the model adds (R), overall and for the worst person;
exposure X from the deployed surface; likelihood L = ceil((V + X) / 2), since how easy it is depends on both.
Severity comes from data and people alone, never from the success of an attack. Where nothing was run at the
deployed access level or a stronger one, the answer is NOT ASSESSED.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from inversion_core.choices import Exposure
from inversion_core.registry import find
from inversion_core.risk.assessment import Aggravation, Assessment, Audience, Context, Release
from inversion_core.risk.evidence import Evidence
from inversion_core.risk.policy import Policy
from inversion_core.risk.product import coarse, controls_of
from inversion_core.risk.roles import Role
from inversion_core.values import Access

HIGHEST = 4
NOT_ASSESSED = "NOT ASSESSED"
NO_CONTROL = "no control group of people outside the training was run, and nobody said why"


@dataclass(frozen=True)
class Level:
    """A level from 1 to 4 with why, in a sentence."""

    value: int
    because: str


@dataclass(frozen=True)
class Grade:
    """One side of the rating. `exposure`: of the surface it is about; `upper`: the upper bound it rests on;
    `row`: the evidence that decided; `reason`: why it was NOT ASSESSED, and then the levels are None;
    `remarks`: what a reader must know.
    """

    exposure: Level
    vulnerability: Level | None
    likelihood: Level | None
    upper: float | None = None
    row: Evidence | None = None
    reason: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def assessed(self) -> bool:
        """Whether anything can be said."""
        return self.vulnerability is not None


@dataclass(frozen=True)
class Rating:
    """Inherent: without the controls; residual: as deployed. `severity` None: no person is concerned, and
    `severity_because` says why.
    """

    severity: int | None
    severity_because: str
    inherent: Grade
    residual: Grade
    policy: Policy

    @property
    def exposure(self) -> Level:
        """The exposure of the deployed surface."""
        return self.residual.exposure

    @property
    def prior_consultation(self) -> bool:
        """Whether the residual risk is high, so that GDPR Art. 36 must be looked at."""
        likely = self.residual.likelihood
        return likely is not None and self.severity is not None and min(likely.value, self.severity) >= 3


def rate(assessment: Assessment, rows: Sequence[Evidence], policy: Policy) -> Rating:
    """Return the rating of an assessment from its evidence; `exposed` of the system decides X, without its
    controls for the inherent risk.
    """
    system, context = assessment.system, assessment.context
    severity, because = severe(context, policy)
    open_ = exposed(Exposure(access=system.exposure.access), context)
    deployed = [row for row in rows if row.role is Role.DEPLOYED]
    stronger = [row for row in rows if row.role is Role.STRONGER]
    bare = [row for row in rows if row.role is Role.BARE]
    return Rating(
        severity=severity,
        severity_because=because,
        inherent=_grade(bare or ([] if _defended(assessment) else deployed), [], assessment, open_, policy),
        residual=_grade(deployed, stronger, assessment, exposed(system.exposure, context), policy),
        policy=policy,
    )


def vulnerable(row: Evidence, policy: Policy, excused: bool) -> tuple[Level, float]:
    """Return the vulnerability one row of evidence shows, and the upper bound it rests on.

    `excused`: somebody said why there is no control group.
    """
    overall = row.residual.high
    upper = max(overall, row.worst.high if row.worst else 0.0)
    value = 1 + sum(upper >= cut for cut in policy.vulnerability)
    whom = "over all"
    if row.worst is not None and row.worst.high > overall:
        whom = "for whoever fares worst"
    title = find("attacks", row.attack).title
    because = f"what the model adds reaches up to {100 * upper:.3g}\N{NO-BREAK SPACE}% {whom}, by {title}"
    if upper == 0:
        seen = f"{100 * row.success.high:.3g}\N{NO-BREAK SPACE}%"
        because = f"no more than guessing was seen, {whom}, by {title}: up to {seen} recovered"
    if row.control is None and not excused and value < policy.uncontrolled:
        return Level(policy.uncontrolled, f"{because}; {NO_CONTROL}"), upper
    return Level(value, because), upper


def likely(vulnerability: int, exposure: int) -> Level:
    """Return the likelihood of two levels."""
    value = math.ceil((vulnerability + exposure) / 2)
    return Level(value, f"vulnerability {vulnerability} and exposure {exposure}, their mean rounded up")


def exposed(exposure: Exposure, context: Context) -> Level:
    """Return the exposure of a deployed surface, 1: isolated, few vetted insiders, logged; 4: public API with
    scores, or weights, copies on devices or gradients outside.
    """
    if context.release in (Release.DEVICE, Release.PUBLISHED):
        return Level(4, f"the model itself is outside ({context.release})")
    inside = context.audience is Audience.INSIDERS
    vetted = inside and context.logged
    if exposure.access in (Access.WHITE_BOX, Access.GRADIENTS):
        if inside:
            return Level(2, "insiders hold the weights, guarded")
        return Level(4, f"{context.audience} hold {exposure.access} access")
    if vetted:
        return Level(1, "vetted insiders ask it, and the log is read")
    if inside:
        return Level(2, "insiders ask it, and no log is read")
    few = coarse(exposure)
    if context.audience is Audience.PUBLIC:
        return Level(3, "the public gets coarse answers") if few else Level(4, "the public gets scores")
    limited = context.rate_limited or exposure.query_budget is not None
    if few and limited:
        return Level(2, f"{context.audience} callers get coarse answers, and only so many")
    kind = "coarse answers without a limit" if few else "scores or templates"
    return Level(3, f"{context.audience} callers get {kind}")


def severe(context: Context, policy: Policy) -> tuple[int | None, str]:
    """Return the severity, None where the data are of no person, and why; no attack has a say, neither by its
    success nor by having been run.
    """
    floor = policy.severity[context.data]
    if floor is None:
        return None, "the data are declared to be of no person: a demonstration"
    value, because = floor, f"data of the kind {context.data.value.replace('_', ' ')} start at {floor}"
    if Aggravation.VULNERABLE in context.aggravations and value < 3:
        value, because = 3, f"{because}, vulnerable people raise it to 3"
    worse = [one.value for one in context.aggravations if one is not Aggravation.VULNERABLE]
    if worse and value < HIGHEST:
        value, because = value + 1, f"{because}, one more for {' and '.join(worse)}"
    return value, because


def _grade(
    rows: Sequence[Evidence],
    stronger: Sequence[Evidence],
    assessment: Assessment,
    surface: Level,
    policy: Policy,
) -> Grade:
    access = assessment.system.exposure.access
    if not rows and not stronger:
        reason = (
            f"nothing that is rated was run at the level {access} or a stronger one, with as many rows and "
            "as much knowledge as an attacker may have"
        )
        return Grade(surface, None, None, reason=reason)
    remarks = []
    if not rows:
        remarks.append(
            f"nothing was run through the deployed exposure, only with more access than {access} gives: the "
            "level is an upper limit"
        )
    excused = bool(assessment.context.no_control.strip())
    graded = [(*vulnerable(row, policy, excused), row) for row in rows or stronger]
    level, upper, row = max(graded, key=lambda one: (one[0].value, one[1]))
    if row.judge is not None and row.judge < policy.thresholds.judge:
        remarks.append(
            f"the judge names only {100 * row.judge:.0f} % of real photos, so little follows from it"
        )
    if untold := [one for one in rows or stronger if not one.worst_known]:
        remarks.append(untellable(untold))
    return Grade(surface, level, likely(level.value, surface.value), upper, row, remarks=tuple(remarks))


def untellable(rows: Sequence[Evidence]) -> str:
    """Return why nobody can say who fares worst by these rows."""
    told = dict.fromkeys(
        f"{find('attacks', row.attack).title}: {row.success.seeds}, {row.attempts or 'endlessly many'} needed"
        for row in rows
    )
    return (
        "who fares worst is not assessable, since too few attempts a person were made to tell one person's "
        f"hits from guessing ({'; '.join(told)})"
    )


def _defended(assessment: Assessment) -> bool:
    system = assessment.system
    return bool(controls_of(system.target.defences, system.exposure))
