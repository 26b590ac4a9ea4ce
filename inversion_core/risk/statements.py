"""Policies for governance as statements that are checked against one assessment.

What code can see it judges: met, not met, or no evidence. What it cannot see is for a person to say, and a
person may overrule it; both stay visible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field, model_validator

from inversion_core.choices import Frozen
from inversion_core.errors import ScenarioInvalid
from inversion_core.risk.assessment import LONGEST, Assessment
from inversion_core.risk.checkable import Seen, Statement, Status, statements
from inversion_core.risk.checks import look
from inversion_core.risk.evidence import Evidence

WORST_FIRST = (Status.NOT_MET, Status.NO_EVIDENCE, Status.PERSON, Status.MET)


class Override(Frozen):
    """What a person says of a statement: who answers for it, and their own verdict with its reason."""

    owner: str = Field("", max_length=200)
    status: Status | None = None
    reason: str = Field("", max_length=LONGEST)

    @model_validator(mode="after")
    def _has_a_reason(self) -> "Override":
        if self.status is not None and not self.reason.strip():
            raise ValueError("who overrules a check says why, no reason was given; write one")
        return self


@dataclass(frozen=True)
class Judged:
    """A statement with its status.

    `found` is what the checks saw, `status` what holds: the same unless a person overruled it. `runs` are ids
    of runs, `scenarios` their keys.
    """

    statement: Statement
    status: Status
    found: Status
    why: tuple[str, ...]
    owner: str
    runs: tuple[str, ...]
    scenarios: tuple[str, ...]
    reason: str = ""

    @property
    def overruled(self) -> bool:
        """Whether a person says something else than the checks."""
        return self.status is not self.found


def evaluate(
    assessment: Assessment,
    rows: Sequence[Evidence],
    overrides: Mapping[str, Override] | None = None,
    facts: Mapping[str, bool] | None = None,
) -> tuple[Judged, ...]:
    """Return every statement with its status for an assessment.

    `rows` as `evidence.gather` gives them; `overrides`: id of a statement -> what a person says; `facts`:
    what the installation found out ("audit-chain": whether the log is whole), unknown where left out. Raises
    ScenarioInvalid for an override of no statement.
    """
    said, known = overrides or {}, statements().statements
    if wrong := sorted(said.keys() - {one.id for one in known}):
        raise ScenarioInvalid(
            [f"statements are named by id, {one[:80]!r} is none; take it from the list" for one in wrong]
        )
    keys = {
        run_id: scenario.key()
        for row in rows
        for run_id, scenario in zip(row.run_ids, row.scenarios, strict=True)
    }
    return tuple(
        _judged(
            one, [look(check, assessment, rows, facts or {}) for check in one.checks], said.get(one.id), keys
        )
        for one in known
    )


def _judged(one: Statement, seen: Sequence[Seen], said: Override | None, keys: Mapping[str, str]) -> Judged:
    found = _together(one, seen)
    runs = tuple(dict.fromkeys(run for each in seen for run in each.runs))
    return Judged(
        statement=one,
        status=said.status if said is not None and said.status is not None else found,
        found=found,
        why=tuple(each.why for each in seen) or (one.how,),
        owner=said.owner if said is not None else "",
        runs=runs,
        scenarios=tuple(keys[run] for run in runs),
        reason=said.reason if said is not None else "",
    )


def _together(one: Statement, seen: Sequence[Seen]) -> Status:
    if not seen:
        return Status.PERSON
    ordered = sorted((each.status for each in seen), key=WORST_FIRST.index)
    return ordered[0] if one.need == "all" else ordered[-1]
