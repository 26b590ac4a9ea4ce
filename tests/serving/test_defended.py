"""A defended service answers as the oracle in process does, and charges a row for a picture."""

from typing import Any

import pytest
import torch

from inversion_core.choices import Choice
from inversion_core.oracles import LabelOracle, ScoreOracle
from inversion_core.seeds import torch_rng
from inversion_core.store.api_keys import Tier
from inversion_core.values import Access
from tests.serving.test_predict import images, tensor_body
from tests.serving.toy import Running, Toy, scenario, serving

SMOOTHING = Choice(name="randomised-smoothing", params={"copies": 4, "sigma": 0.3})
CHAINS: dict[str, tuple[Choice, ...]] = {
    "label-only": (Choice(name="label-only"),),
    "temperature": (Choice(name="temperature", params={"temperature": 3}),),
    "noise": (Choice(name="output-noise"),),
    "fresh noise": (Choice(name="output-noise", params={"fresh": True}),),
    "smoothing": (SMOOTHING,),
    "noise on votes": (SMOOTHING, Choice(name="output-noise", params={"sigma": 0.2})),
    "votes over noise": (Choice(name="output-noise", params={"sigma": 0.5}), SMOOTHING),
}


def answer(running: Running, rows: torch.Tensor, **told: Any) -> dict[str, Any]:
    response = running.post(tensor_body(rows), **told)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def in_process(chain: tuple[Choice, ...], kind: type[ScoreOracle] = ScoreOracle) -> ScoreOracle:
    """Return the oracle that a run opens on the same exposure."""
    wanted = scenario(access=Access.SCORES, defences=chain)
    return kind(Toy(), defences=wanted.output_defences(), rng=torch_rng(wanted.seed, "exposure"))


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_service_and_process_answer_alike_however_the_question_is_cut(
    store_url: str, chain: tuple[Choice, ...]
) -> None:
    inputs = images(30)
    expected = in_process(chain).scores(inputs.float() / 255)
    with serving(store_url, access=Access.SCORES, defences=chain) as running:
        # Large enough to go through the model on their own, as in process.
        told = [answer(running, part) for part in inputs.split(10)]
        scores = torch.cat([torch.tensor(one["scores"]) for one in told])
        assert torch.allclose(scores, expected, atol=1e-6)
        assert [label for one in told for label in one["labels"]] == expected.argmax(1).tolist()
        assert running.keys.find(running.token).spent == 30  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["noise", "smoothing", "noise on votes", "votes over noise"])
def test_the_order_and_the_caller_do_not_matter_where_the_picture_decides(store_url: str, name: str) -> None:
    inputs = images(12)
    with serving(store_url, access=Access.SCORES, defences=CHAINS[name]) as running:
        first = torch.tensor(answer(running, inputs)["scores"])
        again = torch.tensor(answer(running, inputs.flip(0), token=running.token_of(Tier.PARTNER))["scores"])
        assert torch.allclose(again.flip(0), first, atol=1e-6)
        alone = [torch.tensor(answer(running, one[None])["scores"])[0] for one in inputs[:3]]
        assert torch.allclose(torch.stack(alone), first[:3], atol=1e-6)


def test_labels_are_those_of_the_defended_scores(store_url: str) -> None:
    inputs, chain = images(12), CHAINS["votes over noise"]
    with serving(store_url, access=Access.LABELS, defences=chain) as running:
        labels = answer(running, inputs)["labels"]
    assert labels == in_process(chain, LabelOracle).labels(inputs.float() / 255).tolist()


def test_a_tiers_own_defences_come_after_those_of_the_exposure(store_url: str) -> None:
    with serving(store_url, access=Access.SCORES, defences=CHAINS["smoothing"]) as running:
        token = running.token_of(Tier.AUTHENTICATED)
        scores = torch.tensor(answer(running, images(12), token=token)["scores"])
    votes = in_process(CHAINS["smoothing"]).scores(images(12).float() / 255)
    highest = votes.argsort(dim=1, descending=True, stable=True)[:, :3]
    kept = torch.zeros_like(votes).scatter(1, highest, votes.gather(1, highest)).round(decimals=2)
    assert torch.allclose(scores, kept, atol=1e-6)
