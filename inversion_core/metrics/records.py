"""The guesses of a table run as plain values: a CSV of every record, and the summaries a page shows."""

from typing import Any

from inversion_core.tables import TableTruth
from inversion_core.values import Reconstruction


def records_csv(found: Reconstruction, truth: TableTruth) -> bytes:
    """Return one row a record."""
    raise NotImplementedError


def describe_records(truth: TableTruth) -> dict[str, Any]:
    """Return what the result keeps beside the scores."""
    raise NotImplementedError
