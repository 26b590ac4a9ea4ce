"""What one client of a federated round computes, and what of it reaches the server.

A change is told in units of the learning rate: start minus end, divided by the rate, which is the sum of the
gradients of the local steps. One step is then FedSGD (McMahan et al., AISTATS 2017) with nothing else to
say, several are FedAvg, and the settings of a defence mean the same for both. Every local step uses all
photos of the client, plain gradient descent, batch normalisation by the batch's own statistics, and no
dropout.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

Tensors = tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class Update:
    """What reaches the server in one piece: the mean `change` of some clients, a tensor for each parameter of
    the network in its order.

    `statistics` are the running means and variances of batch normalisation after the local steps, () where
    they are not sent; `photos` is how many each of the `clients` used; `labels` (clients photos,) is their
    classes where those are known.
    """

    change: Tensors
    statistics: Tensors
    clients: int
    photos: int
    labels: Tensor | None = None

    def __len__(self) -> int:
        return self.clients * self.photos


def as_sent_out(network: nn.Module) -> nn.Module:
    """Return a copy of a network as clients train it: in the mode of training, dropout off."""
    copied = copy.deepcopy(network).train().requires_grad_(False)
    for layer in copied.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    return copied


def local_update(
    network: nn.Module,
    inputs: Tensor,
    targets: Tensor,
    steps: int,
    rate: float,
    *,
    differentiable: bool = False,
) -> tuple[Tensors, Tensors]:
    """Return the change and the statistics of a client with `inputs` (N, C, H, W) in [0, 1].

    `targets` are labels (N,) int64 or probabilities (N, K). With `differentiable` both are differentiable
    with respect to inputs and targets, through all local steps. The network itself stays as it is.
    """
    names = [name for name, _ in network.named_parameters()]
    weights = tuple(part.detach().requires_grad_() for part in network.parameters())
    total: Tensors = ()
    with _statistics(network) as running:
        for _ in range(steps):
            buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
            logits = functional_call(network, dict(zip(names, weights, strict=True)) | buffers, (inputs,))
            loss = F.cross_entropy(logits, targets)
            gradients = torch.autograd.grad(loss, weights, create_graph=differentiable)
            total = tuple(a + b for a, b in zip(total, gradients, strict=True)) if total else tuple(gradients)
            moved = (w - rate * g for w, g in zip(weights, gradients, strict=True))
            weights = tuple(w if differentiable else w.detach().requires_grad_() for w in moved)
        return total, tuple(running.values())


@contextmanager
def _statistics(network: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Follow the running statistics of every batch normalisation, differentiably: torch's own are not."""
    running: dict[str, Tensor] = {}
    handles = []
    for name, layer in network.named_modules():
        if isinstance(layer, nn.BatchNorm2d):
            assert layer.running_mean is not None and layer.running_var is not None
            running[f"{name}.mean"], running[f"{name}.variance"] = layer.running_mean, layer.running_var

            def follow(layer: nn.Module, inputs: tuple[Tensor], name: str = name) -> None:
                share = layer.momentum
                assert isinstance(share, float)
                if inputs[0].numel() == inputs[0].shape[1]:
                    return  # a single number a channel has no spread: the layer itself says so
                variance, mean = torch.var_mean(inputs[0], (0, 2, 3))
                running[f"{name}.mean"] = running[f"{name}.mean"].lerp(mean, share)
                running[f"{name}.variance"] = running[f"{name}.variance"].lerp(variance, share)

            handles.append(layer.register_forward_pre_hook(follow))
    try:
        yield running
    finally:
        for handle in handles:
            handle.remove()


def mean_of(parts: list[Tensors]) -> Tensors:
    """Return the mean of the messages of some clients, tensor by tensor."""
    return tuple(torch.stack(same).mean(0) for same in zip(*parts, strict=True))
