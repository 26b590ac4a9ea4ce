"""Small tables for the tests: people with an age, a job, a secret and an outcome."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

HEADER = "age,job,city,secret,outcome"
ROLES = {"label": "outcome", "sensitive": "secret"}
Maker = Callable[[str], Path]


def people(count: int = 80, seed: int = 0) -> list[str]:
    """Return lines of a table without anything odd."""
    rng = np.random.default_rng(seed)
    jobs, cities, secrets = ("clerk", "nurse"), ("Bath", "Leeds", "York"), ("yes", "no")
    return [
        f"{20 + number % 50},{jobs[rng.integers(2)]},{cities[rng.integers(3)]},{secrets[rng.integers(2)]},"
        f"{('good', 'bad')[rng.integers(2)]}"
        for number in range(count)
    ]


def lines(*changed: tuple[int, str], header: str = HEADER, count: int = 80) -> str:
    """Return the table as text, some lines (counted from 1, the header is the first) replaced."""
    text = [header, *people(count)]
    for line, new in changed:
        text[line - 1] = new
    return "\n".join(text) + "\n"


def with_column(name: str, cells: list[str]) -> str:
    """Return the table as text with a further column, whose cells repeat."""
    rows = [f"{line},{cells[place % len(cells)]}" for place, line in enumerate(people())]
    return "\n".join([f"{HEADER},{name}", *rows]) + "\n"
