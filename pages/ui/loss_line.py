"""The attack's loss over its steps: one small line, light enough for thirty viewers a second."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

WIDTH, HEIGHT = 1000, 100
MARGIN = 3


def loss_line(points: Sequence[tuple[int, float]]) -> str:
    """Return steps and losses as HTML: a line, its last value beside it, all of it in words as well.

    One point is no line; the answer is empty then.
    """
    if len(points) < 2:
        return ""
    (first, start), (last, end) = points[0], points[-1]
    told = f"Loss of the attack, from {start:.3g} at step {first:,} to {end:.3g} at step {last:,}."
    return (
        f'<p class="lab-loss"><span class="lab-quiet">loss {end:.3g}</span><i role="img" '
        f'aria-label="{escape(told)}" style="--drawing:url(&quot;{_drawing(points)}&quot;)"></i></p>'
    )


def _drawing(points: Sequence[tuple[int, float]]) -> str:
    """Return the line as an SVG address; style.css uses it as a mask and gives it the theme's colour."""
    steps, losses = zip(*points, strict=True)
    low, span = min(losses), (max(losses) - min(losses)) or 1
    reach = (steps[-1] - steps[0]) or 1
    height = HEIGHT - 2 * MARGIN
    line = " ".join(
        f"{WIDTH * (step - steps[0]) / reach:.0f},{HEIGHT - MARGIN - height * (loss - low) / span:.1f}"
        for step, loss in points
    )
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' preserveAspectRatio='none'>"
        f"<polyline points='{line}' fill='none' stroke='black' stroke-width='2' "
        "vector-effect='non-scaling-stroke'/></svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe=" ,/:='")
