"""Guesses that are kept: the same as those made anew, asked for once, and never mistaken for others."""

from dataclasses import replace

import pytest
import torch

from inversion_core.errors import WeightsUnusable
from inversion_core.metrics import imputations
from inversion_core.metrics.imputations import imputed
from inversion_core.metrics.imputer import impute
from inversion_core.settings import settings
from inversion_core.tables import Column, Records, TableKnowledge

OTHERS = Records(
    torch.rand(60, 2, generator=torch.Generator().manual_seed(3)).round(), torch.zeros(60).long()
)
COLUMNS = (Column("ill", ("no", "yes"), (30, 30)), Column("smokes", ("no", "yes"), (30, 30)))
KNOWN = TableKnowledge(
    columns=COLUMNS, sensitive=0, records=torch.tensor([[float("nan"), 0.0], [float("nan"), 1.0]]),
    unknown=(), labels=None, marginals=None, confusion=None, auxiliary=None,
)  # fmt: skip


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often guesses are made anew."""
    counted: list[int] = []

    def counting(*parts: object) -> torch.Tensor:
        counted.append(1)
        return impute(*parts)  # type: ignore[arg-type]

    monkeypatch.setattr(imputations, "impute", counting)
    return counted


def test_kept_guesses_are_those_made_anew_and_made_once(asked: list[int]) -> None:
    first, again = imputed(KNOWN, OTHERS, rng()), imputed(KNOWN, OTHERS, rng())
    assert torch.equal(first, impute(KNOWN, OTHERS, rng())) and torch.equal(first, again)
    assert len(asked) == 1


def test_other_records_labels_columns_or_chance_are_asked_for_anew(asked: list[int]) -> None:
    imputed(KNOWN, OTHERS, rng(7))
    fewer = Records(OTHERS.inputs[:50], OTHERS.labels[:50])
    labelled = replace(KNOWN, labels=torch.tensor([0, 0]))
    other = replace(KNOWN, records=KNOWN.records.flip(0))
    hidden = replace(KNOWN, unknown=(1,))
    for known, others, seed in (
        (KNOWN, OTHERS, 8), (KNOWN, fewer, 7), (labelled, OTHERS, 7), (other, OTHERS, 7), (hidden, OTHERS, 7)
    ):  # fmt: skip
        imputed(known, others, rng(seed))
    assert len(asked) == 6


def test_a_damaged_file_is_told_and_not_believed(asked: list[int]) -> None:
    imputed(KNOWN, OTHERS, rng(9))
    path = max((settings().cache / "imputations").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(WeightsUnusable, match="delete it to have it made again"):
        imputed(KNOWN, OTHERS, rng(9))
