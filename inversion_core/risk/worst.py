"""Who fares worst: an average can look calm while one person is recovered every time.

With a few attempts a person, the upper bound of each single share is high for everybody and would rate every
system alike. So a person counts as recovered only where guessing does not explain their hits: the exact
binomial tail P(X >= hits) at the rate of guessing, times the number of people looked at (Bonferroni), is at
most 5 %. Of those, the one with the highest upper bound (Wilson) is the worst.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import binom  # type: ignore[import-untyped]

from inversion_core.metrics.intervals import wilson

LEVEL = 0.05
WITHOUT = ", without the model"


@dataclass(frozen=True)
class Worst:
    """A person or group: `value` and `high` of what the model adds about them, as R; `hits` of `attempts`
    with one person, None where only the share of a group is known, and then `high` is the value itself.
    """

    title: str
    value: float
    high: float
    hits: int | None = None
    attempts: int | None = None


def worst_person(results: Sequence[Mapping[str, Any]], guessing: float) -> Worst | None:
    """Return who was named by the judge most often beyond guessing, over all seeds; None: nobody was."""
    found = [one for one in _people(results) if _beyond(one, guessing, len(results[0]["victims"]))]
    if not found:
        return None
    title, hits, attempts = max(found, key=lambda one: (wilson(one[1], one[2])[1], one[1]))
    high = wilson(hits, attempts)[1]
    left = 1 - guessing
    return Worst(title, (hits / attempts - guessing) / left, (high - guessing) / left, hits, attempts)


def worst_group(score: Mapping[str, Any]) -> Worst | None:
    """Return the named group about whom the model adds most, None where it adds nothing about any.

    Results keep no number of records of a group, so its share has no interval here.
    """
    rulers = score["rulers"]
    groups = {
        name: (rulers[name] - rulers[name + WITHOUT]) / max(1e-9, 1 - rulers[name + WITHOUT])
        for name in rulers
        if ": " in name and name + WITHOUT in rulers
    }
    if not groups or max(groups.values()) <= 0:
        return None
    title = max(groups, key=lambda name: groups[name])
    return Worst(title, groups[title], groups[title])


def _people(results: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, int, int]]:
    """Yield name, hits and attempts of each victim."""
    for place, victim in enumerate(results[0]["victims"]):
        hits = sum(result["victims"][place]["evaluator_rank"] == 1 for result in results)
        yield victim["name"], hits, len(results)


def _beyond(person: tuple[str, int, int], guessing: float, people: int) -> bool:
    _, hits, attempts = person
    return bool(hits > 0 and binom.sf(hits - 1, attempts, guessing) * people <= LEVEL)
