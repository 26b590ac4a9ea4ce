"""What a scenario is made of: components by name, and how the target can be reached."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from inversion_core.tables import Clue
from inversion_core.values import Access, Channel


class Frozen(BaseModel):
    """JSON whose unknown keys are errors and whose values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(Frozen):
    """A component by name, with the parameters that differ from its defaults."""

    name: str
    params: dict[str, Any] = {}


class DatasetChoice(Frozen):
    """A dataset by name; `path` for the kinds that read a folder or a file."""

    name: str
    options: dict[str, Any] = {}
    path: str | None = None


class TargetChoice(Choice):
    """A target and the defences it is trained with."""

    defences: tuple[Choice, ...] = ()


class SideKnowledge(Frozen):
    """What the adversary of a table brings along: clues, and the columns whose values they do not know."""

    clues: tuple[Clue, ...] = tuple(Clue)
    unknown: tuple[str, ...] = ()


class FederatedRound(Frozen):
    """One round of federated learning: who takes part, what they do, and what is told beside the updates.

    `local_steps` 1 is FedSGD, more are FedAvg, each with all photos of the client; `trained`: the round
    starts from the trained target, not from fresh weights; `buffers_sent`: the statistics of batch
    normalisation travel too; `updates`: a file of updates from a real federation of the same scenario.
    """

    clients: int = Field(1, ge=1, le=64)
    photos: int = Field(1, ge=1, le=64)
    local_steps: int = Field(1, ge=1, le=32)
    learning_rate: float = Field(0.01, gt=0, le=10)
    trained: bool = False
    labels_known: bool = True
    buffers_sent: bool = False
    updates: str | None = None


class Exposure(Frozen):
    """How the target can be reached: access level, rows that may be asked, defences on what is released.

    `knowledge` is for tables; left out, the adversary has every clue and knows all but the sensitive column.
    `monitor`: a detector watches what is asked, and blocks the key at its first alarm. `round` is for an
    adversary who sees the updates of a federated round.
    `channel`: whether whoever computes learns what is asked.
    """

    access: Access = Access.WHITE_BOX
    query_budget: int | None = Field(None, ge=1)
    defences: tuple[Choice, ...] = ()
    knowledge: SideKnowledge | None = None
    monitor: bool = False
    round: FederatedRound | None = None
    channel: Channel = Channel.PLAIN
