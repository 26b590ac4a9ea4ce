"""Deduplication keeps the first of what is the same, of photos and of texts."""

import torch

from inversion_core.datasets.notes import Notes
from inversion_core.defences.deduplication import Deduplication
from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.registry import find
from inversion_core.tables import Records
from inversion_core.values import Photos


def test_copies_and_near_copies_of_a_photo_go_and_others_stay() -> None:
    rng = torch.Generator().manual_seed(0)
    distinct = torch.randint(0, 250, (5, 3, 8, 8), generator=rng, dtype=torch.uint8)
    photos = torch.cat([distinct, distinct[:2], distinct[:1] + 3])
    kept = Deduplication().admit(Photos(photos, torch.tensor([0, 1, 2, 3, 4, 0, 1, 0])))
    assert torch.equal(kept.inputs, distinct) and kept.labels.tolist() == [0, 1, 2, 3, 4]
    assert len(Deduplication(distance=0).admit(Photos(photos, torch.tensor([0, 1, 2, 3, 4, 0, 1, 0])))) == 6


def test_one_photo_under_two_names_is_two() -> None:
    photos = torch.full((3, 3, 8, 8), 7, dtype=torch.uint8)
    kept = Deduplication(distance=0).admit(Photos(photos, torch.tensor([1, 2, 1])))
    assert kept.labels.tolist() == [1, 2], "else who is taken out would decide what another is learnt as"


def test_every_secret_is_left_once() -> None:
    notes = Notes(notes=100, canaries=2)
    kept = Deduplication().admit(notes.train())
    assert isinstance(kept, Records)
    assert len(kept.inputs.unique(dim=0)) == len(kept) == len(notes.train().inputs.unique(dim=0))


def test_a_guarantee_for_one_photo_needs_that_it_decides_about_no_other() -> None:
    private = DPSGD()
    refused = private.objection([Deduplication(), private])
    assert refused is not None and "set distance 0" in refused
    exact = Deduplication(distance=0)
    assert private.objection([exact, private]) is None


def test_equal_rows_of_a_table_are_different_people() -> None:
    assert "different people" in str(Deduplication().incompatible(find("targets", "decision-tree")))
    assert Deduplication().incompatible(find("targets", "photo-generator")) is None
