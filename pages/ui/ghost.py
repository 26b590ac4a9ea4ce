"""Bars over their ghosts: what the attack reached, drawn over what anyone could guess without the model.

The ghost is wide and grey and stands behind; only where the attack's bar leaves it behind, and its interval
with it, was anything learnt from the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from pages.ui import words

LEGEND = (
    ("attacker", "the attack"),
    ("ghost", "anyone, without the model"),
    ("whisker", "95 % interval of the attack"),
    ("unseen", "the attack on records the model never saw"),
    ("common", "always the most common value"),
)
"""Role and words of everything on a track."""


@dataclass(frozen=True)
class Bar:
    """One number of an attack with what it must be compared with, all on one scale.

    `ghost`: the same number of the imputer that never asked the model; `unseen`: of the same attack on
    records the model never saw; `common`: of always guessing the most common
    value. `share`: told in per cent.
    """

    title: str
    value: float
    low: float
    high: float
    ghost: float
    n: int
    unseen: float | None = None
    common: float | None = None
    share: bool = True

    def told(self, value: float) -> str:
        """Return a value of this bar as people read it."""
        return f"{100 * value:.0f} %" if self.share else f"{value:.2f}"

    @property
    def interval(self) -> str:
        """The 95 % interval in words."""
        return f"{self.told(self.low)} to {self.told(self.high)}"


def bars(shown: Sequence[Bar], *, legend: bool = True) -> None:
    """Draw bars one below the other, shares on one scale and other numbers on another; say what is what."""
    if legend:
        drawn = {
            "unseen": any(bar.unseen is not None for bar in shown),
            "common": any(bar.common is not None for bar in shown),
        }
        words.legend([(role, told) for role, told in LEGEND if drawn.get(role, True)])
    groups = [[bar for bar in shown if bar.share is share] for share in (True, False)]
    html = "".join(_scale(group) for group in groups if group)
    st.html(f'<div class="lab-bars">{html}</div>')


def _scale(group: Sequence[Bar]) -> str:
    """Return the bars of one scale as HTML, the scale below them."""
    floor = _floor(group)
    ticks = [tick / 4 for tick in range(round(4 * floor), 5)]
    grid = "".join(f'<i class="grid" style="left:{_place(tick, floor):.2f}%"></i>' for tick in ticks)
    named = "".join(
        f'<span style="left:{_place(tick, floor):.2f}%">{group[0].told(tick)}</span>'
        for tick in ticks
        if tick in (floor, 0, 0.5, 1)
    )
    axis = f'<div class="lab-bar axis" aria-hidden="true"><div class="ticks">{named}</div></div>'
    return "".join(_row(bar, floor, grid) for bar in group) + axis


def _floor(shown: Sequence[Bar]) -> float:
    """Return the left end of the scale: 0, or a quarter step below the lowest value."""
    lowest = min([bar.low for bar in shown] + [bar.ghost for bar in shown] + [bar.value for bar in shown])
    floor = 0.0
    while floor > lowest and floor > -1:
        floor -= 0.25
    return floor


def _place(value: float, floor: float) -> float:
    """Return where a value lies on the scale, in per cent of its length."""
    return 100 * (min(max(value, floor), 1.0) - floor) / (1 - floor)


def _row(bar: Bar, floor: float, grid: str) -> str:
    """Return one bar as HTML, with the same facts as words for who cannot see it."""
    zero = _place(0.0, floor)

    def span(role: str, value: float) -> str:
        start, end = sorted((zero, _place(value, floor)))
        return f'<i class="{role}" style="left:{start:.2f}%;width:{end - start:.2f}%"></i>'

    drawn = grid + span("ghost", bar.ghost) + span("attack", bar.value)
    start, end = _place(bar.low, floor), _place(bar.high, floor)
    drawn += f'<i class="whisker" style="left:{start:.2f}%;width:{end - start:.2f}%"></i>'
    for role, value in (("common", bar.common), ("unseen", bar.unseen)):
        if value is not None:
            drawn += f'<i class="{role}" style="left:{_place(value, floor):.2f}%"></i>'
    return (
        f'<div class="lab-bar"><div class="name">{escape(bar.title)}<small>n = {bar.n:,}</small></div>'
        f'<div class="track" role="img" aria-label="{escape(_sentence(bar))}">{drawn}</div>'
        f'<div class="number"><b>{bar.told(bar.value)}</b> <small>{bar.interval}</small>'
        f"<span>anyone {bar.told(bar.ghost)}</span></div></div>"
    )


def _sentence(bar: Bar) -> str:
    """Return everything a bar shows in words."""
    told = (
        f"{bar.title}: the attack {bar.told(bar.value)}, 95 % interval {bar.interval}; without the model "
        f"{bar.told(bar.ghost)}; n {bar.n}"
    )
    if bar.unseen is not None:
        told += f"; on records the model never saw {bar.told(bar.unseen)}"
    if bar.common is not None:
        told += f"; always the most common value {bar.told(bar.common)}"
    return told
