"""The evolution strategy: its slope against a closed form, its starts, and scores rounded or cut off."""

import pytest
import torch

from inversion_core.attacks.nes_latent import (
    NESLatent,
    Walk,
    estimate,
    floor_of,
    log_odds,
    predict_faces,
    starts_from,
    within,
)
from inversion_core.defences.rounding import Rounding
from inversion_core.defences.top_k import TopK
from inversion_core.oracles import ScoreOracle
from inversion_core.values import Knowledge
from tests.attacks.toy import PEOPLE, PatternPrior, PatternTarget, attack, everyone

RNG = torch.Generator


def test_the_slope_of_a_quadratic_is_its_gradient() -> None:
    """Opposite steps cancel every even term, so the estimate is unbiased for any spread."""
    curve, here = torch.tensor([3.0, 1.0, 0.5]), torch.tensor([1.0, -2.0, 4.0])
    offsets = 0.7 * torch.randn(1, 200_000, 3, generator=RNG().manual_seed(0))
    both = here + torch.stack([offsets, -offsets], dim=2).flatten(1, 2)
    slope = estimate(offsets, -(curve * both.square()).sum(2), 0.7)
    assert torch.allclose(slope[0], -2 * curve * here, atol=0.1)


def test_the_slope_of_a_line_needs_one_pair_a_direction() -> None:
    offsets = 0.1 * torch.eye(4)[None]
    both = torch.stack([offsets, -offsets], dim=2).flatten(1, 2)
    line = torch.tensor([1.0, -2.0, 3.0, 0.5])
    assert torch.allclose(estimate(offsets, both @ line, 0.1), line / 4, atol=1e-6)


def test_a_pair_is_opposite_steps_under_one_view() -> None:
    walk = Walk(torch.randn(3, 7, generator=RNG().manual_seed(1)), 5, NESLatent.Params(pairs=4))
    offsets, points = walk.propose(RNG().manual_seed(2))
    pairs = points.view(3, 4, 2, 7)
    assert torch.allclose(
        pairs[:, :, 0, :5] + pairs[:, :, 1, :5], 2 * walk.here[:, None, :5].expand(-1, 4, -1)
    )
    assert torch.allclose(pairs[:, :, 0, :5] - walk.here[:, None, :5], offsets, atol=1e-6)
    assert torch.equal(pairs[:, :, 0, 5:], pairs[:, :, 1, 5:])
    assert len(pairs[:, :, 0, 5:].reshape(12, 2).unique(dim=0)) == 12


def test_answers_that_are_all_alike_move_nobody() -> None:
    walk = Walk(torch.zeros(2, 6), 5, NESLatent.Params(pairs=3))
    offsets, _ = walk.propose(RNG())
    walk.follow(offsets, torch.zeros(2, 6), 1.0)
    assert torch.equal(walk.here, torch.zeros(2, 6))


def test_moves_that_agree_grow_and_moves_that_disagree_shrink() -> None:
    walk = Walk(torch.zeros(2, 5), 5, NESLatent.Params(pairs=5, step_size=0.5))
    offsets = 0.25 * torch.eye(5)[None].expand(2, -1, -1)
    uphill = torch.tensor([1.0, -1, 0, 0, 0, 0, 0, 0, 0, 0])
    for sign in (1, -1):
        walk.follow(offsets, torch.stack([uphill, sign * uphill]), 1.0)
        walk.follow(offsets, torch.stack([uphill, -sign * uphill]), 1.0)
    assert walk.pace[0] > 0.5 > walk.pace[1]


def test_a_victim_without_any_score_starts_elsewhere_and_the_others_stay() -> None:
    walk = Walk(torch.zeros(2, 6), 5, NESLatent.Params())
    walk.restart(torch.tensor([True, False]), torch.ones(2, 6))
    assert walk.here.tolist() == [[1] * 6, [0] * 6] and walk.average.tolist() == walk.here.tolist()


def test_log_odds_are_finite_when_scores_are_cut_or_rounded_to_nothing() -> None:
    scores = torch.tensor([[0.9, 0.1, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    odds = log_odds(scores, torch.tensor([0, 0, 2]), floor=0.005)
    expected = torch.tensor([[9.0], [0.005], [1.0]]).log()[:, 0]
    assert torch.allclose(odds, expected)


@pytest.mark.parametrize(
    ("scores", "floor"), [([0.0, 0.0], 1e-7), ([0.02, 0.98], 0.01), ([1e-12, 1.0], 1e-7)]
)
def test_the_floor_is_half_of_the_smallest_score_seen(scores: list[float], floor: float) -> None:
    assert floor_of(torch.tensor([scores])) == pytest.approx(floor)


def test_only_what_is_too_long_is_shortened() -> None:
    kept = within(torch.tensor([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]]), 1.0)
    assert torch.allclose(kept, torch.tensor([[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]]))


def test_a_regression_from_scores_finds_the_directions_that_made_them() -> None:
    rng = RNG().manual_seed(3)
    persons = torch.randn(4000, 8, generator=rng)
    directions = torch.linalg.qr(torch.randn(8, 4, generator=rng))[0].T  # (K, P)
    scores = (3 * persons @ directions.T).softmax(1)
    faces = predict_faces(persons, scores, 0.3)
    wanted = directions - directions.mean(0)
    assert (torch.cosine_similarity(faces, wanted) > 0.9).all()


def test_starts_are_as_long_as_told_and_in_the_average_photo() -> None:
    pool = torch.randn(50, 7, generator=RNG().manual_seed(0))
    starts = starts_from(pool, pool[:, :4].softmax(1), torch.tensor([2, 0]), 5)
    assert starts.shape == (3, 2, 7) and not starts[..., 5:].any()
    lengths = starts.norm(dim=2) / 5**0.5
    assert (lengths[0] < lengths[1]).all() and (lengths < 1).all()


def test_a_pool_that_never_scores_gives_starts_all_the_same() -> None:
    pool = torch.randn(20, 6, generator=RNG().manual_seed(0))
    assert starts_from(pool, torch.zeros(20, 3), torch.arange(3), 5).isfinite().all()


@pytest.mark.parametrize("defences", [[TopK(k=1)], [Rounding(decimals=1)], [TopK(k=2), Rounding(decimals=1)]])
def test_truncated_and_rounded_scores_are_climbed_too(defences: list) -> None:
    oracle = ScoreOracle(PatternTarget(), defences=defences)
    _, found = attack(NESLatent(queries=400, pairs=8), oracle)
    assert PatternTarget().predict(found.samples).argmax(1).tolist() == list(range(PEOPLE))


def test_the_rows_spent_are_pool_checks_and_moves() -> None:
    oracle = ScoreOracle(PatternTarget())
    attack(NESLatent(queries=200, pool=150, pairs=10, checks=4), oracle)
    pool, checks = 150, 3 * 4 * PEOPLE
    moves = (200 * PEOPLE - pool - checks) // (20 * PEOPLE)
    assert oracle.spent == pool + checks + moves * 20 * PEOPLE


def test_a_pool_serves_all_victims_at_once() -> None:
    one = ScoreOracle(PatternTarget())
    attack(NESLatent(queries=100, pool=40), one, Knowledge(torch.tensor([1]), PatternPrior()))
    assert one.spent <= 100
    everybody = ScoreOracle(PatternTarget())
    attack(NESLatent(queries=100, pool=40), everybody, everyone())
    assert everybody.spent <= 100 * PEOPLE
