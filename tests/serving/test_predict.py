"""What the service answers: every form of input alike, each tier its own, everything else in one sentence."""

import base64
import struct
import zlib
from typing import Any

import pytest
import torch
from torch import Tensor

from inversion_core import pictures
from inversion_core.choices import Choice
from inversion_core.serving.refusals import CODES
from inversion_core.serving.service import Limits
from inversion_core.store.api_keys import Tier
from inversion_core.values import Access
from tests.serving.toy import CLASSES, SHAPE, Running, Toy, ToyTable, serving


def images(count: int, seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, *SHAPE), generator=rng, dtype=torch.uint8)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def tensor_body(inputs: Tensor) -> dict[str, Any]:
    return {"tensor": {"data": b64(inputs.numpy().tobytes()), "shape": list(inputs.shape)}}


def expected(inputs: Tensor) -> Tensor:
    return Toy().predict(inputs.float() / 255)


def test_every_form_of_a_picture_gives_the_very_scores_of_the_model(running: Running) -> None:
    inputs = images(5)
    as_tensor = running.post(tensor_body(inputs)).json()
    as_list = running.post({"images": [b64(pictures.png(one)) for one in inputs]}).json()
    assert as_tensor == as_list
    assert torch.equal(torch.tensor(as_tensor["scores"]), expected(inputs))
    assert as_tensor["labels"] == expected(inputs).argmax(1).tolist()
    single = running.post(pictures.png(inputs[3]), kind="image/png").json()
    assert torch.equal(torch.tensor(single["scores"]), expected(inputs[3:4]))


def test_records_are_rows_with_null_for_what_is_unknown(store_url: str) -> None:
    with serving(store_url, ToyTable()) as running:
        answer = running.post({"records": [[2, 31.5], [None, None]]}).json()
        known = ToyTable().predict(torch.tensor([[2.0, 31.5], [torch.nan, torch.nan]]))
        assert torch.equal(torch.tensor(answer["scores"]), known)
        for body, told in (
            ({"records": [[3, 1.0]]}, "column 'colour' takes whole numbers from 0 to 2"),
            ({"records": [[0.5, 1.0]]}, "column 'colour'"),
            ({"records": [[1]]}, "records.0: a record has 2 values, 1 were sent"),
            ({"records": [[1, 1e300]]}, "beyond what the model can hold"),
            ({"images": []}, "this model reads records"),
        ):
            refused = running.post(body)
            assert refused.status_code == 422 and told in refused.json()["message"]
        card = running.client.get(running.url + "/v1/card").json()
        assert card["columns"][0] == {"name": "colour", "levels": ["red", "green", "blue"]}


def test_each_tier_is_released_its_own(running: Running) -> None:
    inputs, body = images(4), tensor_body(images(4))
    scores = expected(inputs)
    nobody = running.post(body, token=None).json()
    assert nobody == {"labels": scores.argmax(1).tolist(), "scores": None}
    some = torch.tensor(running.post(body, running.token_of(Tier.AUTHENTICATED)).json()["scores"])
    highest = scores.topk(3, dim=1)
    kept = torch.zeros_like(scores).scatter(1, highest.indices, highest.values).round(decimals=2)
    assert torch.equal(some, kept)
    assert torch.equal(torch.tensor(running.post(body).json()["scores"]), scores)


def test_the_exposure_defends_every_tier_before_the_tier_does(store_url: str) -> None:
    defences = (Choice(name="rounding", params={"decimals": 1}),)
    with serving(store_url, access=Access.SCORES, defences=defences) as running:
        body, rounded = tensor_body(images(4)), expected(images(4)).round(decimals=1)
        assert torch.equal(torch.tensor(running.post(body).json()["scores"]), rounded)
        # The label is that of the rounded scores: where rounding ties, the first of the tied.
        assert running.post(body, token=None).json()["labels"] == rounded.argmax(1).tolist()


def test_a_label_only_exposure_gives_nobody_scores(store_url: str) -> None:
    with serving(store_url, access=Access.LABELS) as running:
        answer = running.post(tensor_body(images(2))).json()
        assert answer["scores"] is None and len(answer["labels"]) == 2


def test_the_card_says_what_is_served_and_what_the_caller_has_left(running: Running) -> None:
    token = running.token_of(Tier.AUTHENTICATED, budget=10, rate=7)
    running.post(tensor_body(images(3)), token)
    headers = {"Authorization": f"Bearer {token}"}
    card = running.client.get(running.url + "/v1/card", headers=headers).json()
    assert card["you"] == {"tier": "authenticated", "rows_per_minute": 7, "budget": 10, "spent": 3}
    assert (card["input_shape"], card["class_count"]) == (list(SHAPE), CLASSES)
    assert "top-k" in card["released"]["authenticated"] and "label" in card["released"]["anonymous"]


