"""The words the rest of the package speaks: access levels, claims, and the values that travel.

Sizes in shapes: N samples, K classes, C H W image, D latent. Images are float32 in [0, 1].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from torch import Tensor

from inversion_core.membership import MembershipKnowledge
from inversion_core.released import Database, Shadows
from inversion_core.tables import TableKnowledge


class Access(StrEnum):
    """What of the model the adversary holds or may call."""

    WHITE_BOX = "white-box"
    SCORES = "scores"
    LABELS = "labels"
    GRADIENTS = "gradients"
    TEMPLATES = "templates"

    def covers(self, need: "Access") -> bool:
        """Say whether an attack that needs `need` can run at this level: weights give scores, scores give
        labels; weights give templates too.
        """
        if need is Access.TEMPLATES:
            return self in (Access.TEMPLATES, Access.WHITE_BOX)
        ladder = [Access.LABELS, Access.SCORES, Access.WHITE_BOX]
        if self in ladder and need in ladder:
            return ladder.index(self) >= ladder.index(need)
        return self is need


class Channel(StrEnum):
    """How questions and answers travel between whoever asks and whoever computes."""

    PLAIN = "plain"
    HOMOMORPHIC = "homomorphic"
    SECRET_SHARED = "secret-shared"

    @property
    def hides(self) -> bool:
        """Say whether who computes does not learn what is asked."""
        return self is not Channel.PLAIN


class Modality(StrEnum):
    """What one record of a dataset is."""

    IMAGE = "image"
    TABLE = "table"
    TEXT = "text"


class Family(StrEnum):
    """What kind of experiment an attack is: which trial plays it, which metrics judge it."""

    INVERSION = "inversion"
    ATTRIBUTES = "attributes"
    GRADIENTS = "gradients"
    MEMBERSHIP = "membership"
    EXTRACTION = "extraction"
    GENERATION = "generation"
    RECONSTRUCTION = "reconstruction"
    PROPERTY = "property"


class Claim(StrEnum):
    """What an attack says it recovers."""

    CLASS = "a likeness of the person behind a class"
    INPUT = "the very input that was used"
    ATTRIBUTE = "a sensitive value of a record"
    MEMBERSHIP = "whether a record was trained on"
    MODEL = "a copy of the model"
    PROPERTY = "what holds for the training data as a whole"


class State(StrEnum):
    """Where a run is; the last four are final and never change again."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"

    @property
    def final(self) -> bool:
        """Say whether nothing more will happen to the run."""
        return self in (State.DONE, State.CANCELLED, State.FAILED, State.LOST)


class Prior(Protocol):
    """A generator of plausible images that the adversary learnt from public people."""

    @property
    def latent_size(self) -> int:
        """D; each latent is standard normal over public people."""
        ...

    @property
    def person_size(self) -> int:
        """How many of the D say who it is; the others say how the photo was taken."""
        ...

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        ...

    def decode(self, latents: Tensor) -> Tensor:
        """(N, D) -> (N, C, H, W) in [0, 1]; differentiable."""
        ...


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What the adversary brings along besides the oracle.

    `classes` (N,) int64: whom to reconstruct, classes of pictures or records of a table; `prior`: a generator
    learnt from public people, if owned; `table`: what is known about the records, for a table; `public`
    (M, C, H, W) uint8: photos of people who are not in the data. Overheard or stolen, for an attack that
    claims the very input: `observed` (N, K), what the API released for one photo of each victim, a label as
    its corner; `templates` (N, F), the stored embedding of that photo. `membership`: the candidates of whom
    membership is asked, and the adversary's own shadow models. `database`: all rows of a table but
    the one that is attacked; `shadows`: models of the adversary's own, of data of which a property is known;
    `prompts`: what comes before each secret in a text.
    """

    classes: Tensor
    prior: Prior | None = None
    table: TableKnowledge | None = None
    public: Tensor | None = None
    observed: Tensor | None = None
    templates: Tensor | None = None
    membership: MembershipKnowledge | None = None
    database: Database | None = None
    shadows: Shadows | None = None
    prompts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Progress:
    """One step of a long computation; `best` (N, *shape) is the best so far, None where there is nothing to
    see.
    """

    step: int
    total: int
    loss: float
    best: Tensor | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What an attack would have returned after `queries` rows a victim: `samples` (N, *shape)."""

    queries: int
    samples: Tensor


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """What an attack returns: `samples` (N, *shape) in [0, 1] for `classes` (N,).

    For a question of membership the samples are (N, 1): the belief that the candidate was trained on, on
    any scale. For a table the samples are (N, V): the weight of each sensitive value, the largest is the
    guess; `cases` (N,) int64 says which case of the attack's rule each came from, where it has cases.
    `confidence` (N,) is the adversary's own belief in each sample, never the evaluator's; the surest come
    first by it.
    `checkpoints` are earlier states, the one that asked least first; empty where nobody counts queries.
    `remarks` are sentences about the search that belong beside its result.
    """

    samples: Tensor
    classes: Tensor
    confidence: Tensor
    cases: Tensor | None = None
    checkpoints: tuple[Checkpoint, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Stolen(Reconstruction):
    """What an attack returns that made itself a copy of the model: `copy` maps (N, *shape) in [0, 1] to the
    copy's probabilities (N, K), and the samples were read off it.
    """

    copy: Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Photos:
    """Pictures with labels: `inputs` (N, C, H, W) uint8, `labels` (N,) int64."""

    inputs: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def floats(self) -> Tensor:
        """Return the pictures as float32 in [0, 1]."""
        return self.inputs.float() / 255

    def of(self, label: int) -> Tensor:
        """Return the pictures (M, C, H, W) uint8 of one class."""
        return self.inputs[self.labels == label]


@dataclass(frozen=True)
class Score:
    """One number with what is needed to read it.

    `low`..`high`: 95 % interval; `n`: cases behind it; `baseline`: the same number without the model;
    `control`: the same number for a real photo of the person (what a perfect recovery would get), where it
    exists; `better`: the direction in which the attack is stronger; `rulers`: further named values on the
    same scale; `records`: how many lie behind those of them that are about a group.
    """

    name: str
    value: float
    low: float
    high: float
    n: int
    baseline: float
    control: float | None
    better: str
    rulers: Mapping[str, float] = field(default_factory=dict)
    records: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Truth:
    """What only metrics see: the private data, the target's own view and an independent evaluator.

    `target` and `evaluator` map (N, C, H, W) in [0, 1] to probabilities (N, K), `target` is None where the
    model runs elsewhere; `features` maps to the evaluator's penultimate layer (N, F). `attributes` holds one
    named value per class, `read_attributes` reads them off pictures; both are None where a dataset names no
    attributes. `families` gives each class a look-alike family or None. `train_features` (N, F) are the
    features of `train`, where they are kept.
    `originals` holds the one photo of each class that an attack claims to recover, None where the claim is a
    likeness of the person; it is in neither `train` nor `held_out` where a class has photos enough.
    """

    train: Photos
    held_out: Photos
    target: Callable[[Tensor], Tensor] | None
    evaluator: Callable[[Tensor], Tensor]
    features: Callable[[Tensor], Tensor]
    evaluator_accuracy: float
    attributes: Mapping[str, list[str]] | None = None
    read_attributes: Callable[[Tensor], dict[str, list[str]]] | None = None
    families: list[str | None] | None = None
    train_features: Tensor | None = None
    originals: Photos | None = None

    def wanted(self, label: int) -> Tensor:
        """Return the photos (M, C, H, W) uint8 a recovered picture of a class is held against: the original
        where there is one, else all training photos.
        """
        return (self.originals or self.train).of(label)
