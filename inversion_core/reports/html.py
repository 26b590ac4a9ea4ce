"""A report as one HTML file that asks nothing of the network and runs nothing; all it shows lies inside.

The text of a report is text: Jinja escapes every piece of it, and a policy in the file's head lets the
browser load no more than the pictures within and the one style sheet whose hash it names.
"""

import base64
import hashlib
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inversion_core.errors import DataUnusable
from inversion_core.reports import chart
from inversion_core.reports.blocks import Picture, Report
from inversion_core.reports.document import fingerprint
from inversion_core.reports.release import released, together
from inversion_core.reports.text import moment, plain
from inversion_core.settings import ASSETS

LARGEST = 3_000_000
"""Bytes of the file: it goes by mail and into files of others."""
SIDES = (320, 224, 160, 96)
"""Pixels that pictures are brought to; the first at which the file is small enough is taken."""
FOLDER = ASSETS / "report"


def html(report: Report, *, unlocked: bool = False) -> bytes:
    """Return the report as one HTML file of less than 3 MB, UTF-8.

    `unlocked` leaves pictures of people sharp. Raises DataUnusable when a picture cannot be read, or when
    there are so many that even small ones do not fit.
    """
    for side in SIDES:
        made = rendered(report, unlocked=unlocked, side=side)
        if len(made) < LARGEST:
            return made
    raise DataUnusable(
        f"a report is smaller than {LARGEST} bytes, this one has {len(made)} with its pictures at their "
        "smallest; leave pictures or rows out"
    )


def rendered(report: Report, *, unlocked: bool, side: int) -> bytes:
    """Return the file with pictures of one size."""

    def address(picture: Picture) -> str:
        pixels = released(picture, watermark=report.watermark, unlocked=unlocked, side=side)
        return "data:image/png;base64," + base64.b64encode(pixels).decode("ascii")

    style = (FOLDER / "report.css").read_text(encoding="utf-8") + running(report)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    text = (
        environment()
        .get_template("report.html")
        .render(
            report=report,
            style=style,
            style_hash=digest,
            address=address,
            fingerprint=fingerprint(report),
            unlocked=unlocked,
        )
    )
    return (text.strip() + "\n").encode("utf-8")


def running(report: Report) -> str:
    """Return the style of what stands on every printed page, as far as the browser prints page margins."""
    banner = css_string(" ".join(report.banner))
    foot = css_string(f"{report.title}, version {report.version}, content {fingerprint(report)}")
    return f"@page {{ @top-left {{ content: {banner}; }} @bottom-left {{ content: {foot}; }} }}\n"


def css_string(text: str) -> str:
    """Quote text for a style sheet; all but letters and digits as their numbers, so that none ends it."""
    told = (one if one.isascii() and one.isalnum() else f"\\{ord(one):06x}" for one in plain(text))
    return f'"{"".join(told)}"'


@lru_cache
def environment() -> Environment:
    """Return the templates, with escaping on and every piece of text made plain before it is escaped."""
    made = Environment(
        loader=FileSystemLoader(FOLDER, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: plain(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"moment": moment, "kind": lambda block: type(block).__name__, "place": place}
    made.globals |= {"chart": chart, "together": together}
    return made


def place(share: float) -> str:
    """Tell a share of the width as SVG reads it."""
    return f"{100 * share:.2f}%"
