"""The analytic attack: read photos off the gradient of a first dense layer.

Phong, Aono, Hayashi, Wang and Moriai, "Privacy-preserving deep learning via additively homomorphic
encryption" (IEEE TIFS 2018): of one photo the gradient of a layer's weights is the outer product of the
gradient of its bias and the photo, so that dW_i / db_i is the photo.
"""

import math
from collections.abc import Generator

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from inversion_core.attacks.update_attack import GREY, Redrawn, UpdateAttack, labels_of
from inversion_core.component import Component
from inversion_core.errors import AccessDenied
from inversion_core.oracles import GradientOracle
from inversion_core.updates import Update
from inversion_core.values import Knowledge, Progress


class AnalyticGradient(UpdateAttack):
    """Divide the gradient of a first dense layer's weights by that of its bias: what is left is the photo.

    Exact for one photo, without a search; all units are weighed by their bias gradient, which is the least
    squares solution and bears noise better than one unit. It holds through the local steps of FedAvg too, as
    the photo is the same at each.

    Beyond the paper, for several photos: every unit then has a mix of all, dW is the sum over photos of what
    the photo does to the unit times the photo. What it does follows from the photo and its label, so both
    are solved for in turn, from grey on: least squares for the photos, one pass through the network for the
    units. That finds the photos where the network is so new that its answers hardly depend on them; whether
    it did shows in the agreement, and nothing is promised.
    """

    name = "analytic-gradient"
    title = "Analytic gradient"
    reference = "Phong et al., IEEE TIFS 2018, https://doi.org/10.1109/TIFS.2017.2787987"

    class Params(UpdateAttack.Params):
        """How long several photos are taken apart."""

        rounds: int = Field(
            50, ge=1, le=1000, description="Turns of the search for several photos; one photo needs none."
        )

    params: Params

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse targets whose first layer is not dense."""
        if getattr(target, "dense_first", False):
            return None
        return (
            f"{self.name!r} reads photos off a first dense layer with a bias, {target.name!r} begins "
            "otherwise; choose mlp, softmax or another attack"
        )

    def redraw(
        self, oracle: GradientOracle, update: Update, knowledge: Knowledge, rng: torch.Generator
    ) -> Generator[Progress, None, Redrawn]:
        """Return the photo of an update, or an approximation of several."""
        before, first, place = _first_layer(oracle.network)
        weights, bias = (update.change[place + part].double() / oracle.steps for part in (0, 1))
        labels = labels_of(update, oracle.steps)
        if len(update) == 1:
            entering = (bias @ weights)[None] / bias.square().sum().clamp_min(1e-300)
            yield Progress(1, 1, math.nan)
        else:
            entering = yield from self._apart(oracle, first, labels, weights)
        samples = _undone(before, entering.float(), oracle.input_shape).clamp(0, 1)
        return Redrawn(samples, labels, _agreement(oracle, update, samples, labels))

    def _apart(
        self, oracle: GradientOracle, first: nn.Linear, labels: Tensor, weights: Tensor
    ) -> Generator[Progress, None, Tensor]:
        """Return what entered the layer (N, F), of several photos."""
        pictures = torch.full((len(labels), *oracle.input_shape), GREY)
        before, _, _ = _first_layer(oracle.network)
        for turn in range(1, self.params.rounds + 1):
            acts = _acts(oracle.network, first, pictures, labels).double() / len(labels)
            # By the normal equations: as many unknowns as photos, and double precision to spare.
            system, wanted = acts @ acts.T, acts @ weights
            entering: Tensor = torch.linalg.lstsq(system, wanted, driver="gelsd").solution
            pictures = _undone(before, entering.float(), oracle.input_shape).clamp(0, 1)
            if turn % 10 == 1 or turn == self.params.rounds:
                residue = (acts.T @ entering - weights).square().sum() / weights.square().sum()
                yield Progress(turn, self.params.rounds, residue.item(), pictures)
        return entering


def _first_layer(network: nn.Module) -> tuple[nn.Module, nn.Linear, int]:
    """Return what comes before the first dense layer, the layer, and the place of its weights among the
    parameters: the first.
    """
    if isinstance(network, nn.Sequential):
        for place, layer in enumerate(network):
            if isinstance(layer, nn.Linear) and layer.bias is not None:
                return network[:place], layer, 0
            if any(True for _ in layer.parameters()):
                break
    raise AccessDenied("photos are read off a first dense layer with a bias, this network has none")


def _undone(before: nn.Module, entering: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return the pictures (N, *shape) that become `entering` (N, F): what comes before the layer is a scale
    and a shift of each pixel, told by what it makes of black and of white.
    """
    with torch.no_grad():
        black, white = (before(torch.full((1, *shape), value)) for value in (0.0, 1.0))
    pictures: Tensor = (entering - black) / (white - black)
    return pictures.view(len(entering), *shape)


def _acts(network: nn.Module, first: nn.Linear, pictures: Tensor, labels: Tensor) -> Tensor:
    """Return what each photo does to each unit of the layer: the slope of its loss, (N, units)."""
    caught: list[Tensor] = []

    def catch(_: nn.Module, __: object, output: Tensor) -> Tensor:
        caught.append(output.detach().requires_grad_())
        return caught[0]

    handle = first.register_forward_hook(catch)
    try:
        loss = F.cross_entropy(network(pictures), labels, reduction="sum")
    finally:
        handle.remove()
    return torch.autograd.grad(loss, caught[0])[0]


def _agreement(oracle: GradientOracle, update: Update, samples: Tensor, labels: Tensor) -> float:
    """Return how well the pictures explain the update: the cosine, not below 0."""
    change, _ = oracle.would_send(update, samples, labels)
    pairs = list(zip(change, update.change, strict=True))
    product = sum((one * other).sum().item() for one, other in pairs)
    lengths = [
        math.sqrt(sum(part.square().sum().item() for part in side)) for side in zip(*pairs, strict=True)
    ]
    return max(0.0, product / max(lengths[0] * lengths[1], 1e-300))
