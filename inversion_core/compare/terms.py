"""What two results must share to stand side by side, and why they do not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

HEADLINES = {"evaluator-top1": (0.0, 1.0), "residual-over-imputation": (-1.0, 1.0)}
"""The score that a comparison rests on, and the ends of its scale: pictures, tables."""


class Change(StrEnum):
    """What a row may change on purpose; such a difference is its subject and no reason to refuse."""

    DATASET = "dataset"
    TARGET = "target"
    BUDGET = "query budget"
    ACCESS = "access"


@dataclass(frozen=True)
class Terms:
    """Under which terms a result came about; None where a result of an earlier version does not say."""

    metric: str | None
    metric_version: int | None
    data_version: int | None
    dataset: str | None
    target: str
    victims: str | None
    evaluator: str | None
    query_budget: int | None
    access: str


WORDS = {
    "metric": "headline score",
    "metric_version": "version of the metrics",
    "data_version": "version of the data",
    "dataset": "dataset",
    "target": "target architecture",
    "victims": "set of victims",
    "evaluator": "evaluator",
    "query_budget": "query budget",
    "access": "access level",
}
CHANGED_BY = {
    "dataset": {Change.DATASET},
    "victims": {Change.DATASET},
    "evaluator": set(),
    "target": {Change.TARGET},
    "query_budget": {Change.BUDGET},
    "access": {Change.ACCESS},
}
"""Term -> the changes that explain a difference; nothing explains another judge."""
OF_COLUMN = frozenset({"query_budget", "access"})
"""Terms that the cells of one column share; two columns may differ in them, as attacks do."""
MAY_BE_NONE = frozenset({"query_budget", "evaluator"})
"""No budget was set; no network judges, as with tables."""


def read_terms(scenario: Mapping[str, Any], result: Mapping[str, Any]) -> Terms:
    """Return the terms of a stored result and its scenario, both as JSON."""
    said = result.get("terms", {})
    exposure = scenario.get("exposure", {})
    return Terms(
        metric=headline(result),
        metric_version=said.get("metric_version"),
        data_version=said.get("data_version"),
        dataset=said.get("dataset"),
        target=scenario["target"]["name"],
        victims=said.get("victims"),
        evaluator=said.get("evaluator"),
        query_budget=exposure.get("query_budget"),
        access=exposure.get("access", "white-box"),
    )


def headline(result: Mapping[str, Any]) -> str | None:
    """Return the name of the score that a comparison of this result rests on; None: it has none."""
    names = {score["name"] for score in result.get("scores", [])}
    return next((name for name in HEADLINES if name in names), None)


def unlike(
    first: Terms, second: Terms, changes: Collection[Change] = (), *, columns: bool = False
) -> list[str]:
    """Return every reason why `second` may not stand beside `first`, one sentence each; empty when it may.

    `changes` are what differs on purpose; with `columns` the two stand in different columns of a matrix.
    """
    reasons = []
    for term in (field.name for field in fields(Terms)):
        ours, theirs = getattr(first, term), getattr(second, term)
        if (columns and term in OF_COLUMN) or CHANGED_BY.get(term, set()) & set(changes):
            continue
        if term not in MAY_BE_NONE and None in (ours, theirs):
            reasons.append(f"a result does not say its {WORDS[term]}; run its scenario again")
        elif ours != theirs:
            reasons.append(
                f"the {WORDS[term]} differs: {_shown(ours)} there, {_shown(theirs)} here; "
                "compare results that share it"
            )
    return reasons


def _shown(value: object) -> str:
    return "none" if value is None else str(value)
