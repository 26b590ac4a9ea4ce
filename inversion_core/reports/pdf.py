"""A report as a tagged PDF on A4: headings, paragraphs, lists, tables and figures a screen reader can follow.

Laid out after the HTML report: the same order, words and marks. Charts are drawn as lines, text is text in
the order of the content. Characters that the embedded fonts lack (they hold Latin, Greek and Cyrillic) show
as boxes, and the last page says so. There are no links, so nothing in it can be followed to anywhere.
"""

import io
from contextlib import closing
from datetime import UTC, datetime

from PIL import Image

from inversion_core.reports.blocks import (
    Bars,
    Block,
    Code,
    Facts,
    Listing,
    Paragraph,
    Picture,
    Report,
    Section,
    Table,
    ToComplete,
    Verdict,
)
from inversion_core.reports.document import fingerprint
from inversion_core.reports.figures import draw_bars, draw_pictures, figure_height
from inversion_core.reports.ink import (
    BODY,
    FOOT,
    GREY,
    GRID,
    H1,
    H2,
    LINE,
    MISSING,
    MONO,
    OPEN,
    RUNNING,
    SMALL,
    SOFT,
    STRONG,
    SUBTITLE,
    TERM,
    TONES,
    VERDICT,
)
from inversion_core.reports.paper import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Element, Paper, Style
from inversion_core.reports.release import released, together
from inversion_core.reports.setting import boxed, flow, lines_of, set_table, write_lines
from inversion_core.reports.text import moment
from inversion_core.reports.wrapping import shortened

BETWEEN = 4.5
"""Millimetres between two blocks."""
HEADING = 22.0
"""Millimetres that a heading with what is below it takes."""
TO_COMPLETE = "To be completed by a person."
REPLACED = (
    "Some characters of this report are not in its typeface and show as boxes; the HTML report has them all."
)

Entry = tuple[int, float, Element, Section]
"""A line of the contents: sheet and place it stands at, its element, the section it names."""


def pdf(report: Report, *, unlocked: bool = False) -> bytes:
    """Return the report as a tagged PDF; equal reports give equal bytes.

    `unlocked` leaves pictures of people sharp. Raises DataUnusable when a picture cannot be read.
    """
    with closing(Paper(report.title, report.language, when(report.made))) as paper:
        return written(paper, report, unlocked)


def written(paper: Paper, report: Report, unlocked: bool) -> bytes:
    """Write the whole report, what depends on the number of its pages last."""
    entries = front(paper, report)
    starts = []
    paper.new_page()
    for section in report.sections:
        starts.append(draw_section(paper, section, report, unlocked))
    if paper.replaced:
        paper.y += BETWEEN
        with paper.element("P"):
            flow(paper, REPLACED, SMALL)
    fill_contents(paper, entries, starts)
    run_along(paper, report)
    return paper.finish()


def when(made: str) -> datetime | None:
    """Read the time that the report was made, if it is one."""
    try:
        found = datetime.fromisoformat(made)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def front(paper: Paper, report: Report) -> list[Entry]:
    """Write title and banner, and leave a line for every section: its page is known later."""
    if report.banner:
        with paper.element("P"):
            boxed(paper, [(sentence, STRONG) for sentence in report.banner], SOFT, TONES["alarm"][0])
    paper.y += 14
    with paper.element("H1"):
        flow(paper, report.title, H1)
    paper.y += 3
    with paper.element("P"):
        flow(paper, report.subtitle, SUBTITLE)
    paper.y += 2
    with paper.element("P"):
        flow(paper, f"Version {report.version}, made {moment(report.made)}", TERM)
    paper.y += 12
    entries: list[Entry] = []
    with paper.element("P"):
        flow(paper, "Contents", Style("serif", 12, H2.colour, 1.5))
    paper.y += 1
    with paper.element("TOC"):
        for section in report.sections:
            paper.need(BODY.step + 1.2)
            with paper.element("TOCI") as made:
                entries.append((paper.page, paper.y, made, section))
            paper.y += BODY.step + 1.2
    return entries


