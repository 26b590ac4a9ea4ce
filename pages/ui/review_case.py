"""The assessment a review is about: the example that ships, or one of this installation by its address."""

import math
import time
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from inversion_core.reports.closing import TRIGGERS
from inversion_core.reports.dossier import Decision, Dossier, collect, now
from inversion_core.risk import shipped
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.checkable import Status
from inversion_core.risk.in_force import in_force
from inversion_core.risk.policy import Policy
from inversion_core.risk.statements import Override
from inversion_core.store import overrides
from inversion_core.store.assessments import AssessmentRecord
from inversion_core.store.decisions import Signed
from inversion_core.store.runs import RunStore
from pages.ui import library
from pages.ui.owner import owner

EXAMPLE = "example"
ADDRESS = "assessment"
RATED = "Rating policy"
"""The view of the policy that assessments are rated by."""
AGAIN = 60
"""Seconds after which the log is held against the store again; who reports or decides looks at once."""


@dataclass(frozen=True)
class Case:
    """An assessment as the page shows it; `record` None: the example, which nobody can change."""

    id: str
    assessment: Assessment
    record: AssessmentRecord | None

    @property
    def mine(self) -> bool:
        """Whether this browser may change it."""
        return self.record is not None and self.record.owner == owner()

    @property
    def revision(self) -> int:
        """How often it was saved."""
        return 1 if self.record is None else self.record.revision


@dataclass(frozen=True)
class Said:
    """What people decided and said about a case: the policy in force as JSON, who approved it, the decisions,
    and what they say of statements.
    """

    policy: str
    approved: str
    decisions: tuple[Decision, ...]
    overruled: tuple[tuple[str, Override], ...]


def chosen() -> Case:
    """Return the assessment of the address, else the one changed last, else the example; raises UnknownName
    for an id nobody got.
    """
    wanted = st.query_params.get(ADDRESS, "")
    if not wanted:
        latest = library.store().assessments(owner=owner(), limit=1)
        wanted = latest[0].id if latest else EXAMPLE
    if wanted == EXAMPLE:
        return Case(EXAMPLE, shipped.example()[0], None)
    record = library.store().assessment(wanted)
    return Case(record.id, record.assessment, record)


def show(case: Case, view: str) -> None:
    """Turn the page of a case to one of its views; for callbacks."""
    st.session_state[f"view-{case.id}"] = view


def titles() -> dict[str, str]:
    """Return id -> name of what this browser may open from the list: its own, and the example."""
    mine = {one.id: one.name for one in library.store().assessments(owner=owner())}
    return {**mine, EXAMPLE: shipped.example()[0].name}


def dossier(case: Case) -> Dossier:
    """Return everything known of a case; computed again only when something it rests on has changed."""
    if case.record is None:
        return _example()
    store = library.store()
    states = store.states_of_keys(keys(case.record.document))
    return _kept(
        store,
        case.record.document,
        case.revision,
        tuple(sorted((key, state.value) for key, state in states.items())),
        _said(case),
        _whole(store, store.audit_head(), int(time.monotonic()) // AGAIN),
    )


def gathered(case: Case, version: int, until: float = math.inf) -> Dossier:
    """Return what the store holds of a case now, for a version of its report; `until`: decisions that came
    later are left out, seconds since 1970.
    """
    store = library.store()
    whole, head = not store.verify_all(), store.audit_head()
    return _collected(store, case.assessment, case.revision, _said(case, until), whole, version, head)


@lru_cache(maxsize=16)
def _whole(store: RunStore, _head: str, _minute: int) -> bool:
    """Return whether the log hangs together and tells what is stored; not looked at for each visit."""
    return not store.verify_all()


def rules(case: Case) -> tuple[Policy, str]:
    """Return the policy a case is rated by, the one it names or the one in force, and who approved it, ""
    where nobody has; raises UnknownName and ScenarioInvalid as `in_force` does.
    """
    return in_force(library.store(), case.assessment.policy)


def said(stored: overrides.Override) -> Override:
    """Return what a person says of a statement, as the statements take it."""
    status = Status(stored.status) if stored.status else None
    return Override(owner=stored.owner, status=status, reason=stored.note)


@lru_cache(maxsize=64)
def keys(document: str) -> tuple[str, ...]:
    """Return the keys of the scenarios of an assessment; computing them takes a while."""
    return tuple(one.key() for one in Assessment.model_validate_json(document).scenarios)


def told(signed: Signed) -> Decision:
    """Return a recorded decision as a report tells it."""
    given = signed.signoff
    return Decision(
        decision=given.decision.value,
        approver=given.approver,
        role=given.role,
        date=signed.day.isoformat(),
        conditions=given.conditions,
        overruled=given.overruled,
        next_review=given.next_review.isoformat(),
        triggers=tuple(TRIGGERS[one] for one in given.triggers),
    )


@lru_cache(maxsize=1)
def _example() -> Dossier:
    assessment, runs = shipped.example()
    return collect(assessment, runs, Policy(), made=now())


def _said(case: Case, until: float = math.inf) -> Said:
    store = library.store()
    policy, approved = rules(case)
    return Said(
        policy.model_dump_json(),
        approved,
        tuple(told(one) for one in store.decisions(case.id) if one.signed < until),
        tuple((name, said(one)) for name, one in sorted(store.overrides(case.id).items())),
    )


@lru_cache(maxsize=16)
def _kept(
    store: RunStore, document: str, revision: int, _: tuple[tuple[str, str], ...], people: Said, whole: bool
) -> Dossier:
    """Return the dossier; the states of the runs are among the arguments so that a new end counts."""
    return _collected(store, Assessment.model_validate_json(document), revision, people, whole)


def _collected(
    store: RunStore,
    assessment: Assessment,
    revision: int,
    people: Said,
    whole: bool,
    version: int = 1,
    head: str = "",
) -> Dossier:
    return collect(
        assessment,
        store,
        Policy.model_validate_json(people.policy),
        made=now(),
        version=version,
        revision=revision,
        approved=people.approved,
        decisions=people.decisions,
        overrides=dict(people.overruled),
        facts={"audit-chain": whole},
        audit_head=head,
    )
