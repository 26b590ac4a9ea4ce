"""What a report is made of, before anybody draws it: sections of blocks, all of them plain text and numbers.

Text is text: no block holds HTML or Markdown, so that a name somebody typed cannot become part of a document.
"""

from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["plain", "alarm", "calm", "open"]
"""How a sentence is marked: a result that asks for a decision, one that does not, one that nobody tested."""


@dataclass(frozen=True)
class Paragraph:
    """Running text; `small` for what qualifies what stands above it."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Verdict:
    """The sentence a section comes down to, marked by tone, and a word that says the tone without colour."""

    text: str
    tone: Tone
    word: str


@dataclass(frozen=True)
class Facts:
    """Terms and what is known of them; an empty value is drawn as "to be completed"."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Listing:
    """Points of equal rank."""

    points: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table with a caption; every row has as many cells as there are heads, `numeric` columns set right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Bar:
    """One value on a scale from 0 to 1 with its interval, and the marks it must be read beside.

    `hatched`: nothing was measured, which must not look like a small value.
    """

    label: str
    value: float
    low: float
    high: float
    baseline: float | None = None
    said: str = ""
    hatched: bool = False


@dataclass(frozen=True)
class Bars:
    """Bars on one scale; `alt` says in words what they show, `lines` are named values drawn across all."""

    caption: str
    bars: tuple[Bar, ...]
    alt: str
    lines: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Picture:
    """A PNG; `alt` says what is on it. `person`: it may show a real person, and is drawn blurred unless
    somebody with the right to unlocked it.
    """

    png: bytes = field(repr=False)
    alt: str
    caption: str
    person: bool = False


@dataclass(frozen=True)
class ToComplete:
    """What only a person may fill in: empty lines, each with what belongs there."""

    fields: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """A command or a hash, set so that it can be copied."""

    text: str


Block = Paragraph | Verdict | Facts | Listing | Table | Bars | Picture | ToComplete | Code


@dataclass(frozen=True)
class Section:
    """A numbered section. `maps`: the places of other layouts it answers; `human_only`: exported empty."""

    number: str
    title: str
    blocks: tuple[Block, ...]
    maps: tuple[str, ...] = ()
    human_only: bool = False


@dataclass(frozen=True)
class Report:
    """A whole report. `version` counts the versions of this assessment's report from 1; `banner` are
    sentences that stand on every page; `made` is ISO 8601 in UTC; `watermark` is a word on pictures, or "".
    """

    title: str
    subtitle: str
    version: int
    made: str
    sections: tuple[Section, ...]
    banner: tuple[str, ...] = ()
    language: str = "en"
    watermark: str = ""
