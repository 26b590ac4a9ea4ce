"""The blocks of a report on a page: the same text and the same numbers, drawn with the page's own means."""

from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from itertools import groupby

import streamlit as st

from inversion_core.reports.blocks import (
    Bar,
    Bars,
    Block,
    Code,
    Facts,
    Listing,
    Paragraph,
    Picture,
    Section,
    Table,
    ToComplete,
    Tone,
    Verdict,
)
from inversion_core.reports.release import released
from pages.ui import words

SIDES: dict[Tone, str] = {"alarm": "attacker", "calm": "defender", "open": "neither", "plain": "neither"}
MISSING = "to be completed"
SIDE = 192
"""Pixels of a picture."""


def section(one: Section, *, heading: bool = True) -> None:
    """Draw a section with its blocks."""
    if heading:
        st.header(one.title, anchor=False)
    blocks(one.blocks)


def blocks(some: Iterable[Block]) -> None:
    """Draw blocks below each other, pictures that follow each other beside each other."""
    for pictured, run in groupby(some, key=lambda block: isinstance(block, Picture)):
        if pictured:
            _pictures([block for block in run if isinstance(block, Picture)])
            continue
        for block in run:
            _block(block)


def _block(block: Block) -> None:
    match block:
        case Verdict(text=text, tone=tone, word=word):
            words.verdict(f"{word[0].upper()}{word[1:]}. {text}", side=SIDES[tone])
        case Paragraph(text=text, small=small):
            words.quiet(text) if small else st.html(f'<p class="lab-text">{escape(text)}</p>')
        case Facts(rows=rows):
            st.html(_facts(rows))
        case Listing(points=points):
            st.html(f'<ul class="lab-points">{"".join(f"<li>{escape(one)}</li>" for one in points)}</ul>')
        case Table():
            st.html(_table(block))
        case Bars():
            st.html(_bars(block))
            words.quiet(block.caption)
        case ToComplete(fields=fields):
            st.html(_facts((one, "") for one in fields))
        case Code(text=text):
            st.code(text, language=None)


def _facts(rows: Iterable[tuple[str, str]]) -> str:
    drawn = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value) or f'<i>{MISSING}</i>'}</dd></div>"
        for name, value in rows
    )
    return f'<dl class="lab-register">{drawn}</dl>'


def _table(table: Table) -> str:
    """Return a table in a region of its own, which scrolls where the screen is narrow."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in table.heads)
    lines = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{escape(cell)}</th>'
            if place == 0
            else f"<td{' class=number' if place in table.numeric else ''}>{escape(cell)}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="lab-costs" role="region" tabindex="0" aria-label="{escape(table.caption, quote=True)}">'
        f"<table><caption>{escape(table.caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>"
    )


def _bars(drawn: Bars) -> str:
    rows = "".join(_bar(one) for one in drawn.bars)
    return f'<div class="lab-scores" role="img" aria-label="{escape(drawn.alt, quote=True)}">{rows}</div>'


def _bar(bar: Bar) -> str:
    marks = ""
    if not bar.hatched:
        wide = 100 * (bar.high - bar.low)
        marks = (
            f'<i class="interval" style="left:{100 * bar.low:.2f}%;width:{wide:.2f}%"></i>'
            f'<i class="value" style="left:{100 * bar.value:.2f}%"></i>'
        )
    if bar.baseline is not None:
        marks += f'<i class="baseline" style="left:{100 * bar.baseline:.2f}%"></i>'
    return (
        f'<div class="lab-ruler"><div class="name">{escape(bar.label)}</div>'
        f'<div class="lab-track">{marks}</div><div class="number"><b>{escape(bar.said.split(",")[0])}</b>'
        f" <br><small>{escape(bar.said.partition(', ')[2])}</small></div></div>"
    )


def _pictures(some: list[Picture]) -> None:
    """Draw pictures in a row that wraps; those of real people blurred."""
    drawn = "".join(
        f'<figure><img alt="{escape(one.alt, quote=True)}" src="{_address(one)}">'
        f"<figcaption>{escape(one.caption)}</figcaption></figure>"
        for one in some
    )
    st.html(f'<div class="lab-faces pairs">{drawn}</div>')


@lru_cache(maxsize=64)
def _address(picture: Picture) -> str:
    pixels = released(picture, watermark="", unlocked=False, side=SIDE)
    return "data:image/png;base64," + b64encode(pixels).decode()
