"""Who fares worst: an average can look calm while one person is recovered every time.

With a few attempts a person, the upper bound of each single share is high for everybody and would rate every
system alike. So a person counts as recovered only where guessing does not explain their hits: the exact
binomial tail P(X >= hits) at the rate of guessing, times the number of people looked at (Bonferroni), is at
most 5 %. Of those, the one with the highest upper bound (Wilson) is the worst. Where even a hit in every
attempt would not be beyond guessing, nobody can say who fares worst: `attempts_needed`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import binom  # type: ignore[import-untyped]

from inversion_core.metrics.intervals import wilson

LEVEL = 0.05
MOST_ATTEMPTS = 50
"""More than anybody runs."""
WITHOUT = ", without the model"


@dataclass(frozen=True)
class Worst:
    """A person or group: `value` and `high` of what the model adds about them, as R; `hits` of `attempts`
    with one person, or records of a group. None where the run kept only the share of a group, and then `high`
    is the value itself.
    """

    title: str
    value: float
    high: float
    hits: int | None = None
    attempts: int | None = None


def attempts_needed(people: int, guessing: float) -> int | None:
    """Return how many attempts a person takes until a hit in each of them is beyond guessing, None: no number
    of attempts is enough.
    """
    enough = (tries for tries in range(1, MOST_ATTEMPTS) if people * guessing**tries <= LEVEL)
    return next(enough, None)


def worst_person(results: Sequence[Mapping[str, Any]], guessing: float) -> Worst | None:
    """Return who was named by the judge most often beyond guessing, over all seeds; None: nobody was."""
    people = len(results[0]["victims"])
    found = [
        _worst(title, hits, attempts, guessing)
        for title, hits, attempts in _people(results)
        if _beyond(hits, attempts, guessing, people)
    ]
    return max(found, key=lambda one: (one.high, one.value), default=None)


def worst_group(score: Mapping[str, Any]) -> Worst | None:
    """Return the named group about whom the model adds most, None where it adds nothing about any.

    Runs of versions that kept no number of records of a group give its share without an interval.
    """
    rulers, counts = score["rulers"], score.get("records", {})
    names = [name for name in rulers if ": " in name and name + WITHOUT in rulers]
    found = []
    for name in names:
        share, guessing, records = rulers[name], rulers[name + WITHOUT], counts.get(name)
        if records is None:
            value = (share - guessing) / max(1e-9, 1 - guessing)
            found += [Worst(name, value, value)] if value > 0 else []
        elif _beyond(round(share * records), records, guessing, len(names)):
            found.append(_worst(name, round(share * records), records, guessing))
    return max(found, key=lambda one: (one.high, one.value), default=None)


def _worst(title: str, hits: int, attempts: int, guessing: float) -> Worst:
    left = 1 - guessing
    high = wilson(hits, attempts)[1]
    return Worst(title, (hits / attempts - guessing) / left, (high - guessing) / left, hits, attempts)


def _people(results: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, int, int]]:
    """Yield name, hits and attempts of each victim."""
    for place, victim in enumerate(results[0]["victims"]):
        hits = sum(result["victims"][place]["evaluator_rank"] == 1 for result in results)
        yield victim["name"], hits, len(results)


def _beyond(hits: int, attempts: int, guessing: float, looked_at: int) -> bool:
    return bool(hits > 0 and binom.sf(hits - 1, attempts, guessing) * looked_at <= LEVEL)
