"""What an attack on inputs is given: no private photo among the public ones, originals set aside."""

import json
from pathlib import Path

import pytest
import torch

from inversion_core import pictures
from inversion_core.datasets.image_folder import ImageFolder
from inversion_core.datasets.people import People, public_identities
from inversion_core.execute import execute
from inversion_core.scenario import problems, read_scenario
from inversion_core.store.runs import RunStore
from inversion_core.trials import inputs
from inversion_core.trials.inputs import gather, released, set_aside
from inversion_core.values import Knowledge, Photos, State
from tests.attacks.toy import finish

PEOPLE, PHOTOS = 12, 5


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of twelve people: a pattern each, and five noisy photos of it."""
    folder = tmp_path_factory.mktemp("faces")
    rng = torch.Generator().manual_seed(0)
    for person in range(PEOPLE):
        (folder / f"p{person:02d}").mkdir()
        for photo, picture in enumerate(portraits(1, rng).repeat(PHOTOS, 1, 1, 1)):
            noisy = picture + 0.05 * torch.randn(1, 16, 16, generator=rng)
            (folder / f"p{person:02d}" / f"{photo}.png").write_bytes(pictures.png(pictures.to_bytes(noisy)))
    return folder


def portraits(count: int, rng: torch.Generator) -> torch.Tensor:
    coarse = torch.rand(count, 1, 4, 4, generator=rng)
    return coarse.repeat_interleave(4, 2).repeat_interleave(4, 3)


@pytest.fixture
def with_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give folders public photos: patterns of nobody in particular."""

    def public(self: ImageFolder, people: int, photos: int, seed: int) -> Photos:
        rng = torch.Generator().manual_seed(seed)
        return Photos(pictures.to_bytes(portraits(people, rng)), torch.arange(people))

    monkeypatch.setattr(ImageFolder, "public", public)


def folder(faces: Path, train: int) -> ImageFolder:
    return ImageFolder(faces, size=16, grayscale=True, train_per_class=train)


def test_the_original_is_held_out_and_no_ruler_sees_it(faces: Path) -> None:
    dataset = folder(faces, train=3)
    aside = set_aside(dataset)
    assert torch.equal(aside.originals.labels, torch.arange(PEOPLE))
    assert len(aside.held_out) == PEOPLE * 1 and len(dataset.held_out()) == PEOPLE * 2
    assert torch.equal(aside.originals.inputs, dataset.held_out().inputs[::2])
    assert torch.equal(aside.held_out.inputs, dataset.held_out().inputs[1::2])


def test_with_one_held_out_photo_each_the_original_is_a_training_photo(faces: Path) -> None:
    dataset = folder(faces, train=PHOTOS - 1)
    aside = set_aside(dataset)
    assert torch.equal(aside.held_out.inputs, dataset.held_out().inputs)
    assert torch.equal(aside.originals.inputs, dataset.train().inputs[:: PHOTOS - 1])


def test_public_people_are_nobody_of_the_private_ones() -> None:
    private = People().identities
    public = torch.cat([public_identities(inputs.PART, inputs.PUBLIC_SEED + part) for part in range(40)])
    assert torch.cdist(private, public).min() > 0.1
    assert len(public.unique(dim=0)) == len(public)


def test_public_photos_are_as_many_as_asked_and_tell_of_themselves(
    faces: Path, with_strangers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "PART", 20)
    seen, photos = finish(gather(folder(faces, 3), 50))
    assert photos.shape == (50, 1, 16, 16) and [one.step for one in seen] == [1, 2, 3]
    assert len(photos.unique(dim=0)) == 50


def scenario(faces: Path, attack: str, access: str, target: str = "cnn", **exposure: object) -> str:
    options = {"size": 16, "grayscale": True, "train_per_class": 2}
    params = {"epochs": 12} | ({"width": 8} if target == "cnn" else {})
    return json.dumps(
        {
            "dataset": {"name": "image-folder", "path": str(faces), "options": options},
            "target": {"name": target, "params": params},
            "exposure": {"access": access, **exposure},
            "attack": {"name": attack, "params": {"public_photos": 400, "passes": 10, "hidden": 64}},
        }
    )


