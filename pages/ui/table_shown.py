"""A finished table run as the pages show it, whether it lies in the store or ships as evidence."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from inversion_core.errors import StoreUnavailable
from inversion_core.metrics.attribute_scores import COMMON
from inversion_core.metrics.glossary import explain
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from inversion_core.values import Family, Modality
from pages.ui import evidence, library
from pages.ui.ghost import Bar
from pages.ui.scores import ordered

LEFT_APART = ("residual-over-imputation", "attribute-ppv-at-k")
"""Scores that have pictures of their own."""
CORRELATION = "attribute-mcc"
NUMBERS = {name: [""] for name in ("right", "confidence", "case", "imputer_right", "imputer_confidence")}
"""Columns of the stored guesses in which an empty cell is a missing number."""


def bars(scores: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """Return the scores that are bars, in their order."""
    return [
        Bar(
            title=explain(score["name"], Modality.TABLE).title,
            value=score["value"],
            low=score["low"],
            high=score["high"],
            ghost=score["baseline"],
            n=score["n"],
            unseen=score["control"],
            common=score["rulers"].get(COMMON),
            share=score["name"] != CORRELATION,
        )
        for score in ordered(scores)
        if score["name"] not in LEFT_APART
    ]


@dataclass(frozen=True, eq=False)
class ShownTable:
    """A result whose guesses lie under `name`: the run's id, or that of shipped evidence without `record`."""

    scenario: Scenario
    result: dict[str, Any]
    name: str
    synthetic: bool
    record: RunRecord | None = None

    @property
    def scores(self) -> dict[str, dict[str, Any]]:
        """The scores by name."""
        return {score["name"]: score for score in self.result["scores"]}

    def guesses(self) -> pd.DataFrame:
        """Return one row a record; raises StoreUnavailable."""
        return _guesses(self.name)

    def file(self) -> bytes:
        """Return the guesses as the run stored them, as CSV; raises StoreUnavailable."""
        return _file(self.name)


def of_record(record: RunRecord) -> ShownTable:
    """Return a table run that is done."""
    assert record.result is not None, "a run that is done has a result"
    return ShownTable(
        scenario=record.scenario,
        result=record.result,
        name=record.id,
        synthetic=library.synthetic(record.scenario),
        record=record,
    )


def of_evidence(name: str = evidence.TABLES[0]) -> ShownTable:
    """Return a shipped table run; raises UnknownName, StoreUnavailable."""
    stored = evidence.table(name)
    scenario = Scenario.model_validate(stored.scenario)
    return ShownTable(
        scenario=scenario,
        result=stored.result,
        name=name,
        synthetic=library.synthetic(scenario),
    )


def is_table(scenario: Scenario) -> bool:
    """Say whether a scenario guesses sensitive values of a table's records."""
    return library.family(scenario) is Family.ATTRIBUTES


def _file(name: str) -> bytes:
    if name in evidence.TABLES:
        return evidence.table(name).records
    return library.file(library.store().get(name), "records.csv")


@lru_cache(maxsize=4)
def _guesses(name: str) -> pd.DataFrame:
    """Read the guesses of a finished run, which never change; a value called "nan" stays a name."""
    texts = dict.fromkeys(("truth", "guess", "imputer_guess"), str)
    try:
        found = pd.read_csv(io.BytesIO(_file(name)), dtype=texts, keep_default_na=False, na_values=NUMBERS)
    except ValueError as error:
        raise StoreUnavailable(
            f"the guesses of a run are a CSV file, this one cannot be read ({error}); run the scenario again"
        ) from error
    return found