def fill_contents(paper: Paper, entries: list[Entry], starts: list[int]) -> None:
    """Write the lines of the contents, now that every section has a page."""
    for (page, y, element, section), start in zip(entries, starts, strict=True):
        paper.turn_to(page)
        mark = " (to be completed)" if section.human_only else ""
        number = shortened(section.number, 24, lambda piece: paper.width(piece, TERM))
        wide = max(10.0, paper.width(number, TERM) + 3)
        room = WIDTH - wide - 14 - paper.width(mark, MISSING)
        told = shortened(section.title, room, lambda piece: paper.width(piece, BODY))
        base = y + 0.74 * BODY.step
        with paper.mark(element):
            if number:
                paper.text(LEFT, base, number, TERM)
            paper.text(LEFT + wide, base, told, BODY)
            if mark:
                paper.text(LEFT + wide + paper.width(told, BODY), base, mark, MISSING)
            paper.text(RIGHT - paper.width(str(start), TERM), base, str(start), TERM)
        with paper.artifact():
            paper.rule(LEFT, y + BODY.step + 0.4, RIGHT, y + BODY.step + 0.4, GRID)


def run_along(paper: Paper, report: Report) -> None:
    """Write what stands on every sheet: the banner above, the report, its version and the page below."""
    banner = lines_of(paper, " ".join(report.banner), RUNNING, WIDTH)[:3]
    foot = f"version {report.version}, content {fingerprint(report)}"
    for page in range(1, paper.pages + 1):
        paper.turn_to(page)
        count = f"Page {page} of {paper.pages}"
        room = WIDTH - paper.width(count, FOOT) - paper.width(foot, FOOT) - 12
        title = shortened(report.title, room, lambda piece: paper.width(piece, FOOT))
        with paper.artifact("Pagination"):
            if page > 1 and banner:
                write_lines(paper, banner, RUNNING, LEFT, 13)
            paper.rule(LEFT, 281, RIGHT, 281, LINE)
            paper.text(LEFT, 285, f"{title}, {foot}", FOOT)
            paper.text(RIGHT - paper.width(count, FOOT), 285, count, FOOT)


def draw_section(paper: Paper, section: Section, report: Report, unlocked: bool) -> int:
    """Draw a section; return the page it begins on."""
    if paper.y > TOP:
        paper.y += 8
    paper.need(min(HEADING + least(paper, section.blocks), BOTTOM - TOP))
    start = paper.page
    paper.bookmark(f"{section.number} {section.title}".strip())
    with paper.element("Sect"):
        heading(paper, section)
        for kind, blocks in together(section.blocks):
            if paper.y > TOP:
                paper.y += BETWEEN
            draw(paper, kind, blocks, report, unlocked)
    return start


def least(paper: Paper, blocks: tuple[Block, ...]) -> float:
    """Return the millimetres of a section's first block that its heading must not be parted from."""
    match blocks[:1]:
        case (Bars() as bars,):
            return figure_height(paper, bars)
        case (Picture(),):
            return 60.0
    return 30.0


def heading(paper: Paper, section: Section) -> None:
    """Write number and title, the places of other layouts, and whether people must fill it in."""
    with paper.element("H2"):
        number = f"{section.number}  " if section.number else ""
        flow(paper, f"{number}{section.title}", H2)
    if section.maps:
        paper.y += 0.5
        with paper.element("P"):
            flow(paper, "Answers " + " \u00b7 ".join(section.maps), SMALL)
    if section.human_only:
        paper.y += 3
        with paper.element("P"):
            flow(paper, f"{TO_COMPLETE} Nothing here is filled in by the tool.", MISSING)


