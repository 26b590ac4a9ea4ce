"""The contract of a target: a recipe before training, a model with a card after it."""

from abc import abstractmethod
from collections.abc import Generator, Mapping
from typing import Any, ClassVar

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from inversion_core.component import Component
from inversion_core.datasets.base import Dataset
from inversion_core.errors import TargetUnavailable
from inversion_core.lanes import together
from inversion_core.tables import Column, Records
from inversion_core.values import Access, Family, Modality, Progress

CLASSIFIED = (
    Family.INVERSION,
    Family.ATTRIBUTES,
    Family.GRADIENTS,
    Family.MEMBERSHIP,
    Family.EXTRACTION,
    Family.PROPERTY,
)
"""The families of attacks that a classifier can be the target of."""


class TargetCard(BaseModel):
    """What travels with the weights; `photos` are records where the target is one of tables."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(description="Content key: data, recipe, defences and seed.")
    dataset: str
    target: str
    defences: list[dict[str, Any]] = []
    input_shape: tuple[int, ...]
    class_count: int
    train_photos: int
    photos_per_class: float
    train_accuracy: float | None = Field(description="None where the model runs elsewhere.")
    test_accuracy: float | None = Field(description="None where the model runs elsewhere.")
    test_photos: int
    epsilon: float | None = None
    delta: float | None = None
    guarantees: Mapping[str, Any] = {}
    parameters: int = Field(description="0 where the model runs elsewhere and nobody here knows.")
    seconds: float = Field(description="Seconds of training on the machine that made the weights.")
    sha256: str = Field("", description="Of the tensors' bytes, in name order.")
    versions: dict[str, str] = {}
    columns: tuple[str, ...] = Field((), description="Names of the input columns, of a table.")


class Target(Component):
    """A classifier somebody deployed: inputs (N, *shape) -> probabilities (N, K).

    Pictures are in [0, 1], records are as `tables` describes them. Preprocessing lives inside `network`,
    which returns logits. Made untrained; `targets.catalogue` trains or loads it.
    """

    modality: ClassVar[Modality] = Modality.IMAGE
    families: ClassVar[tuple[Family, ...]] = CLASSIFIED
    """The families of attacks it can be the target of."""
    needs_public: ClassVar[bool] = False
    """True where it learns its picture of the world from photos of public people first."""
    by_gradients: ClassVar[bool] = True
    """False where nothing is trained by gradients (trees), and so no training defence has a hold."""
    per_sample_gradients: ClassVar[bool] = True
    """False where a layer mixes the samples of a batch (BatchNorm), which DP-SGD cannot bound."""
    embeds: ClassVar[bool] = False
    """True where a layer before the last makes a template of a picture."""
    dense_first: ClassVar[bool] = False
    """True where the picture goes straight into a linear layer with a bias."""
    affine: ClassVar[bool] = False
    """True where the logits are one linear map of the inputs, which can be computed on encrypted ones."""
    half_precision: ClassVar[bool] = True
    """False where weights as float16 would be another model: thresholds, and weights on raw columns."""
    revision: ClassVar[int] = 1
    """Raised when training by the same parameters would give other weights."""
    chunk: ClassVar[int] = 512
    """Inputs that go through the network at once."""

    network: nn.Module
    card: TargetCard
    input_shape: tuple[int, ...]
    class_count: int
    columns: tuple[Column, ...] = ()
    """The input columns of a target of tables, told before it is built."""

    def skeleton(self, state: Mapping[str, Tensor]) -> nn.Module:
        """Return an untrained network that `state`, read back from a file, fits into."""
        return self.build(self.input_shape, self.class_count)

    @abstractmethod
    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return the untrained network: (N, *shape) -> logits (N, K)."""

    def objection(self, dataset: Dataset) -> str | None:
        """Return in a sentence why this model cannot be made of some data, or None."""
        return None

    def size(self) -> int:
        """Return how many numbers the model consists of: its weights."""
        return sum(part.numel() for part in self.network.parameters())

    def trunk(self) -> nn.Module | None:
        """Return the network up to its last layer, whose output (N, ...) is a template; None where there is
        no such layer.
        """
        if not self.embeds:
            return None
        assert isinstance(self.network, nn.Sequential), "networks that embed end in one layer of their own"
        return self.network[:-1]

    def predict(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N, K) probabilities on the CPU, without gradients, in chunks."""
        return together(self._probabilities, inputs.split(self.chunk))

    def _probabilities(self, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            logits: Tensor = self.network(inputs)
        return logits.softmax(1)


class NetworkTarget(Target):
    """A target that learns by gradients; `targets.train` has the loop."""

    class Params(Target.Params):
        """Training knobs every network shares."""

        epochs: int = Field(40, ge=1, le=1000, description="Passes over the training photos.")
        batch_size: int = Field(64, ge=1, le=4096, description="Photos in a training step.")
        learning_rate: float = Field(1e-3, gt=0, le=10, description="Peak step size of the optimiser.")
        weight_decay: float = Field(1e-4, ge=0, le=1, description="Pull of the weights towards zero.")
        seed: int = Field(0, ge=0, description="Seed of initialisation, batches and augmentation.")

    params: Params

    def passes(self, count: int) -> int:
        """Return how often the training goes over `count` inputs."""
        return self.params.epochs

    def augment(self, inputs: Tensor, rng: torch.Generator) -> Tensor:
        """Return a training batch varied as this recipe likes; the same inputs by default."""
        return inputs


class GrownTarget(Target):
    """A target of tables that is fitted without gradients."""

    modality = Modality.TABLE
    by_gradients = False
    per_sample_gradients = False
    half_precision = False
    chunk = 16384

    @abstractmethod
    def grow(self, records: Records, class_count: int) -> Generator[Progress, None, nn.Module]:
        """Return the fitted network; yields about once a second."""


class RemoteTarget(Target):
    """A model that runs elsewhere and can only be asked; nothing of it is trained or loaded here.

    The metrics do not ask it: they would spend its budget, and send it private photos.
    """

    by_gradients = False
    per_sample_gradients = False

    @abstractmethod
    def objections(self, access: Access) -> list[str]:
        """Return every reason why it cannot be asked at this access level, one sentence each."""

    @abstractmethod
    def connect(self, dataset: str, input_shape: tuple[int, ...], class_count: int) -> None:
        """Make ready to ask, and fill the card; raises TargetUnavailable."""

    @abstractmethod
    def ledger(self) -> list[dict[str, str]]:
        """Return what a reader of the run must know of how it was asked: `used` and `amount`."""

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Raise TargetUnavailable; there is no network here."""
        raise TargetUnavailable(f"{self.name} runs elsewhere and is not built here; name another target")
