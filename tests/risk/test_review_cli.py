"""The commands of a review: exit codes, the last line, the files, and what is told of mistakes."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from mlflow.tracking import MlflowClient
from typer.testing import CliRunner

from inversion_core.cli import app
from inversion_core.reports.content import Layout
from inversion_core.reports.dossier import collect
from inversion_core.reports.job import Job, make
from inversion_core.risk.assessment import read_assessment
from inversion_core.risk.audit import Actor
from inversion_core.risk.policy import DEFAULT, Policy, Thresholds
from inversion_core.store.runs import open_store
from inversion_core.values import State
from tests.risk.made import ROUNDED, assessment, finished, scenario, unrated_runs

DEPLOYED = {"exposure": {"access": "scores", "defences": ROUNDED}}
NAIVE, KNOWING, BARE = scenario(**DEPLOYED), scenario("brep-mi", **DEPLOYED), scenario()
SEEDED = [[one.model_copy(update={"seed": seed}) for seed in (0, 1, 2)] for one in (NAIVE, KNOWING, BARE)]


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Return the URL of a store of its own."""
    return f"sqlite:///{tmp_path / 'runs.sqlite'}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the file of an assessment of three scenarios."""
    path = tmp_path / "assessment.json"
    scenarios = [one for three in SEEDED for one in three]
    path.write_text(assessment(scenarios).model_dump_json())
    return path


def ended(store: str, *hits: int) -> None:
    """Keep finished runs of the three scenarios with each seed, as many as numbers are given."""
    opened = open_store(store)
    for three, count in zip(SEEDED, hits, strict=False):
        for one in three:
            run_id, _ = opened.create(one, "test")
            opened.begin(run_id)
            opened.finish(run_id, State.DONE, result=finished(one, count).result)


def invoke(*arguments: object) -> Any:
    """Run a command and return its result."""
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.mark.parametrize(("hits", "code"), [((0, 0, 30), 0), ((30, 30, 30), 1), ((0, 0), 2), ((), 2)])
def test_the_gate_leaves_with_what_it_found(
    store: str, file: Path, tmp_path: Path, hits: tuple[int, ...], code: int
) -> None:
    ended(store, *hits)
    out = tmp_path / "out"
    result = invoke("gate", file, "--stored-only", "--store", store, "--out", out)
    assert result.exit_code == code, result.output
    told = json.loads(result.stdout.splitlines()[-1])
    assert told["exit"] == code and json.loads((out / "gate.json").read_text()) == told
    suite = ET.parse(out / "junit.xml").getroot()
    suite = suite if suite.tag == "testsuite" else suite[0]
    failures, unknown = (
        int(suite.get("failures", 0)),
        int(suite.get("errors", 0)) + int(suite.get("skipped", 0)),
    )
    assert (failures > 0) == (code == 1) and (unknown > 0 or code != 2)
    assert int(suite.get("tests", 0)) == len(told["conditions"]) and told["not_rated"] == []


def beside(store: str, file: Path) -> list[str]:
    """Add a membership run and a theft of three seeds to an assessment, as they ship; return their ids."""
    records, opened = unrated_runs(), open_store(store)
    records = [one for one in records if one.scenario.attack.name in ("lira", "knockoff")]
    whole = json.loads(file.read_text())
    whole["scenarios"] += [one.scenario.model_dump(mode="json") for one in records]
    file.write_text(json.dumps(whole))
    for one in records:
        run_id, _ = opened.create(one.scenario, "test")
        opened.begin(run_id)
        opened.finish(run_id, State.DONE, result=one.result)
    return [run.id for run in opened.runs_of_keys(one.key for one in records).values()]


def test_what_the_gate_does_not_rate_is_skipped_by_name_and_decides_nothing(
    store: str, file: Path, tmp_path: Path
) -> None:
    ended(store, 0, 0, 30)
    ids, out = beside(store, file), tmp_path / "out"
    result = invoke("gate", file, "--stored-only", "--store", store, "--out", out)
    assert result.exit_code == 0, result.output
    told = json.loads((out / "gate.json").read_text())["not_rated"]
    assert {run for one in told for run in one["runs"]} == set(ids) and len(ids) == 4
    suite = ET.parse(out / "junit.xml").getroot()[0]
    skipped = [case for case in suite if case.find("skipped") is not None]
    assert len(skipped) == int(suite.get("skipped", 0)) == 2
    assert all(str(case.get("name")).startswith("not rated: ") for case in skipped)
    assert result.stderr.count("not rated  ") == 2 and "thresholds for inversion" in result.stderr


def test_another_policy_decides_otherwise(store: str, file: Path, tmp_path: Path) -> None:
    ended(store, 0, 0, 30)
    strict = tmp_path / "policy.json"
    strict.write_text(Policy(version=7, thresholds=Thresholds(vulnerability=1)).model_dump_json())
    result = invoke("gate", file, "--stored-only", "--store", store, "--policy", strict)
    assert result.exit_code == 1 and json.loads(result.stdout.splitlines()[-1])["policy"] == 7


