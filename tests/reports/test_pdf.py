"""The report as PDF, read back with another library: its tree of headings, tables and figures is whole."""

import io
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

from inversion_core.errors import DataUnusable
from inversion_core.reports.blocks import (
    Bar,
    Bars,
    Code,
    Facts,
    Listing,
    Paragraph,
    Picture,
    Table,
    ToComplete,
    Verdict,
)
from inversion_core.reports.pdf import pdf
from tests.reports.sample import face, one_block, sample

BOUND = 5.0
"""Seconds within which a report of fifty runs is there."""


@pytest.fixture(scope="module")
def timed() -> tuple[bytes, float]:
    begun = time.perf_counter()
    return pdf(sample()), time.perf_counter() - begun


@pytest.fixture(scope="module")
def file(timed: tuple[bytes, float]) -> PdfReader:
    return PdfReader(io.BytesIO(timed[0]))


def test_a_report_of_fifty_runs_takes_less_than_five_seconds(timed: tuple[bytes, float]) -> None:
    print(f"PDF of {len(timed[0])} bytes in {timed[1]:.2f} s")
    assert timed[1] < BOUND


def test_the_document_says_its_title_its_language_and_that_it_is_tagged(file: PdfReader) -> None:
    root = catalogue(file)
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert file.metadata is not None and file.metadata.title == sample().title


def test_headings_are_in_the_order_of_the_sections(file: PdfReader) -> None:
    found = [(role, words) for role, words in spoken(file) if role.startswith("/H")]
    expected = [("/H1", sample().title)]
    expected += [("/H2", f"{section.number} {section.title}".strip()) for section in sample().sections]
    assert found == expected


def test_every_part_has_its_role(file: PdfReader) -> None:
    roles = [element["/S"] for element in elements(file)]
    assert roles.count("/Sect") == roles.count("/TOCI") == 14
    assert roles.count("/Table") == 6 and roles.count("/TR") == 50 + 4 + 5 + 4 + 8 + 6 + 5
    assert {"/L", "/LI", "/Lbl", "/LBody", "/P", "/TH", "/TD", "/Caption", "/Code"} <= set(roles)


def test_a_table_names_what_its_heads_are_heads_of(file: PdfReader) -> None:
    heads = [element for element in elements(file) if element["/S"] == "/TH"]
    scopes = [element["/A"]["/Scope"] for element in heads]
    assert scopes.count("/Row") == 50 + 4 + 5 + 4 + 7 + 6 and scopes.count("/Column") == 8 + 3 + 5 + 5 + 5 + 5


def test_every_row_of_a_table_has_all_its_cells() -> None:
    made = PdfReader(io.BytesIO(pdf(one_block(Table("c", ("a", "b", "d"), (("1", "", "3"),) * 90)))))
    rows = [element for element in elements(made) if element["/S"] == "/TR"]
    assert len(rows) == 91 and {len(row["/K"]) for row in rows} == {3}
    assert len(made.pages) > 3
    assert all(re.search(r"a\s*b\s*d", page.extract_text()) for page in made.pages[1:])


def test_every_figure_has_words(file: PdfReader) -> None:
    figures = [element for element in elements(file) if element["/S"] == "/Figure"]
    assert len(figures) == 14 and all(element["/Alt"] for element in figures)
    assert "Blurred picture: The photo of person 5" in [element["/Alt"] for element in figures]


def test_everything_drawn_is_content_or_artifact(file: PdfReader) -> None:
    for number, page in enumerate(file.pages):
        depth = 0
        content = page.get_contents()
        assert content is not None
        for _operands, operator in ContentStream(content, file).operations:
            depth += {b"BDC": 1, b"BMC": 1, b"EMC": -1}.get(operator, 0)
            if operator in (b"Tj", b"TJ", b"Do", b"S", b"f", b"B"):
                assert depth == 1, f"page {number + 1}: {operator!r} outside marked content"
        assert depth == 0


