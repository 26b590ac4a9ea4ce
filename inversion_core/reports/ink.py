"""The look of the PDF: colours and kinds of text, the same as those of the HTML report in its light form."""

from inversion_core.reports.paper import Colour, Style

INK: Colour = (29, 34, 40)
GREY: Colour = (89, 97, 107)
LINE: Colour = (208, 214, 221)
GRID: Colour = (228, 231, 235)
SOFT: Colour = (244, 245, 247)
VALUE: Colour = (86, 112, 138)
NAMED: Colour = (138, 75, 0)
ALARM: Colour = (166, 70, 0)
CALM: Colour = (0, 105, 75)
OPEN: Colour = (107, 74, 138)
WHITE: Colour = (255, 255, 255)

TONES: dict[str, tuple[Colour, Colour]] = {
    "plain": (GREY, SOFT),
    "alarm": (ALARM, (252, 239, 230)),
    "calm": (CALM, (230, 244, 238)),
    "open": (OPEN, (242, 237, 247)),
}
"""The colour of a verdict's bar and word, and of its ground."""

H1 = Style("serif", 26, INK, 1.2)
H2 = Style("serif", 16, INK, 1.3)
H3 = Style("serif", 11, INK, 1.4)
SUBTITLE = Style("sans", 13, GREY, 1.4)
BODY = Style("sans", 10.2, INK, 1.48)
STRONG = Style("bold", 10.2, INK, 1.48)
TERM = Style("sans", 10.2, GREY, 1.48)
MISSING = Style("sans", 10.2, OPEN, 1.48)
SMALL = Style("sans", 8.8, GREY, 1.45)
VERDICT = Style("serif", 11.5, INK, 1.45)
CELL = Style("sans", 8.4, INK, 1.35)
HEAD = Style("bold", 8.0, GREY, 1.35)
LABEL = Style("sans", 9.0, INK, 1.25)
SAID = Style("bold", 9.0, INK, 1.25)
AXIS = Style("sans", 7.8, GREY, 1.3)
NAME = Style("bold", 7.8, NAMED, 1.3)
MONO = Style("mono", 8.6, INK, 1.5)
RUNNING = Style("bold", 7.8, ALARM, 1.35)
FOOT = Style("sans", 7.8, GREY, 1.35)
