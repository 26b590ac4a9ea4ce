"""What every test may use: a data folder of its own, so that no test sees this machine's runs or weights."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from inversion_core.settings import settings

REAL_DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point the settings at an empty folder for the length of one test."""
    folder = tmp_path / "data-folder"
    monkeypatch.setenv("INVERSION_DATA_FOLDER", str(folder))
    settings.cache_clear()
    yield folder
    settings.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Keep torch on one thread, as in a worker: timings and bytes do not depend on the machine's cores."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real photographs; its absence is a failure, not a skip."""
    assert REAL_DATA.is_dir(), f"this test reads real photographs from {REAL_DATA}; put the shared data there"
    return REAL_DATA