def png_of_size(width: int, height: int) -> bytes:
    """Return a tiny PNG that claims to be large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


WHOLE = pictures.png(images(1)[0])
SHORT = {"tensor": {"data": b64(bytes(10)), "shape": [1, *SHAPE]}}
WRONG = [
    pytest.param(b"{", "application/json", 422, "input-invalid", id="no JSON"),
    pytest.param(b"\xff\xfe", "application/json", 422, "input-invalid", id="no text"),
    pytest.param({}, "application/json", 422, "none was given", id="nothing"),
    pytest.param(
        {"images": [], "records": []}, "application/json", 422, "images and records", id="two forms"
    ),
    pytest.param({"images": []}, "application/json", 422, "at least one row", id="no rows"),
    pytest.param({"images": ["!"]}, "application/json", 422, "images.0: base64", id="no base64"),
    pytest.param({"images": [b64(b"GIF89a")]}, "application/json", 422, "whole PNG", id="no PNG"),
    pytest.param({"magic": 1}, "application/json", 422, "magic", id="unknown key"),
    pytest.param({"records": [[1, 2]]}, "application/json", 422, "reads pictures", id="records for pictures"),
    pytest.param(SHORT, "application/json", 422, "768 bytes belong to that shape, 10", id="too few bytes"),
    pytest.param(
        {"tensor": {"data": "", "shape": [0, *SHAPE]}}, "application/json", 422, "one row", id="zero rows"
    ),
    pytest.param(
        {"tensor": {"data": "", "shape": [-1, *SHAPE]}},
        "application/json",
        422,
        "one row",
        id="negative rows",
    ),
    pytest.param(
        {"tensor": {"data": "", "shape": [1, 3, 8, 8]}}, "application/json", 422, "[3, 16, 16]", id="shape"
    ),
    pytest.param(
        {"tensor": {"data": "", "shape": [2**40, *SHAPE]}}, "application/json", 413, "at most 512", id="rows"
    ),
    pytest.param(WHOLE[:-30], "image/png", 422, "whole PNG", id="half a PNG"),
    pytest.param(png_of_size(50_000, 50_000), "image/png", 422, "far larger", id="bomb"),
    pytest.param(png_of_size(3_000, 3_000), "image/png", 422, "3000 x 3000 in RGB", id="large"),
    pytest.param(pictures.png(images(1)[0][:1]), "image/png", 422, "in L was sent", id="grey"),
    pytest.param(WHOLE, "image/jpeg", 415, "media-type", id="another type"),
    pytest.param(WHOLE, "", 415, "media-type", id="no type"),
]


@pytest.mark.parametrize(("body", "kind", "status", "told"), WRONG)
def test_a_body_that_cannot_be_read_is_told_in_one_sentence(
    running: Running, body: Any, kind: str, status: int, told: str
) -> None:
    refused = running.post(body, kind=kind)
    assert refused.status_code == status, refused.text
    assert set(refused.json()) == {"code", "message"} and told in refused.text
    assert CODES[refused.json()["code"]][0] == status and "\n" not in refused.json()["message"]


def test_a_body_above_the_cap_is_refused_before_it_is_read(store_url: str) -> None:
    with serving(store_url, limits=Limits(body_bytes=1000)) as running:
        declared = running.post(bytes(1001), kind="image/png")
        parts = (bytes(400) for _ in range(1000))
        streamed = running.client.post(running.predict, content=parts, headers={"Content-Type": "image/png"})
        for refused in (declared, streamed):
            assert refused.status_code == 413 and "at most 1,000 bytes" in refused.json()["message"]


def test_other_addresses_and_methods_are_refused_alike(running: Running) -> None:
    for path, status in (("/", 404), ("/docs", 404), ("/v1/predict", 405)):
        refused = running.client.get(running.url + path)
        assert refused.status_code == status and set(refused.json()) == {"code", "message"}


def test_a_failing_model_is_told_without_its_insides(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_inputs: Tensor) -> Tensor:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(running.service._forwarder, "_predict", broken)
    refused = running.post(tensor_body(images(1)))
    assert refused.status_code == 500 and "secret" not in refused.text
    assert refused.json()["code"] == "internal" and "secret inside" in caplog.text


def test_scores_that_are_no_numbers_are_not_answered(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.service._forwarder, "_predict", lambda x: torch.full((len(x), 6), torch.nan))
    refused = running.post(tensor_body(images(1)))
    assert refused.status_code == 422 and "no finite score" in refused.json()["message"]
