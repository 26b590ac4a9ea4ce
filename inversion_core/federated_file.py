"""Updates of a federation that ran elsewhere, in one file: what its clients computed, before any defence.

A safetensors file with `CLIENT/PART` tensors, in whose head stands the key of the round they belong to: the
photos, the first network and the local steps of a scenario. The same file serves every attack and defence.
"""

from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from inversion_core.errors import DataUnusable
from inversion_core.keys import content_key
from inversion_core.scenario import Scenario
from inversion_core.updates import Tensors

FORMAT = "federated-updates-1"
SOURCE = "Flower"


def round_key(scenario: Scenario) -> str:
    """Return the key of what decides the clients' updates: data, network, photos, local steps, seed."""
    whole = scenario.canonical()
    setting = {**whole["exposure"]["round"], "updates": None, "labels_known": None, "buffers_sent": None}
    parts = [whole["dataset"], scenario.make_dataset().fingerprint(), whole["target"], setting]
    return content_key([*parts, whole["victims"], whole["seed"]])


def write(path: Path, scenario: Scenario, messages: Sequence[tuple[Tensors, Tensors]]) -> None:
    """Write the change and the statistics of every client, in their order."""
    tensors = {
        f"{client}/{place:04d}": part.detach().contiguous().clone()
        for client, (change, statistics) in enumerate(messages)
        for place, part in enumerate((*change, *statistics))
    }
    head = {"format": FORMAT, "key": round_key(scenario), "clients": str(len(messages))}
    save_file(tensors, path, metadata=head | {"changes": str(len(messages[0][0]))})


def read(path: Path, scenario: Scenario) -> list[tuple[Tensors, Tensors]]:
    """Return the change and the statistics of every client; raises DataUnusable."""
    try:
        with safe_open(path, "pt") as file:
            head = file.metadata() or {}
            names = sorted(file.keys(), key=lambda name: (int(name.split("/")[0]), name))
            tensors = [(int(name.split("/")[0]), file.get_tensor(name)) for name in names]
    except (OSError, SafetensorError, ValueError) as error:
        raise DataUnusable(
            f"exposure.round.updates is a file written by a federation, {str(path)!r} cannot be read as one "
            f"({type(error).__name__}); write it anew or remove it"
        ) from error
    if head.get("format") != FORMAT or head.get("key") != round_key(scenario):
        raise DataUnusable(
            f"exposure.round.updates belongs to one round, {str(path)!r} to another (other data, network, "
            "photos, local steps or seed); write it anew for this scenario"
        )
    changes = int(head["changes"])
    messages = []
    for client in range(int(head["clients"])):
        own = tuple(part for whose, part in tensors if whose == client)
        messages.append((own[:changes], own[changes:]))
    return messages
