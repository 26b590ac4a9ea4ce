"""The guesses of a table run as plain values: a CSV of every record, and the summaries a page shows."""

import csv
import io
import math
from typing import Any

from torch import Tensor

from inversion_core.metrics.attribute_surest import curve
from inversion_core.metrics.bootstrap import residual_risk
from inversion_core.metrics.guesses import Pair, named, panel
from inversion_core.metrics.intervals import wilson
from inversion_core.metrics.residual_over_imputation import right
from inversion_core.tables import TableTruth
from inversion_core.values import Claim, Reconstruction

PREVIEW = 200
PART = 50_000
"""Rows written at a time."""


def records_csv(found: Reconstruction, truth: TableTruth) -> bytes:
    """Return one row a record, UTF-8 with a header.

    Columns: `record` (its number in the data), `truth`, `guess`, `right` (1 or 0), `confidence` (the attack's
    own), `case` (empty where the attack has none), `imputer_guess`, `imputer_right`, `imputer_confidence`,
    and one `group: NAME` a grouping column. A missing truth is empty, and so is whether it was guessed right.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for start in range(0, max(len(truth.members.values), 1), PART):
        columns = _rows(found, truth, slice(start, start + PART))
        if start == 0:
            writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def describe_records(found: Reconstruction, truth: TableTruth) -> dict[str, Any]:
    """Return what the result keeps beside the scores; small however many records there are.

    `claim`: what was attacked. `levels`, `positive` (a name or None), `common` (the most common value).
    `confusion`: for `attack`, `imputer` (about members), `control`, `control_imputer`: counts by true value
    (row) and guess (column), in the order of `levels`. `cases`: [{case, n, attack, attack_low, attack_high,
    imputer, imputer_low, imputer_high}], shares right. `groups`: column -> [{level, n, and the same}]. `ppv`:
    [{k, attack, imputer}]. `residual_risk`: {value, low, high} or None where it is not defined. `preview`:
    the first PREVIEW records, keys as in `records_csv`; a missing value is None.
    """
    run = panel(truth)
    shown = _rows(found, truth, slice(PREVIEW))
    risk = residual_risk(right(run.members)[0], right(run.control)[0])
    return {
        "claim": Claim.ATTRIBUTE.value,
        "levels": list(truth.levels),
        "positive": None if truth.positive is None else truth.levels[truth.positive],
        "common": truth.levels[truth.common],
        "confusion": {
            "attack": _counts(run.members.tables.attack),
            "imputer": _counts(run.members.tables.imputer),
            "control": _counts(run.control.tables.attack),
            "control_imputer": _counts(run.control.tables.imputer),
        },
        "cases": [{"case": case, **_accuracy(pair)} for case, pair in run.cases.items()],
        "groups": {
            column: [{"level": level, **_accuracy(pair)} for level, pair in levels.items()]
            for column, levels in run.groups.items()
        },
        "ppv": curve(run),
        "residual_risk": None if risk is None else risk._asdict(),
        "preview": [dict(zip(shown, row, strict=True)) for row in zip(*shown.values(), strict=True)],
    }


def _counts(table: Tensor) -> list[list[int]]:
    told: list[list[int]] = table.long().tolist()
    return told


def _accuracy(pair: Pair) -> dict[str, float | int]:
    """Return how many records there are, and the share attack and imputer are right about."""
    told: dict[str, float | int] = {"n": pair.size}
    for name, hits in zip(("attack", "imputer"), pair.hits, strict=True):
        low, high = wilson(hits, pair.size)
        told |= {name: hits / max(pair.size, 1), f"{name}_low": low, f"{name}_high": high}
    return told


def _rows(found: Reconstruction, truth: TableTruth, some: slice) -> dict[str, list[Any]]:
    """Return the columns of the CSV with some of their cells; None is a missing one."""
    levels, told = truth.levels, truth.members
    values, imputed = told.values[some], told.imputed[some]
    known = ((values >= 0) & (values < len(levels))).tolist()
    attack, imputer = named(told.beliefs[some], truth.common), named(imputed, truth.common)
    return {
        "record": found.classes[some].tolist(),
        "truth": [
            levels[value] if there else None for value, there in zip(values.tolist(), known, strict=True)
        ],
        "guess": [levels[value] for value in attack.tolist()],
        "right": _right(attack == values, known),
        "confidence": _numbers(found.confidence[some]),
        "case": [None] * len(values) if told.cases is None else told.cases[some].tolist(),
        "imputer_guess": [levels[value] for value in imputer.tolist()],
        "imputer_right": _right(imputer == values, known),
        "imputer_confidence": _numbers(imputed.max(1).values),
        **{f"group: {column}": list(names[some]) for column, names in truth.groups.items()},
    }


def _right(right: Tensor, known: list[bool]) -> list[int | None]:
    return [int(hit) if there else None for hit, there in zip(right.tolist(), known, strict=True)]


def _numbers(values: Tensor) -> list[float | None]:
    """Return numbers JSON can hold."""
    return [round(value, 6) if math.isfinite(value) else None for value in values.tolist()]
