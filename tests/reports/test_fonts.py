"""The fonts of the PDF: free, small, with the letters of European names, and digits of one width."""

import pytest
from fontTools.ttLib import TTFont

from inversion_core.settings import ASSETS

FONTS = sorted((ASSETS / "fonts").glob("*.ttf"))


def test_they_are_small_and_their_licence_lies_beside_them() -> None:
    assert len(FONTS) == 4 and sum(font.stat().st_size for font in FONTS) < 600_000
    licence = (ASSETS / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in licence and 'Reserved Font Name "Source"' in licence


@pytest.mark.parametrize("file", FONTS, ids=lambda file: file.stem)
def test_a_font_has_what_reports_need_and_not_the_reserved_name(file) -> None:
    with TTFont(file) as font:
        letters = font.getBestCmap()
        assert set(
            map(ord, "AZaz09Ååßşžőñøþ\u0391\u03c9\u0410\u044f\u2013\u2026\u2022\u20ac\u2265\u00a0")
        ) <= set(letters)
        assert len({font["hmtx"][letters[ord(digit)]][0] for digit in "0123456789"}) == 1
        assert not any("Source" in str(font["name"].getDebugName(place)) for place in (1, 3, 4, 6))
        assert "Open Font License" in font["name"].getDebugName(13)