def test_the_numbers_of_marks_lead_back_to_their_elements(file: PdfReader) -> None:
    tree = catalogue(file)["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    owners = {tree[at]: tree[at + 1].get_object() for at in range(0, len(tree), 2)}
    seen = 0
    for element in elements(file):
        for kid in element.get("/K", []):
            piece = kid.get_object()
            if piece["/Type"] == "/MCR":
                place = piece["/Pg"]["/StructParents"]
                assert owners[place][piece["/MCID"]].get_object() is element
                seen += 1
    assert seen == sum(len(marks) for marks in owners.values()) > 600


def test_text_comes_out_in_the_order_it_is_read(file: PdfReader) -> None:
    text = " ".join(" ".join(page.extract_text() for page in file.pages).split())
    places = [
        text.index(sentence)
        for sentence in (
            "Whoever may ask this model for its scores recovers 9 of 100 people",
            "The model sees a face at the door and answers with one of a hundred names",
            "Somebody who stole the weights and knows how the model was trained",
            "Best, median and worst of the people attacked.",
            "This command reruns everything and compares it with what is written here:",
            "No text here is legal advice.",
        )
    ]
    assert places == sorted(places)
    read = [words for _role, words in spoken(file)]
    assert " ".join(read).index("9 of 100 people") < " ".join(read).index("Nobody tested an attacker")


def test_bookmarks_lead_to_every_section(file: PdfReader) -> None:
    titles = [item.title for item in file.outline if not isinstance(item, list)]
    assert titles == [f"{section.number} {section.title}".strip() for section in sample().sections]


def test_the_contents_name_the_page_a_section_begins_on(file: PdfReader) -> None:
    lines = [words for role, words in spoken(file) if role == "/TOCI"]
    for line, section in zip(lines, sample().sections, strict=True):
        page = file.pages[int(line.split()[-1]) - 1]
        assert section.title in " ".join(page.extract_text().split())


def test_every_page_carries_banner_version_and_its_number(file: PdfReader) -> None:
    for number, page in enumerate(file.pages, 1):
        text = " ".join(page.extract_text().split())
        assert f"Page {number} of {len(file.pages)}" in text and "version 3, content " in text
        assert "Illustrative: measured on synthetic people" in text


def test_sections_for_people_have_lines_and_no_words_of_ours(file: PdfReader) -> None:
    told = [words for _role, words in spoken(file)]
    assert sum(words.startswith("To be completed by a person.") for words in told) == 3
    at = told.index("9 Anonymity statement")
    assert told[at + 1 : at + 5] == [
        "Answers Op28 \u00b7 WP216",
        "To be completed by a person. Nothing here is filled in by the tool.",
        "Is a claim of anonymity made, and by whom",
        "Evidence and gaps",
    ]


def test_a_verdict_says_its_word_first() -> None:
    made = PdfReader(io.BytesIO(pdf(one_block(Verdict("Nobody tested it.", "open", "NOT RUN")))))
    assert ("/P", "NOT RUN Nobody tested it.") in list(spoken(made))


def test_names_in_any_script_are_shown_or_visibly_replaced() -> None:
    names = "Ádám Šťastný, Ελένη, Наталья, 王小明, محمد, नेहा, 🙂, A\u0301"
    made = PdfReader(io.BytesIO(pdf(one_block(Facts(((names, names),)), Paragraph(names), Code(names)))))
    text = " ".join(" ".join(page.extract_text() for page in made.pages).split())
    assert "Ádám Šťastný, Ελένη, Наталья, \u25a1\u25a1\u25a1, \u25a1\u25a1\u25a1\u25a1" in text
    assert "not in its typeface and show as boxes" in text


def test_a_report_all_of_whose_characters_are_drawn_does_not_excuse_itself(file: PdfReader) -> None:
    assert "show as boxes" not in file.pages[-1].extract_text()


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(Paragraph("word " * 6000), id="paragraph"),
        pytest.param(Paragraph("w" * 20_000), id="word"),
        pytest.param(Paragraph("\n" * 300), id="empty lines"),
        pytest.param(Verdict("sentence " * 2000, "alarm", "word " * 300), id="verdict"),
        pytest.param(Facts((("term " * 400, "value " * 2000), ("a", "b"))), id="facts"),
        pytest.param(Listing(("point " * 3000, "")), id="listing"),
        pytest.param(Table("caption " * 50, ("a", "b"), (("cell " * 3000, "x" * 900), ("", ""))), id="cells"),
        pytest.param(
            Table("c", tuple("abcdefghijklmnopqrst"), (tuple("12345678901234567890"),)), id="columns"
        ),
        pytest.param(Table("c", ("a",), ()), id="empty table"),
        pytest.param(
            Bars("c " * 100, (Bar("label " * 90, 0.5, 0, 1, said="said " * 90),) * 40, "alt"), id="bars"
        ),
        pytest.param(Bars("c", (), "no bars"), id="no bars"),
        pytest.param(Picture(face(1), "alt", "caption " * 2000), id="caption"),
        pytest.param(ToComplete(("field " * 2000, "")), id="field"),
        pytest.param(Code("x" * 30_000), id="code"),
    ],
)
def test_nothing_is_too_long_for_the_sheets(block: Any) -> None:
    made = PdfReader(io.BytesIO(pdf(one_block(block))))
    for page in made.pages:
        for height in heights(page):
            assert 20 < height < 842 - 20


