"""What a run store says and keeps when disks are full, files are damaged and processes race."""

import contextlib
import errno
import multiprocessing
import os
import queue
import sqlite3
import stat
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from sqlalchemy import Engine, event

from inversion_core.errors import IllegalTransition, InversionError, StoreUnavailable, UnknownName
from inversion_core.settings import settings
from inversion_core.store.artifacts import Artifacts
from inversion_core.store.runs import RunStore, open_store
from inversion_core.store.whereabouts import gone, here
from inversion_core.values import State
from tests.store.scenarios import scenario

Place = tuple[str, str]
SPAWN = multiprocessing.get_context("spawn")


class FullDisk(LocalFileSystem):
    """A folder on a disk that has room for the first bytes of a file and no more."""

    protocol = "full-disk"

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
        super().pipe_file(path, value[:3])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_disk(tmp_path: Path) -> str:
    """The URL of a folder whose disk is full."""
    fsspec.register_implementation("full-disk", FullDisk, clobber=True)
    return f"full-disk://{tmp_path / 'full'}"


def ask_and_begin(place: Place, together: Any, results: Any) -> None:
    """Open, create and begin at the same instants as other racers; tell the run, and what came of it."""
    together.wait()
    store = RunStore(*place)
    together.wait()
    run_id, is_new = store.create(scenario(), f"owner {uuid.uuid4()}")
    together.wait()
    try:
        results.put((run_id, is_new, store.begin(run_id).attempt))
    except IllegalTransition:
        results.put((run_id, is_new, 0))
    finally:
        store.close()


def assert_one_run_was_made_and_taken_once(place: Place, answers: list[tuple[str, bool, int]]) -> None:
    store = RunStore(*place)
    assert len({run_id for run_id, _, _ in answers}) == 1
    assert sorted(is_new for _, is_new, _ in answers) == [False] * (len(answers) - 1) + [True]
    assert sorted(attempt for _, _, attempt in answers) == [0] * (len(answers) - 1) + [1]
    record = store.get(answers[0][0])
    assert len(record.owners) == len(answers)
    assert (record.state, record.attempt) == (State.STARTING, 1)
    store.close()


def test_processes_that_ask_at_once_share_one_run_and_one_of_them_gets_it(place: Place) -> None:
    # Daemons and a barrier that breaks: one racer that fails must not leave the other, and pytest, waiting.
    together, results = SPAWN.Barrier(2, timeout=60), SPAWN.Queue()
    racers = [
        SPAWN.Process(target=ask_and_begin, args=(place, together, results), daemon=True) for _ in range(2)
    ]
    for racer in racers:
        racer.start()
    answers = [results.get(timeout=100) for _ in racers]
    for racer in racers:
        racer.join()
    assert_one_run_was_made_and_taken_once(place, answers)


def test_connections_that_ask_at_once_share_one_run_and_one_of_them_gets_it(place: Place) -> None:
    together, results = threading.Barrier(8), queue.Queue()
    racers = [threading.Thread(target=ask_and_begin, args=(place, together, results)) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert_one_run_was_made_and_taken_once(place, [results.get_nowait() for _ in racers])


def open_each(place: str, count: int, together: Any, results: Any) -> None:
    """Open `count` fresh files, each at the same instant as another process does; tell what went wrong."""
    told = []
    for number in range(count):
        together.wait()
        try:
            RunStore(f"sqlite:///{place}/{number}.sqlite", place).close()
        except StoreUnavailable as error:
            told.append(str(error))
    results.put(told)


def test_processes_that_open_a_fresh_file_at_once_both_succeed(tmp_path: Path) -> None:
    # One pair in a hundred used to be refused with "database is locked".
    together, results = SPAWN.Barrier(2, timeout=60), SPAWN.Queue()
    racers = [
        SPAWN.Process(target=open_each, args=(str(tmp_path), 150, together, results), daemon=True)
        for _ in range(2)
    ]
    for racer in racers:
        racer.start()
    assert [results.get(timeout=100) for _ in racers] == [[], []]


def sqlite_store(tmp_path: Path, artifacts: str | None = None) -> RunStore:
    return RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", artifacts or str(tmp_path / "artifacts"))


def test_a_full_disk_of_artifacts_fails_the_run_and_leaves_the_store_consistent(
    tmp_path: Path, full_disk: str
) -> None:
    store = sqlite_store(tmp_path, full_disk)
    run_id, _ = store.create(scenario(), "ada")
    store.begin(run_id)
    with pytest.raises(StoreUnavailable) as refusal:
        store.add_artifact(run_id, "sheet.png", b"picture")
    assert "no space left on device" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    store.finish(run_id, State.FAILED, error=str(refusal.value))
    assert store.get(run_id).state is State.FAILED
    assert store.artifacts(run_id) == []
    left = [path for path in (tmp_path / "full").rglob("*") if path.is_file()]
    assert left == [], "no half a file stays behind"
    store.close()


@pytest.fixture
def narrow_sqlite() -> Iterator[None]:
    """Every SQLite file opened now can grow by a few pages only, as on a disk that is nearly full."""

    def limit(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages + 4}")

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


def test_a_full_disk_of_the_database_is_told_and_forgotten_when_there_is_room(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    store = sqlite_store(tmp_path)
    run_id, _ = store.create(scenario(), "ada")
    store.begin(run_id)
    store.close()
    request.getfixturevalue("narrow_sqlite")
    narrow = sqlite_store(tmp_path)
    with pytest.raises(StoreUnavailable, match="disk is full; free some space"):
        narrow.finish(run_id, State.DONE, result={"big": "x" * 100_000})
    assert narrow.get(run_id).state is State.STARTING
    narrow.finish(run_id, State.FAILED, error="small")
    assert narrow.get(run_id).error == "small"
    narrow.close()


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    sqlite_store(tmp_path).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "runs.sqlite")) as file:
        file.execute("UPDATE inversion_schema SET version = 999")
        file.commit()
    with pytest.raises(StoreUnavailable, match="has schema version 999, this program speaks version 5"):
        sqlite_store(tmp_path)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "runs.sqlite")) as file:
        file.execute("CREATE TABLE holidays (day TEXT)")
        file.commit()
    with pytest.raises(StoreUnavailable, match="holds tables that this program did not make"):
        sqlite_store(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "runs.sqlite")) as file:
        assert file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [
            ("holidays",)
        ]


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_bytes(b"this is a letter to a friend, " * 300)
    with pytest.raises(StoreUnavailable, match="is a file of another kind"):
        sqlite_store(tmp_path)


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    store = sqlite_store(tmp_path)
    for seed in range(50):
        store.create(scenario(seed=seed), "ada")
    store.close()
    path = tmp_path / "runs.sqlite"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    with pytest.raises(StoreUnavailable, match="is damaged"):
        damaged = sqlite_store(tmp_path)
        damaged.runs()


