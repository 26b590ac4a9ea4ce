"""The log in the database: written with the act or not at all, line after line, and hard to change."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest
from sqlalchemy import text

from inversion_core.errors import InversionError, StoreUnavailable
from inversion_core.risk.audit import START, Act
from inversion_core.risk.signoff import receipt
from inversion_core.store import cited
from inversion_core.store.audit import append
from inversion_core.store.runs import RunStore
from tests.store.reviews import ADA, decided, stored

Place = tuple[str, str]


def altered(store: RunStore, *statements: str, trigger: str = "audit") -> None:
    """Change the log as somebody who owns the database could: drop the triggers first."""
    with store._database.writing() as connection:
        if connection.dialect.name == "sqlite":
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}_no_{act}"))
        else:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}_append_only ON {trigger}"))
        for statement in statements:
            connection.execute(text(statement))


def write(place: Place, count: int) -> None:
    store = RunStore(*place)
    for number in range(count):
        store.note(ADA, "counted", "subject", {"n": number})
    store.close()


def test_lines_follow_each_other_and_the_head_is_the_hash_of_the_last(store: RunStore) -> None:
    assert store.audit_head() == START and store.verify_audit() == []
    first, second = store.note(ADA, "one", "x"), store.note(ADA, "two", "y", {"why": "<b>é</b>"})
    assert second.previous == first.hash and store.audit_head() == second.hash
    assert store.audit_log() == [second, first]
    assert store.audit_log(subject="x") == [first]
    assert store.verify_audit(first.hash) == store.verify_audit(second.hash) == []


def test_a_line_of_an_act_that_failed_is_not_there(store: RunStore) -> None:
    with pytest.raises(RuntimeError), store._database.writing() as connection:
        append(connection, ADA, "half done", "x")
        raise RuntimeError
    assert store.audit_log() == []


def test_an_act_whose_line_cannot_be_written_is_not_done(store: RunStore) -> None:
    with pytest.raises(InversionError, match="the name of who does it has 1 to 128 characters"):
        store.draft_policy("{}", type(ADA)("", "nobody"))
    assert store.policies() == []


def test_threads_take_turns(open_again: Callable[[], RunStore], store: RunStore) -> None:
    stores = [open_again() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: stores[n % 4].note(ADA, f"act {n}"), range(40)))
    assert [line.seq for line in store.audit_log()] == list(range(40, 0, -1))
    assert store.verify_audit() == []


def test_processes_take_turns(place: Place, store: RunStore) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("fork")) as pool:
        list(pool.map(write, [place] * 3, [10] * 3))
    assert len(store.audit_log()) == 30 and store.verify_audit() == []


@pytest.mark.parametrize(
    ("table", "acts"),
    [
        ("audit", ("UPDATE audit SET actor = 'x'", "DELETE FROM audit")),
        ("decisions", ("UPDATE decisions SET signoff = 'x'", "DELETE FROM decisions")),
        ("reports", ("UPDATE reports SET content = 'x'",)),
        ("report_files", ("UPDATE report_files SET kind = 'x'", "DELETE FROM report_files")),
        ("report_runs", ("UPDATE report_runs SET result = 'x'", "DELETE FROM report_runs")),
        (
            "policies",
            (
                "UPDATE policies SET approved_at = 9e9 WHERE version = 1",
                "UPDATE policies SET document = 'x' WHERE version = 2",
                "DELETE FROM policies",
            ),
        ),
        ("overrides", ("UPDATE overrides SET status = 'met'",)),
    ],
)
def test_the_database_refuses_to_change_what_was_written(
    store: RunStore, table: str, acts: tuple[str, ...]
) -> None:
    review = stored(store)
    store.set_override(review.assessment, "lawful", owner="", status="not met", note="", actor=ADA)
    decided(store, review)
    store.draft_policy("{}", ADA)
    for act in acts:
        with (
            pytest.raises(StoreUnavailable, match=f"{table} is append-only"),
            store._database.writing() as one,
        ):
            one.execute(text(act))
    assert store.verify_all() == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET actor = 'eve' WHERE seq = 2", "line 2 was changed"),
        ("DELETE FROM audit WHERE seq = 2", "line 2 is missing"),
        ("UPDATE audit SET seq = 9 WHERE seq = 2", "line 2 is missing"),
    ],
)
def test_what_is_done_to_a_log_without_its_triggers_is_found(
    store: RunStore, statement: str, told: str
) -> None:
    for number in range(4):
        store.note(ADA, f"act {number}")
    altered(store, statement)
    assert told in store.verify_audit()[0]


def test_a_tail_that_was_cut_off_is_found_with_the_head(store: RunStore) -> None:
    for number in range(4):
        store.note(ADA, f"act {number}")
    head = store.audit_head()
    altered(store, "DELETE FROM audit WHERE seq > 2")
    assert store.verify_audit() == []
    assert len(store.verify_audit(head)) == 1


@pytest.mark.parametrize("column", ["signed = signed + 1", "facts = '{}'", "signoff = '{}'"])
def test_a_decision_that_was_changed_or_removed_is_found_by_the_log(store: RunStore, column: str) -> None:
    review = stored(store)
    decided(store, review)
    altered(store, f"UPDATE decisions SET {column}", trigger="decisions")
    assert "the audit log tells it otherwise" in store.verify_reviews()[0]
    assert store.verify_all() == store.verify_reviews()
    with store._database.writing() as connection:
        connection.execute(text("DELETE FROM decisions"))
    assert "somebody removed it" in store.verify_reviews()[0]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE policies SET document = '{}' WHERE version = 2", "policy 2 was changed (sha256)"),
        ("UPDATE policies SET approved_by = 'eve' WHERE version = 2", "policy 2 was changed"),
        ("DELETE FROM policies", "policy 1 is in the audit log and no longer stored"),
        (
            "INSERT INTO policies VALUES (3, '{}', 0, 'eve', 'eve', 9e9)",
            "policy 3 is stored and not in the audit log",
        ),
        ("UPDATE policies SET approved_at = 9e9 WHERE version = 1", "policy 1 was changed (approved_at)"),
        ("UPDATE policies SET approved_at = NULL WHERE version = 1", "policy 1 was changed (approved_at)"),
        ("UPDATE overrides SET status = 'met'", "statement lawful of assessment"),
        ("DELETE FROM overrides", "no longer stored"),
        ("UPDATE assessments SET mode = 'training'", "was changed (mode)"),
        ("UPDATE assessments SET document = '{}'", "was changed (sha256)"),
        ("UPDATE reports SET unlocked = NOT unlocked", "was changed (unlocked)"),
        ("UPDATE report_runs SET result = ''", "was changed (runs)"),
        ("UPDATE runs SET result = '{}'", "has another result than when the report was made"),
        ("DELETE FROM report_files; DELETE FROM report_runs; DELETE FROM reports", "somebody removed it"),
    ],
)
def test_a_row_that_the_log_tells_otherwise_is_found(store: RunStore, statement: str, told: str) -> None:
    review = stored(store)
    store.set_override(review.assessment, "lawful", owner="", status="not met", note="", actor=ADA)
    store.approve_policy(1, ADA, shipped="{}")
    store.draft_policy('{"a": 1}', ADA)
    store.approve_policy(2, ADA)
    assert store.verify_reviews() == []
    for table in ("policies", "overrides", "reports", "report_runs"):
        altered(store, trigger=table)
    altered(store, *statement.split("; "))
    assert told in store.verify_reviews()[0] and store.verify_audit() == []


def test_a_signed_report_without_its_runs_is_found_though_they_were_forgotten(store: RunStore) -> None:
    review = stored(store)
    decided(store, review)
    altered(store, "DELETE FROM report_runs", trigger="report_runs")
    store.forget(review.run)
    assert f"report {review.report} was changed (runs)" in store.verify_reviews()[0]


def test_a_run_that_was_removed_after_the_signature_is_found(store: RunStore) -> None:
    review = stored(store)
    decided(store, review)
    altered(store, *(f"DELETE FROM {table}" for table in ("artifacts", "owners", "runs")))
    (told,) = store.verify_reviews()
    assert told == store.verify_report(review.report)[0] and "after the report was signed" in told


def test_a_run_that_nobody_signed_for_may_be_forgotten(store: RunStore) -> None:
    review = stored(store)
    store.forget(review.run)
    assert store.verify_all() == store.verify_report(review.report) == []


def test_many_runs_are_told_by_one_hash(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cited, "MOST_LISTED", 0)
    review = stored(store)
    (line,) = [one for one in store.audit_log() if one.action == Act.MADE]
    assert len(line.details["runs"]) == 64 and store.verify_all() == []
    altered(store, "DELETE FROM report_runs", trigger="report_runs")
    assert f"report {review.report} was changed (runs)" in store.verify_reviews()[0]


def test_the_receipt_of_a_decision_finds_a_log_that_was_cut_off_before_it(store: RunStore) -> None:
    review = stored(store)
    before = store.audit_head()
    signed = decided(store, review)
    line = store.receipt(signed)
    told = receipt(signed, line)
    assert (line.action, told["report"]["sha256"]) == (Act.SIGNED, store.report(review.report).sha256)
    assert told["check"].endswith(line.hash) and store.verify_all(line.hash) == []
    altered(store, "DELETE FROM decisions", trigger="decisions")
    altered(store, f"DELETE FROM audit WHERE seq >= {line.seq}")
    assert store.verify_all(before) == []
    assert len(store.verify_all(line.hash)) == 1
    with pytest.raises(StoreUnavailable, match="a decision stands in the log"):
        store.receipt(signed)


@pytest.mark.parametrize("payload", ["no JSON", "[]", "{}"])
def test_words_that_were_made_nonsense_are_told_and_stop_nothing(store: RunStore, payload: str) -> None:
    review = stored(store)
    store.set_override(review.assessment, "lawful", owner="", status="not met", note="", actor=ADA)
    decided(store, review)
    altered(store, f"UPDATE audit SET payload = '{payload}'")
    told = store.verify_all()
    assert sum("was changed: its words" in one for one in told) == len(store.audit_log())
    assert "the audit log does not tell of this report" in store.verify_report(review.report)[0]
