"""What the store keeps of reviews: assessments, reports, decisions, policies, statements, links."""

import threading
from collections.abc import Callable

import pytest

from inversion_core.errors import (
    IllegalTransition,
    InversionError,
    LinkClosed,
    Outdated,
    ScenarioInvalid,
    UnknownName,
)
from inversion_core.risk.assessment import Mode
from inversion_core.risk.audit import Act
from inversion_core.risk.signoff import Decision
from inversion_core.store import shares
from inversion_core.store.runs import RunStore
from tests.store.reviews import ADA, CONTENT, FILES, PNG, decided, document, known, reported, signoff, stored
from tests.store.scenarios import scenario


def test_an_assessment_is_saved_found_and_listed(store: RunStore) -> None:
    first, revision = store.save_assessment(None, document(), "ada")
    assert (len(first), revision) == (32, 1)
    assert store.save_assessment(first, document("Back door"), "ada", 1) == (first, 2)
    record = store.assessment(first)
    assert (record.name, record.mode, record.owner, record.revision) == ("Back door", "assessment", "ada", 2)
    assert record.assessment.name == "Back door"
    second, _ = store.save_assessment(None, document(mode=Mode.TRAINING), "bob")
    assert [one.id for one in store.assessments()] == [second, first]
    assert [one.id for one in store.assessments(owner="ada")] == [first]
    with pytest.raises(UnknownName, match="assessments are found by id, 'none' is none"):
        store.assessment("none")


def test_its_runs_are_found_by_the_keys_of_its_scenarios(store: RunStore) -> None:
    assessment_id, _ = store.save_assessment(None, document(), "ada")
    (asked,) = store.assessment(assessment_id).assessment.scenarios
    run_id, _ = store.create(asked, "ada")
    assert store.runs_of_keys([asked.key()])[asked.key()].id == run_id


def test_a_second_tab_cannot_undo_the_first(store: RunStore) -> None:
    assessment_id, _ = store.save_assessment(None, document(), "ada")
    store.save_assessment(assessment_id, document("first tab"), "ada", 1)
    with pytest.raises(Outdated, match="'first tab' is at revision 2 and yours began from 1"):
        store.save_assessment(assessment_id, document("second tab"), "ada", 1)
    assert store.assessment(assessment_id).name == "first tab"


def test_who_began_an_assessment_changes_it_and_every_save_is_in_the_log(store: RunStore) -> None:
    assessment_id, _ = store.save_assessment(None, document(), "ada")
    with pytest.raises(IllegalTransition, match="was begun by somebody else; begin one of your own"):
        store.save_assessment(assessment_id, document("mine now"), "eve", 1)
    store.save_assessment(assessment_id, document("Back door"), "ada", 1)
    saved, created = store.audit_log(assessment_id)
    assert (created.action, saved.action, saved.details["revision"]) == (Act.CREATED, Act.SAVED, 2)
    assert store.verify_all() == []


@pytest.mark.parametrize(("before", "after"), [tuple(Mode), tuple(Mode)[::-1]])
def test_an_exercise_stays_one_and_an_assessment_too(store: RunStore, before: Mode, after: Mode) -> None:
    assessment_id, _ = store.save_assessment(None, document(mode=before), "ada")
    with pytest.raises(IllegalTransition, match=f"was begun as {before} and this says {after}"):
        store.save_assessment(assessment_id, document(mode=after), "ada", 1)
    assert store.assessment(assessment_id).mode == before


