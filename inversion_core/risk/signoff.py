"""Sign-off: what a person decides about one version of a report, and when it has to be looked at again.

Only people decide. What is here checks that a decision can stand (complete, about what was seen, never about
an exercise), and tells from facts why it is due for another look.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from inversion_core.choices import Frozen
from inversion_core.keys import content_key
from inversion_core.risk.assessment import LONGEST, Assessment, Mode
from inversion_core.risk.audit import Entry

YEAR = 365
"""Days after which a decision with the trigger `yearly` is due, whatever its date says."""


class Decision(StrEnum):
    """What may be decided; the last one asks the supervisory authority first (GDPR Art. 36)."""

    APPROVE = "approve"
    CONDITIONS = "approve with conditions"
    REJECT = "reject"
    REFER = "refer to the authority"


class Trigger(StrEnum):
    """What makes a decision due for another look beside its date."""

    RETRAINED = "model_retrained"
    OUTPUT = "output_format_changed"
    CHANNEL = "new_access_channel"
    PUBLISHED = "new_published_attack"
    REFERENCE = "reference_version_changed"
    INCIDENT = "incident"
    YEARLY = "yearly"


TOLD_BY_PEOPLE = (Trigger.PUBLISHED, Trigger.INCIDENT)
"""Triggers that no stored fact shows: somebody has to say so."""


class SignOff(Frozen):
    """A decision as a person gives it; texts are free."""

    decision: Decision
    approver: str = Field(min_length=1, max_length=128, description="Who decides.")
    role: str = Field(min_length=1, max_length=128, description="In which role.")
    conditions: str = Field("", max_length=LONGEST, description="What must be done or kept to.")
    overruled: str = Field("", max_length=LONGEST, description="Why advice that was given is not followed.")
    next_review: date = Field(description="When it is looked at again at the latest.")
    triggers: tuple[Trigger, ...] = Field(tuple(Trigger), description="What makes it due before that date.")


class Facts(Frozen):
    """What a decision rests on. `targets`: key of a run's scenario -> sha256 of the weights it attacked.

    `target` and `context` are hashes of what is deployed and of what people say of it, `revision` that of the
    assessment; decisions of earlier versions noted none of them, and carry "" and 0.
    """

    policy: int
    reference: str
    data: str
    access: str
    surface: str
    outputs: str
    targets: Mapping[str, str]
    target: str = ""
    context: str = ""
    revision: int = 0


@dataclass(frozen=True)
class Signed:
    """A decision as it is stored; `number` counts those of an assessment from 1, a later one supersedes.

    `report_sha256` covers every file of the report version that the approver saw; `signed` is seconds since
    1970.
    """

    id: str
    assessment_id: str
    report_id: str
    report_version: int
    report_sha256: str
    number: int
    signoff: SignOff
    facts: Facts
    signed: float

    @property
    def day(self) -> date:
        """The day of the decision in UTC."""
        return datetime.fromtimestamp(self.signed, UTC).date()


def facts(
    assessment: Assessment,
    results: Mapping[str, Mapping[str, Any] | None],
    policy: int,
    reference: str,
    revision: int,
) -> Facts:
    """Return what a decision of now rests on; `results`: key of a scenario -> result of its run.

    `policy` and `reference` are the versions in force of the rating policy and of the crosswalk, `revision`
    counts the changes of the assessment.
    """
    system, context = assessment.system, assessment.context
    exposure = system.exposure.model_dump(mode="json")
    access, budget, outputs = exposure.pop("access"), exposure.pop("query_budget"), exposure.pop("defences")
    shas = {
        key: str(((result or {}).get("target") or {}).get("sha256") or "") for key, result in results.items()
    }
    return Facts(
        policy=policy,
        reference=reference,
        data=content_key([system.dataset.model_dump(mode="json"), context.data, context.people]),
        access=str(access),
        surface=content_key([context.audience, context.release, context.rate_limited, budget, exposure]),
        outputs=content_key(outputs),
        targets={key: sha for key, sha in sorted(shas.items()) if sha},
        target=content_key(system.target.model_dump(mode="json")),
        context=content_key(context.model_dump(mode="json")),
        revision=revision,
    )


def receipt(signed: Signed, line: Entry) -> dict[str, Any]:
    """Return what an approver keeps outside the lab, JSON-ready: what was decided about which report, and the
    line of the log that tells of it. Its hash covers the decision and everything before it.
    """
    return {
        "decision": signed.signoff.model_dump(mode="json"),
        "assessment": signed.assessment_id,
        "number": signed.number,
        "report": {
            "id": signed.report_id,
            "version": signed.report_version,
            "sha256": signed.report_sha256,
        },
        "line": vars(line),
        "check": f"python -m inversion_core audit verify --head {line.hash}",
    }


def problems(signoff: SignOff, mode: Mode, today: date | None = None) -> list[str]:
    """Return why a decision cannot be taken as it is given, one sentence each; empty when it can."""
    today = today or datetime.fromtimestamp(time.time(), UTC).date()
    found = []
    if mode is Mode.TRAINING:
        found.append(
            "only an assessment can be signed, this one is an exercise (training mode); "
            "run the scenarios of the real system in an assessment of their own"
        )
    if signoff.decision is Decision.CONDITIONS and not signoff.conditions.strip():
        found.append(
            "an approval with conditions names them, none were given; write them down or approve plainly"
        )
    if not signoff.approver.strip() or not signoff.role.strip():
        found.append("a decision names who decides and in which role, one of them is empty; fill it in")
    if signoff.next_review <= today:
        found.append(
            f"the next review comes after today, {signoff.next_review:%Y-%m-%d} was given; choose "
            "a later date"
        )
    return found


def due(signed: Signed, now: Facts, told: tuple[Trigger, ...] = (), today: date | None = None) -> list[str]:
    """Return why a decision is due for review, one sentence each; empty while it stands.

    `told`: what people reported since that no stored fact shows (TOLD_BY_PEOPLE).
    """
    today = today or datetime.fromtimestamp(time.time(), UTC).date()
    then, watched = signed.facts, signed.signoff.triggers
    found: dict[Trigger, str] = {}
    reasons = []
    if today >= signed.signoff.next_review:
        reasons.append(f"the date set for the next review, {signed.signoff.next_review:%Y-%m-%d}, has come")
    if then.revision and then.revision != now.revision:
        said = (
            ", and other things are said of the system and its people" if then.context != now.context else ""
        )
        reasons.append(
            f"the assessment was changed: it is at revision {now.revision}, this was signed at "
            f"{then.revision}{said}"
        )
    if (today - signed.day).days >= YEAR:
        found[Trigger.YEARLY] = f"the decision is from {signed.day:%Y-%m-%d}, more than a year ago"
    changed = [
        f"the {name} has version {after}, it was {before} when this was signed"
        for name, before, after in (
            ("rating policy", then.policy, now.policy),
            ("list of references", then.reference, now.reference),
        )
        if before != after
    ]
    if changed:
        found[Trigger.REFERENCE] = "; ".join(changed)
    if retrained := _retrained(then, now):
        found[Trigger.RETRAINED] = retrained
    if (then.access, then.surface) != (now.access, now.surface):
        how = f" ({then.access} then, {now.access} now)" if then.access != now.access else ""
        found[Trigger.CHANNEL] = f"the model can be reached in another way than when this was signed{how}"
    if then.outputs != now.outputs:
        found[Trigger.OUTPUT] = (
            "what the model gives out is shaped by other defences than when this was signed"
        )
    if Trigger.PUBLISHED in told:
        found[Trigger.PUBLISHED] = "somebody reported a newly published attack"
    if Trigger.INCIDENT in told:
        found[Trigger.INCIDENT] = "somebody reported an incident"
    return reasons + [sentence for trigger, sentence in found.items() if trigger in watched]


def _retrained(then: Facts, now: Facts) -> str:
    """Say whether another model is deployed or attacked now, or other data learnt from; "" while they are the
    same.
    """
    if then.data != now.data:
        return "the model learns from other data than when this was signed"
    if then.target and then.target != now.target:
        return (
            "another model, or one with other controls in its training, is deployed than when this was signed"
        )
    both = then.targets.keys() & now.targets.keys()
    count = sum(then.targets[key] != now.targets[key] for key in both)
    return f"the model was trained anew: {count} of {len(both)} runs attacked other weights" if count else ""
