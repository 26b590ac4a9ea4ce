"""Text, boxes and tables set on sheets: what does not fit goes on overleaf, a table with its heads again."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from inversion_core.reports.blocks import Table
from inversion_core.reports.ink import CELL, GRID, H3, HEAD, INK
from inversion_core.reports.paper import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Colour, Paper, Style
from inversion_core.reports.text import plain
from inversion_core.reports.wrapping import columns, wrapped

PAD = 1.5
"""Millimetres above and below the text of a cell."""
GUTTER = 3.0
"""Millimetres between two columns."""
INSIDE = 3.0
"""Millimetres between the edge of a coloured ground and its text."""
MANY = 7
"""Columns from which a table is set smaller."""


def lines_of(paper: Paper, text: str, style: Style, width: float) -> list[str]:
    """Break text for a width in millimetres."""
    return wrapped(plain(text), width, lambda piece: paper.width(piece, style))


def write_lines(paper: Paper, lines: Sequence[str], style: Style, x: float, y: float) -> None:
    """Write lines from `y` down; the paper's own place stays."""
    for place, line in enumerate(lines):
        paper.text(x, y + place * style.step + 0.74 * style.step, line, style)


def sheets(paper: Paper, count: int, step: float) -> Iterator[tuple[int, int]]:
    """Yield which lines go on the sheet that is open, until `count` have gone; starts the sheets between.

    No sheet begins or ends with a line alone where that can be helped.
    """
    done = 0
    while done < count:
        room = int((BOTTOM - paper.y + 0.01) / step)
        if room < min(2, count - done) and paper.y > TOP:
            paper.new_page()
            continue
        last = done + max(1, room)
        if last == count - 1 and last - done > 2:
            last -= 1
        yield done, min(count, last)
        done = last
        if done < count:
            paper.new_page()


def flow(paper: Paper, text: str, style: Style, *, x: float = LEFT, width: float = WIDTH) -> None:
    """Write a text of any length into the open element."""
    lines = lines_of(paper, text, style, width)
    for start, end in sheets(paper, len(lines), style.step):
        with paper.mark():
            write_lines(paper, lines[start:end], style, x, paper.y)
        paper.y += (end - start) * style.step


def boxed(
    paper: Paper,
    texts: Sequence[tuple[str, Style]],
    ground: Colour,
    bar: Colour | None = None,
    dash: str = "",
) -> None:
    """Write texts below each other on a coloured ground, with a bar at its left."""
    lines = [(line, style) for text, style in texts for line in lines_of(paper, text, style, WIDTH - 11)]
    whole = sum(style.step for _, style in lines) + 2 * INSIDE
    if whole < (BOTTOM - TOP) / 2:
        paper.need(whole)
    while lines:
        room = BOTTOM - paper.y - 2 * INSIDE + 0.01
        fits = sum(1 for height in accumulate(style.step for _, style in lines) if height <= room)
        if not fits and paper.y > TOP:
            paper.new_page()
            continue
        part, lines = lines[: max(1, fits)], lines[max(1, fits) :]
        height = sum(style.step for _, style in part) + 2 * INSIDE
        with paper.artifact():
            paper.box(LEFT, paper.y, WIDTH, height, ground)
            if bar:
                paper.rule(LEFT + 0.7, paper.y, LEFT + 0.7, paper.y + height, bar, 1.4, dash)
        with paper.mark():
            y = paper.y + INSIDE
            for line, style in part:
                paper.text(LEFT + 6, y + 0.74 * style.step, line, style)
                y += style.step
        paper.y += height


def caption(paper: Paper, text: str, *, keep: float = 0.0) -> None:
    """Write what stands above a table or a chart, on one sheet with `keep` millimetres of it."""
    lines = lines_of(paper, text, H3, WIDTH)
    paper.need(min(len(lines) * H3.step + 1 + keep, BOTTOM - TOP))
    with paper.element("Caption"):
        flow(paper, text, H3)
    paper.y += 1


