"""What a report says: every question of a reader, nothing that promises more, nobody's name."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from inversion_core.choices import DatasetChoice, TargetChoice
from inversion_core.reports import words
from inversion_core.reports.beside import CAPTION
from inversion_core.reports.blocks import Bars, Code, Picture, Report, Table, ToComplete, Verdict
from inversion_core.reports.bundle import files
from inversion_core.reports.content import Layout, content
from inversion_core.reports.data import data
from inversion_core.reports.dossier import Decision, Dossier, collect
from inversion_core.reports.job import content_of
from inversion_core.reports.summary import cost
from inversion_core.risk import reproduce, shipped
from inversion_core.risk.assessment import Assessment, Mode
from inversion_core.risk.policy import DEFAULT
from inversion_core.version import PRODUCT, SOURCES, release, sources
from tests.risk.made import CONTEXT, ROUNDED, assessment, finished, scenario, unrated_runs

NEVER = ("anonymous", "compliant", "certified", "risk-free", "zero risk", "no risk")
"""Words that no measured result supports."""
MADE = "2026-01-02T03:04:05+00:00"


@pytest.fixture(scope="module")
def example() -> Dossier:
    """Return the dossier of the example that ships."""
    whole, runs = shipped.example()
    return collect(whole, runs, DEFAULT, made=MADE)


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a report."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts(getattr(value, one.name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from texts(one)


def said(report: Report) -> str:
    """Return all of a report's text, with plain spaces."""
    return "\n".join(texts(report)).replace(words.UNBROKEN, " ")


def section(report: Report, title: str) -> str:
    """Return the text of one section."""
    (found,) = [one for one in report.sections if one.title == title]
    return "\n".join(texts(found)).replace(words.UNBROKEN, " ")


def test_every_scenario_of_the_example_has_its_run(example: Dossier) -> None:
    assert not example.missing and len(example.runs) == len(example.assessment.scenarios)


def test_a_reader_finds_every_answer_in_the_report_alone(example: Dossier) -> None:
    report = content(example)
    whole, row = said(report), example.deciding
    assert row is not None and row.control is not None
    for answer in (
        "Convolutional network",  # what was attacked
        words.answer(example.assessment.system),  # with what access
        f"{words.counted(row)} ({words.interval(row.success)})".replace(words.UNBROKEN, " "),
        "guessing gives 1 %",  # against what
        "Without the controls",  # what the controls changed
        cost(example).replace(words.UNBROKEN, " "),  # and cost
        "queries 100 (default",  # how hard it was attacked
        "the plan's reduced settings",
        "NOT RUN",  # what was not tested
        "python -m inversion_core reproduce report.json",  # how to run it again
        example.deciding.scenario.key()[:16] if example.deciding else "",
    ):
        assert answer in whole, answer
    assert any(isinstance(one, Code) for part in report.sections for one in part.blocks)


def test_nothing_is_promised_that_no_result_supports(example: Dossier) -> None:
    for layout in Layout:
        whole = said(content(example, layout)).lower()
        assert not [one for one in NEVER if re.search(rf"\b{one}\b", whole)]


def test_what_only_people_may_say_is_empty(example: Dossier) -> None:
    report = content(example)
    human = [one for one in report.sections if one.human_only]
    assert {one.number for one in human} == {"2", "8", "9", "10"}
    assert all(any(isinstance(block, ToComplete) for block in one.blocks) for one in human)


def test_every_layout_holds_the_same_sections(example: Dossier) -> None:
    held = {layout: sorted(one.title for one in content(example, layout).sections) for layout in Layout}
    assert held[Layout.ICO] == held[Layout.CNIL] == held[Layout.EDPB]
    for layout in Layout:
        numbers = [one.number for one in content(example, layout).sections]
        assert numbers == ["", *map(str, range(len(numbers) - 1))]


def test_the_synthetic_example_says_that_it_illustrates(example: Dossier) -> None:
    report = content(example)
    assert report.watermark == "synthetic" and "Illustrative" in report.banner[0]