def test_a_person_is_blurred_unless_unlocked() -> None:
    report = one_block(Picture(face(3), "a person", "somebody", person=True))
    locked, unlocked = (PdfReader(io.BytesIO(pdf(report, unlocked=way))) for way in (False, True))
    assert "blurred: may show" in locked.pages[1].extract_text()
    assert "blurred" not in unlocked.pages[1].extract_text()
    assert steepest(locked) < 4 < steepest(unlocked)


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(DataUnusable, match="cannot be read"):
        pdf(one_block(Picture(b"GIF89a", "a", "b")))


def test_the_same_report_gives_the_same_bytes_and_another_has_another_mark(
    timed: tuple[bytes, float],
) -> None:
    assert pdf(sample()) == timed[0]
    small = one_block(Paragraph("one"))
    marks = {
        content_mark(pdf(report))
        for report in (small, one_block(Paragraph("two")), replace(small, version=2))
    }
    assert len(marks) == 3


def content_mark(made: bytes) -> str:
    found = re.search(r"content ([0-9a-f]{12})", PdfReader(io.BytesIO(made)).pages[0].extract_text())
    assert found is not None
    return found[1]


def catalogue(file: PdfReader) -> Any:
    return file.trailer["/Root"]


def elements(file: PdfReader) -> Iterator[Any]:
    """Every element of the tree, in the order in which it is read."""

    def below(node: Any) -> Iterator[Any]:
        for kid in node.get("/K", []):
            found = kid.get_object()
            if isinstance(found, DictionaryObject) and found.get("/Type") == "/StructElem":
                yield found
                yield from below(found)

    yield from below(catalogue(file)["/StructTreeRoot"])


def spoken(file: PdfReader) -> Iterator[tuple[str, str]]:
    """Role and words of every element that has marks of its own, in the order of the tree."""
    words = {
        page.indirect_reference.idnum: marked_words(page) for page in file.pages if page.indirect_reference
    }
    for element in elements(file):
        parts = [kid.get_object() for kid in element.get("/K", [])]
        marks = [piece for piece in parts if piece["/Type"] == "/MCR"]
        if marks:
            told = " ".join(words[piece.raw_get("/Pg").idnum].get(piece["/MCID"], "") for piece in marks)
            yield element["/S"], " ".join(told.split())


def marked_words(page: Any) -> dict[int, str]:
    """The text of a page by the number of its mark."""
    found: dict[int, str] = {}
    mark: list[Any] = []

    def operand(operator: bytes, operands: Any, _matrix: Any, _text: Any) -> None:
        if operator == b"BDC":
            mark.append(operands[1].get("/MCID"))
        elif operator == b"EMC":
            mark.pop()

    def text(words: str, *_: Any) -> None:
        if mark and mark[-1] is not None:
            found[mark[-1]] = f"{found.get(mark[-1], '')} {words}"

    page.extract_text(visitor_operand_before=operand, visitor_text=text)
    return found


def heights(page: Any) -> list[float]:
    """Points above the foot of the sheet of every line of text."""
    content = page.get_contents()
    return [float(operands[1]) for operands, operator in content.operations if operator == b"Td"]


def steepest(file: PdfReader) -> float:
    image = file.pages[1].images[0].image.convert("L")
    row = [image.getpixel((x, image.height // 2)) for x in range(image.width)]
    return max(abs(one - other) for one, other in pairwise(row)) / 4
