"""All that a report is written from, gathered once, so that every format tells the same numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from inversion_core.datasets.base import DatasetCard
from inversion_core.registry import find
from inversion_core.risk.assessment import Assessment, Mode
from inversion_core.risk.coverage import Coverage, coverage, of_evidence
from inversion_core.risk.data_files import reference_version
from inversion_core.risk.evidence import Evidence, Told, gather, missing
from inversion_core.risk.gate import Condition, conditions
from inversion_core.risk.policy import Policy
from inversion_core.risk.rating import Rating, rate
from inversion_core.risk.roles import Role
from inversion_core.risk.statements import Judged, Override, evaluate
from inversion_core.risk.unrated import Unrated, gather_unrated
from inversion_core.scenario import Scenario
from inversion_core.store.records import ArtifactRef, RunRecord


class RunSource(Protocol):
    """Where runs and their files are read: a store, or what ships."""

    def runs_of_keys(self, keys: Iterable[str]) -> dict[str, RunRecord]:
        """Return the run of each key that has one."""
        ...

    def artifacts(self, run_id: str) -> list[ArtifactRef]:
        """Return the named files of a run."""
        ...

    def artifact(self, sha256: str) -> bytes:
        """Return a file by its hash."""
        ...


@dataclass(frozen=True)
class Decision:
    """A decision that was recorded: what, by whom in which role, when, on what terms, until when."""

    decision: str
    approver: str
    role: str
    date: str
    conditions: str = ""
    overruled: str = ""
    next_review: str = ""
    triggers: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Dossier:
    """An assessment with everything known of it. `version` counts its reports, `revision` its own changes;
    `made` is ISO 8601 in UTC; `approved`: who approved the policy, "" for nobody; `audit_head`: hash of the
    last line of the log when this was made, "" without a log; `reference`: version of the reference data;
    `unrated`: finished runs that no policy has thresholds for.
    """

    assessment: Assessment
    runs: Mapping[str, RunRecord]
    rows: tuple[Evidence, ...]
    unrated: tuple[Unrated, ...]
    missing: tuple[Scenario, ...]
    rating: Rating
    conditions: tuple[Condition, ...]
    policy: Policy
    approved: str
    card: DatasetCard
    store: RunSource
    version: int
    revision: int
    made: str
    reference: str
    coverage: Coverage
    statements: tuple[Judged, ...]
    decisions: Sequence[Decision] = ()
    audit_head: str = ""

    @property
    def training(self) -> bool:
        """Whether this is an exercise, which nobody can sign off."""
        return self.assessment.mode is Mode.TRAINING

    @property
    def deciding(self) -> Evidence | None:
        """The row of evidence the residual rating rests on, None where nothing was assessed."""
        return self.rating.residual.row

    @property
    def told(self) -> tuple[Told, ...]:
        """All finished runs, seeds together: the rows that are rated, then the others."""
        return (*self.rows, *self.unrated)

    @property
    def cited(self) -> tuple[str, ...]:
        """Ids of all runs this is written from."""
        return tuple(run_id for row in self.told for run_id in row.run_ids)

    def of(self, *roles: Role) -> list[Evidence]:
        """Return the rows of these roles, most recovered first."""
        return sorted((row for row in self.rows if row.role in roles), key=lambda row: -row.success.value)

    def result(self, row: Told) -> dict[str, Any]:
        """Return the result of the first run of a row."""
        found = self.runs[row.scenario.key()].result
        assert found is not None, "rows are made of finished runs"
        return found


def collect(
    assessment: Assessment,
    store: RunSource,
    policy: Policy,
    *,
    made: str,
    version: int = 1,
    revision: int = 1,
    approved: str = "",
    decisions: Sequence[Decision] = (),
    overrides: Mapping[str, Override] | None = None,
    facts: Mapping[str, bool] | None = None,
    audit_head: str = "",
) -> Dossier:
    """Return the dossier of an assessment from what the store holds of it; `overrides` and `facts` as for the
    statements (risk/statements.py). Raises StoreUnavailable, DataUnusable.
    """
    runs = store.runs_of_keys(one.key() for one in assessment.scenarios)
    rows, lacking, card = gather(assessment, runs), missing(assessment, runs), _card(assessment)
    unrated, rating = gather_unrated(assessment, runs, rows), rate(assessment, rows, policy)
    count = len(assessment.scenarios)
    return Dossier(
        assessment=assessment,
        runs=runs,
        rows=rows,
        unrated=unrated,
        missing=lacking,
        rating=rating,
        conditions=tuple(conditions(rows, rating, count, len(lacking), unrated)),
        policy=policy,
        approved=approved,
        card=card,
        store=store,
        version=version,
        revision=revision,
        made=made,
        reference=reference_version(),
        coverage=coverage(of_evidence((*rows, *unrated)), card.modality, lacking),
        statements=evaluate(assessment, rows, overrides, facts),
        decisions=decisions,
        audit_head=audit_head,
    )


def _card(assessment: Assessment) -> DatasetCard:
    choice = assessment.system.dataset
    kind = find("datasets", choice.name)
    path = {"path": choice.path} if getattr(kind, "takes_path", False) else {}
    card: DatasetCard = kind(**path, **choice.options).card  # type: ignore[attr-defined]
    return card


def now() -> str:
    """Return this moment as reports tell it: ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
