"""Stores of earlier versions go on working: nothing is lost, and what later versions brought is added."""

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inversion_core.errors import IllegalTransition, StoreUnavailable
from inversion_core.store import schema
from inversion_core.store.api_keys import KeyStore, Tier
from inversion_core.store.database import Database
from inversion_core.store.runs import RunStore
from inversion_core.values import State
from tests.store.reviews import ADA

HERE = Path(__file__).parent


@pytest.fixture(params=[1, 2, 3, 4])
def old_store(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a store as the program of an earlier version wrote it: one run of ada's waits in it."""
    file = tmp_path / "runs.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript((HERE / f"version_{request.param}.sql").read_text())
    return file


def version(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT version FROM inversion_schema").fetchone()[0])


def test_an_older_store_is_opened_with_its_runs_and_gets_keys_and_sweeps(
    old_store: Path, tmp_path: Path
) -> None:
    store = RunStore(f"sqlite:///{old_store}", str(tmp_path / "artifacts"))
    (run,) = store.runs(states=[State.QUEUED])
    assert (run.owner, run.state, run.scenario.target.name) == ("ada", State.QUEUED, "softmax")
    assert store.begin(run.id).state is State.STARTING
    store.put_sweep("s", "mine", "{}", "ada", [run.key])
    assert [one.run_id for one in store.sweep_runs("s")] == [run.id]
    store.close()
    assert version(old_store) == schema.SCHEMA_VERSION == 5
    database = Database(f"sqlite:///{old_store}")
    token = KeyStore(database).add("ada", Tier.PARTNER)[1]
    assert KeyStore(database).find(token) is not None
    database.close()


def made_of(file: Path) -> list[object]:
    """Return the columns of each table, and the SQL of each trigger and index."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        return [
            (name, connection.execute(f"PRAGMA table_info({name})").fetchall() if kind == "table" else sql)
            for kind, name, sql in found
        ]


def test_an_updated_store_has_the_tables_of_a_fresh_one(old_store: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.sqlite"
    for file in (old_store, fresh):
        Database(f"sqlite:///{file}").close()
    assert made_of(old_store) == made_of(fresh)


@pytest.mark.parametrize("old_store", [4], indirect=True)
def test_a_review_of_version_4_is_whole_and_its_faces_are_shown_by_no_link(
    old_store: Path, tmp_path: Path
) -> None:
    store = RunStore(f"sqlite:///{old_store}", str(tmp_path / "artifacts"))
    assert store.verify_audit() == store.verify_reviews() == []
    faces, door = store.assessments()
    ((signed,), (report,), (sharp,)) = (
        store.decisions(door.id),
        store.reports(door.id),
        store.reports(faces.id),
    )
    assert (signed.report_id, signed.facts.targets, signed.facts.revision) == (report.id, {}, 0)
    assert store.receipt(signed).details["id"] == signed.id
    assert (report.unlocked, sharp.unlocked) == (False, True)
    assert [one.open for one in store.shares()] == [False]
    assert store.overrides(door.id)["lawful"].status == "met" and store.policy_in_force().version == 1
    with pytest.raises(IllegalTransition, match="signed review"):
        store.forget(report.runs[0])
    store.approve_policy(2, ADA)
    assert store.verify_all() == []
    store.close()


def test_many_processes_may_update_it_at_once(old_store: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        for database in pool.map(lambda _: Database(f"sqlite:///{old_store}"), range(6)):
            database.close()
    assert version(old_store) == 5


def test_a_damaged_older_store_is_refused_and_left_as_it_was(old_store: Path) -> None:
    before = version(old_store)
    with contextlib.closing(sqlite3.connect(old_store)) as connection:
        connection.execute("DROP TABLE frames")
        connection.commit()
    with pytest.raises(StoreUnavailable, match=f"has schema version {before}, this program speaks version 5"):
        Database(f"sqlite:///{old_store}")
    assert version(old_store) == before