def test_real_people_are_neither_named_nor_shown(example: Dossier) -> None:
    real = replace(example, card=replace(example.card, synthetic=False))
    report = content(real)
    names = {victim["name"] for row in real.rows for victim in real.result(row)["victims"]}
    assert names and not [name for name in names if name in said(report)]
    shown = [one for part in report.sections for one in part.blocks if isinstance(one, Picture)]
    assert shown and all(one.person for one in shown) and not report.watermark


def test_a_decision_that_was_taken_is_told_and_training_has_none(example: Dossier) -> None:
    taken = Decision(
        "approve with conditions", "A. Body", "controller", "2026-01-02", conditions="fewer answers"
    )
    told = section(content(replace(example, decisions=(taken,))), "Decision and sign-off")
    assert "approve with conditions" in told and "fewer answers" in told
    exercise = example.assessment.model_copy(update={"mode": Mode.TRAINING})
    told = section(content(replace(example, assessment=exercise)), "Decision and sign-off")
    assert "cannot be signed off" in told and "Signature" not in told


class Made:
    """A source of made runs without files."""

    def __init__(self, *records: Any) -> None:
        self.records = {one.key: one for one in records}

    def runs_of_keys(self, keys: Any) -> dict[str, Any]:
        """Return those there are."""
        return {key: self.records[key] for key in keys if key in self.records}

    def artifacts(self, run_id: str) -> list[Any]:
        """Return none."""
        return []

    def artifact(self, sha256: str) -> bytes:
        """Return nothing, which nobody asks for."""
        raise AssertionError("a run without files was asked for one")


def made(hits: int, **parts: Any) -> Dossier:
    """Return the dossier of one attack that recovered so many, and one that nobody ran."""
    attacked = scenario(exposure={"access": "scores", "defences": ROUNDED})
    waiting = scenario("brep-mi", exposure={"access": "scores", "defences": ROUNDED})
    whole: Assessment = assessment([attacked, waiting], **parts)
    return collect(whole, Made(finished(attacked, hits)), DEFAULT, made=MADE)


def test_zero_recovered_never_reads_as_zero_risk() -> None:
    report = content(made(0))
    (verdict,) = [one for one in report.sections[0].blocks if isinstance(one, Verdict)]
    assert verdict.tone == "calm" and "0 % to 9 %" in verdict.text.replace(words.UNBROKEN, " ")
    assert "resisted the attacks listed" in verdict.word
    assert "1 of 2 planned runs have no result" in said(report)
    assert "nobody ran it" in section(report, "How to run it again")


def test_nothing_run_is_not_assessed() -> None:
    whole = assessment([scenario(exposure={"access": "labels"}, attack="brep-mi")])
    report = content(collect(whole, Made(), DEFAULT, made=MADE))
    (verdict,) = [one for one in report.sections[0].blocks if isinstance(one, Verdict)]
    assert verdict.tone == "open" and verdict.text.startswith("NOT ASSESSED")


@pytest.fixture(scope="module")
def beside() -> Dossier:
    """Return the dossier of an attack that is rated, three on membership and a theft that are not."""
    attacked = scenario(target={"name": "cnn"})
    records = [finished(attacked, 10), *unrated_runs()]
    system = {"target": {"name": "cnn"}, "exposure": {"access": "scores"}}
    return collect(
        assessment([one.scenario for one in records], system=system), Made(*records), DEFAULT, made=MADE
    )


def test_what_is_not_rated_has_a_table_with_its_numbers(beside: Dossier) -> None:
    report = content(beside)
    (table,) = [
        one
        for part in report.sections
        for one in part.blocks
        if isinstance(one, Table) and one.caption == CAPTION
    ]
    lira = next(row for row in beside.unrated if row.attack == "lira")
    cells = next(line for line in table.rows if line[0] == words.title_of(lira))
    assert lira.measured is not None
    low, high = (f"{one:.3g}" for one in (lira.measured.low, lira.measured.high))
    assert f"{lira.measured.value:.3g} ({low} to {high})" in cells[4]
    assert cells[3] == "Whether a record was trained on" and cells[5:7] == ("0.5", "1,500, 1")
    assert cells[-1] == lira.verdict and len(table.rows) == 4
    told = section(report, "Results")
    assert "thresholds for inversion" in told and "do not enter the rating" in told
    assert "6 finished runs are told under Results and not rated" in said(report)


