"""Independent parts of a batch, computed on several cores at once.

Each part runs on one torch thread in a lane of its own. That beats several torch threads on every part: no
layer waits for the slowest thread, and two workers that share two cores do not spin at each other's barriers.
What is done to a part is the same with any number of lanes, so equal seeds give equal bytes whatever the
machine's cores.
"""

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor

from inversion_core.settings import settings

P = ParamSpec("P")
T = TypeVar("T")

_here = threading.local()


def in_lanes(work: Callable[..., T], *columns: Iterable[object]) -> list[T]:
    """Return `map(work, *columns)` as a list, computed in the lanes of this process.

    `work` chooses its own grad mode, which a lane does not inherit, and draws no random numbers that others
    draw too: lanes finish in any order. Inside a lane the parts run one after the other.
    """
    if getattr(_here, "inside", False):
        return list(map(work, *columns))
    return list(_pool().map(work, *columns))


def together(work: Callable[..., Tensor], *columns: Iterable[object]) -> Tensor:
    """Return what `in_lanes` gives for each part, joined along the first dimension."""
    return torch.cat(in_lanes(work, *columns))


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    lanes, outside = settings().lanes, torch.get_num_threads()
    pool = ThreadPoolExecutor(lanes, "lane", _enter)
    # Every lane is entered before the thread count of this one is put back: torch hands the last count that
    # was set on to threads that come later.
    entered = threading.Barrier(lanes + 1)
    for _ in range(lanes):
        pool.submit(entered.wait)
    entered.wait()
    torch.set_num_threads(outside)
    return pool


def _enter() -> None:
    # A thread's first question sets its count to the process's; asked later, it would undo the next line.
    torch.get_num_threads()
    torch.set_num_threads(1)
    _here.inside = True


# A forked child has none of the lanes of its parent.
os.register_at_fork(after_in_child=_pool.cache_clear)
