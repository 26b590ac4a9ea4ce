"""Output defences as an API runs them: those that learn do so once, from public people, and are kept.

These are other people than those an attack or the monitor of a service is given.
"""

from collections.abc import Generator

import torch
from torch import Tensor

from inversion_core.datasets.base import Dataset, PhotoDataset
from inversion_core.defences.base import LearntDefence, OutputDefence
from inversion_core.keys import content_key
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.settings import settings
from inversion_core.targets import weights
from inversion_core.targets.base import Target
from inversion_core.trials.inputs import gather
from inversion_core.values import Progress

PUBLIC_SEED = 43_000
"""Seed of the first of the people they learn from."""
VERSION = 1
"""Raised when learning from the same answers would give another network."""


def defences_of(
    scenario: Scenario, dataset: Dataset, target: Target
) -> Generator[Progress, None, list[OutputDefence]]:
    """Return the output defences of a scenario in order, ready to answer; one that learns is loaded from the
    cache where it learnt before. Raises WeightsUnusable and StoreUnavailable.
    """
    defences = scenario.output_defences()
    for defence in defences:
        if isinstance(defence, LearntDefence):
            assert isinstance(dataset, PhotoDataset), "the scenario was checked: this data has public photos"
            yield from _learn(defence, dataset, target)
    return defences


def _learn(defence: LearntDefence, dataset: PhotoDataset, target: Target) -> Generator[Progress, None, None]:
    recipe = {
        "version": VERSION,
        "target": target.card.key,
        "weights": target.card.sha256,
        "defence": [defence.name, defence.params.model_dump(mode="json")],
    }
    key = content_key(recipe)
    path = settings().cache / "defences" / f"{key[:16]}.safetensors"
    if not path.exists():
        photos = yield from gather(dataset, defence.params.public_photos, PUBLIC_SEED)
        yield from defence.learn(_scores(target, photos), torch_rng(0, "defence", defence.name))
        state = weights.whole(defence.network)
        weights.write(path, state, {**recipe, "key": key, "sha256": weights.digest(state)})
    state, _ = weights.read(path)
    network = defence.build(target.class_count)
    weights.load_into(network, state, path)
    defence.network = network.eval().requires_grad_(False)


def _scores(target: Target, photos: Tensor) -> Tensor:
    """(M, C, H, W) uint8 -> (M, K)."""
    return torch.cat([target.predict(part.float() / 255) for part in photos.split(target.chunk)])
