"""Weights on disk: safetensors with a card in the header; never a pickle."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from inversion_core.errors import StoreUnavailable, WeightsUnusable


def digest(state: dict[str, Tensor]) -> str:
    """Return the sha256 of the tensors' bytes, in name order."""
    total = hashlib.sha256()
    for name in sorted(state):
        total.update(name.encode())
        total.update(state[name].contiguous().numpy().tobytes())
    return total.hexdigest()


def write(path: Path, state: dict[str, Tensor], card: dict[str, Any]) -> None:
    """Write tensors and card in one step: a reader never sees half a file. Raises StoreUnavailable."""
    tensors = {name: tensor.detach().contiguous() for name, tensor in state.items()}
    data = save(tensors, {"card": json.dumps(card, sort_keys=True)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        os.replace(file.name, path)
        path.chmod(0o644)
    except OSError as error:
        raise StoreUnavailable(
            f"weights are kept in {path.parent}, writing failed ({error.strerror}); make room"
        ) from error


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return (tensors, card); raises WeightsUnusable for a missing, damaged or altered file."""
    try:
        with safe_open(path, framework="pt") as file:
            card = json.loads((file.metadata() or {})["card"])
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise WeightsUnusable(
            f"weights are safetensors with a card, {path.name} is missing, damaged or without one; "
            "delete it to have it made again, or restore it from the repository"
        ) from error
    if card.get("sha256") not in ("", None, digest(state)):
        raise WeightsUnusable(
            f"weights must match the digest on their card, {path.name} does not; delete it or restore it"
        )
    return state, card


def read_card(path: Path) -> dict[str, Any]:
    """Return the card alone, without reading the tensors; raises WeightsUnusable."""
    try:
        with safe_open(path, framework="pt") as file:
            card: dict[str, Any] = json.loads((file.metadata() or {})["card"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise WeightsUnusable(
            f"weights are safetensors with a card, {path.name} is not; restore or delete it"
        ) from error
    return card


def half(network: nn.Module) -> dict[str, Tensor]:
    """Return the state with floating tensors as float16: half the size, and what the accuracy on the card is
    of.
    """
    return {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}


def whole(network: nn.Module) -> dict[str, Tensor]:
    """Return the state as it is, for models that fewer digits would change."""
    return dict(network.state_dict())


def load_into(network: nn.Module, state: dict[str, Tensor], path: Path) -> None:
    """Fill a network from tensors, as float32; raises WeightsUnusable for those of another architecture."""
    try:
        network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    except RuntimeError as error:
        raise WeightsUnusable(
            f"{path.name} holds weights of another architecture; delete it or choose the target it is of"
        ) from error
    network.eval().requires_grad_(False)
