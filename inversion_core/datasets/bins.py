"""Cut numbers into ranges of about equal shares of the public, with names a reader can check by eye."""

from collections.abc import Sequence
from itertools import pairwise
from math import floor, log10

import numpy as np
import numpy.typing as npt

from inversion_core.datasets.column_kinds import number_name

Numbers = npt.NDArray[np.float64]


def quantile_edges(public: Numbers, bins: int) -> tuple[float, ...]:
    """Return up to bins - 1 inner edges; a range ends with its upper edge included.

    Edges are rounded, to about a hundredth of the spread or to whole numbers where all are, and then cut as
    they read. Fewer come back where many numbers are equal; none where all are.
    """
    low, high = float(public.min()), float(public.max())
    if low == high:
        return ()
    wanted = np.quantile(public, np.linspace(0, 1, bins + 1)[1:-1])
    if is_whole(public):
        edges = {float(np.floor(edge)) for edge in wanted}
    else:
        edges = {round(float(edge), 2 - floor(log10(high - low))) for edge in wanted}
    return tuple(sorted(edge for edge in edges if low <= edge < high))


def is_whole(numbers: Numbers) -> bool:
    """Say whether all numbers that are known are whole."""
    return bool((numbers[~np.isnan(numbers)] % 1 == 0).all())


def cut(numbers: Numbers, edges: Sequence[float]) -> Numbers:
    """Return the range of each number, NaN for NaN."""
    return np.where(np.isnan(numbers), np.nan, np.searchsorted(edges, numbers, side="left"))


def range_names(edges: Sequence[float], whole: bool) -> tuple[str, ...]:
    """Name the ranges: "30 or less", "31 to 45", "46 or more"; "over 1.5, up to 2.5" where not whole."""
    ends = [number_name(edge) for edge in edges]
    if not whole:
        middle = [f"over {low}, up to {high}" for low, high in pairwise(ends)]
        return (f"up to {ends[0]}", *middle, f"over {ends[-1]}")
    starts = [number_name(edge + 1) for edge in edges]
    spans = [low if low == high else f"{low} to {high}" for low, high in zip(starts, ends[1:], strict=False)]
    return (f"{ends[0]} or less", *spans, f"{starts[-1]} or more")
