"""How far a run is: a sentence, a bar and, where there is one, the line of its loss."""

from collections.abc import Sequence
from html import escape

from inversion_core.store.runs import RunRecord
from inversion_core.values import State
from pages.ui import words
from pages.ui.drawn import Drawn
from pages.ui.loss_line import loss_line

DOING = {
    "target": "Preparing the model",
    "public": "Collecting public photos",
    "attack": "Attacking",
    "metrics": "Judging",
}
"""What a run does in each phase, in words."""
STEADY = 3
"""Steps before the pace of a run says anything about its end."""


def pace(
    record: RunRecord,
    losses: Sequence[tuple[int, float]],
    *,
    remaining: float | None,
    position: int | None,
) -> Drawn:
    """Draw a run that goes on; `remaining` seconds and `position` in the queue where they are known."""
    told = escape(_sentence(record, remaining, position))
    share = 100 * _share(record)
    return Drawn(
        f'<div class="lab-pace"><div class="run"><p>{told}</p>'
        '<div class="bar" role="progressbar" aria-label="Progress of the run" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{share:.0f}" aria-valuetext="{told}">'
        f'<i style="width:{share:.1f}%"></i></div></div>{loss_line(losses)}</div>'
    )


def doing(record: RunRecord) -> str:
    """Return what a run does, in words."""
    return "Waiting" if record.state is State.QUEUED else DOING.get(record.phase, "Starting")


def announced(record: RunRecord) -> str:
    """Return how far a run is in words that change at most about a dozen times, fit to be read aloud."""
    tenths = int(10 * _share(record))
    return f"{doing(record)}, {10 * tenths} %." if tenths else f"{doing(record)}."


def _share(record: RunRecord) -> float:
    if record.state is not State.RUNNING or not record.total:
        return 0.0
    return min(1.0, record.step / record.total)


def _sentence(record: RunRecord, remaining: float | None, position: int | None) -> str:
    about = f", about {words.duration(remaining)}" if remaining else ""
    if record.state is State.QUEUED:
        return f"Waiting, you are {words.ordinal(position or 1)}{about}"
    step = f": step {record.step:,} of {record.total:,}" if record.total > 1 else ""
    note = f" ({record.note})" if record.note else ""
    left = f"{about} left" if about and record.step >= STEADY else ""
    return f"{doing(record)}{step}{note}{left}"
