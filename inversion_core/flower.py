"""A federated round through Flower: its SuperLink, and a SuperNode for each client, as processes on loopback.

    python -m inversion_core.flower SCENARIO.json --out updates.safetensors

The server sends the first weights, every client trains them with torch's own SGD on photos that only its
process reads, and sends its weights back; the server keeps what each sent before Flower's FedAvg (McMahan et
al., AISTATS 2017) averages them. What is kept is the file that `exposure.round.updates` names, the change of
the weights divided by the learning rate, so an update carries the rounding of float32 weights. Departure from
a real federation: every process draws all clients' photos from the same dataset, then keeps its own.

Flower pins older packages than this product, so it lives in an environment of its own; what is written there
is read here. The only importer of flwr.
"""

import argparse
import importlib.util
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inversion_core.datasets.base import PhotoDataset
from inversion_core.errors import EngineUnavailable, InversionError, ScenarioInvalid
from inversion_core.federated import draw, untrained
from inversion_core.federated_file import write
from inversion_core.files import read_text, require_writable
from inversion_core.flower_processes import ROUND_SECONDS, TOLD, federation, reason_in
from inversion_core.scenario import Scenario, read_scenario
from inversion_core.targets.catalogue import obtain
from inversion_core.updates import Tensors, as_sent_out
from inversion_core.values import Access

State = dict[str, Tensor]

APP = """from inversion_core.flower import client_app, server_app

client = client_app()
server = server_app()
"""
PROJECT = """[project]
name = "round"
version = "1.0.0"

[tool.flwr.app]
publisher = "inversion-lab"

[tool.flwr.app.components]
serverapp = "apps:server"
clientapp = "apps:client"

[tool.flwr.app.config]
scenario = {scenario}
out = {out}
"""


def client_app() -> Any:
    """Return the ClientApp: trains the weights it is sent on the photos of the client of its node."""
    from flwr.app import ArrayRecord, Message, MetricRecord, RecordDict
    from flwr.clientapp import ClientApp

    def train(message: Any, context: Any) -> Any:
        scenario = read_scenario(context.run_config["scenario"])
        client = int(context.node_config["client"])
        weights = message.content["arrays"].to_torch_state_dict()
        state = trained_here(scenario, client, weights)
        told = MetricRecord({"client": client, "num-examples": scenario.federated().photos})
        return Message(RecordDict({"arrays": ArrayRecord(state), "metrics": told}), reply_to=message)

    app = ClientApp()
    app.train()(train)
    return app


def server_app() -> Any:
    """Return the ServerApp: FedAvg of one round that keeps what each client sent before it averages."""
    from flwr.app import ArrayRecord
    from flwr.serverapp import ServerApp
    from flwr.serverapp.strategy import FedAvg

    class Keeping(FedAvg):  # type: ignore[misc]  # flwr is not there where types are checked
        def __init__(self, clients: int) -> None:
            least = {"min_train_nodes": clients, "min_available_nodes": clients}
            super().__init__(fraction_evaluate=0.0, **least)
            self.sent: dict[int, State] = {}
            self.reasons: list[str] = []

        def aggregate_train(self, server_round: int, replies: Iterable[Any]) -> Any:
            replies = list(replies)
            for reply in replies:
                if reply.has_content():
                    client = int(reply.content["metrics"]["client"])
                    self.sent[client] = reply.content["arrays"].to_torch_state_dict()
                else:
                    self.reasons.append(" ".join(reply.error.reason.split()))
            return super().aggregate_train(server_round, replies)

    def main(grid: Any, context: Any) -> None:
        scenario = read_scenario(context.run_config["scenario"])
        setting, first = scenario.federated(), first_network(scenario)
        keeping = Keeping(setting.clients)
        keeping.start(grid, ArrayRecord(first.state_dict()), num_rounds=1, timeout=ROUND_SECONDS)
        if missing := set(range(setting.clients)) - set(keeping.sent):
            reason = keeping.reasons[0] if keeping.reasons else "no answer"
            raise EngineUnavailable(f"clients {sorted(missing)} sent nothing back ({reason})")
        states = [keeping.sent[client] for client in range(setting.clients)]
        messages = [as_update(first, state, setting.learning_rate) for state in states]
        write(Path(context.run_config["out"]), scenario, messages)

    app = ServerApp()
    app.main()(main)
    return app


