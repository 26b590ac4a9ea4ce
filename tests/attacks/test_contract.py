"""What every attack on pictures promises, whatever its paper: one row here for each."""

import itertools

import pytest
import torch

from inversion_core.attacks.base import MARKS, Attack
from inversion_core.attacks.brep_mi import BrepMI
from inversion_core.attacks.decoding import DecoderAttack
from inversion_core.attacks.mi_face import MIFace
from inversion_core.attacks.nes_latent import NESLatent
from inversion_core.attacks.plug_and_play import PlugAndPlay
from inversion_core.errors import AccessDenied, QueryBudgetExceeded
from inversion_core.oracles import LabelOracle, ScoreOracle, WhiteBox, as_sent, open_oracle
from inversion_core.registry import attacks_of
from inversion_core.values import Access, Family, Knowledge, Modality
from tests.attacks.toy import PEOPLE, SHAPE, PatternPrior, PatternTarget, attack, everyone, finish

ATTACKS = [
    pytest.param(BrepMI(queries=600, points=16), id="brep-mi"),
    pytest.param(MIFace(steps=25, step_size=0.05), id="mi-face"),
    pytest.param(NESLatent(queries=400, pairs=8), id="nes-latent"),
    pytest.param(PlugAndPlay(pool=30, steps=12, checks=2), id="plug-and-play"),
]
each_attack = pytest.mark.parametrize("made", ATTACKS)
WITH_WEIGHTS = [row for row in ATTACKS if row.values[0].needs is Access.WHITE_BOX]
BLACK_BOX = [row for row in ATTACKS if row.values[0].needs is not Access.WHITE_BOX]
each_black_box = pytest.mark.parametrize("made", BLACK_BOX)


class Rounded(PatternTarget):
    """Sees pictures with 8 bits a channel, whoever asks."""

    def __init__(self) -> None:
        super().__init__()
        self.network.register_forward_pre_hook(lambda _, inputs: (as_sent(inputs[0]),))


def test_every_attack_has_its_row() -> None:
    # Decoders need public photos and what leaked of the victims': theirs are in test_decoders.
    others = [
        name
        for name, kind in attacks_of(Family.INVERSION, modality=Modality.IMAGE).items()
        if not issubclass(kind, DecoderAttack)
    ]
    assert [row.id for row in ATTACKS] == others


@each_attack
def test_progress_counts_up_to_its_total_and_shows_every_victim(made: Attack) -> None:
    seen, _ = attack(made)
    steps = [progress.step for progress in seen]
    assert steps[0] == 1 and steps == sorted(steps) and steps[-1] == seen[-1].total
    shown = [progress.best for progress in seen if progress.best is not None]
    assert seen[0].best is not None and seen[-1].best is not None
    assert all(best.shape == (PEOPLE, *SHAPE) for best in shown)
    assert all(best.min() >= 0 and best.max() <= 1 for best in shown)


@each_attack
def test_a_picture_handed_out_is_not_changed_afterwards(made: Attack) -> None:
    steps = made.run(WhiteBox(PatternTarget()), everyone(), torch.Generator().manual_seed(0))
    shown = [(p.best, p.best.clone()) for p in steps if p.best is not None]
    assert len(shown) > 2
    assert all(torch.equal(now, then) for now, then in shown)


@each_attack
def test_the_result_is_one_picture_a_victim_in_range_and_off_the_graph(made: Attack) -> None:
    _, found = attack(made)
    assert found.samples.shape == (PEOPLE, *SHAPE) and found.samples.dtype == torch.float32
    assert not found.samples.requires_grad and found.samples.min() >= 0 and found.samples.max() <= 1
    assert found.confidence.shape == (PEOPLE,) and ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert torch.equal(found.classes, torch.arange(PEOPLE))


@each_attack
def test_the_target_is_surer_of_the_result_than_of_grey(made: Attack) -> None:
    _, found = attack(made)
    rows, target = torch.arange(PEOPLE), PatternTarget()
    before = target.predict(torch.full_like(found.samples, 0.5))[rows, found.classes]
    after = target.predict(found.samples)[rows, found.classes]
    assert (after > before + 0.3).all(), (before, after)


@each_attack
def test_only_the_wanted_classes_come_back_in_the_order_asked(made: Attack) -> None:
    wanted = torch.tensor([3, 1])
    _, found = attack(made, knowledge=Knowledge(wanted, PatternPrior()))
    assert torch.equal(found.classes, wanted) and found.samples.shape == (2, *SHAPE)
    assert PatternTarget().predict(found.samples).argmax(1).tolist() == [3, 1]


@each_attack
def test_equal_seeds_give_equal_bytes(made: Attack) -> None:
    first, again = (attack(made, seed=7)[1] for _ in range(2))
    assert torch.equal(first.samples, again.samples) and torch.equal(first.confidence, again.confidence)


@each_attack
def test_randomness_comes_from_the_generator_alone(made: Attack) -> None:
    oracle = WhiteBox(PatternTarget())
    torch.manual_seed(1)
    first = attack(made, oracle)[1].samples
    untouched = torch.manual_seed(2).get_state()
    again = attack(made, oracle)[1].samples
    assert torch.equal(first, again) and torch.equal(torch.get_rng_state(), untouched)


