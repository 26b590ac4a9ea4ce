"""The one collection that every table of the run store belongs to, and what the database itself refuses."""

from sqlalchemy import DDL, Connection, MetaData, Table, event

metadata = MetaData()

ALWAYS, NEVER = "1 = 1", ""
REFUSED = "refused"
"""Under what a table knows which acts the database refuses: name of the act -> when, in SQL."""

_FUNCTION = """CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
BEGIN
IF {conditions} THEN RAISE EXCEPTION '{table} is append-only'; END IF;
RETURN COALESCE(NEW, OLD);
END $$ LANGUAGE plpgsql"""


def append_only(table: Table, *, update: str = ALWAYS, delete: str = ALWAYS) -> None:
    """Let the database itself refuse to change or delete the table's rows; `update` and `delete` say when, in
    SQL about OLD and NEW.

    It stops mistakes and other programs. Who owns the database can drop the triggers; the hash chain tells.
    """
    table.info[REFUSED] = {act: when for act, when in (("UPDATE", update), ("DELETE", delete)) if when}
    event.listen(table, "after_create", lambda made, connection, **_: guard(connection, made))


def guard(connection: Connection, table: Table) -> None:
    """Make the triggers of a table, in place of those that an earlier version gave it."""
    refused: dict[str, str] = table.info[REFUSED]
    if connection.dialect.name == "sqlite":
        statements = [
            statement
            for act, when in refused.items()
            for statement in (
                f"DROP TRIGGER IF EXISTS {table.name}_no_{act.lower()}",
                f"CREATE TRIGGER {table.name}_no_{act.lower()} BEFORE {act} ON {table.name} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END",
            )
        ]
    else:
        name = f"{table.name}_append_only"
        conditions = " OR ".join(f"(TG_OP = '{act}' AND ({when}))" for act, when in refused.items())
        statements = [
            _FUNCTION.format(name=name, table=table.name, conditions=conditions),
            f"DROP TRIGGER IF EXISTS {name} ON {table.name}",
            f"CREATE TRIGGER {name} BEFORE {' OR '.join(refused)} ON {table.name} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    for statement in statements:
        connection.execute(DDL(statement.replace("%", "%%")))  # type: ignore[no-untyped-call]


def unguard(connection: Connection, table: Table) -> None:
    """Take the triggers of a table away, within a transaction that makes them again."""
    if connection.dialect.name == "sqlite":
        names = [f"{table.name}_no_{act}" for act in ("update", "delete")]
    else:
        names = [f"{table.name}_append_only ON {table.name}"]
    for name in names:
        connection.execute(DDL(f"DROP TRIGGER IF EXISTS {name}"))  # type: ignore[no-untyped-call]
