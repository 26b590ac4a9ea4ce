"""Uploads are kept by content and never by what a visitor calls them."""

from pathlib import Path

import pytest

from inversion_core.errors import StoreUnavailable
from pages.ui import uploads


def test_a_name_never_becomes_a_path(own_data_folder: Path) -> None:
    kept = uploads.keep(b"a,b\n1,2\n", "../../etc/passwd.csv")
    assert kept.path.parent == (own_data_folder / "uploads").resolve()
    assert uploads.NAME.fullmatch(kept.path.name)
    assert kept.path.read_bytes() == b"a,b\n1,2\n"


def test_the_same_content_is_kept_once() -> None:
    first, second = uploads.keep(b"a,b\n", "x.csv"), uploads.keep(b"a,b\n", "y.csv")
    assert first.path == second.path
    assert len(list(uploads.folder().iterdir())) == 1
    assert uploads.keep(b"a,c\n", "x.csv").path != first.path


def test_sentences_name_the_file_as_its_visitor_does() -> None:
    kept = uploads.keep(b"", "people.csv")
    assert kept.told(f"a table has records, {kept.path.name!r} is empty") == (
        "a table has records, 'people.csv' is empty"
    )


def test_only_uploads_are_found_again(tmp_path: Path) -> None:
    kept = uploads.keep(b"a,b\n", "x.csv")
    found = uploads.again(str(kept.path))
    assert found is not None and found.path == kept.path
    other = tmp_path / kept.path.name
    other.write_bytes(b"a,b\n")
    assert uploads.again(str(other)) is None
    uploads.forget(kept)
    assert uploads.again(str(kept.path)) is None
    uploads.forget(kept)  # twice is as good as once


def test_a_folder_that_cannot_be_written_is_told(own_data_folder: Path) -> None:
    own_data_folder.mkdir()
    (own_data_folder / "uploads").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="uploads are kept in the data folder"):
        uploads.keep(b"a,b\n", "x.csv")
