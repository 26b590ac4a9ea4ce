"""Put together what only metrics may see."""

from collections.abc import Generator

from inversion_core.datasets.base import PhotoDataset
from inversion_core.metrics.evaluator import obtain_evaluator, obtain_features, obtain_reader
from inversion_core.targets.base import RemoteTarget, Target
from inversion_core.values import Progress, Truth


def build_truth(dataset: PhotoDataset, target: Target) -> Generator[Progress, None, Truth]:
    """Return the truth about a dataset and a target; trains the evaluator when none is shipped or cached."""
    yield Progress(0, 1, 0.0, note="loading the private photos")
    train, held_out = dataset.train(), dataset.held_out()
    evaluator, evaluator_accuracy = yield from obtain_evaluator(dataset)
    reader = yield from obtain_reader(dataset)
    return Truth(
        train=train,
        held_out=held_out,
        target=None if isinstance(target, RemoteTarget) else target.predict,
        evaluator=evaluator.predict,
        features=evaluator.features,
        evaluator_accuracy=evaluator_accuracy,
        attributes=dataset.attributes(),
        read_attributes=reader,
        families=dataset.families(),
        train_features=obtain_features(dataset, evaluator, train),
    )
