"""The tables of risk reviews, since version 4 of the schema; SQL that SQLite and Postgres both speak.

Documents are kept as JSON text, the files of a report outside, by sha256 (see artifacts.py).
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from inversion_core.store.metadata import NEVER, append_only, metadata

assessments = Table(
    "assessments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("owner", String(128), nullable=False, index=True),
    Column("mode", String(16), nullable=False),
    Column("document", Text, nullable=False),
    # Counts from 1, one more with each change; a save names the revision it started from.
    Column("revision", Integer, nullable=False),
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False, index=True),
)


def _of_assessment(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "assessment_id",
        String(32),
        ForeignKey("assessments.id"),
        nullable=False,
        index=not primary_key,
        primary_key=primary_key,
    )


audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("time", Float, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("role", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False, index=True),
    Column("payload", Text, nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
)

policies = Table(
    "policies",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("approved_by", String(128)),
    Column("approved_at", Float),
)

reports = Table(
    "reports",
    metadata,
    Column("id", String(32), primary_key=True),
    _of_assessment(),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("policy", Integer, nullable=False),
    Column("reference", String(64), nullable=False),
    # What the report says, without when it was made: equal content makes no new version.
    Column("content", String(64), nullable=False),
    # Over the hashes of all files.
    Column("sha256", String(64), nullable=False),
    Column("made", Float, nullable=False),
    Column("made_by", String(128), nullable=False),
    # Whether real faces stand in it unblurred; such a report is shown by no link.
    Column("unlocked", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("assessment_id", "version"),
)


def _of_report() -> Column[str]:
    return Column("report_id", String(32), ForeignKey("reports.id"), primary_key=True)


report_files = Table(
    "report_files",
    metadata,
    _of_report(),
    Column("kind", String(16), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", Integer, nullable=False),
)

report_runs = Table(
    "report_runs",
    metadata,
    _of_report(),
    Column("run_id", String(32), primary_key=True),
    # sha256 of the run's result when the report was made; "" in reports that version 4 made.
    Column("result", String(64), nullable=False, server_default=""),
)
runs_cited = Index("runs_cited", report_runs.c.run_id)

decisions = Table(
    "decisions",
    metadata,
    Column("id", String(32), primary_key=True),
    _of_assessment(),
    Column("report_id", String(32), ForeignKey("reports.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("signoff", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("signed", Float, nullable=False),
    UniqueConstraint("assessment_id", "number"),
)

overrides = Table(
    "overrides",
    metadata,
    _of_assessment(primary_key=True),
    Column("statement", String(64), primary_key=True),
    Column("owner", String(128), nullable=False),
    Column("status", String(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("changed_by", String(128), nullable=False),
    Column("changed", Float, nullable=False),
)

shares = Table(
    "shares",
    metadata,
    # sha256 of the id in the link; the id itself is kept nowhere.
    Column("hash", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("subject", String(32), nullable=False, index=True),
    Column("created", Float, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("expires", Float, nullable=False),
    Column("revoked", Float),
    Column("views", Integer, nullable=False),
)

# A report that nobody signed goes with its assessment; once signed it stays (a foreign key keeps its row).
_SIGNED = "EXISTS (SELECT 1 FROM decisions WHERE decisions.report_id = OLD.report_id)"

append_only(audit)
append_only(decisions)
append_only(reports, delete=NEVER)
append_only(report_files, delete=_SIGNED)
append_only(report_runs, delete=_SIGNED)
# A draft waits for its approval, and nothing else.
append_only(policies, update="OLD.approved_at IS NOT NULL OR NEW.document <> OLD.document")
# What a person says is put in place of what was said before, by a row of its own.
append_only(overrides, delete=NEVER)

REVIEW_TABLES = (
    assessments, audit, policies, reports, report_files, report_runs, decisions, overrides, shares,
)  # fmt: skip
"""In the order in which they can be made."""
