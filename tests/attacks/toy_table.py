"""A table small enough to know the answer: what the model says is looked up by three columns."""

import math
from collections.abc import Generator, Sequence

import torch
from torch import Tensor, nn

from inversion_core.attacks.base import Attack
from inversion_core.oracles import Oracle, WhiteBox
from inversion_core.tables import Column, Records, TableKnowledge
from inversion_core.values import Knowledge, Progress, Reconstruction

WARD, FLOOR, SECRET = range(3)
MISSING = 4
COLUMNS = (
    Column("ward", ("north", "east", "south", "west"), (0.0, 1.0, 2.0, 3.0)),
    Column("floor", ("low", "high"), (0.0, 1.0)),
    Column("secret", ("no", "yes"), (0.0, 1.0)),
)

SURE_OF_ONE = torch.tensor(
    [  # floor low: no, yes; floor high: no, yes
        [[0.1, 0.9], [0.9, 0.6]],  # north: low, the secret decides; high, it does not
        [[0.7, 0.9], [0.7, 0.9]],  # east: label 1 whatever the secret
        [[0.8, 0.8], [0.8, 0.8]],  # south: not a difference
        [[0.3, 0.2], [0.3, 0.2]],  # west: label 0 whatever the secret
        [[0.4, 0.6], [0.4, 0.6]],  # ward unknown to the model
    ]
)
"""Probability of label 1 by ward, floor and secret."""
SHARE = torch.tensor([[0.1, 0.3], [0.2, 0.2], [0.4, 0.1], [0.1, 0.2], [0.05, 0.05]])
"""Share of the training rows in the leaf, by ward and secret."""
REACH = (0.5, 0.8)
"""Share of the training rows in all leaves that each secret reaches."""


class LookUp(nn.Module):
    """(N, 3) codes -> (N, K) logits, read from a table of probabilities (5, 2, V, K)."""

    def __init__(self, probabilities: Tensor) -> None:
        super().__init__()
        self.register_buffer("logits", probabilities.log())

    def forward(self, inputs: Tensor) -> Tensor:
        ward = torch.where(inputs[:, WARD].isnan(), MISSING, inputs[:, WARD]).long()
        return self.logits[ward, inputs[:, FLOOR].long(), inputs[:, SECRET].long()]

    def activations(self, inputs: Tensor) -> Tensor:
        ward = torch.where(inputs[:, WARD].isnan(), MISSING, inputs[:, WARD]).long()
        return SHARE[ward, inputs[:, SECRET].long()][:, None]

    def reach(self, column: int, code: float) -> Tensor:
        assert column == SECRET
        return torch.tensor([REACH[int(code)]])


class LookUpTarget:
    """A model whose every answer is written down."""

    input_shape = (3,)

    def __init__(self, probabilities: Tensor | None = None) -> None:
        sure = SURE_OF_ONE
        table = torch.stack([1 - sure, sure], 3) if probabilities is None else probabilities
        self.class_count = table.shape[-1]
        self.network = LookUp(table)

    def predict(self, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return self.network(inputs).softmax(1)


def victims(*people: tuple[float, float, int], unknown: tuple[int, ...] = ()) -> Knowledge:
    """Return all there is to know about people given as (ward, floor, true label)."""
    records = torch.tensor([[ward, floor, math.nan] for ward, floor, _ in people])
    records[:, list(unknown)] = math.nan
    return Knowledge(
        torch.arange(len(people)) + 100,
        table=TableKnowledge(
            columns=COLUMNS,
            sensitive=SECRET,
            records=records,
            unknown=unknown,
            labels=torch.tensor([label for _, _, label in people]),
            marginals=torch.tensor([0.6, 0.4]),
            confusion=torch.tensor([[0.8, 0.2], [0.3, 0.7]]),
            auxiliary=strangers(),
        ),
    )


def everybody() -> Knowledge:
    """Return the knowledge about one person of each ward, floor and label."""
    return victims(*((ward, floor, label) for ward in range(4) for floor in range(2) for label in range(2)))


def strangers(times: int = 5) -> Records:
    """Return auxiliary records: each ward, floor and secret as often, labels as the model says."""
    codes = [(ward, floor, secret) for ward in range(4) for floor in range(2) for secret in range(2)]
    inputs = torch.tensor(codes * times).float()
    return Records(inputs, LookUpTarget().predict(inputs).argmax(1))


def finish(steps: Generator[Progress, None, Reconstruction]) -> tuple[list[Progress], Reconstruction]:
    """Exhaust an attack: what it yielded, what it returned."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as stop:
            return seen, stop.value


def attack(
    made: Attack, knowledge: Knowledge | None = None, oracle: Oracle | None = None, seed: int = 0
) -> tuple[list[Progress], Reconstruction]:
    """Run an attack on the table to its end."""
    rng = torch.Generator().manual_seed(seed)
    return finish(made.run(oracle or WhiteBox(LookUpTarget()), knowledge or everybody(), rng))


def guesses(made: Attack, knowledge: Knowledge, oracle: Oracle | None = None, seed: int = 0) -> list[int]:
    """Return the value guessed for each victim."""
    return attack(made, knowledge, oracle, seed)[1].samples.argmax(1).tolist()


def cases(found: Reconstruction) -> Sequence[int]:
    """Return the case of each victim."""
    assert found.cases is not None
    return found.cases.tolist()