def draw(paper: Paper, kind: str, blocks: list[Block], report: Report, unlocked: bool) -> None:
    """Draw one block, or the pictures that stand side by side."""
    if kind == "Pictures":
        shown = []
        for block in blocks:
            assert isinstance(block, Picture)
            png = released(block, watermark=report.watermark, unlocked=unlocked)
            shown.append((block, png, Image.open(io.BytesIO(png)).size))
        draw_pictures(paper, shown, unlocked=unlocked)
        return
    block = blocks[0]
    match block:
        case Paragraph():
            with paper.element("P"):
                flow(paper, block.text, SMALL if block.small else BODY)
        case Verdict():
            verdict(paper, block)
        case Facts():
            facts(paper, block)
        case Listing():
            listing(paper, block)
        case Table():
            set_table(paper, block)
        case Bars():
            draw_bars(paper, block)
        case ToComplete():
            to_complete(paper, block)
        case Code():
            with paper.element("P"), paper.element("Code"):
                boxed(paper, [(block.text, MONO)], SOFT)


def verdict(paper: Paper, block: Verdict) -> None:
    """Write the sentence on the ground of its tone, its word first."""
    colour, ground = TONES[block.tone]
    word = Style("bold", 9, colour, 1.5)
    dash = "6 4" if block.tone == "open" else ""
    with paper.element("P"):
        boxed(paper, [(block.word, word), (block.text, VERDICT)], ground, colour, dash)


def facts(paper: Paper, block: Facts) -> None:
    """Write terms and what is known of them in two columns, a rule between two of them."""
    side = 48.0
    with paper.element("L"):
        for term, value in block.rows:
            told, style = (value, BODY) if value.strip() else ("to be completed", MISSING)
            terms = lines_of(paper, term, TERM, side - 4)
            values = lines_of(paper, told, style, WIDTH - side)
            height = max(len(terms), len(values)) * BODY.step + 2.6
            if height <= BOTTOM - TOP:
                paper.need(height)
                with paper.element("LI"):
                    for role, lines, kind, x in (
                        ("Lbl", terms, TERM, LEFT),
                        ("LBody", values, style, LEFT + side),
                    ):
                        with paper.element(role), paper.mark():
                            write_lines(paper, lines, kind, x, paper.y + 1.3)
                paper.y += height
            else:
                with paper.element("LI"):
                    with paper.element("Lbl"):
                        flow(paper, term, TERM)
                    with paper.element("LBody"):
                        flow(paper, told, style, x=LEFT + side, width=WIDTH - side)
            with paper.artifact():
                paper.rule(LEFT, paper.y, RIGHT, paper.y, LINE)


def listing(paper: Paper, block: Listing) -> None:
    """Write points, each behind a dot."""
    with paper.element("L"):
        for point in block.points:
            lines = lines_of(paper, point, BODY, WIDTH - 6)
            paper.need(min(len(lines), 2) * BODY.step)
            with paper.element("LI"):
                with paper.element("Lbl"), paper.mark():
                    paper.text(LEFT + 1, paper.y + 0.74 * BODY.step, "\u2022", TERM)
                with paper.element("LBody"):
                    flow(paper, point, BODY, x=LEFT + 6, width=WIDTH - 6)
            paper.y += 1.2


def to_complete(paper: Paper, block: ToComplete) -> None:
    """Leave ruled lines, each pair below what belongs there."""
    for field in block.fields:
        lines = lines_of(paper, field, TERM, WIDTH - 6)
        paper.need(min(len(lines), 10) * TERM.step + 20)
        begun, top = paper.page, paper.y
        with paper.element("P"):
            flow(paper, field, TERM, x=LEFT + 6, width=WIDTH - 6)
        paper.need(20)
        top = top if paper.page == begun else TOP
        with paper.artifact():
            for below in (8.5, 17):
                paper.rule(LEFT + 6, paper.y + below, RIGHT, paper.y + below, GREY, 0.25)
            paper.rule(LEFT + 0.5, top, LEFT + 0.5, paper.y + 17, OPEN, 0.5, "4 3")
        paper.y += 21
