"""Iterate the generators of a run: notice cancellation, record progress and key frames, keep time."""

import math
import time
from collections.abc import Generator
from typing import TypeVar

from torch import Tensor

from inversion_core import pictures
from inversion_core.errors import Cancelled
from inversion_core.store.runs import RunStore
from inversion_core.values import Progress, State

FRAMES = 40
"""Key frames kept of a run, log-spaced over its steps."""
SHOWN = 24
"""Victims on a frame; the finished sheet shows them all."""

T = TypeVar("T")


class Driver:
    """Carries one run; `seconds` holds what each phase took."""

    def __init__(self, run_id: str, store: RunStore) -> None:
        self.run_id = run_id
        self.store = store
        self.seconds: dict[str, float] = {}
        self._told = 0.0

    def drive(self, phase: str, steps: Generator[Progress, None, T], *, frames: bool = False) -> T:
        """Exhaust `steps` and return what it returns; raises Cancelled at the first step after a request."""
        began = time.monotonic()
        self.store.advance(self.run_id, phase=phase, state=State.RUNNING)
        kept: set[int] = set()
        try:
            while True:
                progress = next(steps)
                if frames and progress.best is not None and _is_key_frame(progress, kept):
                    kept.add(progress.step)
                    self._keep_frame(progress)
                self._tell(progress)
        except StopIteration as stop:
            value: T = stop.value
            return value
        finally:
            steps.close()
            self.seconds[phase] = round(time.monotonic() - began, 3)

    def keep_sheet(self, name: str, images: Tensor) -> None:
        """Store all pictures (N, C, H, W) uint8 as one sheet."""
        self.keep(f"{name}.png", pictures.png(pictures.sheet(images)))

    def keep(self, name: str, data: bytes) -> None:
        """Store a file of the result."""
        self.store.add_artifact(self.run_id, name, data)

    def _keep_frame(self, progress: Progress) -> None:
        assert progress.best is not None
        shown = pictures.to_bytes(progress.best[:SHOWN])
        self.store.add_frame(self.run_id, progress.step, progress.loss, pictures.png(pictures.sheet(shown)))

    def _tell(self, progress: Progress) -> None:
        """Write progress at most five times a second: the store is shared."""
        now = time.monotonic()
        if now - self._told < 0.2 and progress.step < progress.total:
            return
        self._told = now
        self.store.advance(
            self.run_id, step=progress.step, total=progress.total, loss=progress.loss, note=progress.note
        )
        if self.store.cancel_requested(self.run_id):
            raise Cancelled("a person asked for this run to stop")


def _is_key_frame(progress: Progress, kept: set[int]) -> bool:
    """Say whether a step is one of at most FRAMES log-spaced ones; the first and the last always are."""
    if progress.step in (1, progress.total):
        return progress.step not in kept
    if len(kept) >= FRAMES - 1:
        return False
    slot = math.floor(math.log(progress.step) / math.log(max(progress.total, 2)) * (FRAMES - 2))
    taken = {math.floor(math.log(step) / math.log(max(progress.total, 2)) * (FRAMES - 2)) for step in kept}
    return slot not in taken
