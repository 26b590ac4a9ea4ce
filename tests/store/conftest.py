"""A store on every database it speaks: SQLite always, Postgres where INVERSION_TEST_POSTGRES names one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from inversion_core.store.runs import RunStore

POSTGRES = os.environ.get("INVERSION_TEST_POSTGRES")


@pytest.fixture(params=["sqlite", *(["postgres"] if POSTGRES else [])])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The URLs of an empty store."""
    artifacts = str(tmp_path / "artifacts")
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'runs.sqlite'}", artifacts
    engine = create_engine(POSTGRES)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return POSTGRES, artifacts


@pytest.fixture
def open_again(place: tuple[str, str]) -> Iterator[Callable[[], RunStore]]:
    """Open the store once more, as another process would."""
    opened: list[RunStore] = []

    def again() -> RunStore:
        opened.append(RunStore(*place))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again: Callable[[], RunStore]) -> RunStore:
    """An empty store."""
    return open_again()
