"""The same people under every defence of a column, all moved by one slider."""

import base64
import hashlib
import json

from inversion_core.compare.matrix import Attacker
from pages.ui import player
from pages.ui.comparison import Comparison

_component = player.component(
    "strips",
    moved="How far the attacks are",
    scene='tabindex="0" role="group" aria-label="People: truth, then each defence"',
)


def strips(kept: Comparison, column: str, attacker: Attacker, *, first: str, key: str) -> list[str]:
    """Show the truth, then the row `first`, then every other row that has pictures; return those that have
    none. Raises StoreUnavailable.
    """
    rows = [first, *(row for row in kept.matrix.rows if row != first)]
    found = {row: kept.sprite(row, column, attacker) or kept.sprite(row, column, "naive") for row in rows}
    shown = [("truth", 1, kept.truth)]
    shown += [(row, len(kept.moments), picture) for row, picture in found.items() if picture is not None]
    # Attackers whom a defence does not touch all leave the same pictures, which then travel once.
    sprites = list(dict.fromkeys(picture for _, _, picture in shown))
    data = {
        "side": kept.side,
        "people": list(kept.people),
        "moments": list(kept.moments),
        "sprites": [_address(sprite) for sprite in sprites],
        "strips": [
            {"label": label, "moments": moments, "sprite": sprites.index(picture)}
            for label, moments, picture in shown
        ],
    }
    _component(key=key, data={"id": hashlib.sha256(json.dumps(data).encode()).hexdigest(), **data})
    return [row for row, picture in found.items() if picture is None]


def _address(picture: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(picture).decode()
