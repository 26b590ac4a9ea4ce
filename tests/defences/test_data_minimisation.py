"""Data minimisation: the card counts what was learnt from, and who was left out is never named."""

from pathlib import Path

import pytest
import torch

from inversion_core.datasets.people import People
from inversion_core.defences.data_minimisation import DataMinimisation
from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.errors import DataUnusable
from inversion_core.targets import catalogue
from inversion_core.targets.architectures import CNN, Softmax
from inversion_core.targets.table_mlp import TableMLP
from inversion_core.values import Photos
from tests.defences.small import PHOTOS
from tests.steps import finish

FEW = People(people=4)


def test_the_first_photos_of_everybody_not_left_out_are_kept_in_order() -> None:
    kept = DataMinimisation(photos_per_person=3, without=(1,)).admit(PHOTOS)
    assert kept.labels.tolist() == [0, 2, 3] * 3
    assert torch.equal(kept.inputs[3], PHOTOS.inputs[4]) and len(PHOTOS) == 40


def test_who_has_fewer_photos_than_asked_for_keeps_them_all() -> None:
    assert len(DataMinimisation(photos_per_person=11).admit(PHOTOS)) == 40
    uneven = Photos(PHOTOS.inputs[:5], torch.tensor([0, 1, 1, 1, 1]))
    assert DataMinimisation(photos_per_person=2).admit(uneven).labels.tolist() == [0, 1, 1]


def test_a_target_never_names_who_was_left_out_and_its_accuracy_says_so(tmp_path: Path) -> None:
    target = CNN(width=8, epochs=25, batch_size=20)
    finish(
        catalogue.obtain(FEW, target, [DataMinimisation(photos_per_person=10, without=[2])], into=tmp_path)
    )
    held_out = FEW.held_out()
    assert 2 not in target.predict(held_out.floats()).argmax(1)
    assert (target.card.train_photos, target.card.test_photos, target.card.class_count) == (30, 40, 4)
    assert 0.5 < target.card.test_accuracy <= 0.75 and target.card.train_accuracy > 0.75


def test_a_person_counts_with_the_photos_that_are_used(tmp_path: Path) -> None:
    defences = [DataMinimisation(photos_per_person=5), DPSGD(batch_size=10, epochs=1)]
    target = finish(catalogue.obtain(FEW, Softmax(), defences, into=tmp_path))
    assert target.card.guarantees["dp-sgd"]["photos_per_person"] == 5
    assert "data-minimisation" not in target.card.guarantees


@pytest.mark.parametrize(
    ("without", "sentence"),
    [((0, 4), r"numbered 0 to 3, \[4\] were"), ((0, 1, 3), "at least two people apart, 1 of 4 are left")],
)
def test_numbers_nobody_has_and_too_few_people_are_told(without: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(DataUnusable, match=sentence):
        DataMinimisation(without=without).admit(PHOTOS)


def test_tables_are_refused() -> None:
    assert "learns from tables" in (DataMinimisation().incompatible(TableMLP) or "")
    assert DataMinimisation().incompatible(CNN) is None