def test_what_is_not_rated_counts_as_run_and_is_cited(beside: Dossier) -> None:
    words_ = {one.id: one.word for one in beside.coverage.attacks}
    assert words_["membership"] == words_["extraction"] == words_["mi_class_rep"] == "RUN"
    assert set(beside.cited) == {one.id for one in beside.runs.values()} and len(beside.cited) == 7
    assert [row.attack for row in beside.rows] == ["nes-latent"]
    assert beside.rating.residual.row is beside.rows[0]


def test_the_files_tell_what_is_not_rated(beside: Dossier) -> None:
    whole = json.loads(json.dumps(data(beside), allow_nan=False))
    told = {one["attack"]: one for one in whole["not_rated"]}
    assert set(told) == {"lira", "loss-threshold", "rmia", "knockoff"} and len(told["knockoff"]["runs"]) == 3
    assert told["lira"]["score"] == "membership-auc" and told["lira"]["baseline"] == 0.5
    assert len(reproduce.read_report(json.dumps(whole))) == 1, "shares that are rated are compared"
    lines = list(csv.DictReader(io.StringIO(files(beside)["results.csv"].decode("utf-8-sig"))))
    assert [line["rated"] for line in lines] == ["yes", "no", "no", "no", "no"]
    lira = next(line for line in lines if line["attack"] == "lira")
    assert float(lira["low"]) == told["lira"]["low"] and lira["verdict"] == told["lira"]["verdict"]


def test_runs_that_are_not_rated_alone_are_no_empty_report() -> None:
    records = unrated_runs()
    system = {"target": {"name": "cnn"}, "exposure": {"access": "scores"}}
    alone = collect(
        assessment([one.scenario for one in records], system=system), Made(*records), DEFAULT, made=MADE
    )
    report = content(alone)
    assert "No run of this assessment has ended" not in said(report) and CAPTION in said(report)
    assert report.sections[0].blocks[0].text.startswith("NOT ASSESSED")  # type: ignore[union-attr]


def test_the_example_is_rated_whole(example: Dossier) -> None:
    assert example.unrated == () and CAPTION not in said(content(example))


def test_the_recipe_names_the_version_of_the_product(example: Dossier) -> None:
    told = section(content(example), "How to run it again")
    with_it = next(iter(example.runs.values())).result["versions"]  # type: ignore[index]
    assert f"version {with_it[PRODUCT]} (sources {with_it[SOURCES]}): make run once" in told
    assert data(example)["report"]["product"] == release()
    noted = made(3)
    told = section(content(noted), "How to run it again")
    assert f"In a folder of this product, version {release()}" in told and "not recorded" in told
    assert "make run" in told and sources() not in said(content(noted)), "these runs noted no sources"
    (run,) = noted.runs.values()
    result = dict(run.result or {}) | {"versions": {"torch": "2", PRODUCT: "9.8.7", SOURCES: "abc123abc123"}}
    kept = replace(noted, runs={run.key: replace(run, result_json=json.dumps(result))})
    told = section(content(kept), "How to run it again")
    assert "In a folder of this product, version 9.8.7 (sources abc123abc123): make run once" in told
    assert "not recorded" not in told and content(kept) == content(kept)


def test_the_json_is_strict_and_what_reproduce_reads(example: Dossier) -> None:
    text = json.dumps(data(example), allow_nan=False)
    told = reproduce.read_report(text)
    assert len(told) == len(example.runs) and not reproduce.changed_keys(told)
    found = reproduce.compare(told, example.runs)
    assert len(found) == len(told) and all(one.reproduced and one.now == one.told for one in found)


