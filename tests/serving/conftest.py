"""A service for the tests of a module, and one a test may break."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving.toy import Running, serving


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.sqlite'}"


@pytest.fixture
def running(store_url: str) -> Iterator[Running]:
    with serving(store_url) as found:
        yield found
