"""The contract of an attack: a generator that sees an oracle, its own knowledge and randomness, and nothing
else.
"""

from abc import abstractmethod
from collections.abc import Generator
from typing import ClassVar

import torch

from inversion_core.component import Component
from inversion_core.oracles import Oracle
from inversion_core.tables import Clue
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction

Steps = Generator[Progress, None, Reconstruction]

MARKS = (100, 300, 1000, 3000, 10000)
"""Rows a victim at which a black-box attack keeps what it has found, so that success can be told by queries.
"""


class Attack(Component):
    """Turn what an oracle answers back into what the model was trained on.

    `family` says which trial plays it; `modality` None stands for pictures and tables alike.
    `needs` is the access level, `needs_prior` and `needs_public` say whether `knowledge.prior` and
    `knowledge.public` must be there. For tables,
    `clues` are the parts of `knowledge.table` that must be there, `most_unknown` is how many columns the
    adversary may lack.
    """

    family: ClassVar[Family] = Family.INVERSION
    needs: ClassVar[Access]
    needs_prior: ClassVar[bool] = False
    needs_public: ClassVar[bool] = False
    modality: ClassVar[Modality | None] = Modality.IMAGE
    claim: ClassVar[Claim] = Claim.CLASS
    clues: ClassVar[tuple[Clue, ...]] = ()
    most_unknown: ClassVar[int] = 0

    def incompatible(self, target: type[Component]) -> str | None:
        """Return in a sentence why this attack cannot work on a kind of target, or None."""
        return None

    @abstractmethod
    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield Progress about once a second or oftener, return a Reconstruction; stop iterating to cancel.

        A white-box attack raises QueryBudgetExceeded from the oracle; a black-box attack ends at the wall
        with what it has found.
        """
