"""Exposure against its definition, and what chance gives."""

import math

import pytest
import torch

from inversion_core.metrics.exposure import (
    CanaryExposureScore,
    SecretsSpelled,
    SecretTruth,
    by_chance,
    by_copies,
    exposure,
)


def test_exposure_is_the_bits_between_the_rank_and_all() -> None:
    rankings = torch.tensor([[0.0, 3.0, 2.0, 1.0]] * 4)
    found = exposure(rankings, torch.tensor([1, 2, 3, 0]))
    assert found.tolist() == [2.0, 1.0, pytest.approx(2 - math.log2(3)), 0.0]


def test_equally_likely_secrets_have_no_exposure() -> None:
    assert exposure(torch.zeros(1, 8), torch.tensor([3])).item() == 0


def test_chance_is_what_random_ranks_have_on_average() -> None:
    rng = torch.Generator().manual_seed(0)
    rankings = torch.rand(4000, 1000, generator=rng)
    drawn = exposure(rankings, torch.zeros(4000, dtype=torch.long))
    assert abs(drawn.mean().item() - by_chance(1000)) < 4 * drawn.std().item() / math.sqrt(4000)
    assert abs(by_chance(10_000) - 1 / math.log(2)) < 0.002


def truth() -> SecretTruth:
    rankings = torch.rand(9, 16, generator=torch.Generator().manual_seed(1))
    secrets, copies = torch.arange(9), torch.tensor([0, 0, 0, 1, 1, 1, 4, 4, 4])
    rankings[copies == 4, secrets[copies == 4]] = 2.0
    return SecretTruth(rankings, secrets, copies)


def test_the_score_is_of_the_secrets_written_most_often() -> None:
    score = CanaryExposureScore().score(truth())
    assert (score.value, score.n, score.rulers["ceiling"]) == (4.0, 3, 4.0)
    assert score.low < 4.0 == score.high and set(score.rulers) == {"ceiling", "written once"}
    spelled = SecretsSpelled().score(truth())
    assert (spelled.value, spelled.baseline) == (1.0, 1 / 16) and spelled.low < 1


def test_every_number_of_copies_has_its_row() -> None:
    assert [(row["copies"], row["n"]) for row in by_copies(truth())] == [(0, 3), (1, 3), (4, 3)]
