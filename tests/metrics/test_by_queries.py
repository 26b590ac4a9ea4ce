"""Success by queries is the headline score at each state kept on the way, and agrees with it at the end."""

from dataclasses import replace

import pytest
import torch

from inversion_core.metrics.by_queries import success_by_queries
from inversion_core.metrics.evaluator_success import EvaluatorTop1
from inversion_core.metrics.intervals import wilson
from inversion_core.values import Checkpoint


def test_every_checkpoint_is_scored_and_the_last_is_the_headline(world, rng) -> None:
    found, truth = world.recovered(), world.truth()
    half = found.samples.clone()
    half[::2] = half[1::2]
    path = replace(found, checkpoints=(Checkpoint(100, half), Checkpoint(300, found.samples)))
    first, last = success_by_queries(path, truth)
    assert (first["queries"], first["value"], first["n"]) == (100, 0.5, 8)
    assert (first["low"], first["high"]) == wilson(4, 8) and first["baseline"] == pytest.approx(1 / 8)
    headline = EvaluatorTop1().score(found, truth, rng)
    assert last == {"queries": 300} | {
        key: getattr(headline, key) for key in ("value", "low", "high", "n", "baseline")
    }


def test_a_picture_that_is_no_number_was_not_recovered(world) -> None:
    found = world.recovered()
    nothing = Checkpoint(100, torch.full_like(found.samples, torch.nan))
    (row,) = success_by_queries(replace(found, checkpoints=(nothing,)), world.truth())
    assert row["value"] <= 1 / 8


def test_an_attack_that_counts_no_queries_has_no_curve(world) -> None:
    assert success_by_queries(world.recovered(), world.truth()) == []