def test_a_share_that_moved_beyond_the_tolerance_is_different() -> None:
    before = made(10)
    told = reproduce.read_report(json.dumps(data(before)))
    key = told[0].scenario
    for hits, same in ((12, True), (8, True), (13, False), (7, False)):
        (one,) = reproduce.compare(told, {key.key(): finished(key, hits)})
        assert one.reproduced == same, hits
    (gone,) = reproduce.compare(told, {})
    assert gone.now is None and not gone.reproduced


def test_a_report_whose_scenario_was_changed_is_noticed(example: Dossier) -> None:
    whole = data(example)
    whole["runs"][0]["scenario"]["seed"] += 7
    (sentence,) = reproduce.changed_keys(reproduce.read_report(json.dumps(whole)))
    assert whole["runs"][0]["key"][:16] in sentence


def test_where_nothing_succeeded_no_success_is_told() -> None:
    told = section(content(made(0)), "Results")
    assert "A success would mean: the attacker got a picture" in told
    assert "A success would mean" not in section(content(made(30)), "Results")


def test_what_only_a_stronger_attacker_got_is_not_told_of_the_deployed_system() -> None:
    deployed, bare = scenario(exposure={"access": "scores", "defences": ROUNDED}), scenario()
    whole = assessment([deployed, bare])
    dossier = collect(whole, Made(finished(deployed, 0), finished(bare, 30)), DEFAULT, made=MADE)
    assert "Not seen as deployed, only without the controls" in section(content(dossier), "Results")


def test_the_words_about_all_runs_fit_all_runs(example: Dossier) -> None:
    report = content(example)
    limits, threats = section(report, "Limits"), section(report, "Threat model")
    assert (
        "in this run" not in limits
        and "who holds the weights was sent with Plug & Play (public prior) alone" in limits
    )
    assert "every run attacked the same weights" not in limits
    assert "scores, reduced by rounded scores (decimals 2) and top-k scores (k 3)" in threats
    assert "as deployed" in threats and "people it never learnt" in threats
    (bars,) = [one for one in report.sections[0].blocks if isinstance(one, Bars)]
    assert {bar.baseline for bar in bars.bars} == {0.01}, "the tick is guessing, not the control group"


def test_who_fares_worst_is_somebody_of_the_deployed_system(example: Dossier) -> None:
    told = section(content(example), "Results")
    assert example.deciding is not None and example.deciding.worst is not None
    title = words.title_of(example.deciding)
    assert f"attempts of {title}, as deployed" in told


def test_an_attack_on_inputs_counts_as_recognition_and_says_so(example: Dossier) -> None:
    report = content(example)
    assert "does not show that the one input came back" in section(report, "Results")
    assert "got back the one input" not in said(report)


def test_the_excuse_for_no_control_group_is_printed() -> None:
    assert CONTEXT["no_control"] in section(content(made(0)), "Results")


def test_nothing_local_goes_out() -> None:
    dossier = made(0)
    target = {"url": "https://me:secret@host.example/v1/predict?token=abc#x", "may_test": True}
    path = "/home/somebody/photos"
    system = dossier.assessment.system.model_copy(
        update={
            "dataset": DatasetChoice(name="image-folder", path=path),
            "target": TargetChoice(name="http-target", params=target),
        }
    )
    away = replace(dossier, assessment=dossier.assessment.model_copy(update={"system": system}))
    told = data(away)["assessment"]["system"]
    assert told["dataset"]["path"] == "photos"
    assert told["target"]["params"]["url"] == "https://host.example/v1/predict"


def test_a_changed_reason_makes_another_report() -> None:
    before = made(0)
    (first, *rest) = before.statements
    after = replace(before, statements=(replace(first, reason="the log was read on paper"), *rest))
    assert content_of(before) != content_of(after)


def test_one_name_stands_for_one_number(example: Dossier) -> None:
    whole = data(example)
    assert "control_group" in whole["evidence"][0] and "control" not in whole["evidence"][0]
    assert all("control" not in score for run in whole["runs"] for score in run["scores"])