def set_table(paper: Paper, table: Table) -> None:
    """Set a table; its heads are read once and drawn again on every further sheet."""
    size = CELL.size - 1.2 if len(table.heads) > MANY else CELL.size
    cell, head = replace(CELL, size=size), replace(HEAD, size=size - 0.3)
    rows = table.rows or (("nothing to list", *[""] * (len(table.heads) - 1)),)
    count = len(table.heads)
    room = WIDTH - GUTTER * (count - 1)
    widths = columns([table.heads, *rows], room, lambda piece: paper.width(piece, replace(cell, font="bold")))
    Grid(paper, table, widths, cell, head).draw(rows)


class Grid:
    """One table on its way to the sheets."""

    def __init__(self, paper: Paper, table: Table, widths: list[float], cell: Style, head: Style) -> None:
        self.paper, self.table, self.cell, self.head = paper, table, cell, head
        self.widths = [width + 0.01 for width in widths]
        self.lefts = [LEFT + sum(widths[:at]) + GUTTER * at for at in range(len(widths))]
        self.heads = self.broken(table.heads, head)
        self.heads_height = max(map(len, self.heads)) * head.step + 2 * PAD

    def draw(self, rows: Sequence[Sequence[str]]) -> None:
        """Draw caption, heads and rows."""
        with self.paper.element("Table"):
            few = min(3, len(rows))
            caption(self.paper, self.table.caption, keep=self.heads_height + few * (self.cell.step + 2 * PAD))
            with self.paper.element("TR"):
                self.slice(self.heads, self.head, ["TH"] * len(self.heads), "Column")
            self.underline(INK, 0.35)
            for row in rows:
                self.row(self.broken(row, self.cell))

    def row(self, cells: list[list[str]]) -> None:
        """Draw one row, over as many sheets as it takes."""
        tallest = max(map(len, cells))
        needed = min(tallest, 12) * self.cell.step + 2 * PAD
        if self.paper.need(needed):
            self.repeat_heads()
        with self.paper.element("TR"):
            done = 0
            elements = []
            for at in range(len(cells)):
                scope = "Row" if at == 0 else ""
                with self.paper.element("TH" if at == 0 else "TD", scope=scope) as made:
                    elements.append(made)
            while done < tallest:
                room = max(1, int((BOTTOM - self.paper.y - 2 * PAD + 0.01) / self.cell.step))
                part = [lines[done : done + room] for lines in cells]
                for at, lines in enumerate(part):
                    if any(lines):
                        with self.paper.mark(elements[at]):
                            self.cell_lines(at, lines, self.cell)
                self.paper.y += max(map(len, part)) * self.cell.step + 2 * PAD
                done += room
                if done < tallest:
                    self.paper.new_page()
                    self.repeat_heads()
        self.underline(GRID, 0.2)

    def slice(self, cells: list[list[str]], style: Style, roles: list[str], scope: str) -> None:
        """Draw the cells of a row that fits, each as an element of its own."""
        for at, (lines, role) in enumerate(zip(cells, roles, strict=True)):
            with self.paper.element(role, scope=scope), self.paper.mark():
                self.cell_lines(at, lines, style)
        self.paper.y += max(map(len, cells)) * style.step + 2 * PAD

    def repeat_heads(self) -> None:
        """Draw the heads once more, for the eye alone."""
        with self.paper.artifact("Pagination"):
            for at, lines in enumerate(self.heads):
                self.cell_lines(at, lines, self.head)
        self.paper.y += self.heads_height
        self.underline(INK, 0.35)

    def cell_lines(self, at: int, lines: list[str], style: Style) -> None:
        """Write the lines of one cell, numbers set right."""
        for place, line in enumerate(lines):
            x = self.lefts[at]
            if at in self.table.numeric:
                x += self.widths[at] - self.paper.width(line, style)
            self.paper.text(x, self.paper.y + PAD + (place + 0.74) * style.step, line, style)

    def underline(self, colour: Colour, width: float) -> None:
        """Rule off what stands above."""
        with self.paper.artifact():
            self.paper.rule(LEFT, self.paper.y, RIGHT, self.paper.y, colour, width)

    def broken(self, cells: Sequence[str], style: Style) -> list[list[str]]:
        """Break every cell for its column."""
        return [
            lines_of(self.paper, text, style, width) for text, width in zip(cells, self.widths, strict=True)
        ]
