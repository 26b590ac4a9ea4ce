"""What takes steps and tells of each, carried out to its end."""

from collections.abc import Generator
from typing import Any


def finish(steps: Generator[Any, None, Any]) -> Any:
    """Return what the steps come to."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value
