"""Plain regularisation: the three knobs reach the training, and dp-sgd's epochs are not fought over."""

import pytest
from torch import nn

from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.defences.regularisation import Regularisation
from inversion_core.targets.architectures import CNN, Softmax
from tests.defences.small import set_up


def test_epochs_decay_and_dropout_are_the_ones_asked_for() -> None:
    training = set_up(
        CNN(width=8, epochs=10, dropout=0.1), [Regularisation(share=0.3, weight_decay=0.7, dropout=0.6)]
    )
    assert training.epochs == 3
    assert {group["weight_decay"] for group in training.optimiser.param_groups} == {0.7}
    assert [layer.p for layer in training.network.modules() if isinstance(layer, nn.Dropout)] == [0.6]


@pytest.mark.parametrize(("share", "epochs"), [(0.01, 1), (1.0, 10)])
def test_one_epoch_at_least_and_all_of_them_at_most(share: float, epochs: int) -> None:
    assert set_up(Softmax(epochs=10), [Regularisation(share=share)]).epochs == epochs


def test_dp_sgd_sets_its_own_epochs_and_comes_after() -> None:
    plain, whole, private = Regularisation(), Regularisation(share=1), DPSGD()
    assert "write a share of 1" in (plain.objection([plain, private]) or "")
    assert whole.objection([whole, private]) is None and private.objection([whole, private]) is None
    assert "list regularisation before dp-sgd" in (private.objection([private, whole]) or "")
