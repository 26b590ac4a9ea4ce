import pytest
import torch
from PIL import Image

from inversion_core.datasets import people as module
from inversion_core.datasets.people import People, public_identities
from inversion_core.settings import Settings


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "settings", lambda: Settings(data_folder=tmp_path))
    return tmp_path / "cache" / "photos"


def test_every_person_has_a_name_of_their_own():
    names = People().classes
    assert len(names) == People().card.classes == 100
    assert len({name.split()[0] for name in names}) == 100


def test_fewer_people_are_the_first_of_all():
    few, all_ = People(people=7), People()
    assert few.classes == all_.classes[:7]
    assert few.identities.equal(all_.identities[:7])
    assert few.families() == all_.families()[:7]


def test_train_and_held_out_show_the_same_people_in_other_photos():
    data = People(people=4)
    train, held_out = data.train(), data.held_out()
    assert train.inputs.shape == (80, 3, 64, 64) and train.inputs.dtype == torch.uint8
    assert held_out.inputs.shape == (40, 3, 64, 64)
    assert train.labels.bincount().tolist() == [20] * 4
    assert held_out.labels.bincount().tolist() == [10] * 4
    everything = torch.cat([train.inputs, held_out.inputs, data.extra(3).inputs]).flatten(1)
    assert len(everything.unique(dim=0)) == len(everything)


def test_nothing_is_rendered_until_asked_for(monkeypatch):
    def refuse(*_):
        raise AssertionError("rendered too early")

    monkeypatch.setattr(module.portrait, "render", refuse)
    data = People()
    assert data.card and data.classes and data.families() and data.attributes()


def test_a_second_look_reads_the_photos_back(own_cache, monkeypatch):
    first = People(people=2).held_out()
    assert len(list(own_cache.iterdir())) == 1
    monkeypatch.setattr(module.portrait, "render", lambda *_: pytest.fail("rendered twice"))
    assert People(people=2).held_out().inputs.equal(first.inputs)


def test_a_fifth_are_look_alikes_in_families_of_four():
    families = People().families()
    members = [family for family in families if family]
    assert len(members) == 20
    assert sorted(members.count(family) for family in set(members)) == [4] * 5


def test_siblings_share_most_factors_and_differ_in_some():
    data = People()
    families = data.families()
    for family in {family for family in families if family}:
        siblings = data.identities[[k for k, other in enumerate(families) if other == family]]
        for a in range(4):
            for b in range(a):
                different = int((siblings[a] != siblings[b]).sum())
                assert module.DIFFERENCES <= different <= 2 * module.DIFFERENCES
                assert (siblings[a] - siblings[b]).abs().sum() > 2


def test_siblings_look_different():
    faces = People(people=20).portraits().inputs[::5].float()
    for a in range(4):
        for b in range(a):
            assert (faces[a] - faces[b]).abs().mean() > 1.5


def test_strangers_differ_in_almost_everything():
    data = People()
    strangers = data.identities[[k for k, family in enumerate(data.families()) if family is None]]
    assert torch.pdist(strangers).min() > 1


def test_public_people_are_other_people():
    private, public = People().identities, public_identities(3000, seed=0)
    assert torch.cdist(private, public).min() > 0.5
    assert not public.equal(public_identities(3000, seed=1))


def test_public_photos_are_labelled_by_person():
    photos = People().public(3, 2, seed=4)
    assert photos.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert photos.inputs.equal(People(people=2).public(3, 2, seed=4).inputs)
    assert not photos.inputs.equal(People().public(3, 2, seed=5).inputs)


def test_attributes_name_every_person():
    attributes = People(people=9).attributes()
    assert len(attributes) >= 10
    assert {len(values) for values in attributes.values()} == {9}


def test_contact_sheet_is_a_picture(tmp_path):
    module.draw_contact_sheet(tmp_path / "sheet.png", zoom=1)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 10 * 64
