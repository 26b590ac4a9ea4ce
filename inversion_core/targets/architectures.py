"""The networks a target may be, from one linear layer to a residual network.

Every network takes inputs in [0, 1], centres them itself and returns logits.
"""

from itertools import pairwise

import torch
from pydantic import Field
from torch import Tensor, nn

from inversion_core.targets.augment import shift_and_light
from inversion_core.targets.base import NetworkTarget
from inversion_core.vision import torchvision


class Centre(nn.Module):
    """Map [0, 1] to about unit scale: the preprocessing that lives inside each target."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N, *shape)."""
        return (inputs - 0.5) * 4


class Softmax(NetworkTarget):
    """One linear layer and a softmax: every pixel votes for every person.

    The model of Fredrikson, Jha and Ristenpart (CCS 2015) that gives the clearest faces of all: its
    weights are pictures already.
    """

    name = "softmax"
    title = "Softmax regression"
    dense_first = True
    affine = True

    class Params(NetworkTarget.Params):
        """As every network, with the heavier weight decay a linear model needs."""

        epochs: int = Field(100, ge=1, le=1000, description="Passes over the training photos.")
        weight_decay: float = Field(1e-1, ge=0, le=1, description="Pull of the weights towards zero.")

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return one linear layer over the flattened picture."""
        return nn.Sequential(Centre(), nn.Flatten(), nn.Linear(_size(input_shape), class_count))


class MLP(NetworkTarget):
    """One hidden layer of sigmoid units, 3,000 by default as in the paper.

    Fredrikson, Jha and Ristenpart (CCS 2015): harder to invert than softmax regression, and slower.
    """

    name = "mlp"
    title = "Multilayer perceptron"
    embeds = True
    dense_first = True

    class Params(NetworkTarget.Params):
        """As every network, and the width of the hidden layer."""

        hidden: int = Field(3000, ge=1, le=20000, description="Sigmoid units in the hidden layer.")
        epochs: int = Field(60, ge=1, le=1000, description="Passes over the training photos.")
        learning_rate: float = Field(5e-4, gt=0, le=10, description="Peak step size of the optimiser.")

    params: Params

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return input -> sigmoid units -> logits."""
        hidden = self.params.hidden
        first = nn.Linear(_size(input_shape), hidden)
        # Sigmoids saturate on thousands of inputs of unit scale; a smaller start keeps their gradients alive.
        nn.init.normal_(first.weight, std=0.5 / _size(input_shape) ** 0.5)
        return nn.Sequential(Centre(), nn.Flatten(), first, nn.Sigmoid(), nn.Linear(hidden, class_count))


class CNN(NetworkTarget):
    """Four strided convolutions with batch normalisation: what a small face recogniser looks like.

    Accurate, and the harder for it to invert pixel by pixel; an attacker needs a prior.
    """

    name = "cnn"
    title = "Convolutional network"
    embeds = True
    per_sample_gradients = False
    chunk = 32  # The first layer's activations then stay in a core's cache.

    class Params(NetworkTarget.Params):
        """As every network, and the width of the first layer."""

        width: int = Field(
            32, ge=8, le=128, description="Channels of the first layer; the next have twice as many."
        )
        epochs: int = Field(40, ge=1, le=1000, description="Passes over the training photos.")
        learning_rate: float = Field(3e-3, gt=0, le=10, description="Peak step size of the optimiser.")
        dropout: float = Field(
            0.3, ge=0, lt=1, description="Share of the last features hidden in each training step."
        )

    params: Params

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return four convolutions of stride 2, dropout, one linear layer."""
        channels, height, width = _image(input_shape)
        sizes = [channels, *(self.params.width * 2**i for i in range(4))]
        layers: list[nn.Module] = [Centre()]
        for before, after in pairwise(sizes):
            layers += [
                nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
                self.normalise(after),
                nn.ReLU(),
            ]
        flat = sizes[-1] * -(-height // 16) * -(-width // 16)
        layers += [nn.Flatten(), nn.Dropout(self.params.dropout), nn.Linear(flat, class_count)]
        return nn.Sequential(*layers)

    def normalise(self, channels: int) -> nn.Module:
        """Return the normalisation after a convolution."""
        return nn.BatchNorm2d(channels)

    def augment(self, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """Shift by up to three pixels and vary the light."""
        return shift_and_light(inputs, rng)


class CNNGroupNorm(CNN):
    """The convolutional network with group normalisation, which treats each photo alone.

    DP-SGD needs that: batch normalisation would let one photo change another's gradient. It is narrower than
    its sibling, since the noise of DP-SGD grows with the number of weights.
    """

    name = "cnn-gn"
    title = "Convolutional network, group norm"
    per_sample_gradients = True

    class Params(CNN.Params):
        """As the convolutional network, with half its width."""

        width: int = Field(
            16, ge=8, le=128, description="Channels of the first layer; the next have twice as many."
        )

    params: Params

    def normalise(self, channels: int) -> nn.Module:
        """Return group normalisation with 8 channels a group."""
        return nn.GroupNorm(channels // 8, channels)


class ResNet18(NetworkTarget):
    """torchvision's 18-layer residual network, its stem fitted to 64 pixels.

    He et al., "Deep residual learning for image recognition" (CVPR 2016). Departure: the first convolution
    is 3x3 with stride 2 and the first pooling is left out, so that 64-pixel pictures keep their detail.
    Minutes of training on two cores.
    """

    name = "resnet18"
    title = "ResNet-18"
    embeds = True
    per_sample_gradients = False

    class Params(NetworkTarget.Params):
        """As every network."""

        epochs: int = Field(15, ge=1, le=1000, description="Passes over the training photos.")

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return the residual network with untrained weights."""
        channels = _image(input_shape)[0]
        network = torchvision().models.resnet18(weights=None, num_classes=class_count)
        network.conv1 = nn.Conv2d(channels, 64, 3, stride=2, padding=1, bias=False)
        network.maxpool = nn.Identity()
        last, network.fc = network.fc, nn.Identity()
        return nn.Sequential(Centre(), network, last)

    def augment(self, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """Shift by up to three pixels and vary the light."""
        return shift_and_light(inputs, rng)


def _size(shape: tuple[int, ...]) -> int:
    return int(torch.Size(shape).numel())


def _image(shape: tuple[int, ...]) -> tuple[int, int, int]:
    assert len(shape) == 3, f"a convolution wants (C, H, W), got {shape}"
    return shape[0], shape[1], shape[2]
