"""Neuron attribute inference: its gauge against worked examples, its gain against a leak of known size."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import pearsonr

from inversion_core.attacks.base import Attack
from inversion_core.attacks.csmia import CSMIA
from inversion_core.attacks.neuron_attribute import Gauge, NeuronAttribute, _correlation, _rank
from inversion_core.datasets.clinic import Clinic
from inversion_core.oracles import WhiteBox
from inversion_core.tables import TableKnowledge
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.targets.table_mlp import TableMLP
from inversion_core.values import Knowledge
from tests.attacks.toy_table import LookUpTarget, attack
from tests.steps import finish

SEED = 3


def test_the_correlation_is_pearsons_and_nothing_for_a_unit_that_never_changes() -> None:
    outputs = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    outputs[:, 2] = 4.0
    truly = (torch.arange(50) % 3 == 0).float()
    expected = [pearsonr(outputs[:, place].numpy(), truly.numpy()).statistic for place in (0, 1)]
    assert _correlation(outputs, truly).numpy() == pytest.approx([*expected, 0.0], abs=1e-5)
    assert _correlation(outputs, torch.ones(50)).tolist() == [0, 0, 0]


def test_the_rank_is_the_share_below_with_ties_halved() -> None:
    scale = torch.tensor([[0.0], [0.0], [1.0], [2.0]])
    ranks = _rank(scale, torch.tensor([[-1.0], [0.0], [0.5], [2.0], [3.0]]))
    assert ranks.flatten().tolist() == [0.0, 0.25, 0.5, 0.875, 1.0]


def test_the_gauge_believes_the_most_correlated_units_and_turns_those_that_fall() -> None:
    truly = torch.tensor([1, 1, 0, 0]).bool()
    falls, rises, noise = [0.0, 1, 2, 3], [5.0, 5, 0, 0], [1.0, -1, 1, -1]
    gauge = Gauge.of(torch.tensor([falls, rises, noise]).T, truly, 2, label=0, value=1)
    assert gauge.units.tolist() == [1, 0]
    assert gauge.weights.tolist() == pytest.approx([1.0, -2 / np.sqrt(5)])
    like, unlike = gauge.read(torch.tensor([[-1.0, 9.0, 0.0], [9.0, -1.0, 0.0]])).tolist()
    assert (like, unlike) == pytest.approx((1.0, 0.0))


def test_a_gauge_without_a_correlated_unit_says_nothing() -> None:
    gauge = Gauge.of(torch.ones(6, 2), torch.arange(6) < 3, 10, label=0, value=0)
    assert gauge.read(torch.randn(4, 2)).tolist() == [0.5] * 4


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory):
    """Return the share of members guessed right by an attack at a setting of the dial."""
    made: dict[float, tuple[Clinic, Target]] = {}

    def share(made_attack: Attack, memorised: float) -> float:
        if memorised not in made:
            clinic = Clinic(memorised=memorised, seed=SEED)
            folder = tmp_path_factory.mktemp("targets")
            made[memorised] = clinic, finish(obtain(clinic, TableMLP(), into=Path(folder)))
        clinic, target = made[memorised]
        members, others = clinic.train(), clinic.held_out()
        records = members.inputs.clone()
        records[:, clinic.sensitive] = torch.nan
        known = TableKnowledge(
            clinic.columns, clinic.sensitive, records, labels=members.labels, auxiliary=others
        )
        knowledge = Knowledge(torch.arange(len(members)), table=known)
        _, found = attack(made_attack, knowledge, WhiteBox(target))
        truth = members.inputs[:, clinic.sensitive].long()
        return float((found.samples.argmax(1) == truth).float().mean())

    return share


@pytest.mark.parametrize("made", [NeuronAttribute(), CSMIA()], ids=lambda made: made.name)
def test_it_finds_what_was_planted_and_no_more(made: Attack, right) -> None:
    for memorised in (0.0, 0.5, 1.0):
        size = Clinic(memorised=memorised).planted
        assert right(made, memorised) == pytest.approx(size.reachable, abs=0.04), memorised


def test_as_published_it_finds_nothing_of_what_only_the_members_labels_show(right) -> None:
    assert right(NeuronAttribute(by_label=False), 1.0) == pytest.approx(0.5, abs=0.05)


def test_no_more_auxiliary_records_than_allowed_are_looked_at() -> None:
    oracle = WhiteBox(LookUpTarget())
    attack(NeuronAttribute(most_auxiliary=10), oracle=oracle)
    assert oracle.spent == 2 * 16 + 3 * 10
