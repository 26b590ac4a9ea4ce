"""LiRA, RMIA and the loss threshold against worlds whose answer is known in closed form."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import pytest
import torch
from torch import Tensor, nn

from inversion_core.attacks.lira import LiRA
from inversion_core.attacks.loss_threshold import LossThreshold
from inversion_core.attacks.rmia import RMIA
from inversion_core.attacks.shadow_models import AT_ONCE, MembershipAttack, log_odds
from inversion_core.errors import AccessDenied, QueryBudgetExceeded
from inversion_core.membership import MembershipKnowledge, Sample
from inversion_core.metrics.membership import area
from inversion_core.oracles import LabelOracle, Oracle, ScoreOracle
from inversion_core.registry import attacks_of
from inversion_core.values import Access, Claim, Family, Knowledge
from tests.attacks.toy import finish

ATTACKS = [
    pytest.param(LiRA(), id="lira"),
    pytest.param(LossThreshold(), id="loss-threshold"),
    pytest.param(RMIA(), id="rmia"),
]
each_attack = pytest.mark.parametrize("made", ATTACKS)
PHI = NormalDist()


class Telling:
    """A model of two classes whose input is the log odds of the second."""

    network: nn.Module = nn.Identity()
    input_shape, class_count = (1,), 2

    def predict(self, inputs: Tensor) -> Tensor:
        return released(inputs[:, 0])


def released(log_odds: Tensor) -> Tensor:
    """(...) log odds of class 1 -> (..., 2) scores, each precise where it is small."""
    return torch.stack([torch.sigmoid(-log_odds), torch.sigmoid(log_odds)], -1)


def sample(log_odds: Tensor, shadows: Tensor, inside: Tensor) -> Sample:
    """Return records of class 1 with the target's log odds (N,) and those of shadow models (S, N)."""
    labels = torch.ones(len(log_odds), dtype=torch.long)
    return Sample(log_odds[:, None], labels, released(shadows), inside)


def gaussian(
    count: int, apart: float, shadows: int = 64, hardness: float = 2.0
) -> tuple[Knowledge, Tensor, Tensor]:
    """Return candidates whose log odds are N(mu, 1) without and N(mu + apart, 1) with the record, mu being
    the record's own; half are members, the first.
    """
    rng = torch.Generator().manual_seed(5)
    own = hardness * torch.randn(count, generator=rng)
    members = torch.arange(count) < count // 2
    inside = torch.rand(shadows, count, generator=rng).argsort(0).argsort(0) < shadows // 2
    target = own + apart * members + torch.randn(count, generator=rng)
    seen = own + apart * inside + torch.randn(shadows, count, generator=rng)
    candidates = sample(target, seen, inside)
    outside = hardness * torch.randn(400, generator=rng)
    population = sample(
        outside + torch.randn(400, generator=rng),
        outside + torch.randn(shadows, 400, generator=rng),
        torch.zeros(shadows, 400, dtype=torch.bool),
    )
    known = MembershipKnowledge(candidates, population)
    return Knowledge(torch.arange(count), membership=known), members, own


def beliefs(
    made: MembershipAttack, knowledge: Knowledge, oracle: Oracle | None = None, seed: int = 0
) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return finish(made.run(oracle or ScoreOracle(Telling()), knowledge, rng))[1].samples[:, 0]


def auc(found: Tensor, members: Tensor) -> float:
    return area(found, members, torch.arange(len(members))).value


def test_every_membership_attack_has_its_row() -> None:
    assert [row.id for row in ATTACKS] == list(attacks_of(Family.MEMBERSHIP))


@pytest.mark.parametrize("variant", ["online", "offline"])
@pytest.mark.parametrize("apart", [0.5, 2.0])
def test_lira_reaches_the_best_possible_on_two_normal_distributions(variant: str, apart: float) -> None:
    knowledge, members, _ = gaussian(4000, apart, shadows=256)
    found = beliefs(LiRA(variant=variant), knowledge)
    # With both means known the best test is the log odds above their mean: AUC = Phi(d / sqrt 2), and at
    # false positive rate f it names Phi(d - z) of the members, with z the quantile 1 - f. Medians of 128
    # models are a little off, and online their difference, the slope, even more.
    best = PHI.cdf(apart / math.sqrt(2))
    assert auc(found, members) == pytest.approx(best, abs=0.03)
    bar = found[~members].quantile(0.95)
    assert (found[members] > bar).float().mean().item() == pytest.approx(
        PHI.cdf(apart - PHI.inv_cdf(0.95)), abs=0.045
    )