@pytest.mark.parametrize("made", WITH_WEIGHTS)
def test_the_budget_is_a_wall(made: Attack) -> None:
    oracle = WhiteBox(PatternTarget(), budget=37)
    with pytest.raises(QueryBudgetExceeded, match="query budget is 37"):
        attack(made, oracle)
    assert oracle.spent <= 37


@each_black_box
@pytest.mark.parametrize("budget", [1, 37, 700])
def test_a_black_box_attack_ends_at_the_wall_with_what_it_has_found(made: Attack, budget: int) -> None:
    oracle = open_oracle(PatternTarget(), made.needs, budget=budget)
    seen, found = attack(made, oracle)
    assert 0 < oracle.spent <= budget
    assert found.samples.shape == (PEOPLE, *SHAPE) and len(found.confidence) == PEOPLE
    assert "query budget" in seen[-1].note and "query budget" in found.remarks[0]
    assert seen[-1].step == seen[-1].total and found.checkpoints[-1].queries == budget // PEOPLE


@each_black_box
def test_a_black_box_attack_whose_key_runs_dry_elsewhere_ends_too(made: Attack) -> None:
    class Dry(ScoreOracle):
        remaining = None

    _, found = attack(made, Dry(PatternTarget(), budget=1200))
    assert found.remarks == (
        f"the query budget ended the search after {found.checkpoints[-1].queries} rows a victim",
    )
    assert found.confidence.max() > 0.3


@each_black_box
def test_success_can_be_told_by_queries_and_the_plan_is_kept(made: Attack) -> None:
    oracle = open_oracle(PatternTarget(), made.needs)
    _, found = attack(made, oracle)
    planned = made.params.queries
    assert oracle.spent <= planned * PEOPLE
    marks = [one.queries for one in found.checkpoints]
    assert marks == [*(mark for mark in MARKS if mark < planned), planned]
    assert all(one.samples.shape == found.samples.shape for one in found.checkpoints)
    assert torch.equal(found.checkpoints[-1].samples, found.samples)
    sure = [PatternTarget().predict(one.samples).diagonal().mean() for one in found.checkpoints]
    assert all(later > earlier - 0.05 for earlier, later in itertools.pairwise(sure)), sure


@each_black_box
def test_a_black_box_attack_asks_no_more_than_its_level_gives(made: Attack) -> None:
    _, strong = attack(made, WhiteBox(Rounded()))
    _, weak = attack(made, open_oracle(Rounded(), made.needs))
    assert torch.equal(strong.samples, weak.samples)


@each_attack
def test_the_ledger_counts_every_row(made: Attack) -> None:
    class Counting(PatternTarget):
        rows = 0

        def __init__(self) -> None:
            super().__init__()
            last = self.network[-1]  # Passed whether logits are asked for or features.
            last.register_forward_pre_hook(lambda _, inputs: self.count(inputs[0]))

        @classmethod
        def count(cls, inputs: torch.Tensor) -> None:
            cls.rows += len(inputs)

    oracle = WhiteBox(Counting())
    attack(made, oracle)
    assert oracle.spent == Counting.rows > 0


@each_attack
def test_less_access_than_needed_is_refused_not_worked_around(made: Attack) -> None:
    weaker = {Access.SCORES: ScoreOracle, Access.LABELS: LabelOracle}
    refused = [kind for access, kind in weaker.items() if not access.covers(made.needs)]
    assert refused or made.needs is Access.LABELS
    for kind in refused:
        with pytest.raises(AccessDenied):
            attack(made, kind(PatternTarget()))


@each_attack
def test_the_network_is_left_as_it_was(made: Attack) -> None:
    target = PatternTarget()
    before = {name: value.clone() for name, value in target.network.state_dict().items()}
    attack(made, WhiteBox(target))
    assert all(torch.equal(before[name], value) for name, value in target.network.state_dict().items())
    assert all(parameter.grad is None for parameter in target.network.parameters())


@each_attack
def test_it_can_be_stopped_after_any_step(made: Attack) -> None:
    oracle = WhiteBox(PatternTarget())
    steps = made.run(oracle, everyone(), torch.Generator().manual_seed(0))
    next(steps)
    spent = oracle.spent
    steps.close()
    assert oracle.spent == spent
    with pytest.raises(StopIteration):
        next(steps)


@each_attack
def test_it_describes_itself_and_every_parameter(made: Attack) -> None:
    kind = type(made)
    assert kind.title and kind.reference and kind.summary().endswith(".")
    fields = kind.Params.model_fields
    assert fields and all(field.description and field.description.endswith(".") for field in fields.values())


def test_finish_returns_what_the_generator_returns() -> None:
    seen, found = finish(MIFace(steps=3).run(WhiteBox(PatternTarget()), everyone(), torch.Generator()))
    assert len(seen) == 3 and found.samples.shape == (PEOPLE, *SHAPE)
