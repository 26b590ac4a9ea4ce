"""What brings a store of an earlier version up to date: tables it lacks, then what changed in others."""

from sqlalchemy import DDL, Connection, Table, select, update
from sqlalchemy.schema import CreateColumn

from inversion_core.risk.audit import Act
from inversion_core.store import schema
from inversion_core.store.metadata import REFUSED, guard, metadata, unguard
from inversion_core.store.review_schema import REVIEW_TABLES, audit, report_runs, reports
from inversion_core.store.shown import close_links

ADDED: dict[int, tuple[Table, ...]] = {
    2: (schema.api_keys, schema.query_log),
    3: (schema.sweeps, schema.sweep_keys),
    4: REVIEW_TABLES,
    5: (),
}
"""Version -> the tables it brought; a store of the version before gets them when it is opened."""


def migrate(connection: Connection, version: int, tables: set[str]) -> int:
    """Bring a whole store of an older version up to date; return the version it has then."""
    later = {table.name for number, added in ADDED.items() if number > version for table in added}
    if version not in {number - 1 for number in ADDED} or set(metadata.tables) - later - tables:
        return version
    for number in range(version + 1, schema.SCHEMA_VERSION + 1):
        for table in ADDED[number]:
            table.create(connection)
    if version == 4:  # earlier ones were just given the tables of reviews as they are now
        _fifth(connection)
    connection.execute(update(schema.versions).values(version=schema.SCHEMA_VERSION))
    return schema.SCHEMA_VERSION


def _fifth(connection: Connection) -> None:
    """Note which reports may show real faces, and let the database refuse more.

    Version 4 kept only in the log that somebody asked for faces: every report of such an assessment counts,
    and its links are closed.
    """
    unguard(connection, reports)
    for column in (reports.c.unlocked, report_runs.c.result):
        spelled = str(CreateColumn(column).compile(dialect=connection.dialect))
        connection.execute(DDL(f"ALTER TABLE {column.table.name} ADD COLUMN {spelled}"))  # type: ignore[no-untyped-call]
    asked = reports.c.assessment_id.in_(select(audit.c.subject).where(audit.c.action == Act.UNBLURRED))
    close_links(connection, connection.scalars(select(reports.c.id).where(asked)))
    connection.execute(update(reports).where(asked).values(unlocked=True))
    for table in REVIEW_TABLES:
        if REFUSED in table.info:
            guard(connection, table)
