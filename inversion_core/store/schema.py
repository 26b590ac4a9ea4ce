"""The tables of the run store, in SQL that SQLite and Postgres both speak.

Times are seconds since 1970 (UTC). Pictures lie outside, by sha256 (see artifacts.py).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from inversion_core.store.metadata import metadata

SCHEMA_VERSION = 5
"""Raised whenever a table changes; a store of a version that nothing migrates from is refused, never guessed
at.
"""

versions = Table("inversion_schema", metadata, Column("version", Integer, primary_key=True))

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(64), nullable=False, index=True),
    # The key while an equal scenario may join, NULL once it may not; unique, so that nobody creates a second.
    Column("slot", String(64), unique=True),
    Column("scenario", Text, nullable=False),
    Column("attack", String(64), nullable=False),
    Column("target", String(64), nullable=False),
    Column("owner", String(128), nullable=False, index=True),
    Column("rank", Integer, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("phase", String(32), nullable=False, default=""),
    Column("step", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("loss", Float),
    Column("note", Text, nullable=False, default=""),
    Column("error", Text, nullable=False, default=""),
    Column("log", Text, nullable=False, default=""),
    Column("result", Text),
    Column("attempt", Integer, nullable=False, default=0),
    Column("losses", Integer, nullable=False, default=0),
    Column("worker", String(255), nullable=False, default=""),
    Column("cancelled", Float),
    Column("created", Float, nullable=False, index=True),
    Column("started", Float),
    Column("phase_started", Float),
    Column("finished", Float),
    Column("heartbeat", Float),
    Column("label", Text, nullable=False, default=""),
)


def _of_run() -> Column[str]:
    return Column("run_id", String(32), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


owners = Table(
    "owners",
    metadata,
    _of_run(),
    Column("owner", String(128), primary_key=True, index=True),
    Column("joined", Float, nullable=False),
)

frames = Table(
    "frames",
    metadata,
    _of_run(),
    Column("step", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("loss", Float),
)

points = Table(
    "points",
    metadata,
    _of_run(),
    Column("phase", String(32), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("loss", Float),
)

artifacts = Table(
    "artifacts",
    metadata,
    _of_run(),
    Column("name", String(255), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
)

queue_order = Index("queue_order", runs.c.state, runs.c.rank, runs.c.created)
history = Index("history", runs.c.attack, runs.c.target, runs.c.state, runs.c.finished)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("tier", String(16), nullable=False),
    # sha256 of the secret half of the token; the token itself is kept nowhere.
    Column("hash", String(64), nullable=False),
    Column("budget", BigInteger),
    Column("rate", Integer),
    Column("spent", BigInteger, nullable=False, default=0),
    Column("created", Float, nullable=False),
    Column("revoked", Float),
    Column("blocked", Float),
    Column("reason", Text, nullable=False, default=""),
)

query_log = Table(
    "query_log",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("time", Float, nullable=False, index=True),
    Column("service", String(64), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("endpoint", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("code", String(32), nullable=False, default=""),
    Column("seconds", Float, nullable=False),
    # One int32 and one signature a row, little-endian (see query_log.py).
    Column("labels", LargeBinary, nullable=False),
    Column("signatures", LargeBinary, nullable=False),
)

queries_of_key = Index("queries_of_key", query_log.c.key_id, query_log.c.id)

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("spec", Text, nullable=False),
    Column("owner", String(128), nullable=False, index=True),
    Column("created", Float, nullable=False, index=True),
    Column("cancelled", Float),
)

# By key and not by run: a run may be forgotten, or fail and be started again, and belongs to many sweeps.
sweep_keys = Table(
    "sweep_keys",
    metadata,
    Column("sweep_id", String(32), ForeignKey("sweeps.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),
)
