"""What every attack on a table promises, whatever its paper: one row here for each."""

from dataclasses import replace

import pytest
import torch

from inversion_core.attacks.base import Attack
from inversion_core.attacks.csmia import CSMIA
from inversion_core.attacks.fjrmia import FJRMIA
from inversion_core.attacks.lomia import LOMIA
from inversion_core.attacks.neuron_attribute import NeuronAttribute
from inversion_core.attacks.tree_inversion import TreeInversion
from inversion_core.errors import AccessDenied, QueryBudgetExceeded
from inversion_core.oracles import LabelOracle, Oracle, ScoreOracle, WhiteBox
from inversion_core.registry import attacks_of
from inversion_core.tables import Clue, TableKnowledge
from inversion_core.values import Access, Claim, Family, Knowledge, Modality
from tests.attacks.toy_table import FLOOR, WARD, LookUpTarget, attack, everybody, victims

ATTACKS = [
    pytest.param(CSMIA(), id="csmia"),
    pytest.param(FJRMIA(), id="fjrmia"),
    pytest.param(LOMIA(rounds=5), id="lomia"),
    pytest.param(NeuronAttribute(), id="neuron-attribute"),
    pytest.param(TreeInversion(), id="tree-inversion"),
]
each_attack = pytest.mark.parametrize("made", ATTACKS)
WEAKEST = {Access.WHITE_BOX: WhiteBox, Access.SCORES: ScoreOracle, Access.LABELS: LabelOracle}
FIELDS = {
    Clue.TRUE_LABEL: {"labels": None},
    Clue.MARGINALS: {"marginals": None, "confusion": None},
    Clue.AUXILIARY: {"auxiliary": None},
}


def told(knowledge: Knowledge) -> TableKnowledge:
    assert knowledge.table is not None
    return knowledge.table


def test_every_attack_has_its_row() -> None:
    assert [row.id for row in ATTACKS] == list(attacks_of(Family.ATTRIBUTES))


@each_attack
def test_it_claims_an_attribute_and_describes_itself(made: Attack) -> None:
    kind = type(made)
    assert kind.modality is Modality.TABLE and kind.claim is Claim.ATTRIBUTE and kind.clues
    assert kind.title and kind.reference and kind.summary().endswith(".")
    fields = kind.Params.model_fields
    assert fields and all(field.description and field.description.endswith(".") for field in fields.values())


@each_attack
def test_progress_counts_up_to_its_total(made: Attack) -> None:
    seen, _ = attack(made)
    steps = [progress.step for progress in seen]
    assert steps == list(range(1, seen[-1].total + 1))
    assert all(progress.note for progress in seen)


@each_attack
def test_the_result_weighs_each_value_for_each_victim(made: Attack) -> None:
    knowledge = everybody()
    _, found = attack(made, knowledge)
    assert found.samples.shape == (16, 2) and found.samples.dtype == torch.float32
    assert (found.samples >= 0).all() and torch.allclose(found.samples.sum(1), torch.ones(16))
    assert torch.equal(found.confidence, found.samples.max(1).values)
    assert torch.equal(found.classes, knowledge.classes)
    assert found.cases is None or set(found.cases.tolist()) <= {1, 2, 3}
    # The guess is the largest weight alone, so that whoever looks for it finds the same.
    assert (found.samples == found.confidence[:, None]).sum(1).max() == 1


@each_attack
def test_equal_seeds_give_equal_bytes(made: Attack) -> None:
    first, again = (attack(made, seed=7)[1] for _ in range(2))
    assert torch.equal(first.samples, again.samples)


@each_attack
def test_randomness_comes_from_the_generator_alone(made: Attack) -> None:
    torch.manual_seed(1)
    first = attack(made)[1].samples
    untouched = torch.manual_seed(2).get_state()
    assert torch.equal(first, attack(made)[1].samples)
    assert torch.equal(torch.get_rng_state(), untouched)


@each_attack
def test_what_it_was_told_is_left_as_it_was(made: Attack) -> None:
    knowledge = everybody()
    before = told(knowledge).records.clone()
    attack(made, knowledge)
    assert torch.equal(told(knowledge).records.nan_to_num(9), before.nan_to_num(9))


@each_attack
def test_the_access_it_names_is_enough_and_less_is_refused(made: Attack) -> None:
    kinds: dict[Access, type[Oracle]] = dict(WEAKEST)
    attack(made, oracle=kinds[made.needs](LookUpTarget()))
    for access, kind in kinds.items():
        if not access.covers(made.needs):
            with pytest.raises(AccessDenied):
                attack(made, oracle=kind(LookUpTarget()))


@each_attack
def test_a_missing_clue_is_named(made: Attack) -> None:
    for clue in made.clues:
        knowledge = everybody()
        poorer = replace(knowledge, table=replace(told(knowledge), **FIELDS[clue]))
        with pytest.raises(AccessDenied, match=f"needs the clue '{clue.value}'"):
            attack(made, poorer)


@each_attack
def test_a_clue_it_does_not_name_is_not_used(made: Attack) -> None:
    knowledge = everybody()
    spare = {name: value for clue in Clue if clue not in made.clues for name, value in FIELDS[clue].items()}
    poorer = replace(knowledge, table=replace(told(knowledge), **spare))
    assert torch.equal(attack(made, poorer)[1].samples, attack(made, knowledge)[1].samples)


@each_attack
def test_the_budget_is_a_wall_and_every_row_is_counted(made: Attack) -> None:
    oracle = WhiteBox(LookUpTarget(), budget=31)
    with pytest.raises(QueryBudgetExceeded, match="query budget is 31"):
        attack(made, oracle=oracle)
    assert oracle.spent <= 31
    free = WhiteBox(LookUpTarget())
    attack(made, oracle=free)
    assert free.spent == {"neuron-attribute": 2 * 16 + 3 * 80}.get(made.name, 2 * 16)


@each_attack
def test_as_many_unknown_columns_as_it_names_are_borne(made: Attack) -> None:
    unknown = (WARD, FLOOR)[: made.most_unknown]
    people = victims((0, 0, 1), (1, 1, 0), (3, 0, 1), unknown=unknown)
    _, found = attack(made, people)
    assert found.samples.shape == (3, 2) and not found.samples.isnan().any()


@each_attack
def test_it_can_be_stopped_after_any_step(made: Attack) -> None:
    oracle = WhiteBox(LookUpTarget())
    steps = made.run(oracle, everybody(), torch.Generator())
    next(steps)
    spent = oracle.spent
    steps.close()
    assert oracle.spent == spent
    with pytest.raises(StopIteration):
        next(steps)