def first_network(scenario: Scenario) -> nn.Module:
    """Return the network whose weights the server sends out, trained or fresh."""
    dataset, target = photos_of(scenario), scenario.make_target()
    if not scenario.federated().trained:
        return untrained(target, dataset, scenario.seed).network
    training = obtain(dataset, target)
    while True:
        try:
            next(training)
        except StopIteration as stop:
            network: nn.Module = stop.value.network
            return network


def trained_here(scenario: Scenario, client: int, weights: State) -> State:
    """Return the weights after the local steps of a client: plain SGD on all its photos, dropout off."""
    dataset, setting = photos_of(scenario), scenario.federated()
    classes = range(len(dataset.classes)) if scenario.victims == "all" else scenario.victims
    private, _ = draw(dataset, setting, classes, scenario.seed)
    inputs, labels = (part.split(setting.photos)[client] for part in (private.floats(), private.labels))
    network = as_sent_out(untrained(scenario.make_target(), dataset, scenario.seed).network)
    network.load_state_dict(weights)
    optimiser = torch.optim.SGD(network.requires_grad_().parameters(), lr=setting.learning_rate)
    for _ in range(setting.local_steps):
        optimiser.zero_grad()
        F.cross_entropy(network(inputs), labels).backward()
        optimiser.step()
    return {name: part.detach() for name, part in network.state_dict().items()}


def as_update(first: nn.Module, sent: State, rate: float) -> tuple[Tensors, Tensors]:
    """Return the change, start minus end over the rate, and the statistics of what a client sent."""
    names = (name for name, _ in first.named_parameters())
    start = first.state_dict()
    change = tuple((start[name] - sent[name]) / rate for name in names)
    norms = [name for name, layer in first.named_modules() if isinstance(layer, nn.BatchNorm2d)]
    return change, tuple(sent[f"{name}.running_{part}"] for name in norms for part in ("mean", "var"))


def photos_of(scenario: Scenario) -> PhotoDataset:
    """Return the dataset, which is of photos wherever there is a round."""
    dataset = scenario.make_dataset()
    assert isinstance(dataset, PhotoDataset)
    return dataset


def federate(scenario: Scenario, out: Path) -> None:
    """Play the round of a scenario in Flower and write its updates to `out`; raises EngineUnavailable."""
    if scenario.exposure.access is not Access.GRADIENTS:
        raise ScenarioInvalid(
            [
                f"a federation plays the round of a scenario with {Access.GRADIENTS} access, "
                f"{scenario.exposure.access} was given; change exposure.access"
            ]
        )
    if importlib.util.find_spec("flwr") is None:
        raise EngineUnavailable(
            "a federation needs Flower, which is not installed here; make it an environment of its own: "
            "python3 -m venv .venv-flower && .venv-flower/bin/pip install -r requirements-flower.txt, then "
            ".venv-flower/bin/python -m inversion_core.flower"
        )
    require_writable(out.absolute().parent)
    photos_of(scenario).train()  # drawn or read once here: what is cached, the processes find
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = folder / "updates.safetensors"
        with federation(folder, scenario.federated().clients) as flwr:
            app = folder / "round"
            app.mkdir()
            (app / "apps.py").write_text(APP)
            texts = {"scenario": scenario.model_dump_json(), "out": str(kept)}
            (app / "pyproject.toml").write_text(
                PROJECT.format(**{key: json.dumps(text, ensure_ascii=False) for key, text in texts.items()})
            )
            flwr("run", str(app), "here", "--stream")
        if not kept.exists():
            raise EngineUnavailable(f"the federation ended without updates: {reason_in(folder / TOLD)}")
        shutil.move(kept, out)


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 2 the scenario has problems, 3 failed."""
    parser = argparse.ArgumentParser(
        prog="python -m inversion_core.flower", description="Play the round of a scenario in Flower."
    )
    parser.add_argument("scenario", type=Path, help="Scenario JSON with gradients access.")
    parser.add_argument("--out", type=Path, required=True, help="File of updates to write.")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))  # so that the processes end too
    try:
        federate(read_scenario(read_text(asked.scenario, "scenario")), asked.out)
    except InversionError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, ScenarioInvalid) else 3
    print(json.dumps({"updates": str(asked.out)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
