"""A model that takes no training, and a service around it on a free port of this machine."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import torch
import uvicorn
from torch import Tensor, nn

from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.serving.app import create_app
from inversion_core.serving.detector import Detector
from inversion_core.serving.service import Limits, Service
from inversion_core.store.api_keys import KeyStore, Tier
from inversion_core.store.database import Database
from inversion_core.store.query_log import QueryLog
from inversion_core.tables import Column
from inversion_core.targets.base import Target, TargetCard
from inversion_core.values import Modality

SHAPE, CLASSES = (3, 16, 16), 6
COLUMNS = (Column("colour", ("red", "green", "blue"), (0, 1, 2)), Column("age", None, (20, 40, 60)))


class Toy(Target):
    """A linear layer that a seed decides, with a card."""

    name = "toy"
    title = "Toy"

    def __init__(self, shape: tuple[int, ...] = SHAPE, columns: tuple[Column, ...] = ()) -> None:
        super().__init__()
        self.input_shape, self.class_count, self.columns = shape, CLASSES, columns
        self.network = self.build(shape, CLASSES)
        self.card = TargetCard(
            key="0123456789abcdef" * 4,
            dataset="toy",
            target="toy",
            input_shape=shape,
            class_count=CLASSES,
            train_photos=10,
            photos_per_class=2,
            train_accuracy=1.0,
            test_accuracy=0.5,
            test_photos=10,
            parameters=10,
            seconds=1,
        )

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        size = int(torch.tensor(input_shape).prod())
        layer = nn.Linear(size, class_count)
        rng = torch.Generator().manual_seed(1)
        layer.weight.data = torch.randn(class_count, size, generator=rng) / size**0.5 * 4
        layer.bias.data.zero_()
        return nn.Sequential(nn.Flatten(), layer)


class ToyTable(Toy):
    """The same for records; a value that nobody knows counts as nothing."""

    modality = Modality.TABLE

    def __init__(self) -> None:
        super().__init__((len(COLUMNS),), COLUMNS)

    def predict(self, inputs: Tensor) -> Tensor:
        return super().predict(inputs.nan_to_num())


def scenario(**exposure: Any) -> Scenario:
    return Scenario(
        target=TargetChoice(name="softmax"), attack=Choice(name="mi-face"), exposure=Exposure(**exposure)
    )


@dataclass
class Running:
    """A service that answers, and what lies behind it."""

    url: str
    service: Service
    keys: KeyStore
    log: QueryLog
    token: str
    client: httpx.Client
    stop: Callable[[], None]

    @property
    def predict(self) -> str:
        return self.url + "/v1/predict"

    def post(self, body: Any, token: str | None = "", kind: str = "application/json") -> httpx.Response:
        """Ask, as the partner unless another token, or None for nobody, is given."""
        token = self.token if token == "" else token
        headers = {"Content-Type": kind} | ({} if token is None else {"Authorization": f"Bearer {token}"})
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(self.predict, content=content, headers=headers)

    def token_of(self, tier: Tier, **limits: Any) -> str:
        return self.keys.add(f"a {tier}", tier, **limits)[1]


@contextmanager
def serving(
    store_url: str,
    target: Target | None = None,
    *,
    limits: Limits | None = None,
    port: int = 0,
    detector: Detector | None = None,
    **exposure: Any,
) -> Iterator[Running]:
    """Serve a target in a thread of this process; every request is answered and logged when this is left."""
    database = Database(store_url)
    service = Service(scenario(**exposure), target or Toy(), database, limits or Limits(), detector)
    listening = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(create_app(service), access_log=False, log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()

    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        keys = KeyStore(database)
        _, token = keys.add("partner", Tier.PARTNER)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with httpx.Client(trust_env=False, timeout=30) as client:
            yield Running(url, service, keys, QueryLog(database), token, client, stop)
    finally:
        stop()
        listening.close()
        service.close()
        database.close()
