"""Does a defence protect, or does it only mask? One cell, judged by three intervals.

`naive`: the attack as published, `adaptive`: the strongest attacker who knows the defence, `open`: the same
attack on the undefended target; each pooled over seeds. The naive attack is *calm* when its whole interval
lies below that of the undefended target: the defence seems to work. The adaptive attacker is *above* when
their whole interval lies above the naive one. What comes back is (adaptive - naive) / (open - naive).

    open, naive and adaptive all reach guessing       nothing to protect here
    not calm                                          no protection seen
    calm, nobody adaptive was measured                untested
    calm, above, more than half comes back            masking, not protection
    calm, above, half or less comes back              protects less than it seems
    calm, not above, adaptive wholly below open       protection
    calm, not above, adaptive reaches open            too uncertain to tell

An attack that does no better than guessing on the undefended target has nothing that a defence could hold
back. An attack that the defence leaves no access to is calm and stands at what guessing gives. Left out: that
the strongest of several adaptive attackers is chosen by its value, which flatters it a little.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Estimate(Protocol):
    """A value with its 95 % interval."""

    @property
    def value(self) -> float:
        """What was measured."""
        ...

    @property
    def low(self) -> float:
        """Lower end."""
        ...

    @property
    def high(self) -> float:
        """Upper end."""
        ...


class Verdict(StrEnum):
    """What a cell says of its defence."""

    NOTHING = "nothing to protect here"
    NONE = "no protection seen"
    UNTESTED = "calm, no adaptive attacker tried"
    MASKING = "masking, not protection"
    PARTLY = "protects less than it seems"
    PROTECTION = "protection"
    UNCLEAR = "too uncertain to tell"


COMES_BACK = 0.5
"""Share of the seeming protection above which a defence counts as masking."""


@dataclass(frozen=True)
class Point:
    """A value that needs no measuring, such as guessing."""

    value: float

    @property
    def low(self) -> float:
        """The value."""
        return self.value

    @property
    def high(self) -> float:
        """The value."""
        return self.value


def judge(
    naive: Estimate, adaptive: Estimate | None, undefended: Estimate, guessing: float | None = None
) -> Verdict:
    """Return the verdict on one defence under one attack; `guessing` is what somebody gets without it."""
    measured = [one for one in (undefended, naive, adaptive) if one is not None]
    if guessing is not None and all(one.low <= guessing for one in measured):
        return Verdict.NOTHING
    if naive.high >= undefended.low:
        return Verdict.NONE
    if adaptive is None:
        return Verdict.UNTESTED
    if adaptive.low > naive.high:
        returned = (adaptive.value - naive.value) / (undefended.value - naive.value)
        return Verdict.MASKING if returned > COMES_BACK else Verdict.PARTLY
    return Verdict.PROTECTION if adaptive.high < undefended.low else Verdict.UNCLEAR
