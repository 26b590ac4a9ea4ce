"""Targets that draw or write instead of classifying: how they are trained, kept and read back."""

from abc import abstractmethod
from collections.abc import Generator, Sequence
from typing import ClassVar, TypeVar

from torch import Tensor, nn

from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import TrainingDefence
from inversion_core.settings import settings
from inversion_core.tables import Records
from inversion_core.targets import weights
from inversion_core.targets.base import NetworkTarget, TargetCard
from inversion_core.targets.catalogue import described, target_key
from inversion_core.targets.train import fit
from inversion_core.values import Family, Photos, Progress

G = TypeVar("G", bound="GenerativeTarget")


class GenerativeTarget(NetworkTarget):
    """A model of what its training data look like.

    Its network maps a batch (N, *shape) to the loss of each sample (N,). What its owner gathered to train it
    on is `collect`; it has no classes and no accuracy.
    """

    families: ClassVar[tuple[Family, ...]] = (Family.GENERATION,)
    half_precision = False

    @abstractmethod
    def collect(self, dataset: Dataset) -> Photos | Records:
        """Return the private data as they were gathered, duplicates among them."""

    def acquaint(self, dataset: Dataset) -> None:
        """Learn what needs no private data; nothing by default."""

    def passes(self, count: int) -> int:
        """Return the passes over `count` inputs that make as many steps as `epochs` passes over everything
        gathered: who removes duplicates does not train less.
        """
        return max(1, round(self.params.epochs * self.gathered / count))

    gathered: int
    """How many inputs `collect` returned."""


def obtain_generator(
    dataset: Dataset, target: G, defences: Sequence[TrainingDefence] = ()
) -> Generator[Progress, None, G]:
    """Return `target` trained: loaded when its key is known, else trained, kept in the cache and read back.

    Raises WeightsUnusable and DataUnusable.
    """
    key = target_key(dataset, target, defences)
    path = settings().cache / "targets" / f"{key[:16]}.safetensors"
    yield Progress(0, 1, 0.0, note="gathering the data")
    target.acquaint(dataset)
    if not path.exists():
        yield from _train(dataset, target, defences, key)
    state, card = weights.read(path)
    target.card = TargetCard(**card)
    target.input_shape, target.class_count = target.card.input_shape, target.card.class_count
    network = target.build(target.input_shape, target.class_count)
    weights.load_into(network, state, path)
    target.network = network
    return target


def own_loss(network: nn.Module, inputs: Tensor, labels: Tensor, done: float) -> Tensor:
    """Return the mean over the batch of what the network calls its loss; a `Loss` of training defences."""
    losses: Tensor = network(inputs)
    return losses.mean()


def _train(
    dataset: Dataset, target: GenerativeTarget, defences: Sequence[TrainingDefence], key: str
) -> Generator[Progress, None, None]:
    data = target.collect(dataset)
    target.gathered = len(data)
    for defence in defences:
        data = defence.admit(data)  # type: ignore[arg-type]  # records are admitted alike
    seconds, guarantees = yield from fit(
        target, data, 1, defences, loss=own_loss, per_person=_most_of_a_person(data)
    )
    target.network = getattr(target.network, "_module", target.network)  # Opacus wraps what it was given
    state = weights.whole(target.network)
    card = TargetCard(
        **described(key, dataset, target, defences, guarantees, len(data)),
        train_accuracy=None,
        test_accuracy=None,
        test_photos=0,
        seconds=round(seconds, 1),
        sha256=weights.digest(state),
    )
    path = settings().cache / "targets" / f"{key[:16]}.safetensors"
    weights.write(path, state, card.model_dump(mode="json"))


def _most_of_a_person(data: Photos | Records) -> int:
    """Return how many photos, copies among them, one person has at most; of texts, how often one is there."""
    if isinstance(data, Photos):
        return int(data.labels.bincount().max())
    return int(data.inputs.unique(dim=0, return_counts=True)[1].max())
