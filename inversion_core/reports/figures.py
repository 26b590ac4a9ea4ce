"""Charts drawn as lines, and pictures side by side, each as one tagged figure with its words."""

from collections.abc import Sequence

from inversion_core.reports import chart
from inversion_core.reports.blocks import Bars, Picture, Table
from inversion_core.reports.ink import (
    AXIS,
    GREY,
    GRID,
    INK,
    LABEL,
    MISSING,
    NAME,
    NAMED,
    SAID,
    SMALL,
    VALUE,
    WHITE,
)
from inversion_core.reports.paper import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Paper, Style
from inversion_core.reports.setting import caption, flow, lines_of, set_table, write_lines
from inversion_core.reports.wrapping import shortened

PLOT_LEFT, PLOT_RIGHT = LEFT + 44.0, RIGHT - 32.0
PLOT = PLOT_RIGHT - PLOT_LEFT
MOST_LINES = 3
"""Lines of a label in a chart; the table behind the chart has all of it."""
MOST_BARS = 12
"""Bars of one figure; more go on in another."""
MOST_NAMES = 8
"""Named lines of one figure; the table behind it has all of them."""
ACROSS = 4
"""Pictures side by side."""
SPACE = 5.0
LONG_CAPTION = 8
"""Lines of a caption below a picture; a longer one is written out below the row."""


def draw_bars(paper: Paper, bars: Bars) -> None:
    """Draw a chart and the table behind it."""
    for start in range(0, len(bars.bars), MOST_BARS):
        part = Bars(bars.caption, bars.bars[start : start + MOST_BARS], bars.alt, bars.lines)
        Plot(paper, part).draw()
    paper.y += 4
    rows = chart.behind(bars)
    set_table(paper, Table("The numbers behind this chart", chart.HEADS, rows, frozenset({1, 2, 3})))


def figure_height(paper: Paper, bars: Bars) -> float:
    """Return the millimetres that the first figure of a chart takes with its caption."""
    first = Bars(bars.caption, bars.bars[:MOST_BARS], bars.alt, bars.lines)
    return Plot(paper, first).height + 8.0


class Plot:
    """One chart on its way to the sheet."""

    def __init__(self, paper: Paper, bars: Bars) -> None:
        self.paper, self.bars = paper, bars
        self.drawn = [chart.drawn(bar) for bar in bars.bars]
        self.labels = [self.few(bar.label, LABEL, PLOT_LEFT - LEFT - 3) for bar in self.drawn]
        self.said = [self.few(bar.said, SAID, RIGHT - PLOT_RIGHT - 3) for bar in self.drawn]
        self.lines = chart.named_lines(bars)[:MOST_NAMES]
        self.heights = [
            max(7.0, max(len(label), len(said)) * LABEL.step + 2)
            for label, said in zip(self.labels, self.said, strict=True)
        ]
        self.above = len(self.lines) * NAME.step + 1.5
        self.height = self.above + sum(self.heights) + 13

    def few(self, text: str, style: Style, width: float) -> list[str]:
        """Break a text into a few lines at most."""
        lines = lines_of(self.paper, text, style, width)
        if len(lines) <= MOST_LINES:
            return lines
        rest = " ".join(lines[MOST_LINES - 1 :])
        last = shortened(rest + " \u2026", width, lambda piece: self.paper.width(piece, style))
        return [*lines[: MOST_LINES - 1], last]

    def draw(self) -> None:
        """Draw caption, names of lines, bars, axis and legend on one sheet."""
        paper = self.paper
        with paper.element("Div"):
            caption(paper, self.bars.caption, keep=self.height)
            paper.need(self.height)
            with paper.element("Figure", alt=self.bars.alt or self.bars.caption), paper.mark():
                top = paper.y + self.above
                self.grid(top)
                y = top
                for at, height in enumerate(self.heights):
                    self.bar(at, y, height)
                    y += height
                self.axis(y)
                self.names(paper.y, y)
                self.legend(y + 9)
            paper.y += self.height

    def grid(self, top: float) -> None:
        """Draw the lines of the scale behind the bars."""
        for tick in chart.TICKS:
            x = PLOT_LEFT + tick * PLOT
            self.paper.rule(x, top, x, top + sum(self.heights), GRID)

    def bar(self, at: int, y: float, height: float) -> None:
        """Draw one bar with its words."""
        paper, bar, middle = self.paper, self.drawn[at], y + height / 2
        for lines, style, x in ((self.labels[at], LABEL, LEFT), (self.said[at], SAID, PLOT_RIGHT + 3)):
            write_lines(paper, lines, style, x, middle - len(lines) * style.step / 2)
        if bar.value is None:
            paper.hatch(PLOT_LEFT, middle - 1.9, PLOT, 3.8, GREY)
        else:
            paper.box(PLOT_LEFT, middle - 1.9, bar.value * PLOT, 3.8, VALUE)
            low, high = PLOT_LEFT + bar.low * PLOT, PLOT_LEFT + bar.high * PLOT
            paper.rule(low, middle, high, middle, WHITE, 1.2)
            whisker(paper, low, high, middle)
        if bar.baseline is not None:
            x = PLOT_LEFT + bar.baseline * PLOT
            paper.rule(x, middle - 3.2, x, middle + 3.2, INK, 0.8)

    def axis(self, y: float) -> None:
        """Write the scale below the bars."""
        for tick in chart.TICKS:
            text = f"{100 * tick:.0f} %"
            wide = self.paper.width(text, AXIS)
            x = PLOT_LEFT + tick * PLOT - (0 if tick == 0 else wide if tick == 1 else wide / 2)
            self.paper.text(x, y + 3.8, text, AXIS)

    def names(self, top: float, bottom: float) -> None:
        """Draw the named lines across all bars, each with its name above them."""
        for place, (name, value) in enumerate(self.lines):
            x, y = PLOT_LEFT + value * PLOT, top + place * NAME.step
            self.paper.rule(x, y + 0.8, x, bottom, NAMED, 0.3, "3 2")
            told = shortened(name, 60, lambda piece: self.paper.width(piece, NAME))
            wide = self.paper.width(told, NAME)
            left = x + 1.2 if value <= 0.5 else x - 1.2 - wide
            self.paper.box(left - 0.4, y + 0.4, wide + 0.8, NAME.step - 0.4, WHITE)
            self.paper.text(left, y + 0.8 * NAME.step, told, NAME)

    def legend(self, y: float) -> None:
        """Say what the marks of this chart mean."""
        x = LEFT
        for mark in chart.marks(self.bars):
            if mark == "value":
                self.paper.box(x, y - 1.4, 7, 2.8, VALUE)
            elif mark == "hatched":
                self.paper.hatch(x, y - 1.4, 7, 2.8, GREY)
            elif mark == "interval":
                whisker(self.paper, x + 0.4, x + 6.6, y)
            else:
                self.paper.rule(x + 3.5, y - 1.8, x + 3.5, y + 1.8, INK, 0.8)
            self.paper.text(x + 8.5, y + 1, chart.LEGEND[mark], AXIS)
            x += 8.5 + self.paper.width(chart.LEGEND[mark], AXIS) + 6