def test_the_policy_that_somebody_approved_decides_and_is_named(store: str, file: Path) -> None:
    ended(store, 0, 0, 30)
    opened, actor = open_store(store), Actor("Ada", "controller")
    strict = Policy(title="Ours", thresholds=Thresholds(vulnerability=1)).model_dump_json()
    version = opened.draft_policy(strict, actor)
    told = json.loads(invoke("gate", file, "--stored-only", "--store", store).stdout.splitlines()[-1])
    assert (told["exit"], told["policy"], told["approved_by"]) == (0, 1, ""), "a draft decides nothing"
    opened.approve_policy(version, actor)
    result = invoke("gate", file, "--stored-only", "--store", store)
    told = json.loads(result.stdout.splitlines()[-1])
    assert (told["exit"], told["policy"], told["approved_by"]) == (1, version, "Ada")
    assert f"policy 'Ours' version {version}, approved by Ada" in result.stderr


def test_the_policy_that_an_assessment_names_decides(store: str, file: Path) -> None:
    ended(store, 0, 0, 30)
    opened, actor = open_store(store), Actor("Ada", "controller")
    strict = Policy(thresholds=Thresholds(vulnerability=1)).model_dump_json()
    opened.approve_policy(opened.draft_policy(strict, actor), actor)
    whole = json.loads(file.read_text())
    file.write_text(json.dumps(whole | {"policy": 1}))
    assert invoke("gate", file, "--stored-only", "--store", store).exit_code == 0
    draft = opened.draft_policy(strict, actor)
    file.write_text(json.dumps(whole | {"policy": draft}))
    refused = invoke("gate", file, "--stored-only", "--store", store)
    assert refused.exit_code == 2 and f"{draft} is a draft" in refused.stderr


def test_mistakes_in_the_file_are_told_one_a_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"name": "x", "system": {"target": {"name": "cnn"}}, "speed": 1}')
    result = invoke("gate", wrong, "--stored-only")
    assert result.exit_code == 2 and "assessment.speed is no known key" in result.stderr
    result = invoke("reproduce", wrong, "--out", tmp_path / "again")
    assert result.exit_code == 2 and "report.json as it lies beside a report" in result.stderr


def test_a_report_is_written_as_files_that_name_their_hashes(store: str, file: Path, tmp_path: Path) -> None:
    ended(store, 0, 0, 30)
    out = tmp_path / "report"
    result = invoke("report", file, "--stored-only", "--store", store, "--out", out, "--layout", "ico")
    assert result.exit_code == 0, result.output
    names = {"report.html", "report.pdf", "report.json", "results.csv", "sha256.json"}
    assert {one.name for one in out.iterdir()} == names
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF-") and b"<script" not in (
        out / "report.html"
    ).read_bytes()
    result = invoke("report", file, "--stored-only", "--store", store, "--out", out, "--layout", "own")
    assert result.exit_code == 2 and "layouts are edpb, ico, cnil" in result.stderr


def test_an_assessment_is_exported_to_mlflow_once(store: str, file: Path, tmp_path: Path) -> None:
    ended(store, 3, 30, 30)
    beside(store, file)
    uri = tmp_path / "tracking"
    for _ in range(2):
        result = invoke("export", file, "--mlflow", uri, "--store", store)
        assert result.exit_code == 0, result.output
    client = MlflowClient(tracking_uri=uri.as_uri())
    experiment = client.get_experiment_by_name("Door")
    runs = client.search_runs([experiment.experiment_id])
    by_attack = [run for run in runs if "attack" in run.data.params]
    unrated = [run for run in by_attack if run.data.tags.get("inversion.rated") == "no"]
    lira = next(run for run in unrated if run.data.params["attack"] == "lira")
    auc = [lira.data.metrics[f"membership-auc{end}"] for end in ("_low", "", "_high")]
    assert len(unrated) == 2 and auc == sorted(set(auc)) and lira.data.params["seeds"] == "1"
    by_attack = [run for run in by_attack if run not in unrated]
    assert len(by_attack) == 3, "what was exported before is not written twice"
    naive = next(
        run
        for run in by_attack
        if run.data.params["attack"] == "nes-latent" and run.data.params["role"] == "deployed"
    )
    assert naive.data.metrics["recovered"] == pytest.approx(3 / 40) and naive.data.metrics["n"] == 40
    rating = next(run for run in runs if run.info.run_name == "rating")
    assert rating.data.metrics["vulnerability"] == 4


def test_a_report_protects_runs_that_are_not_rated(store: str, file: Path) -> None:
    ended(store, 0, 0, 30)
    ids, opened = beside(store, file), open_store(store)
    whole = read_assessment(file.read_text())
    kept, _ = opened.save_assessment(None, whole.model_dump_json(), "ada")
    report = make(
        Job(kept),
        opened,
        lambda version: collect(whole, opened, DEFAULT, made="2026-01-02T03:04:05+00:00", version=version),
        Actor("Ada", "controller"),
        Layout.EDPB,
        unlocked=False,
    )
    assert set(ids) < set(report.runs) and len(report.runs) == 9 + len(ids)
    assert opened.verify_report(report.id) == []
