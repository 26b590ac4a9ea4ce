"""The contract of a target: a recipe before training, a model with a card after it."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from inversion_core.component import Component
from inversion_core.values import Modality


class TargetCard(BaseModel):
    """What travels with the weights."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="Content key: data, recipe, defences and seed.")
    dataset: str
    target: str
    defences: list[dict[str, Any]] = []
    input_shape: tuple[int, ...]
    class_count: int
    train_photos: int
    photos_per_class: float
    train_accuracy: float
    test_accuracy: float
    test_photos: int
    epsilon: float | None = None
    delta: float | None = None
    guarantees: Mapping[str, Any] = {}
    parameters: int
    seconds: float = Field(description="Seconds of training on the machine that made the weights.")
    sha256: str = Field("", description="Of the tensors' bytes, in name order.")
    versions: dict[str, str] = {}


class Target(Component):
    """A classifier somebody deployed: inputs (N, *shape) in [0, 1] -> probabilities (N, K).

    Preprocessing lives inside `network`, which returns logits. Made untrained; `targets.catalogue` trains
    or loads it.
    """

    modality: ClassVar[Modality] = Modality.IMAGE
    per_sample_gradients: ClassVar[bool] = True
    """False where a layer mixes the samples of a batch (BatchNorm), which DP-SGD cannot bound."""

    class Params(Component.Params):
        """Training knobs every network shares."""

        epochs: int = Field(40, ge=1, le=1000, description="Passes over the training photos.")
        batch_size: int = Field(64, ge=1, le=4096, description="Photos in a training step.")
        learning_rate: float = Field(1e-3, gt=0, le=10, description="Peak step size of the optimiser.")
        weight_decay: float = Field(1e-4, ge=0, le=1, description="Pull of the weights towards zero.")
        seed: int = Field(0, ge=0, description="Seed of initialisation, batches and augmentation.")

    network: nn.Module
    card: TargetCard
    input_shape: tuple[int, ...]
    class_count: int

    @abstractmethod
    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return the untrained network: (N, *shape) in [0, 1] -> logits (N, K)."""

    def augment(self, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """Return a training batch varied as this recipe likes; the same photos by default."""
        return inputs

    def predict(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N, K) probabilities on the CPU, without gradients, in chunks of 512."""
        with torch.inference_mode():
            parts = [self.network(chunk).softmax(1) for chunk in inputs.split(512)]
        return torch.cat(parts).clone()