def test_a_place_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match=r"cannot be (used|opened)"):
        RunStore(f"sqlite:///{tmp_path / 'file' / 'runs.sqlite'}", str(tmp_path))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("runs.sqlite", "SQLAlchemy URL"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("wombat://host/db", "needs a database driver"),
    ],
)
def test_an_unusable_url_is_told(url: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=told):
        RunStore(url, str(tmp_path))


def test_an_unusable_artifacts_url_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="'wombat://bucket' cannot be opened"):
        sqlite_store(tmp_path, "wombat://bucket")


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as refusal:
        RunStore("wombat://ada:secret@host/db", str(tmp_path))
    assert "secret" not in str(refusal.value)


def test_equal_bytes_are_kept_once(tmp_path: Path) -> None:
    kept = Artifacts(str(tmp_path))
    assert kept.put(b"picture") == kept.put(b"picture")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [b"picture"]


def test_damaged_bytes_are_not_handed_out(tmp_path: Path) -> None:
    kept = Artifacts(str(tmp_path))
    sha256 = kept.put(b"picture")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"Picture")
    with pytest.raises(StoreUnavailable, match="is damaged"):
        kept.get(sha256)


def test_half_a_file_after_a_crash_is_written_again(tmp_path: Path) -> None:
    kept = Artifacts(str(tmp_path))
    sha256 = kept.put(b"picture")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"pic")
    kept.put(b"picture")
    assert kept.get(sha256) == b"picture"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_only_a_hash_names_an_artifact(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownName, match="found by sha256"):
        Artifacts(str(tmp_path)).get(name)


def test_a_missing_artifact_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="nothing is stored under 0000"):
        Artifacts(str(tmp_path)).get("0" * 64)


def test_artifacts_may_lie_wherever_fsspec_reaches() -> None:
    kept = Artifacts("memory://somewhere")
    sha256 = kept.put(b"picture")
    assert kept.get(sha256) == b"picture"
    kept.delete(sha256)
    kept.delete(sha256)
    with pytest.raises(UnknownName):
        kept.get(sha256)


def test_a_store_opened_by_file_keeps_its_artifacts_beside_it(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'mine' / 'runs.sqlite'}")
    assert store.artifacts_url == str(tmp_path / "mine" / "artifacts")
    assert open_store(store.url) is store
    store.close()


def test_the_store_of_the_installation_lies_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVERSION_DATA_FOLDER", str(tmp_path / "data"))
    settings.cache_clear()
    try:
        store = open_store()
        store.create(scenario(), "ada")
        assert stat.S_ISREG((tmp_path / "data" / "runs.sqlite").stat().st_mode)
        assert store.artifacts_url == str(tmp_path / "data" / "artifacts")
        store.close()
    finally:
        settings.cache_clear()


def test_every_refusal_is_an_error_of_this_package() -> None:
    assert issubclass(StoreUnavailable, InversionError)
    assert issubclass(IllegalTransition, InversionError)


def test_this_process_is_not_gone_and_an_ended_one_is() -> None:
    machine, _, number = here().rpartition("/")
    assert int(number) == os.getpid()
    assert not gone(here())
    ended = SPAWN.Process(target=os.getpid)
    ended.start()
    assert not gone(f"{machine}/{ended.pid}")
    ended.join()
    assert gone(f"{machine}/{ended.pid}")
    assert not gone(f"another-machine:1/{ended.pid}")
    assert not gone("")