def test_a_threshold_on_the_loss_is_misled_by_what_is_easy_and_lira_is_not() -> None:
    knowledge, members, _ = gaussian(8000, 1.5, hardness=2.0)
    # Without shadow models the spread is that of easy and hard records too: sqrt(1 + 4).
    expected = PHI.cdf(1.5 / math.sqrt(2 * 5))
    assert auc(beliefs(LossThreshold(), knowledge), members) == pytest.approx(expected, abs=0.02)
    assert auc(beliefs(LiRA(), knowledge), members) > expected + 0.1


def test_online_lira_is_the_difference_of_two_log_densities() -> None:
    shadows = torch.tensor([[0.0], [2.0], [1.0], [3.0], [7.0], [9.0], [8.0], [10.0]])
    inside = torch.tensor([[False]] * 4 + [[True]] * 4)
    candidate = sample(torch.tensor([6.0]), shadows, inside)
    found = beliefs(
        LiRA(fixed_variance=False),
        Knowledge(torch.arange(1), membership=MembershipKnowledge(candidate, candidate)),
    )
    spread = math.sqrt(5 / 3)  # of 0 1 2 3 about 1.5, and of 7 8 9 10 about 8.5
    told = math.log(NormalDist(8.5, spread).pdf(6) / NormalDist(1.5, spread).pdf(6))
    assert found.item() == pytest.approx(told, rel=1e-4)


def test_offline_lira_is_the_one_sided_log_probability_of_the_models_without_the_record() -> None:
    shadows = torch.tensor([[0.0], [2.0], [1.0], [3.0], [70.0], [-9.0], [8.0], [10.0]])
    inside = torch.tensor([[False]] * 4 + [[True]] * 4)
    candidate = sample(torch.tensor([4.0]), shadows, inside)
    knowledge = Knowledge(torch.arange(1), membership=MembershipKnowledge(candidate, candidate))
    found = beliefs(LiRA(variant="offline", fixed_variance=False), knowledge)
    assert found.item() == pytest.approx(math.log(NormalDist(1.5, math.sqrt(5 / 3)).cdf(4)), rel=1e-4)


def test_one_spread_for_all_is_the_pooled_deviation_within_records() -> None:
    # Record 0 varies by a variance of 2 (two models: -1, 1), record 1 by none: pooled 1, about 0 and 5.
    shadows = torch.tensor([[-1.0, 5.0], [1.0, 5.0], [0.0, 0.0], [0.0, 0.0]])
    inside = torch.tensor([[False, False]] * 2 + [[True, True]] * 2)
    candidates = sample(torch.tensor([1.0, 6.0]), shadows, inside)
    knowledge = Knowledge(torch.arange(2), membership=MembershipKnowledge(candidates, candidates))
    found = beliefs(LiRA(variant="offline"), knowledge)
    assert found.tolist() == pytest.approx([math.log(PHI.cdf(1.0))] * 2, rel=1e-4)


def test_sure_models_are_still_told_apart() -> None:
    labels = torch.zeros(2, dtype=torch.long)
    scores = torch.tensor([[1.0, 1e-9, 2e-9], [1.0, 1e-5, 2e-5]])  # 1 - p_y is 0 for the first
    expected = [-math.log(3e-9), -math.log(3e-5)]
    assert log_odds(scores, labels, 1e-12).tolist() == pytest.approx(expected, rel=1e-3)
    assert log_odds(torch.tensor([[0.0, 1.0]]), labels[:1], 1e-3).item() == pytest.approx(math.log(1e-3))


def by_hand(
    records: Sequence[float], shadows: Sequence[Sequence[float]], inside: Sequence[Sequence[bool]]
) -> Sample:
    """Return records of class 1 with the target's probability and the shadow models'."""
    odds = [torch.logit(torch.tensor(values, dtype=torch.float64)).float() for values in (records, shadows)]
    return sample(odds[0], odds[1], torch.tensor(inside))


