"""Where the marks of a bar chart lie, for whoever draws it: the page with SVG, the PDF with lines."""

import math
from dataclasses import dataclass

from inversion_core.reports.blocks import Bar, Bars
from inversion_core.reports.text import percent

TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
NOT_MEASURED = "not measured"
HEADS = ("What", "Value", "Interval", "Baseline", "In words")


@dataclass(frozen=True)
class Drawn:
    """One bar as it is drawn: shares of the width from 0 to 1; `value` None: hatched, nobody measured it."""

    label: str
    said: str
    value: float | None
    low: float
    high: float
    baseline: float | None


def drawn(bar: Bar) -> Drawn:
    """Clip a bar to the scale; a value that is no number was not measured."""
    missing = bar.hatched or not math.isfinite(bar.value)
    value = None if missing else clipped(bar.value)
    ends = [end if math.isfinite(end) else bar.value for end in (bar.low, bar.high)]
    low, high = (0.0, 0.0) if value is None else sorted(map(clipped, ends))
    known = bar.baseline is not None and math.isfinite(bar.baseline)
    baseline = clipped(bar.baseline) if known and bar.baseline is not None else None
    said = bar.said or (NOT_MEASURED if value is None else percent(bar.value))
    return Drawn(bar.label, said, value, low, high, baseline)


def named_lines(bars: Bars) -> list[tuple[str, float]]:
    """Return the named lines from left to right, those that are numbers."""
    known = [(name, clipped(value)) for name, value in bars.lines if math.isfinite(value)]
    return sorted(known, key=lambda line: line[1])


def marks(bars: Bars) -> list[str]:
    """Say which marks the chart has, so that a legend explains those and no other: names of styles."""
    all_drawn = [drawn(bar) for bar in bars.bars]
    found = {
        "value": any(bar.value is not None for bar in all_drawn),
        "interval": any(bar.value is not None for bar in all_drawn),
        "baseline": any(bar.baseline is not None for bar in all_drawn),
        "hatched": any(bar.value is None for bar in all_drawn),
    }
    return [name for name, there in found.items() if there]


LEGEND = {
    "value": "value",
    "interval": "its interval",
    "baseline": "baseline, reached without the model",
    "hatched": NOT_MEASURED,
}


def behind(bars: Bars) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the table behind a chart, under `HEADS`; the named lines come last."""
    rows = []
    for bar in bars.bars:
        told = drawn(bar)
        measured = told.value is not None
        value = percent(bar.value) if measured else NOT_MEASURED
        interval = f"{percent(bar.low)} to {percent(bar.high)}" if measured else "\u2013"
        baseline = "\u2013" if bar.baseline is None else percent(bar.baseline)
        rows.append((bar.label, value, interval, baseline, bar.said or "\u2013"))
    lines = [
        (name, percent(value), "\u2013", "\u2013", "a line across the chart") for name, value in bars.lines
    ]
    return (*rows, *lines)


def clipped(share: float) -> float:
    """Keep a share on the scale."""
    return min(1.0, max(0.0, share))
