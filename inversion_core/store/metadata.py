"""The one collection that every table of the run store belongs to."""

from sqlalchemy import DDL, MetaData, Table, event

metadata = MetaData()

_FUNCTION = """CREATE OR REPLACE FUNCTION inversion_append_only() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"""


def append_only(table: Table, *, deletable: bool = False) -> None:
    """Let the database itself refuse to change the table's rows, and unless `deletable` to delete them.

    It stops mistakes and other programs. Who owns the database can drop the triggers; the hash chain tells.
    """
    acts = ("UPDATE",) if deletable else ("UPDATE", "DELETE")
    for act in acts:
        name = f"{table.name}_no_{act.lower()}"
        _after(
            table,
            "sqlite",
            f"CREATE TRIGGER {name} BEFORE {act} ON {table.name} "
            f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END",
        )
    _after(table, "postgresql", _FUNCTION)
    _after(
        table,
        "postgresql",
        f"CREATE TRIGGER {table.name}_append_only BEFORE {' OR '.join(acts)} ON {table.name} "
        "FOR EACH ROW EXECUTE FUNCTION inversion_append_only()",
    )


def _after(table: Table, dialect: str, sql: str) -> None:
    # DDL fills in %(table)s and the like, so a plain percent sign is written twice.
    ddl = DDL(sql.replace("%", "%%"))  # type: ignore[no-untyped-call]
    event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