def test_rmia_counts_the_population_that_a_hand_made_ratio_exceeds() -> None:
    # p' = (1.3 p_out + 0.7) / 2 over the models without the record: 0.2 -> 0.48, 0.6 -> 0.74.
    candidates = by_hand(
        [0.6, 0.7], [[0.2, 0.9], [0.9, 0.6]], [[False, True], [True, False]]
    )  # ratios 0.6 / 0.48 = 1.25, 0.7 / 0.74 = 0.946
    population = by_hand(
        [0.5, 0.5, 0.9, 0.48],
        [[0.2, 0.6, 0.2, 0.2]] * 2,
        [[False] * 4] * 2,
    )  # ratios 1.042, 0.676, 1.875, 1
    knowledge = Knowledge(torch.arange(2), membership=MembershipKnowledge(candidates, population))
    assert beliefs(RMIA(), knowledge).tolist() == [0.75, 0.25]
    # Exceeding by a fifth: bars 1.25, 0.811, 2.25, 1.2.
    assert beliefs(RMIA(gamma=1.2), knowledge).tolist()[1] == 0.25
    assert beliefs(RMIA(gamma=1.5), knowledge).tolist() == [0.25, 0.0]
    # a = 1: p' = p_out, so ratios 3 and 1.17 against 2.5, 0.83, 4.5, 2.4.
    assert beliefs(RMIA(a=1), knowledge).tolist() == [0.75, 0.25]


@pytest.mark.parametrize("apart", [0.5, 2.0])
def test_rmia_reaches_the_best_possible_where_records_are_equally_hard(apart: float) -> None:
    knowledge, members, _ = gaussian(4000, apart, shadows=256, hardness=0.0)
    found = beliefs(RMIA(a=1), knowledge)
    # The ratio then rises with the log odds alone, whose test is the best there is: AUC = Phi(d / sqrt 2).
    assert auc(found, members) == pytest.approx(PHI.cdf(apart / math.sqrt(2)), abs=0.02)
    # Others are like the population they are held against: beliefs are uniform, and a bar names its share.
    for bar in (0.8, 0.9):
        false_alarms = (found[~members] > bar).double().mean().item()
        assert false_alarms == pytest.approx(1 - bar, abs=0.05)  # of 400
        named = (found[members] > bar).double().mean().item()
        assert named == pytest.approx(PHI.cdf(apart - PHI.inv_cdf(bar)), abs=0.08)


def test_rmia_is_misled_less_than_a_threshold_by_what_is_easy() -> None:
    knowledge, members, _ = gaussian(4000, 2.0, shadows=16, hardness=1.0)
    threshold = auc(beliefs(LossThreshold(), knowledge), members)
    assert threshold == pytest.approx(PHI.cdf(2.0 / math.sqrt(2 * 2)), abs=0.02)
    assert auc(beliefs(RMIA(a=1), knowledge), members) > threshold


@each_attack
def test_scores_are_enough_and_labels_are_refused(made: MembershipAttack) -> None:
    knowledge, _, _ = gaussian(20, 1.0, 4)
    assert made.needs is Access.SCORES and made.claim is Claim.MEMBERSHIP and made.modality is None
    with pytest.raises(AccessDenied):
        beliefs(made, knowledge, LabelOracle(Telling()))


@each_attack
def test_each_record_is_asked_once_and_the_budget_is_a_wall(made: MembershipAttack) -> None:
    knowledge, _, _ = gaussian(30, 1.0, 4)
    oracle = ScoreOracle(Telling())
    beliefs(made, knowledge, oracle)
    assert oracle.spent == 30 + (400 if made.name == "rmia" else 0)
    with pytest.raises(QueryBudgetExceeded):
        beliefs(made, knowledge, ScoreOracle(Telling(), budget=29))


@each_attack
def test_it_is_the_same_for_every_seed_and_leaves_what_it_was_told(made: MembershipAttack) -> None:
    knowledge, _, _ = gaussian(40, 1.0, 4)
    assert knowledge.membership is not None
    before = knowledge.membership.candidates.shadow_scores.clone()
    first = beliefs(made, knowledge, seed=1)
    assert first.shape == (40,) and torch.isfinite(first).all()
    assert torch.equal(first, beliefs(made, knowledge, seed=2))
    assert torch.equal(before, knowledge.membership.candidates.shadow_scores)


@each_attack
def test_progress_counts_up_to_its_total(made: MembershipAttack) -> None:
    knowledge, _, _ = gaussian(AT_ONCE + 1, 1.0, 4)
    seen, _ = finish(made.run(ScoreOracle(Telling()), knowledge, torch.Generator()))
    assert [one.step for one in seen] == list(range(1, seen[-1].total + 1))
    assert len(seen) == (3 if made.name == "rmia" else 2) and all(one.note for one in seen)


@each_attack
def test_it_describes_itself_and_every_parameter(made: MembershipAttack) -> None:
    kind = type(made)
    assert kind.title and kind.reference and kind.summary().endswith(".")
    fields = kind.Params.model_fields
    assert fields and all(field.description and field.description.endswith(".") for field in fields.values())
