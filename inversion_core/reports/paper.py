"""Sheets of A4 with tagged content: the only module that knows fpdf2, which by itself tags pictures alone.

A tagged PDF (ISO 32000-1, 14.7 and 14.8) has a tree of elements (headings, paragraphs, tables) beside its
pages, and every mark on a page belongs to one of them or is an artifact. Here every text is written inside
`mark` or `artifact`; an element that goes on over a page is marked once on each. No links, no actions.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from fpdf import FPDF
from fpdf.output import OutputProducer
from fpdf.prefs import ViewerPreferences
from fpdf.structure_tree import StructTreeRoot
from fpdf.syntax import PDFArray, PDFObject, PDFString

from inversion_core.reports.text import plain
from inversion_core.settings import ASSETS

Colour = tuple[int, int, int]

LEFT, RIGHT, TOP, BOTTOM = 22.0, 188.0, 30.0, 272.0
"""Millimetres: where text may stand on a sheet of 210 x 297."""
WIDTH = RIGHT - LEFT
POINT = 25.4 / 72
FONTS = {
    "serif": "report-serif-600",
    "sans": "report-sans-400",
    "bold": "report-sans-600",
    "mono": "report-mono-400",
}


@dataclass(frozen=True)
class Style:
    """How text is set: font of `FONTS`, size in points, line height as a multiple of it."""

    font: str
    size: float
    colour: Colour
    leading: float = 1.4

    @property
    def step(self) -> float:
        """Millimetres from one line to the next."""
        return self.size * self.leading * POINT


class Element(PDFObject):  # type: ignore[misc, unused-ignore]
    """A node of the tree; fpdf2 writes every public attribute that is set: /S, /P, /K, /Alt, /A."""

    def __init__(self, role: str, parent: PDFObject, alt: str = "", scope: str = "") -> None:
        super().__init__()
        self.type = "/StructElem"
        self.s = f"/{role}"
        self.p = parent
        self.k = PDFArray()
        self.alt = PDFString(plain(alt)) if alt else None
        self.a = f"<</O /Table /Scope /{scope}>>" if scope else None


class Piece(PDFObject):  # type: ignore[misc, unused-ignore]
    """Marked content of one element on one page (a marked-content reference)."""

    def __init__(self, number: int, page: int) -> None:
        super().__init__()
        self.type = "/MCR"
        self.m_c_i_d = number
        self.pg: PDFObject | None = None
        self._page = page

    def serialize(self, obj_dict: Any = None, _security_handler: Any = None) -> str:
        """Spell /MCID as the standard does."""
        assert self.pg is not None, "fpdf2 gives every piece its page before it writes"
        return super().serialize({"/Type": self.type, "/Pg": self.pg.ref, "/MCID": str(self.m_c_i_d)})

    def page_number(self) -> int:
        """Return the number of the page, for fpdf2."""
        return self._page


class Tags:
    """The tree, in the shape in which fpdf2 asks for it when it writes the file."""

    def __init__(self) -> None:
        self.root = StructTreeRoot()
        self.document = Element("Document", self.root)
        self.root.k.append(self.document)
        self.elements: list[Element] = [self.document]
        self.doc_struct_elem = SimpleNamespace(k=[])  # fpdf2 sets the page of everything in this list

    def add(self, role: str, parent: Element, alt: str = "", scope: str = "") -> Element:
        """Append an element to its parent."""
        made = Element(role, parent, alt, scope)
        parent.k.append(made)
        self.elements.append(made)
        return made

    def mark(self, element: Element, page: int) -> int:
        """Return the number of a new piece of an element on a page; numbers count from 0 on each page."""
        owners = self.root.parent_tree.nums[page - 1]
        piece = Piece(len(owners), page)
        owners.append(element)
        element.k.append(piece)
        self.doc_struct_elem.k.append(piece)
        return piece.m_c_i_d

    def empty(self) -> bool:
        """Say that there is a tree, for fpdf2."""
        return False

    def __iter__(self) -> Iterator[PDFObject]:
        yield self.root
        yield self.root.parent_tree
        yield from self.elements
        yield from self.doc_struct_elem.k


class Quiet(OutputProducer):
    """Writes no /OpenAction: where a document opens is the reader's business."""

    def _finalize_catalog(self, catalog_obj: Any, *rest: Any, **named: Any) -> None:
        super()._finalize_catalog(catalog_obj, *rest, **named)
        catalog_obj.open_action = None


