"""The query log: one entry a request, whatever happens, and enough in it to tell near-duplicates."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from inversion_core import pictures
from inversion_core.errors import StoreUnavailable
from inversion_core.serving import service, writer
from inversion_core.serving.signature import signatures
from inversion_core.serving.writer import LogWriter
from inversion_core.settings import ROOT
from inversion_core.store.api_keys import KeyStore, Tier
from inversion_core.store.database import Database
from inversion_core.store.query_log import EMPTY, NO_LABELS, Query, QueryLog
from tests.serving.test_predict import expected, images, tensor_body
from tests.serving.toy import SHAPE, Running, serving

ENOUGH = 20
"""Answers after which a service under load is asked to stop."""


def query(rows: int) -> Query:
    return Query(time.time(), "s", "k", "/v1/predict", rows, 200, "", 0.1, NO_LABELS, EMPTY)


def logged(running: Running, count: int) -> list[Query]:
    """Return the entries once there are that many."""
    until = time.monotonic() + 10
    while len(found := running.log.after()) < count and time.monotonic() < until:
        time.sleep(0.02)
    assert len(found) == count
    return found


def test_an_entry_says_who_asked_what_and_what_came_of_it(running: Running) -> None:
    inputs, before = images(3), time.time()
    running.post(tensor_body(inputs))
    running.post(pictures.png(inputs[0]), token=None, kind="image/png")
    running.post({"images": ["!"]})
    running.post(tensor_body(inputs), token="wrong")
    answered, nobody, unread, unknown = logged(running, 4)
    key_id = running.token.split("_")[1]
    assert (answered.key_id, answered.rows, answered.status, answered.code) == (key_id, 3, 200, "")
    assert answered.service == "0123456789abcdef" and answered.endpoint == "/v1/predict"
    assert before <= answered.time <= time.time() and 0 < answered.seconds < 10
    assert answered.labels.tolist() == expected(inputs).argmax(1).tolist()
    assert (answered.signatures == signatures(inputs.float() / 255)).all()
    assert (nobody.key_id, nobody.rows, nobody.status) == ("anonymous", 1, 200)
    assert (unread.key_id, unread.status, unread.code, len(unread.labels)) == (
        key_id,
        422,
        "input-invalid",
        0,
    )
    assert (unknown.key_id, unknown.status, unknown.code) == ("", 401, "token-unknown")
    assert [one.id for one in running.log.after(answered.id, key_id=key_id)] == [unread.id]


def test_a_signature_is_the_grey_picture_made_small_and_stays_close_when_it_changes_little() -> None:
    inputs = torch.rand(5, *SHAPE)
    small = interpolate(inputs.mean(1, keepdim=True), scale_factor=0.5, mode="area").flatten(1)
    assert (signatures(inputs) == (small * 255).round().numpy()).all()
    near = signatures((inputs + 0.02 * torch.randn_like(inputs)).clamp(0, 1)).astype(int)
    assert np.abs(near - signatures(inputs)).mean() < 4 < np.abs(near - signatures(inputs.flip(0))).mean()
    records = torch.tensor([[1.0, torch.nan], [2.5, 3.0]])
    assert (
        np.nan_to_num(signatures(records).view("<f4"), nan=-1) == records.nan_to_num(nan=-1).numpy()
    ).all()


def test_no_entry_is_lost_under_load_and_each_answer_is_of_its_own_input(running: Running) -> None:
    inputs = images(120, seed=3)
    wanted = expected(inputs)

    def ask(place: int) -> None:
        answer = running.post(pictures.png(inputs[place]), kind="image/png").json()
        assert torch.tensor(answer["scores"][0]).allclose(wanted[place], atol=1e-6)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(ask, range(120)))
    assert sorted(int(one.labels[0]) for one in logged(running, 120)) == sorted(wanted.argmax(1).tolist())


def test_what_waits_is_written_when_the_service_ends(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "EVERY_SECONDS", 60.0)
    with serving(store_url) as running:
        for _ in range(5):
            running.post(tensor_body(images(2)))
        assert running.log.count() == (0, 0)
    database = Database(store_url)
    assert QueryLog(database).count(status=200) == (5, 10)
    database.close()


class Stuck(QueryLog):
    """A log that cannot be written until it is told."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.free = threading.Event()
        self.tries = 0

    def add(self, queries: object) -> None:
        self.tries += 1
        if not self.free.is_set():
            raise StoreUnavailable("the disk is full")
        super().add(queries)  # type: ignore[arg-type]


def test_a_log_that_cannot_be_written_holds_its_callers_back_and_loses_nothing(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(writer, "BATCH", 4)
    database = Database(store_url)
    stuck = Stuck(database)
    taking = LogWriter(stuck, waiting=4)
    taken = sum(taking.take(query(rows), timeout=0.05) for rows in range(20))
    assert 4 <= taken <= 8 and stuck.tries > 1
    stuck.free.set()
    taking.close()
    assert stuck.count()[0] == taken
    assert [one.rows for one in stuck.after()] == list(range(taken))
    database.close()


def test_an_answer_that_cannot_be_logged_is_not_given(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LOG_PATIENCE", 0.01)
    monkeypatch.setattr(running.service._writer, "take", lambda *_: False)
    refused = running.post(tensor_body(images(1)))
    assert refused.status_code == 503 and refused.json()["code"] == "overloaded"
    assert "query log" in refused.json()["message"] and refused.headers["Retry-After"] == "5"


def test_a_service_stopped_by_its_supervisor_has_logged_every_answer(tmp_path: Path) -> None:
    rng = torch.Generator().manual_seed(0)
    for person in range(3):
        (tmp_path / "photos" / f"p{person}").mkdir(parents=True)
        for photo in range(3):
            image = torch.randint(0, 256, SHAPE, generator=rng, dtype=torch.uint8)
            (tmp_path / "photos" / f"p{person}" / f"{photo}.png").write_bytes(pictures.png(image))
    options = {"size": 16, "train_per_class": 2}
    scenario = {
        "dataset": {"name": "image-folder", "path": str(tmp_path / "photos"), "options": options},
        "target": {"name": "softmax", "params": {"epochs": 2}},
        "attack": {"name": "mi-face"},
    }
    (tmp_path / "s.json").write_text(json.dumps(scenario))
    store_url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    database = Database(store_url)
    token = KeyStore(database).add("ada", Tier.PARTNER)[1]
    command = [sys.executable, "-m", "inversion_core", "serve", "s.json", "--port", "0", "--store", store_url]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )
    assert process.stderr is not None
    try:
        line = next(line for line in process.stderr if line.startswith("serving softmax at http"))
        answered = _ask_until_gone(line.split()[3].rstrip(","), token, process)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
    requests, rows = QueryLog(database).count(status=200)
    assert answered > ENOUGH and requests == rows == answered
    database.close()


def _ask_until_gone(url: str, token: str, process: "subprocess.Popen[str]") -> int:
    """Ask from four threads, ask the service to stop in the midst of it, and count the answers."""
    body = pictures.png(images(1)[0])
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "image/png"}

    answered: list[bool] = []

    def ask(_: int) -> None:
        with httpx.Client(trust_env=False, timeout=20) as client:
            while True:
                try:
                    answered.append(client.post(url, content=body, headers=headers).status_code == 200)
                except httpx.HTTPError:
                    return

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, one) for one in range(4)]
        began = time.monotonic()
        while sum(answered) <= ENOUGH and time.monotonic() - began < 30:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) in (0, -signal.SIGTERM)
        for one in asking:
            one.result()
    return sum(answered)
