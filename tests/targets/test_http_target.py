"""A target over HTTP: the same run as in process, counted alike, and nothing an endpoint does surprises."""

import json
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch
from limits import RateLimitItemPerSecond
from torch import Tensor

import inversion_core.scenario
from inversion_core import pictures
from inversion_core.attacks.base import Attack, Steps
from inversion_core.console import exhaust
from inversion_core.errors import QueryBudgetExceeded, ScenarioInvalid, TargetUnavailable
from inversion_core.execute import execute, train
from inversion_core.oracles import Oracle, ScoreOracle, open_oracle
from inversion_core.registry import find
from inversion_core.scenario import Scenario, problems, read_scenario
from inversion_core.serving.run import serve
from inversion_core.serving.service import Limits
from inversion_core.settings import settings
from inversion_core.store.api_keys import Tier
from inversion_core.store.runs import RunRecord, RunStore
from inversion_core.targets import endpoint
from inversion_core.targets.http_target import HTTPTarget
from inversion_core.values import Access, Knowledge, Progress, Reconstruction, State
from tests.serving.toy import SHAPE, Running, serving

TOKEN_ENV = "INVERSION_TEST_TOKEN"
PEOPLE, ROWS = 6, 130


class Climb(Attack):
    """Keep what the scores like better, many proposals a step; end with what was found when refused."""

    name = "toy-climb"
    title = "Toy climb"
    needs = Access.LABELS

    class Params(Attack.Params):
        steps: int = 4

    after: Callable[[int], None] = staticmethod(lambda step: None)
    """Called after each step."""

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        classes = knowledge.classes
        best = torch.rand(len(classes), *oracle.input_shape, generator=rng)
        liked = torch.zeros(len(classes))
        for step in range(1, self.params.steps + 1):  # type: ignore[attr-defined]
            tries = best[:, None] + 0.2 * torch.randn(len(best), ROWS, *best.shape[1:], generator=rng)
            tries = tries.clamp(0, 1)
            try:
                scores = self.ask(oracle, tries.flatten(0, 1)).view(len(best), ROWS, -1)
            except QueryBudgetExceeded:
                break
            likes, place = scores[torch.arange(len(best)), :, classes].max(1)
            best, liked = tries[torch.arange(len(best)), place], likes
            yield Progress(step, self.params.steps, 1 - liked.mean().item(), best.clone())  # type: ignore[attr-defined]
            type(self).after(step)
        return Reconstruction(best, classes, liked)

    def ask(self, oracle: Oracle, tries: Tensor) -> Tensor:
        if oracle.access is Access.LABELS:
            return torch.nn.functional.one_hot(oracle.labels(tries), oracle.class_count).float()
        return oracle.scores(tries)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of six people: a pattern each, and four noisy photos of it."""
    folder = tmp_path_factory.mktemp("faces")
    rng = torch.Generator().manual_seed(0)
    for person in range(PEOPLE):
        pattern = torch.rand(3, 4, 4, generator=rng).repeat_interleave(4, 1).repeat_interleave(4, 2)
        (folder / f"p{person}").mkdir()
        for photo in range(4):
            noisy = pattern + 0.05 * torch.randn(SHAPE, generator=rng)
            (folder / f"p{person}" / f"{photo}.png").write_bytes(pictures.png(pictures.to_bytes(noisy)))
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which these tests keep the target and the judges they train."""
    return tmp_path_factory.mktemp("trained")


