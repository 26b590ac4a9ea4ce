"""The commands around stored reviews: exit codes, sentences and what is printed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from inversion_core.cli import app
from inversion_core.store.runs import RunStore, open_store
from tests.store.reviews import decided, stored


@pytest.fixture
def store() -> Iterator[RunStore]:
    """Return the store of the settings."""
    opened = open_store()
    yield opened
    opened.close()


def invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_whole_log_is_told_with_its_head(store: RunStore) -> None:
    review = stored(store)
    decided(store, review)
    found = invoke("audit", "verify", "--head", store.audit_head())
    assert (found.exit_code, found.stdout) == (0, f"whole, 4 lines, head {store.audit_head()}\n")
    told = json.loads(invoke("audit", "verify", "--json").stdout)
    assert told == {"whole": True, "lines": 4, "head": store.audit_head(), "problems": []}


def test_a_broken_log_and_a_lost_head_exit_with_3(store: RunStore) -> None:
    stored(store)
    head = store.audit_head()
    found = invoke("audit", "verify", "--head", "a" * 64)
    assert found.exit_code == 3 and "no line has the hash aaaa" in found.stderr
    with store._database.writing() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET actor = 'eve' WHERE seq = 1"))
    found = invoke("audit", "verify", "--json", "--head", head)
    assert found.exit_code == 3
    assert json.loads(found.stdout)["problems"] == ["line 1 was changed: its words no longer give its hash"]


def test_a_head_that_is_no_hash_is_refused(store: RunStore) -> None:
    found = invoke("audit", "verify", "--head", "abc")
    assert found.exit_code == 2 and "'abc' has not" in found.stderr


def test_the_log_is_listed_newest_first_and_by_subject(store: RunStore) -> None:
    review = stored(store)
    lines = [json.loads(line) for line in invoke("audit", "list", "--json").stdout.splitlines()]
    assert [line["action"] for line in lines] == ["report made", "assessment created"]
    found = invoke("audit", "list", "--subject", review.report)
    assert "report made" in found.stdout and len(found.stdout.splitlines()) == 1


def test_a_changed_report_is_found(store: RunStore) -> None:
    review = stored(store)
    report = store.report(review.report)
    found = invoke("audit", "report", review.report)
    assert (found.exit_code, found.stdout) == (0, f"whole, version 1, sha256 {report.sha256}\n")
    store._artifacts._files.pipe_file(store._artifacts._path(report.file("pdf").sha256), b"another")
    found = invoke("audit", "report", review.report, "--json")
    assert found.exit_code == 3 and "the pdf file was changed" in json.loads(found.stdout)["problems"][0]
    assert invoke("audit", "report", "nothing").exit_code == 2


def test_a_link_is_made_listed_and_taken_back(store: RunStore) -> None:
    review = stored(store)
    made = invoke("share", "add", "report", review.report, "--by", "Ada")
    share_id = made.stdout.strip().removeprefix("/share?id=")
    assert store.open_share(share_id).subject == review.report
    (line,) = invoke("share", "list", "--json").stdout.splitlines()
    told = json.loads(line)
    assert (told["created_by"], told["open"], told["views"]) == ("Ada", True, 1)
    assert invoke("share", "revoke", told["name"]).exit_code == 0
    assert "revoked" in invoke("share", "list").stdout
    assert invoke("share", "revoke", "nothing").exit_code == 2
    refused = invoke("share", "add", "report", "nothing")
    assert refused.exit_code == 2 and "reports are found by id" in refused.stderr