def whisker(paper: Paper, low: float, high: float, y: float) -> None:
    """Draw an interval with its two ends."""
    paper.rule(low, y, high, y, INK, 0.45)
    for x in (low, high):
        paper.rule(x, y - 1.2, x, y + 1.2, INK, 0.45)


def draw_pictures(
    paper: Paper, pictures: Sequence[tuple[Picture, bytes, tuple[int, int]]], *, unlocked: bool
) -> None:
    """Draw pictures in rows: each is the block, the PNG as it may be shown, and its size in pixels."""
    for start in range(0, len(pictures), ACROSS):
        row = pictures[start : start + ACROSS]
        width = (WIDTH - SPACE * (ACROSS - 1)) / ACROSS
        heights = [min(1.4 * width, width * size[1] / size[0]) for _, _, size in row]
        captions = [lines_of(paper, picture.caption, SMALL, width) for picture, _, _ in row]
        notes = ["blurred: may show", "a real person"]
        below = [
            len(lines[:LONG_CAPTION]) + 2 * hides(picture, unlocked)
            for lines, (picture, _, _) in zip(captions, row, strict=True)
        ]
        needed = max(heights) + max(below) * SMALL.step + 2
        paper.need(min(needed, BOTTOM - TOP))
        for at, (picture, png, size) in enumerate(row):
            x = LEFT + at * (width + SPACE)
            hidden = hides(picture, unlocked)
            alt = ("Blurred picture: " if hidden else "") + picture.alt
            with paper.element("Figure", alt=alt or picture.caption or "a picture"), paper.mark():
                paper.picture(png, x, paper.y, heights[at] * size[0] / size[1], heights[at])
            lines = captions[at]
            shown = lines if len(lines) <= LONG_CAPTION else [*lines[: LONG_CAPTION - 1], "(goes on below)"]
            y = paper.y + max(heights) + 1.5
            with paper.element("Caption"), paper.mark():
                write_lines(paper, shown, SMALL, x, y)
                if hidden:
                    style = Style(MISSING.font, SMALL.size, MISSING.colour, SMALL.leading)
                    write_lines(paper, notes, style, x, y + len(shown) * SMALL.step)
        paper.y += needed + SPACE - 2
        for lines, (picture, _, _) in zip(captions, row, strict=True):
            if len(lines) > LONG_CAPTION:
                with paper.element("P"):
                    flow(paper, picture.caption, SMALL)


def hides(picture: Picture, unlocked: bool) -> bool:
    """Say whether a picture is drawn blurred."""
    return picture.person and not unlocked
