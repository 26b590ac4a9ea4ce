"""Hostile text in every field of every block: it is shown, and it does nothing."""

import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from inversion_core.reports.html import html
from inversion_core.reports.pdf import pdf
from tests.reports.sample import everywhere

ATTACKS = {
    "script": "<script>document.title='owned'</script>",
    "image": "<img src=x onerror=alert(1)>",
    "closing": "</style></title></textarea></svg><script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" style="position:fixed',
    "apostrophe": "' onfocus='alert(1)' autofocus='",
    "link": '<a href="javascript:alert(1)">press</a> javascript:alert(1)',
    "svg": "<svg onload=alert(1)><foreignObject><iframe src=//evil.example></iframe></foreignObject></svg>",
    "style": "\"; } body { background: url(//evil.example/x) } @import '//evil.example'; \\22 */ </style>",
    "markdown": "[press](javascript:alert(1)) ![x](http://evil.example/x.png) **bold**",
    "template": "{{ 7 * 7 }} {% include '/etc/passwd' %} {# #} ${7*7} {nb}",
    "pdf": ") Tj ET EMC /JS (app.alert(1)) >> endobj << /OpenAction 1 0 R /URI (http://evil.example) (\\",
    "formula": "=cmd|' /C calc'!A0",
    "cdata": ']]><failure message="x"/><![CDATA[',
    "controls": "a\x00b\x1b[2Jc\x7f\r\nd\te\u0085f",
    "direction": "invoice\u202efdp.exe\u2066\u2069",
    "halves": "\ud83d \udc00 \ufffe \U0001ffff",
    "entity": "&lt;script&gt; &#60;b&#62; &amp;",
    "long": "w" * 900,
    "scripts": "王小明 محمد नेहा 🙂 e\u0301\u0301\u0301",
    "empty": "",
}
TAGS = """
html head meta title style body header div p h1 h2 span nav ul li a small main section dl dt dd table caption
thead
tbody tr th td figure figcaption svg defs pattern line rect text details summary img strong em pre code
footer time
"""
ATTRIBUTES = """
lang charset http-equiv content name class href id role tabindex scope colspan src alt width height x y x1 x2
y1 y2
dx fill text-anchor focusable patternunits patterntransform aria-label aria-labelledby aria-hidden
"""
FORBIDDEN = {
    "/JS",
    "/JavaScript",
    "/URI",
    "/Launch",
    "/OpenAction",
    "/AA",
    "/A",
    "/EmbeddedFile",
    "/SubmitForm",
    "/GoToR",
}


class Checked(HTMLParser):
    """Refuses every tag, attribute and address that the template does not write; gathers the text."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS.split(), f"<{tag}> is not ours"
        self.tags.append(tag)
        for name, value in attributes:
            assert name in ATTRIBUTES.split(), f"{name} of <{tag}> is not ours"
            if name == "href":
                assert re.fullmatch(r"#section-\d+", value or ""), value
            if name == "src":
                assert (value or "").startswith("data:image/png;base64,")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment appeared: {data}")


@pytest.fixture(scope="module")
def tags() -> list[str]:
    return Checked(html(everywhere("harmless"))).tags


@pytest.mark.parametrize("name", ATTACKS)
def test_in_html_it_is_text_and_adds_no_tag(name: str, tags: list[str]) -> None:
    page = html(everywhere(ATTACKS[name]))
    checked = Checked(page)
    apart = ("em", "span")  # what is empty has a mark instead, and a section without a number none
    assert [tag for tag in checked.tags if tag not in apart] == [tag for tag in tags if tag not in apart]
    shown = re.sub(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]",
        "\ufffd",
        ATTACKS[name].replace("\r\n", "\n"),
    )
    assert checked.text.count(shown) >= 20
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page.decode())


@pytest.mark.parametrize("name", ATTACKS)
def test_the_style_sheet_stays_ours(name: str) -> None:
    page = html(everywhere(ATTACKS[name])).decode()
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    harmless = re.findall("<style>(.*?)</style>", html(everywhere("harmless")).decode(), re.DOTALL)[0]
    without = [re.sub(r'content: "([^"\\]|\\[0-9a-f]{6})*";', "", one) for one in (style, harmless)]
    assert without[0].split("@page { @top-left")[0] == without[1].split("@page { @top-left")[0]
    assert re.fullmatch(r"[ @{}a-z-]*\s*", without[0].split("@page { @top-left")[1])


@pytest.mark.parametrize("name", ATTACKS)
def test_in_pdf_it_is_text_and_there_is_no_action(name: str) -> None:
    made = PdfReader(io.BytesIO(pdf(everywhere(ATTACKS[name]))))
    assert not keys(made) & FORBIDDEN
    assert not any("/Annots" in page for page in made.pages)
    text = "".join("".join(page.extract_text() for page in made.pages).split())
    words = re.findall("[a-zA-Z]{3,12}", ATTACKS[name])
    assert text.count(max(words, key=len)) >= 20 if words else "Version1" in text


def keys(file: PdfReader) -> set[str]:
    """Every key of every dictionary of the file; /A of an element of the tree is a scope, no action."""
    found: set[str] = set()
    seen: set[int] = set()

    def look(value: Any) -> None:
        if isinstance(value, IndirectObject):
            if value.idnum in seen:
                return
            seen.add(value.idnum)
            value = value.get_object()
        if isinstance(value, DictionaryObject):
            scope = value.get("/Type") == "/StructElem"
            found.update(key for key in value if not (scope and key == "/A"))
            for inner in value.values():
                look(inner)
        elif isinstance(value, ArrayObject):
            for inner in value:
                look(inner)

    look(file.trailer)
    return found


def test_a_page_that_does_act_would_be_noticed() -> None:
    with pytest.raises(AssertionError, match="<script> is not ours"):
        Checked(b"<html><script>1</script></html>")
    with pytest.raises(AssertionError, match="onerror of <img> is not ours"):
        Checked(b"<html><img onerror=x></html>")
