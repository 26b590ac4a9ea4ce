"""A federated round from the scenario to the stored result, and what does not go together with it."""

from pathlib import Path
from typing import Any

import pytest
import torch

from inversion_core import pictures
from inversion_core.choices import Choice, DatasetChoice, Exposure, FederatedRound, TargetChoice
from inversion_core.errors import DataUnusable
from inversion_core.execute import execute
from inversion_core.federated import draw, play_round, sent, untrained
from inversion_core.federated_file import read, write
from inversion_core.metrics.verdict import verdict
from inversion_core.priors.base import PriorCard
from inversion_core.priors.networks import Decoder
from inversion_core.scenario import Scenario, problems
from inversion_core.store.runs import RunRecord, RunStore
from inversion_core.targets import weights
from inversion_core.values import Access, Photos, State
from tests.attacks.toy import finish


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of three people with four small photos each."""
    rng = torch.Generator().manual_seed(0)
    for person in ("ada", "bea", "cleo"):
        place = tmp_path / "people" / person
        place.mkdir(parents=True)
        for number in range(4):
            photo = torch.randint(256, (3, 16, 16), generator=rng, dtype=torch.uint8)
            (place / f"{number}.png").write_bytes(pictures.png(photo))
    return tmp_path / "people"


def scenario(folder: Path | None = None, attack: str = "analytic-gradient", **changed: Any) -> Scenario:
    dataset = DatasetChoice(name="people")
    if folder is not None:
        dataset = DatasetChoice(
            name="image-folder", path=str(folder), options={"size": 16, "train_per_class": 3}
        )
    exposure = {"access": Access.GRADIENTS, "round": FederatedRound(**changed.pop("round", {}))}
    exposure |= changed.pop("exposure", {})
    base = {"dataset": dataset, "target": TargetChoice(name="softmax"), "attack": Choice(name=attack)}
    return Scenario(**(base | {"exposure": Exposure(**exposure)} | changed))


def run(one: Scenario, tmp_path: Path) -> tuple[RunRecord, RunStore]:
    store = RunStore(f"sqlite:///{tmp_path}/runs.sqlite", str(tmp_path / "artifacts"))
    run_id, _ = store.create(one, "tests")
    return execute(run_id, store), store


def test_a_round_is_played_and_its_photos_come_back(folder: Path, tmp_path: Path) -> None:
    one = scenario(folder, round={"clients": 4, "labels_known": False})
    record, store = run(one, tmp_path)
    assert record.state is State.DONE, record.log
    result = record.result
    assert result is not None and result["family"] == "gradients"
    names = {score["name"] for score in result["scores"]}
    assert names == {"identified-share", "label-accuracy", "redrawn-psnr", "redrawn-ssim"}
    assert len(result["victims"]) == 4 and max(row["largest_error"] for row in result["victims"]) < 1e-4
    assert all(row["evaluator_rank"] == 1 for row in result["victims"])
    assert result["assumptions"]["photos per update"] == 1 and result["assumptions"]["updates seen"] == 4
    assert verdict(result).finding.succeeded
    sheets = {one.name: store.artifact(one.sha256) for one in store.artifacts(record.id)}
    assert sheets["original-sheet.png"] == sheets["reconstruction-sheet.png"]
    store.close()


def test_secure_aggregation_leaves_one_update_and_says_what_it_promises(folder: Path, tmp_path: Path) -> None:
    aggregated = {"defences": (Choice(name="secure-aggregation"),)}
    record, store = run(scenario(folder, round={"clients": 3}, exposure=aggregated), tmp_path)
    assert record.state is State.DONE, record.log
    assert record.result is not None and record.result["assumptions"]["updates seen"] == 1
    assert len(record.result["victims"]) == 3
    assert any("sum of all clients" in row["amount"] for row in record.result["ledger"])
    store.close()
    record, store = run(scenario(folder, round={"clients": 1}, exposure=aggregated), tmp_path)
    assert record.result is not None
    (promise,) = [row["amount"] for row in record.result["ledger"] if "promises" in row["used"]]
    assert promise.startswith("nothing here"), "one client has nobody to hide behind"
    store.close()


def test_too_many_photos_end_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    record, store = run(scenario(folder, round={"clients": 5, "photos": 2}), tmp_path)
    assert record.state is State.FAILED and "need 10 and there are 9" in record.error
    store.close()


def test_a_batch_too_small_to_normalise_by_ends_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    one = scenario(folder, "inverting-gradients", target=TargetChoice(name="cnn", params={"width": 8}))
    record, store = run(one, tmp_path)
    assert record.state is State.FAILED and "normalises by the batch" in record.error
    store.close()


def test_photos_are_drawn_once_each_and_by_the_seed(folder: Path) -> None:
    one = scenario(folder)
    setting = FederatedRound(clients=3, photos=3)
    private, places = draw(one.make_dataset(), setting, range(3), 0)
    assert sorted(places.tolist()) == list(range(9)) and len(private) == 9
    assert torch.equal(one.make_dataset().train().inputs[places], private.inputs)
    assert not torch.equal(draw(one.make_dataset(), setting, range(3), 1)[1], places)
    of_one, _ = draw(one.make_dataset(), FederatedRound(photos=3), [1], 0)
    assert of_one.labels.tolist() == [1, 1, 1]


def test_only_what_is_told_travels(folder: Path) -> None:
    one = scenario(folder, target=TargetChoice(name="cnn-gn"))
    target = untrained(one.make_target(), one.make_dataset(), 0)
    private = Photos(one.make_dataset().train().inputs[:4], torch.tensor([0, 0, 0, 1]))
    setting = FederatedRound(clients=2, photos=2, labels_known=False)
    _, messages = finish(play_round(target.network, private, setting))
    first, second = sent(messages, private.labels, setting, (), 0)
    assert first.labels is None and first.statistics == () and (first.clients, first.photos) == (1, 2)
    known = sent(messages, private.labels, FederatedRound(clients=2, photos=2), (), 0)
    assert known[1].labels is not None and known[1].labels.tolist() == [0, 1]
    assert torch.equal(known[1].change[0], second.change[0])


def test_updates_of_a_federation_elsewhere_are_held_to_their_round(folder: Path, tmp_path: Path) -> None:
    one = scenario(folder, round={"clients": 2, "photos": 2})
    target = untrained(one.make_target(), one.make_dataset(), 0)
    private, _ = draw(one.make_dataset(), one.federated(), range(3), 0)
    _, messages = finish(play_round(target.network, private, one.federated()))
    file = tmp_path / "updates.safetensors"
    write(file, one, messages)
    here = read(file, one)
    assert all(torch.equal(a, b) for a, b in zip(here[1][0], messages[1][0], strict=True))
    from_file = scenario(folder, round={"clients": 2, "photos": 2, "updates": str(file)})
    record, store = run(from_file, tmp_path)
    assert record.state is State.DONE, record.log
    assert record.result is not None and "elsewhere" in record.result["assumptions"]["source of the updates"]
    store.close()
    simulated, store = run(scenario(folder, round={"clients": 2, "photos": 2}), tmp_path)
    assert simulated.result is not None and record.result["scores"] == simulated.result["scores"]
    (share,) = [score for score in record.result["scores"] if score["name"] == "identified-share"]
    assert share["value"] >= 0.5 and 1 / 3 <= share["baseline"] <= 2 / 3, "one or two of a label's three"
    store.close()
    with pytest.raises(DataUnusable, match="to another"):
        read(file, scenario(folder, round={"clients": 1, "photos": 2}))
    (tmp_path / "broken").write_text("no tensors")
    with pytest.raises(DataUnusable, match="cannot be read"):
        read(tmp_path / "broken", one)


def test_a_scenario_without_a_round_keeps_its_key() -> None:
    plain = Scenario(target=TargetChoice(name="softmax"), attack=Choice(name="mi-face"))
    assert "round" not in plain.canonical()["exposure"]
    assert scenario().canonical()["exposure"]["round"]["clients"] == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"exposure": {"access": Access.WHITE_BOX}}, "what an adversary with gradients access sees"),
        ({"exposure": {"defences": (Choice(name="rounding"),)}}, "shows updates, 'rounding' changes answers"),
        (
            {"target": TargetChoice(name="softmax", defences=(Choice(name="label-smoothing"),))},
            "a training that is over",
        ),
        ({"target": TargetChoice(name="mlp", defences=(Choice(name="gradient-noise"),))}, "move it there"),
        ({"target": TargetChoice(name="cnn")}, "'cnn' begins otherwise"),
        ({"exposure": {"monitor": True}}, "gradients access asks none"),
        ({"attack": "mi-face"}, "needs white-box access"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told_in_a_sentence(changed: dict[str, Any], told: str) -> None:
    found = problems(scenario(**changed))
    assert any(told in one for one in found), found


def test_defences_of_updates_protect_no_answers() -> None:
    asked = Exposure(access=Access.SCORES, defences=(Choice(name="gradient-noise"),))
    one = Scenario(target=TargetChoice(name="softmax"), exposure=asked, attack=Choice(name="nes-latent"))
    assert any("shows answers, 'gradient-noise' changes updates" in told for told in problems(one))


def test_a_prior_has_to_be_there_for_the_data_and_its_use_is_told(folder: Path) -> None:
    asked = Choice(name="inverting-gradients", params={"prior": "auto"})
    target = TargetChoice(name="cnn-gn")
    assert problems(scenario(attack=asked.name).model_copy(update={"attack": asked, "target": target})) == []
    (told,) = problems(scenario(folder).model_copy(update={"attack": asked, "target": target}))
    assert "attack.params.prior" in told and "train-prior" in told


def test_the_prior_of_an_attack_is_read_and_told(folder: Path, tmp_path: Path) -> None:
    decoder = Decoder(3, 16, 6, 8).eval()
    card = PriorCard(
        name="small", origin="nobody at all", people=0, photos=0, image_shape=(3, 16, 16), person_size=6,
        photo_size=0, width=8, reconstruction_error=0, seconds=0,
    )  # fmt: skip
    path = tmp_path / "small.safetensors"
    weights.write(path, decoder.fused().state_dict(), card.model_dump(mode="json"))
    params = {"prior": str(path), "prior_steps": 8, "steps": 8}
    one = scenario(folder).model_copy(
        update={
            "attack": Choice(name="inverting-gradients", params=params),
            "target": TargetChoice(name="cnn-gn"),
        }
    )
    record, store = run(one, tmp_path)
    store.close()
    assert record.result is not None, record.error
    assert record.result["queries"] == 16
    told = {row["used"]: row["amount"] for row in record.result["ledger"]}
    assert told["a picture prior"] == "learnt from nobody at all"