@pytest.fixture(autouse=True)
def shared_data_folder(own_data_folder: Path, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVERSION_DATA_FOLDER", str(trained))
    settings.cache_clear()


@pytest.fixture(autouse=True)
def toy_attack(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(kind: str, name: str, *rest: Any) -> Any:
        return Climb if (kind, name) == ("attacks", Climb.name) else find(kind, name, *rest)

    monkeypatch.setattr(inversion_core.scenario, "find", found)
    monkeypatch.setattr(Climb, "after", staticmethod(lambda step: None))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    opened = RunStore(f"sqlite:///{tmp_path / 'own.sqlite'}", str(tmp_path / "artifacts"))
    yield opened
    opened.close()


def allow(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    monkeypatch.setenv("INVERSION_ALLOWED_HOSTS", ",".join(hosts))
    settings.cache_clear()


@pytest.fixture
def allowed(running: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """A service that may be asked, with the partner's key in the environment."""
    allow(monkeypatch, running.url.removeprefix("http://"))
    monkeypatch.setenv(TOKEN_ENV, running.token)
    return running


@pytest.fixture
def running(tmp_path: Path, faces: Path) -> Iterator[Running]:
    target = exhaust(train(scenario(faces, {"name": "softmax", "params": {"epochs": 30}})))
    with serving(f"sqlite:///{tmp_path / 'runs.sqlite'}", target) as found:
        yield found


def scenario(faces: Path, target: dict[str, Any], access: str = "scores", **exposure: Any) -> Scenario:
    options = {"size": 16, "train_per_class": 3}
    return Scenario.model_validate(
        {
            "dataset": {"name": "image-folder", "path": str(faces), "options": options},
            "target": target,
            "exposure": {"access": access, **exposure},
            "attack": {"name": Climb.name},
        }
    )


def remote(running: Running, **params: Any) -> dict[str, Any]:
    return {
        "name": "http-target",
        "params": {"url": running.predict, "may_test": True, "token_env": TOKEN_ENV, **params},
    }


def ran(wanted: Scenario, store: RunStore) -> RunRecord:
    run_id, _ = store.create(wanted, "tester")
    return execute(run_id, store)


def sheet(record: RunRecord, store: RunStore) -> str:
    return next(one.sha256 for one in store.artifacts(record.id) if one.name == "reconstruction-sheet.png")


LOCAL = {"name": "softmax", "params": {"epochs": 30}}


@pytest.mark.parametrize("access", ["scores", "labels"])
def test_a_run_over_http_is_the_run_in_process(
    allowed: Running, faces: Path, store: RunStore, access: str
) -> None:
    here = ran(scenario(faces, LOCAL, access), store)
    there = ran(scenario(faces, remote(allowed), access), store)
    assert (here.state, there.state) == (State.DONE, State.DONE), here.error + there.error + there.log
    assert here.result and there.result
    assert there.result["queries"] == here.result["queries"] == PEOPLE * ROWS * 4
    assert sheet(there, store) == sheet(here, store)
    assert store.frames(there.id) == store.frames(here.id)  # pictures and losses of every step
    assert allowed.keys.find(allowed.token).spent == here.result["queries"]  # type: ignore[union-attr]
    scores = [{score["name"]: score for score in one.result["scores"]} for one in (here, there)]
    assert set(scores[0]) - set(scores[1]) == {"target-top1", "adversarial-gap"}
    assert all(scores[1][name] == scores[0][name] for name in scores[1])


@pytest.mark.parametrize(
    "defence",
    [
        {"name": "output-noise", "params": {"sigma": 0.02}},
        {"name": "output-noise", "params": {"sigma": 0.02, "fresh": True}},
        {"name": "randomised-smoothing", "params": {"copies": 3}},
    ],
    ids=["noise", "fresh noise", "smoothing"],
)
def test_a_defended_run_over_http_is_the_defended_run_in_process(
    tmp_path: Path, faces: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch, defence: dict[str, Any]
) -> None:
    wanted = scenario(faces, LOCAL, defences=[defence])
    here = ran(wanted, store)
    target = exhaust(train(wanted))
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    with serving(url, target, access="scores", defences=(defence,)) as running:
        allow(monkeypatch, running.url.removeprefix("http://"))
        monkeypatch.setenv(TOKEN_ENV, running.token)
        there = ran(scenario(faces, remote(running)), store)
    assert (here.state, there.state) == (State.DONE, State.DONE), here.error + there.error + there.log
    assert here.result and there.result and here.result["queries"] == there.result["queries"]
    assert sheet(there, store) == sheet(here, store)


def test_the_ledger_says_who_was_asked_and_that_it_was_allowed(
    allowed: Running, faces: Path, store: RunStore
) -> None:
    record = ran(scenario(faces, remote(allowed)), store)
    assert record.result
    told = {row["used"]: row["amount"] for row in record.result["ledger"]}
    assert told["permission to test it"] == "given: I may test this endpoint"
    requests = 4 * -(-PEOPLE * ROWS // 512)
    traffic = f"{requests} requests for {PEOPLE * ROWS * 4:,} rows"
    assert told["the service at " + allowed.url[7:]] == traffic
    assert told["rows asked for the metrics"].startswith("none")
    assert record.result["victims"][0]["target_probability"] is None
    kept = json.dumps(record.result) + record.log + record.scenario.model_dump_json()
    assert allowed.token not in kept and allowed.token.split("_")[2] not in kept


def test_a_spent_budget_ends_the_run_with_what_was_found(
    allowed: Running, faces: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_ENV, allowed.token_of(Tier.PARTNER, budget=1400))
    record = ran(scenario(faces, remote(allowed)), store)
    assert record.state is State.DONE and record.result, record.error
    # A step is 780 rows in requests of 512 and 268: of the second step 512 are answered before the wall.
    assert record.result["queries"] == 780 + 512
    assert sum(key.spent for key in allowed.keys.all()) == 780 + 512


def test_a_service_killed_midway_fails_the_run_in_one_sentence_and_keeps_its_frames(
    allowed: Running, faces: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(step: int) -> None:
        if step == 2:
            allowed.stop()

    monkeypatch.setattr(Climb, "after", staticmethod(kill))
    record = ran(scenario(faces, remote(allowed)), store)
    assert record.state is State.FAILED and "\n" not in record.error
    assert "cannot be asked" in record.error and "check that the service runs there" in record.error
    assert [frame.step for frame in store.frames(record.id)] == [1, 2]


def test_it_waits_as_long_as_a_busy_service_says(
    allowed: Running, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inversion_core.serving.limiter.RateLimitItemPerMinute", _per_second)
    monkeypatch.setenv(TOKEN_ENV, allowed.token_of(Tier.PARTNER, rate=4))
    target = connected(allowed, batch_size=4)
    began = time.monotonic()
    scores = target.predict(torch.rand(8, *SHAPE))
    assert scores.shape == (8, PEOPLE) and 0.5 < time.monotonic() - began < 5
    assert "1 of them again after a wait" in target.ledger()[0]["amount"]


def _per_second(rate: int) -> Any:
    return RateLimitItemPerSecond(rate)


def connected(running: Running, **params: Any) -> HTTPTarget:
    target = HTTPTarget(**remote(running, **params)["params"])
    target.connect("faces", SHAPE, PEOPLE)
    return target


@pytest.mark.parametrize("request_format", ["tensor", "images", "png"])
def test_every_request_format_is_answered_alike(allowed: Running, request_format: str) -> None:
    inputs = torch.rand(3, *SHAPE, generator=torch.Generator().manual_seed(2))
    answered = connected(allowed, request=request_format).predict(inputs)
    known = allowed.service.target.predict(pictures.to_bytes(inputs).float() / 255)
    assert answered.allclose(known, atol=1e-6) and torch.equal(answered.argmax(1), known.argmax(1))


def test_a_label_only_service_is_attacked_by_labels(
    allowed: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = HTTPTarget(url=allowed.predict, may_test=True, releases="labels", response_path="labels")
    target.connect("faces", SHAPE, PEOPLE)
    inputs = torch.rand(4, *SHAPE)
    oracle = open_oracle(target, Access.LABELS)
    known = allowed.service.target.predict(pictures.to_bytes(inputs).float() / 255)
    assert torch.equal(oracle.labels(inputs), known.argmax(1)) and oracle.spent == 4
    with pytest.raises(TargetUnavailable, match=r"expected at 'scores' .+ nothing lies there"):
        scores = HTTPTarget(url=allowed.predict, may_test=True)
        scores.connect("faces", SHAPE, PEOPLE)
        scores.predict(inputs)


@pytest.mark.parametrize("tier", [Tier.AUTHENTICATED])
def test_what_a_tier_hides_is_hidden_from_the_attack(
    allowed: Running, tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_ENV, allowed.token_of(tier))
    scores = connected(allowed).predict(torch.rand(5, *SHAPE))
    assert ((scores > 0).sum(1) <= 3).all() and torch.equal(scores, scores.round(decimals=2))


# What goes wrong.


@contextmanager
def stub(*answers: tuple[int, dict[str, str], bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Answer requests with these, the last again and again; yields the url and the headers received."""
    left, seen = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(dict(self.headers))
            status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    place = f"127.0.0.1:{server.server_port}"
    allow(monkeypatch, place)
    try:
        yield f"http://{place}/predict", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(value: Any, status: int = 200, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"Connection": "close", **headers}, json.dumps(value).encode()


def ask(url: str, rows: int = 2, **params: Any) -> Tensor:
    target = HTTPTarget(url=url, may_test=True, **params)
    target.connect("stub", SHAPE, 3)
    return target.predict(torch.rand(rows, *SHAPE))


GOOD = [[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]]


@pytest.mark.parametrize(
    ("value", "path", "rows"),
    [
        ({"scores": GOOD}, "scores", 2),
        ({"predictions": [{"scores": row} for row in GOOD]}, "predictions.*.scores", 2),
        ({"outputs": [{"data": GOOD}]}, "outputs.0.data", 2),
        ({"predictions": [{"scores": GOOD[0]}]}, "predictions.0.scores", 1),
    ],
)
def test_a_mapping_finds_the_scores(
    value: Any, path: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stub(answer(value), monkeypatch=monkeypatch) as (url, _):
        assert torch.equal(ask(url, rows, response_path=path), torch.tensor(GOOD[:rows]))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"other": 1}, "nothing lies there"),
        ({"scores": [[0.1, 0.9], [0.5, 0.5]]}, r"shape \[2, 2\]"),
        ({"scores": GOOD[:1]}, r"shape \[1, 3\]"),
        ({"scores": [[0.1], [0.5, 0.5, 0]]}, "unequal length"),
        ({"scores": [["a", "b", "c"]] * 2}, r"an array of shape"),
        ({"scores": [[True, False, False]] * 2}, r"an array of shape"),
        ({"scores": [[1e999, 0, 0]] * 2}, "not finite"),
        ({"scores": [[float("nan"), 0, 0]] * 2}, "not finite"),
        ({"scores": {"a": 1}}, "an array of shape"),
        ([1, 2], "nothing lies there"),
    ],
)
def test_an_answer_of_another_form_is_told_and_not_used(
    value: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        stub(answer(value), monkeypatch=monkeypatch) as (url, _),
        pytest.raises(TargetUnavailable, match=told) as caught,
    ):
        ask(url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "fits"), [([0, 2], True), ([0, 3], False), ([-1, 0], False), ([0.5, 1], False), ([1], False)]
)
def test_labels_are_class_numbers(labels: Any, fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with stub(answer({"labels": labels}), monkeypatch=monkeypatch) as (url, _):
        if fits:
            assert ask(url, response_path="labels", releases="labels").argmax(1).tolist() == labels
        else:
            with pytest.raises(TargetUnavailable, match="class numbers from 0 to 2"):
                ask(url, response_path="labels", releases="labels")


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (answer({}, 401), "answered 401: it wants another key"),
        (answer({"code": "key-blocked"}, 403), r"answered 403 \(key-blocked\)"),
        (answer({"code": "<script>"}, 403), "answered 403: it wants"),
        (answer({}, 302, Location="http://127.0.0.1:1/"), "redirects are not followed"),
        (answer({}, 500), "answered 500; check"),
        (answer({}, 404), "answered 404; check"),
        ((200, {"Connection": "close"}, b"<html>"), "this answer is none"),
        ((200, {"Connection": "close"}, b"[" + b"0," * 200_000), "has at most"),
        ((200, {"Content-Length": "1000", "Connection": "close"}, b"{"), "cannot be asked"),
        (answer({}, 429, **{"Retry-After": "9999"}), "asks to wait 9999 s more"),
    ],
)
def test_a_refusal_is_translated_once_and_its_body_not_repeated(
    refusal: Any, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        stub(refusal, monkeypatch=monkeypatch) as (url, seen),
        pytest.raises(TargetUnavailable, match=told) as caught,
    ):
        ask(url)
    assert len(seen) == 1 and "\n" not in str(caught.value) and "script" not in str(caught.value)


def test_a_wall_of_the_service_is_a_budget_and_counts_what_was_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spent = answer({"code": "budget-spent"}, 403)
    with stub(answer({"scores": GOOD}), spent, monkeypatch=monkeypatch) as (url, seen):
        target = HTTPTarget(url=url, may_test=True, batch_size=2)
        target.connect("stub", SHAPE, 3)
        oracle = ScoreOracle(target)
        with pytest.raises(QueryBudgetExceeded, match="is spent"):
            oracle.scores(torch.rand(6, *SHAPE))
        assert oracle.spent == 2 and len(seen) == 2


def test_a_busy_service_is_asked_again_after_growing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = [answer({}, 503), answer({}, 429), answer({}, 503, **{"Retry-After": "3"})]
    with stub(*busy, answer({"scores": GOOD}), monkeypatch=monkeypatch) as (url, seen):
        waits: list[float] = []
        asked = endpoint.Endpoint(url, {}, timeout=5, patience=10, sleep=waits.append)
        assert asked.post(b"{}", "application/json", 1000) == {"scores": GOOD}
        assert waits == [0.5, 1.0, 3.0] and len(seen) == 4 == asked.requests and asked.retries == 3
    with stub(answer({}, 503), monkeypatch=monkeypatch) as (url, seen):
        asked = endpoint.Endpoint(url, {}, timeout=5, patience=3, sleep=waits.append)
        with pytest.raises(TargetUnavailable, match="patience is 3 s"):
            asked.post(b"{}", "application/json", 1000)
        assert sum(waits[3:]) <= 3


def test_a_date_says_how_long_to_wait_too() -> None:
    soon = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 20))
    assert 18 < (endpoint._seconds(soon) or 0) <= 20
    assert endpoint._seconds("soon") is None and endpoint._seconds("") is None


def test_a_slow_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        allow(monkeypatch, place)
        with pytest.raises(TargetUnavailable, match=r"did not answer within 0\.2 s"):
            ask(f"http://{place}/", timeout=0.2)


# Whom it asks.


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name lead to these addresses; returns the names looked up."""
    asked: list[str] = []

    def found(host: str, port: int, **_: Any) -> Sequence[Any]:
        asked.append(host)
        family = socket.AF_INET6 if ":" in addresses[0] else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(endpoint.socket, "getaddrinfo", found)
    return asked


INSIDE = [
    "127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.5.5", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1",
    "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "224.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_asked_only_where_it_is_listed_with_its_port(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, address)
    allow(monkeypatch, "model.example")
    with pytest.raises(TargetUnavailable, match=r"inside this network.+model\.example:80"):
        endpoint.resolve(endpoint.read_url("http://model.example/x"))
    allow(monkeypatch, "model.example:80")
    assert endpoint.resolve(endpoint.read_url("http://MODEL.example/x")) == address


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34", "10.0.0.1")
    allow(monkeypatch, "model.example")
    with pytest.raises(TargetUnavailable, match="inside this network"):
        endpoint.resolve(endpoint.read_url("https://model.example/"))


def test_a_public_host_is_asked_where_it_is_listed_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolving(monkeypatch, "93.184.216.34")
    with pytest.raises(TargetUnavailable, match=r"INVERSION_ALLOWED_HOSTS=model\.example:443"):
        endpoint.resolve(endpoint.read_url("https://model.example/"))
    assert asked == []
    allow(monkeypatch, " other.example , Model.example ")
    assert endpoint.resolve(endpoint.read_url("https://model.example/")) == "93.184.216.34"


def test_a_name_is_looked_up_once_and_its_address_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with stub(answer({"scores": GOOD}), monkeypatch=monkeypatch) as (url, seen):
        port = url.split(":")[2].split("/")[0]
        allow(monkeypatch, f"model.example:{port}")
        asked = resolving(monkeypatch, "127.0.0.1")
        target = HTTPTarget(url=f"http://model.example:{port}/predict", may_test=True, batch_size=2)
        target.connect("stub", SHAPE, 3)
        monkeypatch.undo()  # the real resolver knows no such name
        target.predict(torch.rand(4, *SHAPE))
        assert asked == ["model.example"] and len(seen) == 2
        assert {one["Host"] for one in seen} == {f"model.example:{port}"}


def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with stub(answer({"scores": GOOD}), monkeypatch=monkeypatch) as (url, _):
        assert ask(url).shape == (2, 3)


@pytest.mark.parametrize(
    ("params", "exposure", "told"),
    [
        ({"may_test": False}, {}, "may_test: confirm that you may test"),
        ({"url": "http://elsewhere.example/"}, {}, "INVERSION_ALLOWED_HOSTS=elsewhere.example:80"),
        ({"url": "ftp://x/"}, {}, "begins with http:// or https://"),
        ({"url": "http://me:secret@127.0.0.1:1/"}, {}, "holds no name and password"),
        ({"token_env": "il_0123_secret"}, {}, "not repeated here"),
        ({}, {"access": "white-box"}, "needs the model itself; choose scores or labels"),
        ({"releases": "labels"}, {}, "releases labels, scores were asked"),
        (
            {},
            {"defences": [{"name": "rounding"}]},
            "exposure.defences: 'http-target' is defended where it runs",
        ),
        ({}, {"training": True}, "target.defences: 'http-target' is defended where it runs"),
    ],
)
def test_a_scenario_that_cannot_be_is_told_why(
    params: dict[str, Any], exposure: dict[str, Any], told: str, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, "127.0.0.1:8600")
    target: dict[str, Any] = {"name": "http-target", "params": {"may_test": True, **params}}
    if exposure.pop("training", False):
        target["defences"] = [{"name": "dp-sgd"}]
    wanted = scenario(faces, target, **exposure)
    (problem,) = problems(wanted)
    assert told in problem and "secret" not in problem
    with pytest.raises(ScenarioInvalid):
        read_scenario(wanted.model_dump_json())


def test_a_key_that_is_not_in_the_environment_is_missed_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with stub(answer({}), monkeypatch=monkeypatch) as (url, seen):
        for wrong in ("", "two\nlines", "schlüssel"):
            monkeypatch.setenv("NO_KEY_HERE", wrong)
            with pytest.raises(TargetUnavailable, match="variable NO_KEY_HERE, which is not set") as caught:
                ask(url, token_env="NO_KEY_HERE")
            assert not wrong or wrong not in str(caught.value)
        monkeypatch.setenv("NO_KEY_HERE", "s3cret")
        with pytest.raises(TargetUnavailable):
            ask(url, token_env="NO_KEY_HERE", auth_header="X-API-Key", auth_scheme="")
        assert [one["X-API-Key"] for one in seen] == ["s3cret"]


def test_an_elsewhere_model_is_not_served_again(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = scenario(faces, {"name": "http-target", "params": {"may_test": True}})
    with pytest.raises(ScenarioInvalid, match="name another target"):
        serve(wanted, f"sqlite:///{tmp_path / 'x.sqlite'}", "127.0.0.1", 0, Limits())
