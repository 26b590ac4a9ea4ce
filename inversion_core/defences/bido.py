"""Bilateral dependency optimisation: hidden layers that depend on the label and not on the picture.

Peng, Liu, Zhang, Lan, Xu, Xie, Han, "Bilateral dependency optimization: defending against model-inversion
attacks" (KDD 2022); the dependency is normalised HSIC.
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from inversion_core.defences.base import Training, TrainingDefence

RIDGE = 1e-5
"""Added to a kernel before it is inverted, times the batch."""
WIDTH = 5.0
"""Width of the Gaussian kernel, times the square root of the number of dimensions."""


class BiDO(TrainingDefence):
    """Punish hidden layers for depending on the picture, reward them for depending on the label.

    Loss: that of the training + for each hidden layer Z: lambda_x d(X, Z) - lambda_y d(Z, Y), d the
    normalised HSIC of the batch, with Gaussian kernels for pictures X and layers Z and a linear one for
    one-hot labels Y. The hidden layers are the outputs of the activation functions. The network itself is not
    changed. Departure from the reference code: a linear system is solved instead of inverting a matrix.
    """

    name = "bido"
    title = "Bilateral dependency optimisation"
    reference = "Peng et al., KDD 2022"
    needs_layers = True
    adds_to_loss = True
    mixes_samples = True

    class Params(TrainingDefence.Params):
        """The two prices."""

        lambda_x: float = Field(
            0.05, ge=0, le=1000, description="Price of a layer's dependency on the picture."
        )
        lambda_y: float = Field(
            0.5, ge=0, le=1000, description="Reward of a layer's dependency on the label."
        )

    params: Params

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training with both dependencies in its loss."""
        inner = training.loss

        def loss(network: nn.Module, inputs: Tensor, labels: Tensor, progress: float) -> Tensor:
            layers: list[Tensor] = []
            hooks = [
                module.register_forward_hook(lambda _module, _given, output: layers.append(output))
                for module in network.modules()
                if isinstance(module, nn.ReLU | nn.Sigmoid)
            ]
            plain = inner(network, inputs, labels, progress)
            for hook in hooks:
                hook.remove()
            return plain + self._dependency(inputs, layers, labels)

        return replace(training, loss=loss)

    def _dependency(self, inputs: Tensor, layers: list[Tensor], labels: Tensor) -> Tensor:
        """(N, *shape), L times (N, ...), (N,) -> scalar."""
        picture = projection(gaussian(inputs.flatten(1)))
        label = projection(linear(F.one_hot(labels).float()))
        total = inputs.new_zeros(())
        for layer in layers:
            hidden = projection(gaussian(layer.flatten(1)))
            total = total + self.params.lambda_x * overlap(picture, hidden)
            total = total - self.params.lambda_y * overlap(hidden, label)
        return total


def gaussian(values: Tensor) -> Tensor:
    """(N, D) -> (N, N): exp(-|a - b|^2 / (2 sigma^2)) with sigma = 5 sqrt(D)."""
    squares = values.square().sum(1)
    distances = (squares[:, None] + squares[None, :] - 2 * values @ values.T).clamp(min=0)
    return torch.exp(-distances / (2 * WIDTH**2 * values.shape[1]))


def linear(values: Tensor) -> Tensor:
    """(N, D) -> (N, N): inner products."""
    return values @ values.T


def projection(kernel: Tensor) -> Tensor:
    """(N, N) -> (N, N): R = KH (KH + ridge N I)^-1, H taking off the mean."""
    count = len(kernel)
    centred = kernel - kernel.mean(1, keepdim=True)  # KH
    solved: Tensor = torch.linalg.solve(centred + RIDGE * count * torch.eye(count), centred)
    return solved  # the two factors commute


def overlap(first: Tensor, second: Tensor) -> Tensor:
    """(N, N), (N, N) of `projection` -> normalised HSIC: tr(R_1 R_2)."""
    return (first * second.T).sum()
