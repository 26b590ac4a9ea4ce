"""Text that people or files brought, made fit for a document: letters stay, what could act or deceive shows.

No format escapes these for us: control characters end XML and PDF strings early, lone surrogates cannot be
written as UTF-8, and characters that turn the direction of text make a name read as another.
"""

import math
import re
from datetime import datetime

SHOWN = "\ufffd"
"""Stands visibly where a character was that no document may carry."""
UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, except tab and line feed
    "\u2028\u2029"  # line ends that only some readers see
    "\u202a-\u202e\u2066-\u2069"  # direction overrides and isolates
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # halves of pairs, and what is no character
)


def plain(text: str) -> str:
    """Return text without characters that could act on a document; each leaves a visible mark behind."""
    return UNFIT.sub(SHOWN, text.replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str) -> str:
    """Return text fit for one line of a terminal, which acts on control characters too."""
    return plain(text.replace("\t", " ").replace("\n", SHOWN))


def percent(share: float) -> str:
    """Tell a share from 0 to 1 with one decimal, so that figures in a column compare; no number is a dash."""
    return f"{100 * share:.1f} %" if math.isfinite(share) else "\u2013"


def moment(made: str) -> str:
    """Tell an ISO 8601 time as people write it, "4 March 2026, 09:30 UTC"; what is no time stays as it is."""
    try:
        when = datetime.fromisoformat(made)
    except ValueError:
        return made
    zone = " UTC" if when.tzinfo is None or not when.utcoffset() else f" {when:%z}"
    return f"{when.day} {when:%B %Y, %H:%M}{zone}"
