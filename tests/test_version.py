"""The version of the product: one number from one file, and a hash that every change of a source changes."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from inversion_core import version
from inversion_core.execute import versions
from inversion_core.settings import ROOT


@pytest.fixture
def fresh() -> Iterator[None]:
    """Ask anew in this test and after it."""
    for one in (version.release, version.sources):
        one.cache_clear()
    yield
    for one in (version.release, version.sources):
        one.cache_clear()


def test_a_run_notes_release_and_sources() -> None:
    noted = versions()
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert noted[version.PRODUCT] == whole["project"]["version"]
    assert re.fullmatch("[0-9a-f]{12}", noted[version.SOURCES])


def test_content_and_name_of_every_source_count_and_nothing_else(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "PACKAGE", tmp_path)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "one.py").write_text("a = 1\n")

    def now() -> str:
        version.sources.cache_clear()
        return version.sources()

    first = now()
    (tmp_path / "inner" / "cache.pyc").write_text("x")
    assert now() == first
    (tmp_path / "inner" / "one.py").write_text("a = 2\n")
    second = now()
    (tmp_path / "inner" / "one.py").rename(tmp_path / "inner" / "two.py")
    assert len({first, second, now()}) == 3


def test_a_copy_without_its_project_file_still_runs(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "ROOT", tmp_path)
    assert version.release() == version.UNKNOWN
