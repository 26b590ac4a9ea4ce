"""A database opened with care: SQLite in WAL or another by URL, schema checked, errors in our own words."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, make_url, select
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from inversion_core.errors import StoreUnavailable
from inversion_core.store import schema
from inversion_core.store.metadata import metadata
from inversion_core.store.migration import migrate

BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another before it gives up."""
OPENING_TRIES = 5
"""Two processes may make the tables at once; the slower one looks again."""


class Database:
    """Transactions on one database; everything that goes wrong is raised as StoreUnavailable."""

    def __init__(self, url: str) -> None:
        """Open `url`, make the tables where there are none; raises StoreUnavailable."""
        self.url = url
        self.engine = _engine(url)
        self._writer = self.engine.execution_options(writes=True)
        self._prepare()

    @property
    def shown_url(self) -> str:
        """The URL without its password, fit for a message."""
        return make_url(self.url).render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection with a consistent view."""
        with self._border(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction: all is stored, or nothing; SQLite has one writer at a time."""
        with self._border(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def _border(self) -> Iterator[None]:
        """Translate what SQLAlchemy, the driver and the disk raise."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise StoreUnavailable(f"the run store {self.shown_url} {_reason(error)}") from error

    def _prepare(self) -> None:
        """Make the tables in an empty database, refuse one that is not ours or not of this version."""
        for tries_left in reversed(range(OPENING_TRIES)):
            try:
                with self.writing() as connection:
                    version = _version(connection)
            except StoreUnavailable as error:
                if tries_left == 0 or not _is_race(error.__cause__):
                    raise
                time.sleep(0.1)
            else:
                break
        if version != schema.SCHEMA_VERSION:
            raise StoreUnavailable(
                f"the run store {self.shown_url} {_foreign(version)}; "
                "name another store in INVERSION_STORE_URL or update this installation"
            )


def _version(connection: Connection) -> int | None:
    """Return the schema version, after making the tables where there are none and adding those that an older
    store lacks; None: a foreign database.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        metadata.create_all(connection)
        connection.execute(insert(schema.versions).values(version=schema.SCHEMA_VERSION))
        return schema.SCHEMA_VERSION
    if schema.versions.name not in tables:
        return None
    version = connection.execute(select(schema.versions.c.version)).scalar()
    if version is None:
        return None
    version = migrate(connection, version, set(tables))
    missing = set(metadata.tables) - set(inspect(connection).get_table_names())
    return None if version == schema.SCHEMA_VERSION and missing else version


def _foreign(version: int | None) -> str:
    if version is None:
        return "holds tables that this program did not make"
    return f"has schema version {version}, this program speaks version {schema.SCHEMA_VERSION}"


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
    except SQLAlchemyError as error:
        raise StoreUnavailable(
            "the run store is named by an SQLAlchemy URL such as sqlite:///runs.sqlite, "
            f"{url.split('@')[-1]!r} is none; correct INVERSION_STORE_URL"
        ) from error
    if parsed.get_backend_name() != "sqlite":
        return _server_engine(url)
    if not parsed.database or parsed.database == ":memory:":
        raise StoreUnavailable(
            f"the run store is shared by processes, {url!r} lives in one; name a file, such as sqlite:///runs.sqlite"
        )
    try:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"the run store {url} {_reason(error)}") from error
    engine = create_engine(url)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _server_engine(url: str) -> Engine:
    shown = make_url(url).render_as_string(hide_password=True)
    try:
        return create_engine(url, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError) as error:
        raise StoreUnavailable(
            f"the run store {shown} needs a database driver that is not installed ({error}); "
            'for Postgres: pip install "psycopg[binary]"'
        ) from error


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _turn_to_wal(cursor)
    # With WAL a crash of the machine may lose the last commits, never consistency.
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _turn_to_wal(cursor: Any) -> None:
    """Switch the file to WAL. Two processes that open a fresh file at once would each wait for the other, so
    SQLite refuses one of them at once, whatever the busy timeout says (sqlite.org/c3ref/busy_handler.html).
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns writer midway would fail instead of waiting."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _is_race(error: BaseException | None) -> bool:
    """Say whether tables appeared between looking and making; on SQLite the lock prevents it."""
    return isinstance(error, DBAPIError) and "already exists" in str(error.orig)


def _reason(error: Exception) -> str:
    """Return what happened and what to do, in words for a person."""
    if isinstance(error, PoolTimeout):
        return "is asked by too many threads at once; try again in a moment"
    told = (
        str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
        if str(error)
        else repr(error)
    )
    known = {
        "disk is full": "cannot be written because the disk is full; free some space",
        "readonly": "cannot be written because it is read-only; change its permissions",
        "read-only": "cannot be written because its disk is read-only; choose another place",
        "locked": f"was kept locked by another process for {BUSY_TIMEOUT_MS // 1000} s; try again",
        "malformed": "is damaged; restore it from a copy or move the file away, and a fresh one is made",
        "not a database": "is a file of another kind; move it away or name another in INVERSION_STORE_URL",
        "unable to open": "cannot be opened; check that its folder exists and may be written",
        "No space left": "cannot be written because the disk is full; free some space",
    }
    for sign, words in known.items():
        if sign in told:
            return words
    return f"cannot be used ({told}); check INVERSION_STORE_URL and that the database is running"