class Paper:
    """Writes down the sheets from `y`, millimetres from the top; starts another where one is full."""

    def __init__(self, title: str, language: str, made: datetime | None) -> None:
        self._file = FPDF(unit="mm", format="A4")
        self._file.set_auto_page_break(False)
        self._file.str_alias_nb_pages = ""  # "{nb}" in somebody's text is text
        self._file.set_title(plain(title))
        self._file.set_lang(plain(language))
        self._file.set_creation_date(made or datetime(1970, 1, 1, tzinfo=UTC))
        self._file.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._tags = Tags()
        self._file.struct_builder = self._tags  # type: ignore[assignment]
        self._advance: dict[str, dict[int, float]] = {}
        for name, file in FONTS.items():
            self._file.add_font(name, fname=ASSETS / "fonts" / f"{file}.ttf")
            font: Any = self._file.fonts[name]
            glyphs, unit = font.ttfont["hmtx"].metrics, font.ttfont["head"].unitsPerEm
            self._advance[name] = {
                code: glyphs[glyph][0] / unit for code, glyph in font.ttfont.getBestCmap().items()
            }
        self._open = self._tags.document
        self._marking = False
        self.replaced = False
        self.y = TOP
        self.new_page()

    @property
    def page(self) -> int:
        """The number of the sheet that is written on, from 1."""
        return self._file.page

    @property
    def pages(self) -> int:
        """How many sheets there are."""
        return self._file.pages_count

    def new_page(self) -> None:
        """Start a sheet."""
        assert not self._marking, "a mark ends on the page it began on"
        self._file.add_page()
        self._file.pages[self.page].struct_parents = self.page - 1
        self.y = TOP

    def turn_to(self, page: int) -> None:
        """Go on writing on an earlier sheet."""
        self._file.page = page
        self._file.current_font_is_set_on_page = False

    def need(self, height: float) -> bool:
        """Start a sheet when less than `height` is left of this one and something is on it; say whether."""
        if self.y + height <= BOTTOM or self.y == TOP:
            return False
        self.new_page()
        return True

    def bookmark(self, name: str) -> None:
        """Put the place into the reader's list of contents."""
        self._file.set_y(self.y)
        self._file.start_section(plain(name) or "section")

    @contextmanager
    def element(self, role: str, *, alt: str = "", scope: str = "") -> Iterator[Element]:
        """What is marked inside belongs to a new element of this role, below the one that is open."""
        outer, self._open = self._open, self._tags.add(role, self._open, alt, scope)
        yield self._open
        self._open = outer

    @contextmanager
    def mark(self, element: Element | None = None) -> Iterator[None]:
        """What is drawn inside is content of the open element, or of one that was opened before."""
        number = self._tags.mark(element or self._open, self.page)
        with self._sequence(f"/Span <</MCID {number}>> BDC"):
            yield

    @contextmanager
    def artifact(self, kind: str = "Layout") -> Iterator[None]:
        """What is drawn inside is no content: rules, grounds, what repeats on every sheet."""
        with self._sequence(f"/Artifact <</Type /{kind}>> BDC"):
            yield

    @contextmanager
    def _sequence(self, opening: str) -> Iterator[None]:
        assert not self._marking, "marked content is not nested"
        self._file._out(opening)
        self._marking = True
        yield
        self._marking = False
        self._file._out("EMC")

    def text(self, x: float, baseline: float, text: str, style: Style) -> None:
        """Write one line."""
        assert self._marking, "text without a mark is lost to whoever listens"
        self._file.set_font(style.font, size=style.size)
        self._file.set_text_color(*style.colour)
        self._file.text(x, baseline, self.shown(text, style))

    def shown(self, text: str, style: Style) -> str:
        """Return the text with a box for every character that the font cannot draw."""
        covers = self._advance[style.font]
        box = "\u25a1" if 0x25A1 in covers else "?"
        made = "".join(one if ord(one) in covers else box for one in plain(text))
        self.replaced |= made != text
        return made

    def width(self, text: str, style: Style) -> float:
        """Return how many millimetres a line takes."""
        advance = self._advance[style.font]
        return sum(advance[ord(one)] for one in self.shown(text, style)) * style.size * POINT

    def rule(
        self, x1: float, y1: float, x2: float, y2: float, colour: Colour, width: float = 0.2, dash: str = ""
    ) -> None:
        """Draw a line; `dash` as PDF writes it, in points."""
        path = f"{self._point(x1, y1)} m {self._point(x2, y2)} l S"
        self._draw(f"{red_green_blue(colour)} RG {width / POINT:.2f} w [{dash}] 0 d 0 J {path}")

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self._draw(f"{red_green_blue(colour)} rg {self._rectangle(x, y, width, height)} f")

    def hatch(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle with slanted lines inside an outline."""
        ink = f"{red_green_blue(colour)} RG 0.6 w"
        self._draw(f"{ink} {self._rectangle(x, y, width, height)} S")
        strokes = " ".join(
            f"{self._point(x + at, y + height)} m {self._point(x + at + height, y)} l"
            for at in (step * 1.6 - height for step in range(int((width + height) / 1.6) + 1))
        )
        self._draw(f"{self._rectangle(x, y, width, height)} W n {ink} {strokes} S")

    def picture(self, png: bytes, x: float, y: float, width: float, height: float) -> None:
        """Place a picture."""
        assert self._marking, "a picture without a mark is lost to whoever listens"
        self._file.image(io.BytesIO(png), x, y, width, height)

    def finish(self) -> bytes:
        """Return the file."""
        return bytes(self._file.output(output_producer_class=Quiet))

    def close(self) -> None:
        """Let go of the font files, which fpdf2 keeps open."""
        for font in self._file.fonts.values():
            font.ttfont.close()  # type: ignore[union-attr]

    def _draw(self, operators: str) -> None:
        assert self._marking, "what is drawn without a mark is neither content nor artifact"
        self._file._out(f"q {operators} Q")

    def _point(self, x: float, y: float) -> str:
        return f"{x / POINT:.2f} {(297 - y) / POINT:.2f}"

    def _rectangle(self, x: float, y: float, width: float, height: float) -> str:
        return f"{self._point(x, y + height)} {width / POINT:.2f} {height / POINT:.2f} re"


def red_green_blue(colour: Colour) -> str:
    """Return a colour of 0 to 255 as PDF writes it."""
    return " ".join(f"{part / 255:.3f}" for part in colour)
