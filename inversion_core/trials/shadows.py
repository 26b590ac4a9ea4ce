"""The adversary's own models: the target's recipe, each on another random half of the pool.

Every record is in exactly half of the halves, so that each has as many models that saw it as models that did
not. Kept by content key like any target: attacks, exposures and reruns that draw the same halves share them.
"""

import math
from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import TrainingDefence
from inversion_core.seeds import derive, torch_rng
from inversion_core.targets.base import Target
from inversion_core.targets.catalogue import obtain
from inversion_core.trials.candidates import Pool
from inversion_core.values import Progress

PARTS = 1000
"""Steps of progress in each shadow model."""


def halves(count: int, shadows: int, rng: torch.Generator) -> Tensor:
    """Return (S, P) bool: which of P records each of S shadow models is trained on; of an odd number of
    models, each record is in the smaller half.
    """
    ranks = torch.rand(shadows, count, generator=rng, dtype=torch.float64).argsort(0).argsort(0)
    return ranks < shadows // 2


def trained(
    pool: Pool,
    inside: Tensor,
    dataset: Dataset,
    target: Target,
    defences: Sequence[TrainingDefence],
    epochs: int | None,
) -> Generator[Progress, None, list[Target]]:
    """Return a model for each row of `inside` (S, P), with the target's recipe and a seed of its own.

    What keeps photos from the training has done so in the pool already.
    """
    # Only the recipe is known to the adversary, not the seed with which the target was trained.
    fields = target.params.model_dump()
    given = {"epochs": epochs} if epochs is not None and "epochs" in fields else {}
    kept = [one for one in defences if type(one).admit is TrainingDefence.admit]
    made = []
    for number, rows in enumerate(inside):
        seed = derive(fields.get("seed", 0), "shadow", str(number)) % 2**31
        shadow = type(target)(**fields | given | {"seed": seed})
        note = f"shadow model {number + 1} of {len(inside)}"
        for progress in obtain(dataset, shadow, kept, split=pool.divided(rows)):
            yield Progress(
                number * PARTS + math.floor(PARTS * progress.step / max(progress.total, 1)),
                len(inside) * PARTS,
                progress.loss,
                note=f"{note}: {progress.note}",
            )
        made.append(shadow)
    return made


def rng_of(seed: int) -> torch.Generator:
    """Return the stream from which the halves of a run are drawn."""
    return torch_rng(seed, "membership", "shadows")
