"""Mutual information regularisation: what passes from a picture to the scores is squeezed and priced.

Wang, Zhang, Jia, "Improving robustness to model inversion attacks via mutual information regularization"
(AAAI 2021).
"""

import hashlib
from dataclasses import replace

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from inversion_core.defences.base import Training, TrainingDefence

NARROW = 5.0
"""The bottleneck's spread is softplus(s - 5): almost nothing at first, so that training starts as usual."""


class MID(TrainingDefence):
    """Put a noisy bottleneck before the last layer and charge for every nat that passes through it.

    Features f become a mean and a spread, sigma = softplus(s - 5); the last layer sees a draw of N(mean,
    sigma^2). Loss: that of the training + beta * KL(N(mean, sigma^2) || N(0, 1)), the variational bound of
    Alemi et al. (ICLR 2017) on the information about the picture. Once trained the last layer sees the mean:
    whoever holds the weights can take it anyway. Departures from the reference code: KL in nats and not in
    bits, the width of the bottleneck is a parameter and not half of the features.
    """

    name = "mid"
    title = "Mutual information bottleneck"
    reference = "Wang et al., AAAI 2021"
    needs_layers = True
    changes_network = True
    adds_to_loss = True

    class Params(TrainingDefence.Params):
        """The price, the width, and what is released."""

        beta: float = Field(0.01, ge=0, le=100, description="Price of a nat that passes, beside the loss.")
        size: int = Field(128, ge=1, le=4096, description="Numbers that pass the bottleneck.")
        noise: bool = Field(
            False,
            description="Draw the bottleneck in use too. Masks gradients and scores rather than protecting: "
            "the mean is in the weights, and averaging answers finds it.",
        )

    params: Params

    def reshape(self, network: nn.Module) -> nn.Module:
        """Return the network with the bottleneck before a last layer of that width."""
        assert isinstance(network, nn.Sequential), "networks that embed end in one layer of their own"
        *before, last = network
        assert isinstance(last, nn.Linear)
        middle = Bottleneck(last.in_features, self.params.size, noise=self.params.noise)
        return nn.Sequential(*before, middle, nn.Linear(self.params.size, last.out_features))

    def protect(self, training: Training, rng: torch.Generator) -> Training:
        """Return the training of the network with the bottleneck, its price added to the loss."""
        network = self.reshape(training.network)
        middle = network[-2]  # type: ignore[index]
        inner = training.loss

        def loss(wrapped: nn.Module, inputs: Tensor, labels: Tensor, progress: float) -> Tensor:
            plain = inner(wrapped, inputs, labels, progress)
            price: Tensor = self.params.beta * middle.passed.mean()
            return plain + price

        return replace(training.on(network), loss=loss)


class Bottleneck(nn.Module):
    """(N, F) -> (N, D): a draw of N(mean, sigma^2) in training, the mean in use.

    With `noise` use draws too. The draw then follows from the batch it is part of, so that runs can be
    repeated whatever the order in which batches are computed; within a batch equal pictures get draws of
    their own, which is all that averaging needs.
    """

    passed: Tensor
    """(N,) nats of each sample of the last batch in training."""

    def __init__(self, features: int, size: int, *, noise: bool = False) -> None:
        super().__init__()
        self.mean = nn.Linear(features, size)
        self.spread = nn.Linear(features, size)
        self.noise = noise

    def forward(self, features: Tensor) -> Tensor:
        """(N, F) -> (N, D)."""
        mean: Tensor = self.mean(features)
        if not (self.training or self.noise):
            return mean
        sigma = F.softplus(self.spread(features) - NARROW)
        if self.training:
            self.passed = nats(mean, sigma)
            return mean + sigma * torch.randn_like(mean)
        return mean + sigma * torch.randn(mean.shape, generator=_rng_of(mean))


def nats(mean: Tensor, sigma: Tensor) -> Tensor:
    """(N, D), (N, D) -> (N,): KL(N(mean, sigma^2) || N(0, 1)), summed over D."""
    return 0.5 * (mean.square() + sigma.square() - 1 - 2 * sigma.log()).sum(1)


def _rng_of(values: Tensor) -> torch.Generator:
    digest = hashlib.sha256(values.detach().contiguous().numpy().tobytes()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)
