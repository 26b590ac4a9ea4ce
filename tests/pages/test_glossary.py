"""Every word a page wants explained is in the glossary, and every entry is wanted somewhere."""

import re

from inversion_core.settings import ROOT
from pages.ui import glossary


def test_pages_and_glossary_agree() -> None:
    sources = [path.read_text() for path in (ROOT / "pages").rglob("*.py")]
    calls = [call for source in sources for call in re.findall(r"glossary\.terms\(([^)]*)\)", source)]
    assert calls
    wanted = {key for call in calls for key in re.findall(r'"([^"]+)"', re.sub(r"key=\S+", "", call))}
    assert wanted <= set(glossary.entries())


def test_entries_are_whole_sentences() -> None:
    for entry in glossary.entries().values():
        assert entry.term and entry.text.endswith(".")
