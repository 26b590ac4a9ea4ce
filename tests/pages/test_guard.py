"""Every page opens through the frame and in no other way."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inversion_core.settings import ROOT
from tests.pages.conftest import Visit

PAGES = sorted(path for path in (ROOT / "pages").glob("*/*.py") if path.parent.name != "ui")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_on_its_own_says_so_and_shows_nothing_else(page: Path) -> None:
    alone = AppTest.from_file(page, default_timeout=60).run()
    assert not alone.exception
    assert [error.value for error in alone.error] == [
        "Pages open through the app, this one was opened on its own; go to the app's address."
    ]
    assert not alone.title and not alone.image and not alone.button


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_opens_through_the_app(page: Path, visit: Visit) -> None:
    visit.open(f"{page.parent.name}/{page.stem}")
    assert len(visit.app.title) == 1


def test_no_page_lies_where_streamlit_would_serve_it_unasked() -> None:
    beside_the_script = {path.name for path in (ROOT / "pages").glob("*.py")}
    assert beside_the_script == {"__init__.py", "frame.py"}
    assert not (ROOT / "pages" / "pages").exists()
