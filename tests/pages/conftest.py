"""The app as a visitor opens it."""

from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from html.parser import HTMLParser

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from inversion_core.errors import StoreUnavailable
from inversion_core.settings import ROOT
from inversion_core.store.runs import open_store


@pytest.fixture(autouse=True)
def told_in_full() -> Iterator[None]:
    """Show exceptions in full, where a visitor only sees that something failed; close the test's store."""
    config.set_option("client.showErrorDetails", "full")
    yield
    with suppress(StoreUnavailable):
        open_store().close()


class Tags(HTMLParser):
    """The tags of a piece of HTML, each with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one."""
        self.found.append((tag, {name: value or "" for name, value in attrs}))


class Visit:
    """One browser tab: opens pages and gathers what they say."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        self.app.run()

    def open(self, page: str, **params: str) -> "Visit":
        """Open a page by its file, with these query parameters; nothing may be raised."""
        self.app.switch_page(f"pages/{page}.py")
        for name, value in params.items():
            self.app.query_params[name] = value
        return self.again()

    def compare(self, name: str) -> "Visit":
        """Open the comparison of that name; its matrix is on the screen, which only a browser can tell."""
        self.app.session_state[f"matrix-{name}"] = {"stands": True}
        return self.open("lab/compare")

    def again(self) -> "Visit":
        """Run the page once more, as after a click."""
        self.app.run()
        assert not self.app.exception, self.app.exception[0].message
        return self

    def click(self, key: str) -> "Visit":
        """Press the button of that key."""
        self.app.button(key=key).click()
        return self.again()

    @property
    def text(self) -> str:
        """Everything readable on the page."""
        kinds = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "html", "code")
        parts = [element for kind in kinds for element in self.app.get(kind)]
        return unescape("\n".join(str(getattr(part, "value", None) or part.proto.body) for part in parts))

    @property
    def tags(self) -> list[tuple[str, dict[str, str]]]:
        """Every tag of the HTML on the page, each with its attributes."""
        return [tag for element in self.app.get("html") for tag in Tags(element.proto.body).found]

    @property
    def pictures(self) -> dict[str, str]:
        """Alternative text and address of every picture; the address holds the picture or a hash of it."""
        images = {image.alt: image.url for element in self.app.image for image in element.proto.imgs}
        return images | {told["alt"]: told["src"] for tag, told in self.tags if tag == "img"}

    @property
    def progress(self) -> list[str]:
        """What every progress bar says to who cannot see it."""
        return [told["aria-valuetext"] for _, told in self.tags if told.get("role") == "progressbar"]

    @property
    def links(self) -> dict[str, str]:
        """Label and query of every link to a page, the menu aside."""
        return {link.proto.label: link.proto.query_string for link in self.app.main.get("page_link")}


@pytest.fixture
def visit() -> Visit:
    """Return a fresh tab on Start."""
    return Visit()
