"""The two real tables that come with other packages."""

import pytest
import torch
from sklearn.datasets import load_diabetes
from statsmodels.datasets import fair

from inversion_core.datasets.affairs import Affairs
from inversion_core.datasets.base import TableDataset
from inversion_core.datasets.diabetes import Diabetes


@pytest.mark.parametrize(("kind", "count"), [(Affairs, 6366), (Diabetes, 442)])
def test_everybody_is_in_one_part(kind: type[TableDataset], count: int) -> None:
    table = kind()
    train, held_out = table.train(), table.held_out()
    assert len(train) == count // 2 == table.victim_count() and len(train) + len(held_out) == count
    assert not torch.cat([train.inputs, held_out.inputs]).isnan().any()
    assert len(table.columns) == table.card.shape[0] and not table.card.synthetic
    for place, column in enumerate(table.columns):
        codes = torch.cat([train.inputs[:, place], held_out.inputs[:, place]]).tolist()
        assert column.levels is None or set(codes) == set(range(len(column.levels)))
    assert len(kind(train_share=0.25).train()) == round(count * 0.25)
    assert not torch.equal(kind(seed=1).train().inputs, train.inputs)


def test_affairs_are_those_of_the_survey() -> None:
    table, data = Affairs(), fair.load_pandas().data
    both = torch.cat([table.train().inputs, table.held_out().inputs])
    labels = torch.cat([table.train().labels, table.held_out().labels])
    assert table.columns[table.sensitive].name == "affair" and table.positive == 1
    assert int(both[:, table.sensitive].sum()) == (data.affairs > 0).sum() == 2053
    assert int(labels.sum()) == (data.rate_marriage == 5).sum() == 2684
    happy = labels == table.classes.index("very good")
    pairs = (both[happy][:, table.sensitive] == 1).sum()
    assert int(pairs) == ((data.rate_marriage == 5) & (data.affairs > 0)).sum()


def test_diabetes_is_that_of_the_study() -> None:
    table, study = Diabetes(), load_diabetes(scaled=False)
    both = torch.cat([table.train().inputs, table.held_out().inputs])
    labels = torch.cat([table.train().labels, table.held_out().labels])
    assert table.columns[table.sensitive].name == "sex" and table.positive is None
    assert int(labels.sum()) == 221 and int(both[:, table.sensitive].sum()) == (study.data[:, 1] == 2).sum()
    bmi = [column.name for column in table.columns].index("body mass index")
    assert torch.equal(both[:, bmi].sort().values, torch.tensor(study.data[:, 2]).float().sort().values)