@pytest.mark.parametrize(
    ("attack", "access", "leaked"),
    [
        ("inversion-network", "scores", "what the API answered"),
        ("inversion-network", "labels", "what the API answered"),
        ("template-inversion", "templates", "the stored template"),
    ],
)
def test_a_run_knows_public_photos_and_what_leaked_and_nothing_private(
    faces: Path,
    with_strangers: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    attack: str,
    access: str,
    leaked: str,
) -> None:
    known: list[Knowledge] = []
    from inversion_core.attacks.decoding import DecoderAttack

    whole = DecoderAttack.run

    def noted(self: DecoderAttack, oracle: object, knowledge: Knowledge, rng: torch.Generator) -> object:
        known.append(knowledge)
        return whole(self, oracle, knowledge, rng)  # type: ignore[arg-type]

    monkeypatch.setattr(DecoderAttack, "run", noted)
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}", str(tmp_path / "artifacts"))
    run_id, _ = store.create(read_scenario(scenario(faces, attack, access)), "tester")
    record = execute(run_id, store)
    assert record.state is State.DONE, record.error + record.log
    (knowledge,), result = known, record.result
    assert result is not None and knowledge.public is not None and knowledge.prior is None
    dataset = folder(faces, 2)
    private = torch.cat([dataset.train().inputs, dataset.held_out().inputs]).flatten(1).float()
    assert torch.cdist(private, knowledge.public.flatten(1).float()).min() > 0
    assert (knowledge.templates is None) != (knowledge.observed is None)
    assert result["queries"] == 400 + PEOPLE
    assert leaked in " ".join(row["used"] for row in result["ledger"])
    assert result["ledger"][-1] == {"used": "private photos, names or attributes", "amount": "none"}
    names = {score["name"]: score for score in result["scores"]}
    assert {"match-same-photo", "match-other-photo", "ssim"} <= set(names)
    assert result["claim"] == "the very input that was used" and "public" in result["seconds"]
    sheet = next(one for one in store.artifacts(run_id) if one.name == "original-sheet.png")
    shown = pictures.cut(pictures.read_png(store.artifact(sheet.sha256)), PEOPLE)
    assert torch.equal(shown, set_aside(dataset).originals.inputs)
    store.close()


def test_what_is_released_to_a_user_is_what_an_adversary_would_get() -> None:
    from inversion_core.defences.top_k import TopK
    from inversion_core.oracles import LabelOracle, ScoreOracle
    from tests.attacks.toy import PatternTarget, patterns

    photos = pictures.to_bytes(patterns())
    two = released(ScoreOracle(PatternTarget(), defences=[TopK(k=2)]), photos)
    assert ((two > 0).sum(1) == 2).all()
    assert torch.equal(released(LabelOracle(PatternTarget()), photos), torch.eye(5))


def told(faces: Path, *args: str, **exposure: object) -> list[str]:
    from inversion_core.scenario import Scenario

    return problems(Scenario.model_validate_json(scenario(faces, *args, **exposure)))


def test_a_folder_has_no_public_people(faces: Path) -> None:
    (problem,) = told(faces, "inversion-network", "scores")
    assert "'image-folder' has none; choose the dataset people" in problem


def test_templates_need_a_store_or_weights_and_a_target_that_makes_them(
    faces: Path, with_strangers: None
) -> None:
    assert told(faces, "template-inversion", "templates") == []
    assert told(faces, "template-inversion", "white-box") == []
    assert "needs templates access" in told(faces, "template-inversion", "scores")[0]
    assert "needs labels access" in told(faces, "inversion-network", "templates")[0]
    assert "'softmax' has none" in told(faces, "template-inversion", "templates", "softmax")[0]
    (problem,) = told(faces, "template-inversion", "templates", defences=[{"name": "rounding"}])
    assert "a template store releases none, 'rounding' was given" in problem
