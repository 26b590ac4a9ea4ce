"""Who is asked about in a trial of membership: a target, records it was trained on, and as many others.

Members and others must come from one distribution, or a glance at them tells what the model does not. Where
the data's own two parts differ, the target is trained on a random half of the private part instead, and the
other half are the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from inversion_core.datasets.base import Dataset, Split
from inversion_core.defences.base import TrainingDefence
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.tables import Records
from inversion_core.values import Photos

MOST = 5000
"""Candidates of each kind at most."""
POPULATION_SHARE, MOST_POPULATION = 0.25, 2500
"""Part of the others that is set aside as a population, whatever the attack, and its size at most."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Every record from which target and shadow models are drawn.

    `member` (P,) bool: what the target is trained on; `split` is None where that is the data's own split.
    `candidates` (N,) and `population` (M,) are places in the pool; no population record is a member.
    """

    inputs: Tensor
    labels: Tensor
    member: Tensor
    split: Split | None
    candidates: Tensor
    population: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def floats(self, places: Tensor) -> Tensor:
        """Return some records as a target takes them."""
        picked = self.inputs[places]
        return picked.float() / 255 if picked.dtype == torch.uint8 else picked

    def divided(self, inside: Tensor) -> Split:
        """Return the pool with the records `inside` (P,) to train on, and the others held out."""
        return Split(_rows(self, inside), _rows(self, ~inside))


def gather(scenario: Scenario, dataset: Dataset, defences: Sequence[TrainingDefence]) -> Pool:
    """Return the pool of a scenario; the same one for every attack with the same data and seed."""
    private = dataset.train()
    for defence in defences:
        private = defence.admit(private) if isinstance(private, Photos) else private
    named = None if scenario.victims == "all" else torch.tensor(scenario.victims)
    if dataset.alike:
        others = dataset.held_out()
        inputs, labels = (
            torch.cat([getattr(private, part), getattr(others, part)]) for part in ("inputs", "labels")
        )
        member = torch.arange(len(labels)) < len(private)
        split = None
    else:
        inputs, labels = private.inputs, private.labels
        order = torch.randperm(len(labels), generator=torch_rng(scenario.seed, "membership", "target"))
        member = torch.zeros(len(labels), dtype=torch.bool)
        member[order[: len(order) // 2]] = True
        kind = type(private)
        split = Split(kind(inputs[member], labels[member]), kind(inputs[~member], labels[~member]))
    asked = torch.ones_like(member)
    if named is not None and isinstance(private, Photos):
        asked = torch.isin(labels, named)  # photos of these people
    elif named is not None:
        asked = ~member | torch.isin(torch.arange(len(labels)), named)
    return _chosen(inputs, labels, member, split, asked, scenario.seed)


def _chosen(
    inputs: Tensor, labels: Tensor, member: Tensor, split: Split | None, asked: Tensor, seed: int
) -> Pool:
    """Choose a population and as many members as others, at random."""
    rng = torch_rng(seed, "membership", "candidates")
    members, others = (
        places[torch.randperm(len(places), generator=rng)]
        for places in ((rows & asked).nonzero().flatten() for rows in (member, ~member))
    )
    aside = min(round(POPULATION_SHARE * len(others)), MOST_POPULATION)
    count = min(len(others) - aside, len(members), MOST)
    candidates = torch.cat([members[:count], others[aside : aside + count]])
    return Pool(inputs, labels, member, split, candidates, others[:aside])


def _rows(pool: Pool, rows: Tensor) -> Photos | Records:
    kind = Photos if pool.inputs.dtype == torch.uint8 else Records
    return kind(pool.inputs[rows], pool.labels[rows])
