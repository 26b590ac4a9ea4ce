"""What a defence costs whoever uses the model honestly: the record a comparison keeps of each row.

Measured by `inversion_core.sweeps.utility` on data that no target has seen; read without computing anything.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CALIBRATION_POINTS = 0.05
"""Calibration error above that of the undefended model by which stated confidence is clearly worse."""
DISTORTED = 0.2
"""Distance, of at most 2, from which the released scores are clearly others: a tenth of the way."""
SLOWER, LONGER = 1.5, 2.0
"""How many times as long an answer, or a training, clearly takes longer; less may be a busy machine."""

Worse = Literal["accuracy", "confidence", "distortion", "people", "answer", "training"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Estimate(_Frozen):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


class PersonLoss(_Frozen):
    """What single people lose: the share of their held-out photos that the undefended model names, minus the
    share the defended one does.

    `mean` is over people; `losing` and `gaining` are shares of the people, `worst` is the loss of who loses
    most (negative where everybody gains).
    """

    mean: Estimate
    losing: float
    gaining: float
    worst: float
    people: int
    photos: int = Field(description="Of each person, at least: one photo more or less is 1 / photos.")


class Promise(_Frozen):
    """Differential privacy as the target's card says it, for one photo (or record) and for one person."""

    epsilon: float
    delta: float
    person_epsilon: float
    person_delta: float


class Utility(_Frozen):
    """One row, measured on `n` held-out pictures or records behind its defences.

    `released`: what the API gives, scores or the label alone; of a label there is no stated confidence, so
    `calibration_error` (0 to 1) and `brier` (0 to 2) are None and it counts as a row with a single 1.
    `distortion`: mean L1 distance (0 to 2) of the released row from that of the undefended model. It and
    `people` are None where the row's data are others; `people` also where classes are no people.
    `milliseconds`: median for one picture or record alone, `bare_milliseconds` the same of the undefended
    model, asked in turn with it. `training_seconds` as the target's card says, those of the machine that
    trained it; without what it learnt of public people before, and of what learns to change answers.
    """

    released: Literal["scores", "labels"]
    n: int
    accuracy: Estimate
    calibration_error: float | None
    brier: float | None
    distortion: float | None
    people: PersonLoss | None
    milliseconds: float
    bare_milliseconds: float
    training_seconds: float
    trained_anew: bool
    promise: Promise | None = None

    @property
    def slower(self) -> float:
        """How many times as long an answer takes as one of the undefended model."""
        return self.milliseconds / self.bare_milliseconds


def worse(found: Utility, bare: Utility) -> frozenset[Worse]:
    """Return what is clearly worse with a defence than without: intervals that do not touch, people's losses
    whose interval is above 0, and the constants of this module for what has no interval.
    """
    off, usual = found.calibration_error, bare.calibration_error
    told: dict[Worse, bool] = {
        "accuracy": found.accuracy.high < bare.accuracy.low,
        "confidence": off is not None and usual is not None and off > usual + CALIBRATION_POINTS,
        "distortion": found.distortion is not None and found.distortion > DISTORTED,
        "people": found.people is not None and found.people.mean.low > 0,
        "answer": found.slower >= SLOWER,
        "training": found.trained_anew and found.training_seconds >= LONGER * bare.training_seconds,
    }
    return frozenset(name for name, is_worse in told.items() if is_worse)
