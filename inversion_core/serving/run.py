"""Serve the target of a scenario until somebody stops it."""

import ipaddress
import logging
import socket

import torch
import uvicorn

from inversion_core.console import exhaust, tell
from inversion_core.datasets.base import PhotoDataset
from inversion_core.errors import ScenarioInvalid, ServiceUnavailable
from inversion_core.execute import train
from inversion_core.learnt import defences_of
from inversion_core.scenario import Scenario
from inversion_core.serving.app import CARD, PREDICT, create_app
from inversion_core.serving.detector import Detector
from inversion_core.serving.honest import learn
from inversion_core.serving.service import Limits, Service, warm
from inversion_core.settings import settings
from inversion_core.store.database import Database
from inversion_core.targets.base import RemoteTarget, Target

PATIENCE_SECONDS = 10
"""How long a stopping service waits for the answers that are under way."""


def serve(scenario: Scenario, store_url: str, host: str, port: int, limits: Limits) -> None:
    """Serve until SIGINT or SIGTERM; raises ScenarioInvalid, StoreUnavailable, ServiceUnavailable."""
    if isinstance(scenario.make_target(), RemoteTarget):
        raise ScenarioInvalid(["a service is made of a target of this installation; name another target"])
    database = Database(store_url)
    listening = _listen(host, port)
    try:
        target = exhaust(train(scenario))
        torch.set_num_threads(settings().threads)
        warm(target)
        defences = exhaust(defences_of(scenario, scenario.make_dataset(), target))
        service = Service(scenario, target, database, limits, _detector(scenario, target, limits), defences)
        address = f"http://{_shown(host)}:{listening.getsockname()[1]}"
        if not _is_loopback(host):
            tell(f"{host} can be reached by other machines: put TLS in front, keys travel in the clear")
        tell(f"serving {target.card.target} at {address}{PREDICT}, its card at {address}{CARD}")
        _run(service, listening)
    finally:
        listening.close()
        database.close()


def _detector(scenario: Scenario, target: Target, limits: Limits) -> Detector | None:
    """Return what blocks keys on alarm, where that is switched on; raises ScenarioInvalid for a table."""
    if not limits.block_on_alarm:
        return None
    dataset = scenario.make_dataset()
    if not isinstance(dataset, PhotoDataset):
        raise ScenarioInvalid(["a monitor watches a service of pictures; leave --block-on-alarm out"])
    tell("learning what honest traffic looks like")
    return learn(dataset, target.predict)


def _run(service: Service, listening: socket.socket) -> None:
    logging.getLogger("inversion_core").addHandler(logging.StreamHandler())
    config = uvicorn.Config(
        create_app(service),
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=PATIENCE_SECONDS,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        service.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise ServiceUnavailable(
            f"the service listens at {host}, port {port}, which cannot be had ({error.strerror or error}); "
            "name others with --host and --port"
        ) from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
