"""What the doctor notices, and that every trouble comes with a remedy."""

import json
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inversion_core import doctor
from inversion_core.cli import app
from inversion_core.doctor import Finding, examine, pins
from inversion_core.settings import ROOT, settings


def found(what: str) -> Finding:
    (finding,) = [finding for finding in examine() if finding.what == what]
    return finding


def test_this_installation_is_in_order() -> None:
    findings = examine()
    assert [finding.line() for finding in findings if finding.level == "wrong"] == []
    assert {
        "Python",
        "requirements.txt",
        "torch and torchvision",
        "run store",
        "artifacts",
        "browser",
        "disk",
    } <= {finding.what for finding in findings}


def test_every_requirement_is_pinned_and_read() -> None:
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert len(pins(ROOT / "requirements.txt")) == len(lines) > 10
    assert pins(ROOT / "requirements.txt")["dask"] and pins(ROOT / "requirements-dev.txt")["pytest"]


def test_another_version_than_pinned_is_told_with_both_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor.version
    monkeypatch.setattr(doctor, "version", lambda name: "0.1" if name == "plotly" else real(name))
    finding = found("requirements.txt")
    assert finding.level == "wrong" and finding.mend
    assert finding.told == f"plotly is 0.1 ({pins(ROOT / 'requirements.txt')['plotly']} is pinned)"


def test_a_build_tag_is_no_other_version(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = pins(ROOT / "requirements.txt")["torch"]
    monkeypatch.setattr(doctor, "version", lambda name: f"{wanted}+cpu")
    assert doctor._off("torch", wanted) == ""


def test_a_store_that_cannot_be_written_is_wrong(own_data_folder: Path) -> None:
    own_data_folder.parent.mkdir(parents=True, exist_ok=True)
    own_data_folder.write_text("in the way")
    settings.cache_clear()
    assert found("run store").level == "wrong"


def test_the_probe_leaves_nothing_behind() -> None:
    examine()
    kept = [path for path in Path(settings().artifacts).rglob("*") if path.is_file()]
    assert kept == []


def test_damaged_and_missing_weights_are_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ASSETS", tmp_path / "assets")
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    shutil.copy(ROOT / "requirements-dev.txt", tmp_path)
    assert found("shipped weights").level == "wrong"
    file = tmp_path / "assets" / "targets" / "x.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"not weights")
    finding = found("assets/targets/x.safetensors")
    assert finding.level == "wrong" and finding.mend == "git checkout assets/targets/x.safetensors"


def test_a_missing_browser_is_only_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "BROWSER", "no-such-browser")
    assert found("browser").level == "note" and found("browser").mend


def test_a_full_disk_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")(10, 10, 10**8)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: usage)
    assert found("disk").level == "wrong" and "0.1 GB free" in found("disk").told


def test_the_exit_code_follows_the_worst_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    for level, code in (("ok", 0), ("note", 0), ("wrong", 3)):
        monkeypatch.setattr(doctor, "examine", lambda level=level: [Finding("thing", level, "told", "mend")])
        done = CliRunner().invoke(app, ["doctor"])
        assert done.exit_code == code and "thing: told; mend" in done.stdout
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 3
    assert json.loads(done.stdout) == [{"what": "thing", "level": "wrong", "told": "told", "mend": "mend"}]