def test_of_saves_at_once_one_wins(open_again: Callable[[], RunStore], store: RunStore) -> None:
    assessment_id, _ = store.save_assessment(None, document(), "ada")
    refused, start = [], threading.Barrier(4)

    def save(number: int, tab: RunStore) -> None:
        start.wait()
        try:
            tab.save_assessment(assessment_id, document(f"tab {number}"), "ada", 1)
        except Outdated:
            refused.append(number)

    tabs = [threading.Thread(target=save, args=(number, open_again())) for number in range(4)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert len(refused) == 3 and store.assessment(assessment_id).revision == 2


def test_saving_equal_words_makes_no_revision(store: RunStore) -> None:
    assessment_id, _ = store.save_assessment(None, document(), "ada")
    assert store.save_assessment(assessment_id, document(), "ada", None) == (assessment_id, 1)


@pytest.mark.parametrize("text", ["{}", "no JSON", '{"name": "x", "system": {}, "extra": 1}'])
def test_what_is_no_assessment_is_not_saved(store: RunStore, text: str) -> None:
    with pytest.raises(ScenarioInvalid):
        store.save_assessment(None, text, "ada")
    assert store.assessments() == store.audit_log() == []


def test_a_zero_byte_is_refused_in_a_sentence(store: RunStore) -> None:
    with pytest.raises(InversionError, match="holds a byte that is none"):
        store.save_assessment(None, document("a\0b"), "ada")


def test_an_unsigned_assessment_is_deleted_with_its_reports_and_files(store: RunStore) -> None:
    review = stored(store)
    html = store.report(review.report).file("html").sha256
    store.set_override(review.assessment, "s1", owner="", status="met", note="", actor=ADA)
    store.delete_assessment(review.assessment, ADA)
    assert store.assessments() == []
    for gone in (lambda: store.report(review.report), lambda: store.artifact(html)):
        with pytest.raises(UnknownName):
            gone()
    assert store.artifacts(review.run) and store.verify_audit() == store.verify_reviews() == []


def test_a_report_version_is_made_only_when_it_says_something_else(store: RunStore) -> None:
    review = stored(store)
    same = {"content": "c" * 64, "revision": 1, "policy": 1, "reference": "2030-01"}
    assert store.same_report(review.assessment, **same).id == review.report
    other_bytes = reported(store, review.assessment, review.run, files={"html": b"made later"})
    assert other_bytes == review.report
    for change in ({"content": "d" * 64}, {"policy": 2}, {"reference": "2030-02"}, {"revision": 2}):
        before = store.next_report_version(review.assessment)
        assert store.same_report(review.assessment, **same | change) is None
        made = store.report(reported(store, review.assessment, review.run, **same | change))
        assert made.version == before
    assert [one.version for one in store.reports(review.assessment)] == [5, 4, 3, 2, 1]


def test_a_report_knows_its_files_and_runs(store: RunStore) -> None:
    review = stored(store)
    report = store.report(review.report)
    assert [(one.kind, one.size) for one in report.files] == [("html", 15), ("pdf", 13)]
    assert store.artifact(report.file("pdf").sha256) == FILES["pdf"] and report.file("csv") is None
    assert report.runs == (review.run,)
    with pytest.raises(InversionError, match="the files of a report are html, pdf"):
        reported(store, review.assessment, content="e", files={"exe": b""})
    with pytest.raises(UnknownName, match="a report cites stored runs"):
        reported(store, review.assessment, "0" * 32, content="e")
    with pytest.raises(IllegalTransition, match="is version 2, this one calls itself 1"):
        reported(store, review.assessment, content="e", version=1)


def test_a_file_of_a_report_stays_when_a_run_with_equal_bytes_is_forgotten(store: RunStore) -> None:
    review = stored(store)
    report = store.report(reported(store, review.assessment, content="e", files={"html": PNG}))
    store.forget(review.run)
    assert store.artifact(report.file("html").sha256) == PNG


def test_a_changed_or_missing_file_of_a_report_is_found(store: RunStore) -> None:
    review = stored(store)
    assert store.verify_report(review.report) == []
    html, pdf = store.report(review.report).files
    files = store._artifacts._files
    files.pipe_file(store._artifacts._path(html.sha256), b"<p>nothing to see</p>")
    store._artifacts.delete(pdf.sha256)
    told = store.verify_report(review.report)
    assert "the html file was changed" in told[0] and "the pdf file is gone" in told[1]
    with pytest.raises(IllegalTransition, match="this one is not whole"):
        decided(store, review)


def test_a_decision_is_kept_and_a_later_one_supersedes_it(store: RunStore) -> None:
    review = stored(store)
    assert store.latest_decision(review.assessment) is None
    first = decided(store, review)
    second = decided(store, review, decision=Decision.REJECT, overruled="<b>no</b>")
    assert store.decisions(review.assessment) == [second, first]
    assert store.latest_decision(review.assessment).signoff.decision is Decision.REJECT
    assert first.report_sha256 == store.report(review.report).sha256
    assert (first.number, second.number, second.report_version) == (1, 2, 1)
    assert [line.action for line in store.audit_log(review.assessment)][:2] == ["decision signed"] * 2


def test_an_exercise_is_never_signed(store: RunStore) -> None:
    review = stored(store, mode=Mode.TRAINING)
    with pytest.raises(ScenarioInvalid, match="this one is an exercise"):
        decided(store, review)
    assert store.decisions(review.assessment) == []


def test_a_report_that_was_overtaken_is_not_signed(store: RunStore) -> None:
    review = stored(store)
    facts = known(store, review.assessment)
    for changed, told in (
        ({"policy": 2}, "another rating policy"),
        ({"reference": "x"}, "list of references"),
    ):
        with pytest.raises(IllegalTransition, match=told):
            decided(store, review, facts.model_copy(update=changed))
    later = reported(store, review.assessment, review.run, content="d" * 64)
    with pytest.raises(IllegalTransition, match="a later version of the report was made"):
        decided(store, review, facts)
    store.save_assessment(review.assessment, document("changed"), "ada", 1)
    with pytest.raises(IllegalTransition, match="the assessment was changed since version 2"):
        decided(store, review, facts, later)
    assert store.decisions(review.assessment) == []


def test_a_report_that_says_what_is_no_longer_so_is_not_signed(store: RunStore) -> None:
    review = stored(store)
    with pytest.raises(IllegalTransition, match="something it tells changed"):
        decided(store, review, content="d" * 64)
    assert store.decisions(review.assessment) == []


def test_a_decision_needs_a_policy_that_somebody_approved(store: RunStore) -> None:
    review = stored(store)
    facts = known(store, review.assessment)
    with pytest.raises(IllegalTransition, match="nobody here has approved one; approve one"):
        store.decide(review.report, signoff(), facts, ADA, content=CONTENT)
    draft = store.draft_policy("{}", ADA)
    store.approve_policy(1, ADA, shipped="{}")
    for version in (draft, 99):
        report = reported(store, review.assessment, review.run, content="d" * 64, policy=version)
        with pytest.raises(IllegalTransition, match="another rating policy came into force"):
            decided(store, review, facts.model_copy(update={"policy": version}), report, "d" * 64)
    assert store.decisions(review.assessment) == []


def test_a_decision_on_hundreds_of_runs_is_kept(store: RunStore) -> None:
    review = stored(store)
    many = {f"{number:064}": "1" * 64 for number in range(500)}
    facts = known(store, review.assessment).model_copy(update={"targets": many})
    assert decided(store, review, facts).facts.targets == many
    assert store.verify_all() == []


def test_a_report_whose_runs_were_deleted_is_not_signed(store: RunStore) -> None:
    review = stored(store)
    store.forget(review.run)
    with pytest.raises(IllegalTransition, match="1 of the runs it cites were deleted"):
        decided(store, review)


def test_what_a_signed_review_rests_on_cannot_be_deleted(store: RunStore) -> None:
    review, other = stored(store), stored(store, seed=1)
    decided(store, review)
    with pytest.raises(IllegalTransition, match=f"evidence in the assessment {review.assessment}"):
        store.forget(review.run)
    with pytest.raises(IllegalTransition, match="'Door camera' carries a decision"):
        store.delete_assessment(review.assessment, ADA)
    store.forget(other.run)  # only reported on, by nobody signed
    (picture,) = store.artifacts(review.run)
    assert store.artifact(picture.sha256) == PNG
    assert store.verify_report(review.report) == []


def test_a_policy_is_drafted_approved_and_then_in_force(store: RunStore) -> None:
    assert store.policy_in_force() is None
    assert store.draft_policy('{"a": 1}', ADA) == 2
    assert store.draft_policy('{"a": 2}', ADA) == 3
    assert store.policy_in_force() is None
    store.approve_policy(3, ADA)
    assert (store.policy_in_force().version, store.policy_in_force().approved_by) == (3, "ada")
    store.approve_policy(2, ADA)
    assert store.policy_in_force().document == '{"a": 1}'
    with pytest.raises(IllegalTransition, match="a policy is approved once, version 3 was by 'ada'"):
        store.approve_policy(3, ADA)
    with pytest.raises(UnknownName, match="policies are found by version, 9 is none"):
        store.approve_policy(9, ADA)
    assert [line.action for line in store.audit_log("policy 3")] == ["policy approved", "policy drafted"]


def test_the_policy_that_ships_can_be_approved_too(store: RunStore) -> None:
    with pytest.raises(UnknownName):
        store.approve_policy(1, ADA)
    store.approve_policy(1, ADA, shipped="{}")
    assert store.policy_in_force().version == 1 and store.policy(1).document == "{}"
    assert store.draft_policy("{}", ADA) == 2


def test_what_a_person_says_of_a_statement_is_kept_and_taken_back(store: RunStore) -> None:
    assessment_id, _ = store.save_assessment(None, document(), "ada")
    for status in ("met", "not met"):
        store.set_override(assessment_id, "s1", owner="Ops", status=status, note="<i>", actor=ADA)
    said = store.overrides(assessment_id)["s1"]
    assert (said.owner, said.status, said.note, said.changed_by) == ("Ops", "not met", "<i>", "ada")
    with pytest.raises(InversionError, match="a note has 0 to 4,000 characters, 4,001 were given"):
        store.set_override(assessment_id, "s1", owner="", status="", note="x" * 4001, actor=ADA)
    store.clear_override(assessment_id, "s1", ADA)
    store.clear_override(assessment_id, "s1", ADA)
    assert store.overrides(assessment_id) == {}
    actions = [line.action for line in store.audit_log(assessment_id)]
    assert actions == ["statement cleared", "statement set", "statement set", "assessment created"]


def test_a_link_opens_what_was_shared_and_counts(store: RunStore) -> None:
    review = stored(store)
    share_id = store.create_share("report", review.report, ADA)
    assert [store.open_share(share_id).views for _ in range(2)] == [1, 2]
    (listed,) = store.shares(review.report)
    assert (listed.subject, listed.kind, listed.open, listed.views) == (review.report, "report", True, 2)
    assert share_id not in str(store.audit_log()) and share_id not in str(listed)
    assert store.open_share(store.create_share("run", review.run, ADA)).subject == review.run


@pytest.mark.parametrize("share_id", ["", "x", "0" * 32, "A" * 32, "%" * 32])
def test_an_unknown_link_opens_nothing(store: RunStore, share_id: str) -> None:
    store.create_share("report", stored(store).report, ADA)
    with pytest.raises(UnknownName, match="this one was not"):
        store.open_share(share_id)


def test_a_link_expires(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    share_id = store.create_share("report", stored(store).report, ADA, days=1)
    (made,) = store.shares()
    monkeypatch.setattr(shares.time, "time", lambda: made.created + shares.DAY)
    with pytest.raises(LinkClosed, match="those of this one are over"):
        store.open_share(share_id)
    assert not made.open


def test_a_link_is_taken_back_by_name_or_id(store: RunStore) -> None:
    review = stored(store)
    ids = [store.create_share("report", review.report, ADA) for _ in range(2)]
    (named,) = [one for one in store.shares() if one.views == 0][:1]
    store.revoke_share(named.name, ADA)
    for share_id in ids:
        store.revoke_share(share_id, ADA)
        with pytest.raises(LinkClosed, match="this one was; ask"):
            store.open_share(share_id)
    assert [line.action for line in store.audit_log(review.report)].count("link revoked") == 2
    with pytest.raises(UnknownName, match="links are taken back by the name"):
        store.revoke_share("", ADA)


def test_a_link_closes_with_what_it_showed(store: RunStore) -> None:
    review = stored(store)
    links = [store.create_share("report", review.report, ADA), store.create_share("run", review.run, ADA)]
    other = store.create_share("run", stored(store, seed=1).run, ADA)
    store.delete_assessment(review.assessment, ADA)
    store.forget(review.run)
    for share_id in links:
        with pytest.raises(LinkClosed):
            store.open_share(share_id)
    assert store.open_share(other).open


def test_a_report_with_faces_unblurred_is_shared_with_nobody(store: RunStore) -> None:
    review = stored(store)
    sharp = reported(store, review.assessment, review.run, content="d" * 64, unlocked=True)
    assert store.report(sharp).unlocked and not store.report(review.report).unlocked
    with pytest.raises(IllegalTransition, match="in this version of the report faces are unblurred"):
        store.create_share("report", sharp, ADA)
    assert store.shares() == [] and store.verify_all() == []


def test_what_cannot_be_shared_is_refused(store: RunStore) -> None:
    review = stored(store)
    waiting, _ = store.create(scenario(seed=8), "ada")
    with pytest.raises(IllegalTransition, match="wait for its end"):
        store.create_share("run", waiting, ADA)
    with pytest.raises(UnknownName, match="a report or a run can be shared"):
        store.create_share("policy", review.report, ADA)
    with pytest.raises(UnknownName, match="reports are found by id"):
        store.create_share("report", review.run, ADA)
    with pytest.raises(InversionError, match="up to 365 days, 366 were given"):
        store.create_share("report", review.report, ADA, days=366)
