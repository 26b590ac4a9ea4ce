"""The shipped judges: each is as good as its card says on unseen photos, and read back as it was made."""

import pytest
import torch

from inversion_core.datasets.people import People
from inversion_core.metrics import evaluator
from inversion_core.metrics.evaluator import Judge, obtain_evaluator, obtain_features, obtain_reader
from inversion_core.targets import weights
from inversion_core.targets.train import accuracy, fit
from inversion_core.values import Photos
from tests.steps import finish

TRAITS_OF_A_FACE = ("hair colour", "hair style", "skin", "glasses", "beard")


def test_the_shipped_evaluator_knows_unseen_photos_as_its_card_says() -> None:
    people = People()
    judge, told = finish(obtain_evaluator(people))
    assert told >= 0.98
    assert accuracy(judge, people.held_out()) == pytest.approx(told, abs=0.002)
    assert judge.features(people.held_out().floats()[:3]).shape == (3, 768)


def test_features_are_computed_once_and_read_back_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(people=3)
    judge, photos = Judge(), people.train()
    judge.network = judge.build(tuple(photos.inputs.shape[1:]), 3).eval()
    first = obtain_features(people, judge, photos)
    torch.testing.assert_close(first[:5], judge.features(photos.floats()[:5]))
    monkeypatch.setattr(Judge, "features", None)  # whoever computes again fails
    assert torch.equal(obtain_features(people, judge, photos), first)


def test_the_shipped_reader_sees_the_traits_of_people_it_never_met() -> None:
    people = People()
    reader = finish(obtain_reader(people))
    photos = people.held_out()
    read, truth = reader(photos.floats()), people.attributes()
    for trait in TRAITS_OF_A_FACE:
        right = [
            a == truth[trait][label] for a, label in zip(read[trait], photos.labels.tolist(), strict=True)
        ]
        assert sum(right) / len(right) > 0.85, trait
        assert reader.accuracies[trait] > 0.85, trait


def test_the_reader_s_values_are_those_people_have() -> None:
    reader = finish(obtain_reader(People()))
    truth = People().attributes()
    assert list(reader.heads) == list(truth)
    assert all(set(values) <= set(reader.heads[name]) for name, values in truth.items())


def test_the_same_reader_serves_any_number_of_private_people() -> None:
    few, many = (finish(obtain_reader(People(people=count))).judge for count in (20, 100))
    assert weights.digest(dict(few.network.state_dict())) == weights.digest(dict(many.network.state_dict()))


def test_a_dataset_without_named_attributes_has_no_reader() -> None:
    class Nameless(People):
        def attributes(self) -> None:  # type: ignore[override]
            return None

    assert finish(obtain_reader(Nameless())) is None


def test_an_evaluator_is_trained_once_and_then_read(monkeypatch: pytest.MonkeyPatch) -> None:
    few = People(people=3)
    monkeypatch.setattr(evaluator, "EXTRA_PHOTOS", 2)
    first, told = finish(obtain_evaluator(few))
    again = [progress.note for progress in obtain_evaluator(few)]
    assert again == [] and 0 <= told <= 1 and first.class_count == 3


def test_training_pictures_are_varied_but_stay_pictures() -> None:
    photos = Photos(torch.randint(0, 256, (4, 3, 32, 32)).to(torch.uint8), torch.arange(4))
    varied = Judge().augment(photos.floats(), torch.Generator().manual_seed(0))
    assert varied.shape == (4, 3, 32, 32) and varied.min() >= 0 and varied.max() <= 1
    assert not torch.equal(varied, photos.floats())
    finish(fit(Judge(epochs=1), photos, 4))
