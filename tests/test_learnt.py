"""A defence that learns from public people: once, from people no attack is given, and where there are any."""

import json
from pathlib import Path

import pytest
import torch

from inversion_core import learnt, pictures
from inversion_core.console import exhaust
from inversion_core.datasets.image_folder import ImageFolder
from inversion_core.datasets.people import People, public_identities
from inversion_core.defences.purifier import Purifier
from inversion_core.errors import WeightsUnusable
from inversion_core.execute import execute, train
from inversion_core.learnt import defences_of
from inversion_core.scenario import Scenario, problems
from inversion_core.serving import honest
from inversion_core.settings import settings
from inversion_core.store.runs import RunStore
from inversion_core.targets.base import Target
from inversion_core.trials import inputs
from inversion_core.values import Photos, State

PEOPLE, PHOTOS = 8, 5
PURIFIER = {"name": "purifier", "params": {"public_photos": 100, "passes": 4}}


@pytest.fixture
def faces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder of eight people, and give folders public photos of nobody in particular."""
    rng = torch.Generator().manual_seed(0)
    for person in range(PEOPLE):
        (tmp_path / "faces" / f"p{person}").mkdir(parents=True)
        for photo, picture in enumerate(portraits(1, rng).repeat(PHOTOS, 1, 1, 1)):
            noisy = picture + 0.05 * torch.randn(1, 16, 16, generator=rng)
            file = tmp_path / "faces" / f"p{person}" / f"{photo}.png"
            file.write_bytes(pictures.png(pictures.to_bytes(noisy)))

    def public(self: ImageFolder, people: int, photos: int, seed: int) -> Photos:
        drawn = portraits(people, torch.Generator().manual_seed(seed))
        return Photos(pictures.to_bytes(drawn), torch.arange(people))

    monkeypatch.setattr(ImageFolder, "public", public)
    return tmp_path / "faces"


def portraits(count: int, rng: torch.Generator) -> torch.Tensor:
    coarse = torch.rand(count, 1, 4, 4, generator=rng)
    return coarse.repeat_interleave(4, 2).repeat_interleave(4, 3)


def scenario(faces: Path, *defences: object, attack: object = None) -> Scenario:
    options = {"size": 16, "grayscale": True, "train_per_class": 3}
    return Scenario.model_validate(
        {
            "dataset": {"name": "image-folder", "path": str(faces), "options": options},
            "target": {"name": "softmax", "params": {"epochs": 20}},
            "exposure": {"access": "scores", "defences": list(defences)},
            "attack": attack or {"name": "inversion-network"},
        }
    )


def ready(wanted: Scenario, target: Target) -> Purifier:
    (made,) = exhaust(defences_of(wanted, wanted.make_dataset(), target))
    assert isinstance(made, Purifier)
    return made


def test_it_learns_once_and_comes_back_as_it_was(faces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = scenario(faces, PURIFIER)
    target = exhaust(train(wanted))
    first = ready(wanted, target)
    monkeypatch.setattr(Purifier, "learn", None)
    again = ready(wanted, target)
    scores = target.predict(torch.rand(5, 1, 16, 16))
    rng = torch.Generator()
    assert torch.equal(first.release(scores, rng), again.release(scores, rng))


def test_other_parameters_and_other_targets_learn_anew(faces: Path) -> None:
    wanted, kept = scenario(faces, PURIFIER), settings().cache / "defences"
    target = exhaust(train(wanted))
    ready(wanted, target)
    ready(scenario(faces, {"name": "purifier", "params": {"public_photos": 100, "passes": 3}}), target)
    assert len(list(kept.iterdir())) == 2
    target.card = target.card.model_copy(update={"key": "another"})
    ready(wanted, target)
    assert len(list(kept.iterdir())) == 3


def test_a_damaged_file_is_told_in_a_sentence(faces: Path) -> None:
    wanted = scenario(faces, PURIFIER)
    target = exhaust(train(wanted))
    ready(wanted, target)
    (file,) = (settings().cache / "defences").iterdir()
    file.write_bytes(b"no weights")
    with pytest.raises(WeightsUnusable, match="delete it"):
        ready(wanted, target)


def test_a_run_is_defended_by_what_was_learnt_and_tells_the_time(faces: Path, tmp_path: Path) -> None:
    few = {"name": "inversion-network", "params": {"public_photos": 100, "passes": 2, "hidden": 16}}
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts"))
    records = []
    for defences in ((), (PURIFIER,)):
        run_id, _ = store.create(scenario(faces, *defences, attack=few), "tester")
        records.append(execute(run_id, store))
    assert [one.state for one in records] == [State.DONE] * 2, records[1].error + records[1].log
    plain, purified = (one.result for one in records)
    assert plain and purified and plain["queries"] == purified["queries"]
    assert "defences" in purified["seconds"] and "defences" not in plain["seconds"]
    assert json.dumps(plain["scores"]) != json.dumps(purified["scores"])
    store.close()


def test_data_without_other_people_is_told_in_one_sentence(
    faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ImageFolder, "public")
    table = scenario(faces, PURIFIER, attack={"name": "csmia"}).model_dump(mode="json")
    table |= {"dataset": {"name": "clinic"}, "target": {"name": "mlp"}}
    photos = scenario(faces, PURIFIER, attack={"name": "brep-mi", "params": {"prior": "people"}})
    for made, dataset in ((photos, "image-folder"), (Scenario.model_validate(table), "clinic")):
        assert problems(made) == [
            f"defence 'purifier' learns from photos of people outside the data, {dataset!r} has none; "
            "choose the dataset people or another defence"
        ]


def test_nobody_it_learns_from_is_private_or_given_to_an_attack_or_the_monitor() -> None:
    parts = 20
    taught = torch.cat([public_identities(50, learnt.PUBLIC_SEED + part) for part in range(parts)])
    others = [People().identities]
    others += [public_identities(50, inputs.PUBLIC_SEED + part) for part in range(parts)]
    others += [public_identities(100, honest.PUBLIC_SEED + part) for part in range(3)]
    assert torch.cdist(torch.cat(others), taught).min() > 0.1
    # At most so many parts are ever drawn of each.
    most = 50_000 // inputs.PART
    assert inputs.PUBLIC_SEED + most <= learnt.PUBLIC_SEED and learnt.PUBLIC_SEED + most <= honest.PUBLIC_SEED
