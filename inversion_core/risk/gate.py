"""The gate of a pipeline: does an assessment stay within the thresholds of a policy?

Every condition is told apart: passed, failed, or not assessable, where the evidence is missing or too thin to
say. A condition that failed decides, whatever else is missing; else one that cannot be assessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from inversion_core.adaptive import adapted
from inversion_core.registry import find
from inversion_core.risk.assessment import Assessment, Mode
from inversion_core.risk.evidence import Evidence, gather, missing
from inversion_core.risk.policy import Policy
from inversion_core.risk.rating import NOT_ASSESSED, Rating, rate, untellable
from inversion_core.risk.roles import Role
from inversion_core.risk.unrated import Unrated, gather_unrated, named
from inversion_core.store.runs import RunRecord

UNMEASURED = (
    "not measured: these runs are from before a run told how often the answers are right behind the "
    "controls; run them again"
)


class Outcome(StrEnum):
    """How a condition came out."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "not assessable"


class Exit(IntEnum):
    """What the command leaves with."""

    PASSED = 0
    FAILED = 1
    UNKNOWN = 2


@dataclass(frozen=True)
class Condition:
    """One condition: its name, how it came out, and the numbers behind it in a sentence."""

    name: str
    outcome: Outcome
    told: str


@dataclass(frozen=True)
class Gate:
    """All conditions of an assessment under a policy, and the rating they rest on; `unrated`: finished runs
    that neither the rating nor a condition but the first counts.
    """

    assessment: Assessment
    rating: Rating
    conditions: tuple[Condition, ...]
    unrated: tuple[Unrated, ...] = ()

    @property
    def exit(self) -> Exit:
        """What the conditions come down to."""
        found = {one.outcome for one in self.conditions}
        if Outcome.FAILED in found:
            return Exit.FAILED
        return Exit.UNKNOWN if Outcome.UNKNOWN in found else Exit.PASSED

    def summary(self) -> dict[str, Any]:
        """Return what the command prints last."""
        residual = self.rating.residual
        return {
            "assessment": self.assessment.name,
            "mode": self.assessment.mode.value,
            "policy": self.rating.policy.version,
            "outcome": {0: "passed", 1: "failed", 2: "not assessable"}[self.exit],
            "exit": int(self.exit),
            "vulnerability": residual.vulnerability.value if residual.vulnerability else NOT_ASSESSED,
            "likelihood": residual.likelihood.value if residual.likelihood else NOT_ASSESSED,
            "severity": self.rating.severity,
            "upper_bound": residual.upper,
            "conditions": [
                {"name": one.name, "outcome": one.outcome.value, "told": one.told} for one in self.conditions
            ],
            "not_rated": [_not_rated(one) for one in self.unrated],
        }


def gate(assessment: Assessment, runs: Mapping[str, RunRecord], policy: Policy) -> Gate:
    """Return how an assessment fares; `runs`: key of a scenario -> its run."""
    rows = gather(assessment, runs)
    rating = rate(assessment, rows, policy)
    lacking, unrated = len(missing(assessment, runs)), gather_unrated(assessment, runs, rows)
    found = list(conditions(rows, rating, len(assessment.scenarios), lacking, unrated))
    if assessment.mode is Mode.TRAINING:
        told = "this is an exercise (training mode), which is evidence of nothing and lets nothing through"
        found.append(Condition("an assessment, not an exercise", Outcome.UNKNOWN, told))
    return Gate(assessment, rating, tuple(found), unrated)


def conditions(
    rows: Sequence[Evidence], rating: Rating, count: int, lacking: int, unrated: Sequence[Unrated] = ()
) -> Iterator[Condition]:
    """Yield how rated rows fare under the policy they were rated by; `lacking` of `count` scenarios have no
    finished run, and those of `unrated` have one that is evidence for no other condition.
    """
    policy = rating.policy
    limits, residual = policy.thresholds, rating.residual
    told = f"{count - lacking} of {count} scenarios have a run"
    if unrated:
        told += f"; {sum(len(one.run_ids) for one in unrated)} of these are not rated: {named(unrated)}"
    yield _known("every run has ended well", not lacking, told)
    if not residual.assessed or residual.row is None:
        yield Condition("attacked as deployed", Outcome.UNKNOWN, residual.reason)
        return
    row = residual.row
    deployed = [one for one in rows if one.role is Role.DEPLOYED]
    stronger = [one for one in rows if one.role is Role.STRONGER]
    rested_on = deployed or stronger
    yield _known(
        "attacked as deployed",
        bool(deployed),
        f"{len(deployed)} attacks through the deployed exposure, {len(stronger)} with more access",
    )
    people = min(one.success.n for one in rested_on)
    yield _known("enough people", people >= limits.people, f"{people}, {limits.people} needed")
    seeds = min(one.success.seeds for one in rested_on)
    yield _known("enough seeds", seeds >= limits.seeds, f"{seeds}, {limits.seeds} needed")
    untold = [one for one in rested_on if not one.worst_known]
    told = untellable(untold) if untold else "enough attempts to tell one person's hits from guessing"
    yield _known("whoever fares worst", not untold, told)
    if row.judge is not None:
        told = f"the judge names {100 * row.judge:.1f} % of real photos, {100 * limits.judge:.0f} % needed"
        yield _known("a judge that can tell", row.judge >= limits.judge, told)
    if limits.adaptive:
        yield _tried(rows)
    yield from _limits(rows, rating, policy)


