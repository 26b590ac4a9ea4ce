"""The replay of a run: one sprite, sent once; played, paused and scrubbed in the browser."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pages.ui import player
from pages.ui.tiles import Tile, sprite

_component = player.component("replay", moved="Step of the attack")


@dataclass(frozen=True, eq=False)
class KeyFrame:
    """One moment of a run: the tiles of the shown victims, in their order."""

    step: int
    loss: float | None
    tiles: Sequence[Tile]


def replay(
    names: Sequence[str], truth: Sequence[Tile], frames: Sequence[KeyFrame], *, total: int, key: str
) -> None:
    """Show `names` with their truth and a slider over `frames`; the tiles must all be of one size."""
    rows = [[truth[row], *(frame.tiles[row] for frame in frames)] for row in range(len(names))]
    picture = sprite(rows)
    _component(
        key=key,
        data={
            "id": hashlib.sha256(picture).hexdigest(),
            "sprite": "data:image/png;base64," + base64.b64encode(picture).decode(),
            "side": truth[0].shape[0],
            "victims": list(names),
            "frames": [{"step": frame.step, "loss": _told(frame.loss)} for frame in frames],
            "total": total,
        },
    )


def _told(loss: float | None) -> str:
    """Return a loss in words; one that was no number is not stored."""
    return "not a number" if loss is None else f"{loss:.3g}"
