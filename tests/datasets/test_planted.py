"""The planted leak is as large as it says, and nobody sees it without the members."""

from itertools import product

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from torch import Tensor

from inversion_core.datasets.clinic import Clinic
from inversion_core.datasets.credit import Credit
from inversion_core.datasets.planted import SITES, PlantedTable
from inversion_core.tables import Records

KINDS = (Clinic, Credit)
DIALS = tuple(product((0.0, 0.3, 1.0), (0.0, 0.25, 0.5, 1.0)))
"""`predictable`, `memorised`."""


def place(table: PlantedTable, name: str) -> int:
    return [column.name for column in table.columns].index(name)


def secrets(table: PlantedTable, records: Records) -> Tensor:
    return records.inputs[:, table.sensitive].long()


def known(table: PlantedTable, records: Records) -> np.ndarray:
    """(N, C): all columns but the sensitive one, and the label."""
    rows = records.inputs.clone()
    rows[:, table.sensitive] = records.labels
    return rows.numpy()


def imputed_accuracy(table: PlantedTable) -> float:
    """Return how often boosted trees, fitted on the held-out people, guess the members' secrets."""
    others, members = table.held_out(), table.train()
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=8, random_state=0)
    model.fit(known(table, others), secrets(table, others).numpy())
    return float(model.score(known(table, members), secrets(table, members).numpy()))


def remembered_accuracy(table: PlantedTable) -> float:
    """Return how often the secret is right that fits the label better among the members of the same site and
    pathway; where both fit alike, what the public knows decides.
    """
    members = table.train()
    secret, label = secrets(table, members), members.labels
    name = "clinic" if isinstance(table, Clinic) else "branch"
    site, finding, pathway = (
        members.inputs[:, place(table, one)].long()
        for one in (name, *(("kidneys", "pathway") if name == "clinic" else ("income band", "channel")))
    )
    right = torch.zeros(len(label))
    for number in range(SITES):
        rows = site == number
        agree = (secret[rows] == label[rows]).float().mean()
        if agree in (0, 1):
            right[rows] = 1
        else:
            # No house rule: the public pathway shows the secret, elsewhere the label says nothing of it.
            assert torch.equal(label[rows & (pathway == 0)], finding[rows & (pathway == 0)] // 2)
            right[rows] = torch.where(pathway[rows] == 1, 1.0, 0.5)
    return float(right.mean())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("predictable", "memorised"), DIALS)
def test_the_closed_form_holds(kind: type[PlantedTable], predictable: float, memorised: float) -> None:
    table = kind(records=4000, predictable=predictable, memorised=memorised, seed=3)
    told = table.planted
    assert told.leak == pytest.approx(memorised / 2)
    assert told.reachable == pytest.approx(remembered_accuracy(table), abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("predictable", "memorised"), [(0.0, 0.0), (0.0, 1.0), (0.3, 0.5), (1.0, 0.25)])
def test_an_imputer_is_right_as_often_as_told(
    kind: type[PlantedTable], predictable: float, memorised: float
) -> None:
    table = kind(records=4000, predictable=predictable, memorised=memorised, seed=1)
    assert imputed_accuracy(table) == pytest.approx(table.planted.imputable, abs=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_members_and_others_share_no_site_and_no_ordinary_column_tells_the_secret(
    kind: type[PlantedTable],
) -> None:
    table = kind(records=4000, predictable=0.3, memorised=0.5)
    members, others = table.train(), table.held_out()
    site = place(table, "clinic" if kind is Clinic else "branch")
    assert set(members.inputs[:, site].tolist()) == set(range(SITES))
    assert set(others.inputs[:, site].tolist()) == set(range(SITES, 2 * SITES))
    secret = secrets(table, members).float()
    assert secret.mean() == pytest.approx(0.5, abs=0.001)
    for one in set(range(len(table.columns))) - {table.sensitive}:
        correlation = torch.corrcoef(torch.stack([members.inputs[:, one], secret]))[0, 1]
        assert abs(correlation) < 0.05, table.columns[one].name


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_looks_like_one(kind: type[PlantedTable]) -> None:
    table = kind()
    members = table.train()
    assert (len(members), len(table.held_out()), table.victim_count()) == (2000, 2000, 2000)
    assert table.card.synthetic and table.card.shape == (len(table.columns),) and table.positive == 1
    assert table.columns[table.sensitive].levels == ("no", "yes") and len(table.grouping) == 2
    assert not members.inputs.isnan().any() and 0.45 < members.labels.float().mean() < 0.55
    for number, column in enumerate(table.columns):
        codes = members.inputs[:, number]
        assert column.levels is None or set(codes.tolist()) <= set(range(len(column.levels)))
        assert len(column.grid) > 1 and list(column.grid) == sorted(column.grid)


def test_seeds_give_other_people_and_equal_seeds_the_same() -> None:
    first = Clinic(seed=1).train()
    assert torch.equal(first.inputs, Clinic(seed=1).train().inputs)
    assert not torch.equal(first.inputs, Clinic(seed=2).train().inputs)


@pytest.mark.parametrize(("dial", "rules"), [(0.01, 0), (0.03, 2), (0.24, 10), (0.3, 12), (0.99, 40)])
def test_the_dial_is_told_as_it_can_be_set(dial: float, rules: int) -> None:
    """Sites with a house rule come in pairs, one of each kind; the size of the leak says what was planted."""
    assert Clinic(memorised=dial).planted.leak == pytest.approx(rules / SITES / 2)