def _not_rated(row: Unrated) -> dict[str, Any]:
    """Return what a script reads of runs that are not rated."""
    found = row.measured
    return {
        "attack": row.attack,
        "access": row.access.value,
        "role": row.role.value,
        "runs": list(row.run_ids),
        "score": row.score,
        "value": None if found is None else found.value,
        "low": None if found is None else found.low,
        "high": None if found is None else found.high,
        "n": None if found is None else found.n,
        "baseline": row.baseline,
        "why": row.why,
        "verdict": row.verdict,
    }


def _limits(rows: Sequence[Evidence], rating: Rating, policy: Policy) -> Iterator[Condition]:
    limits, residual = policy.thresholds, rating.residual
    for name, limit, level in (
        ("vulnerability", limits.vulnerability, residual.vulnerability),
        ("likelihood", limits.likelihood, residual.likelihood),
    ):
        if limit is not None and level is not None:
            told = f"{level.value}, at most {limit} passes: {level.because}"
            yield _within(name, level.value <= limit, told)
    if limits.upper_bound is not None and residual.upper is not None:
        seen = f"{100 * residual.upper:.3g} %" if residual.upper else "no more than guessing was seen"
        told = f"{seen}, at most {100 * limits.upper_bound:.1f} % passes"
        yield _within("upper bound of what the model adds", residual.upper <= limits.upper_bound, told)
    if limits.accuracy_lost is not None:
        yield _affordable(rows, limits.accuracy_lost)


def _tried(rows: Sequence[Evidence]) -> Condition:
    """Whether somebody who knows the controls was sent wherever one exists."""
    deployed = [row for row in rows if row.role is Role.DEPLOYED]
    if not deployed:
        told = "nobody met the controls: nothing was run through the deployed exposure"
        return Condition("an attacker who knows the controls", Outcome.UNKNOWN, told)
    wanted = [_title(row) for row in deployed if not row.adaptive and adapted(row.scenario)]
    sent = [_title(row) for row in deployed if row.adaptive]
    if not wanted:
        return Condition(
            "an attacker who knows the controls", Outcome.PASSED, "these controls leave nothing to adapt to"
        )
    names = ", ".join(dict.fromkeys(wanted))
    told = f"tried: {', '.join(dict.fromkeys(sent)) or 'nobody'}; there is one for {names}"
    return _known("an attacker who knows the controls", bool(sent), told)


def _title(row: Evidence) -> str:
    return find("attacks", row.attack).title


def _affordable(rows: Sequence[Evidence], limit: float) -> Condition:
    name = "accuracy the controls cost"
    bare, deployed = ([row for row in rows if row.role is role] for role in (Role.BARE, Role.DEPLOYED))
    if deployed and not _defended(deployed[0]):
        return Condition(name, Outcome.PASSED, "no control changes model or answers, so nothing is lost")
    if not bare or not deployed:
        return Condition(name, Outcome.UNKNOWN, "nothing was run both with the controls and without them")
    before, after = bare[0].accuracy, deployed[0].accuracy
    if before is None or after is None:
        return Condition(name, Outcome.UNKNOWN, UNMEASURED)
    lost = before.value - after.value
    return _within(name, lost <= limit, f"{100 * lost:.1f} %, at most {100 * limit:.1f} % passes")


def _defended(row: Evidence) -> bool:
    return bool(row.scenario.target.defences or row.scenario.exposure.defences)


def _known(name: str, holds: bool, told: str) -> Condition:
    return Condition(name, Outcome.PASSED if holds else Outcome.UNKNOWN, told)


def _within(name: str, holds: bool, told: str) -> Condition:
    return Condition(name, Outcome.PASSED if holds else Outcome.FAILED, told)
