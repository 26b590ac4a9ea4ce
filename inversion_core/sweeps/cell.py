"""A place of the matrix, and what decides which run stands there."""

from dataclasses import dataclass

from inversion_core.choices import Choice, Exposure
from inversion_core.compare.matrix import Attacker
from inversion_core.compare.terms import Change
from inversion_core.defences.base import OutputDefence
from inversion_core.errors import UnknownName
from inversion_core.registry import find
from inversion_core.scenario import Scenario
from inversion_core.values import Access, Claim

UNTOUCHED = "what this attacker sees is the same with it and without it: the run is that without it"


@dataclass(frozen=True)
class Cell:
    """A place of the matrix: its scenarios, one a seed, or the reason why there are none.

    `shut_out`: the reason is that the row leaves the attack no access; `stands`: the naive attacker is as
    good as one who knows the defence; `adapts`: others are to be found for it; `untouched`: what the row
    changes is nothing this attacker meets.
    """

    row: str
    column: str
    attacker: Attacker = "naive"
    variant: str = ""
    scenarios: tuple[Scenario, ...] = ()
    reason: str = ""
    shut_out: bool = False
    note: str = ""
    changes: tuple[Change, ...] = ()
    undefended: bool = False
    stands: bool = False
    adapts: bool = False
    untouched: bool = False


def effective(exposure: Exposure) -> Exposure:
    """Return an exposure without its defences where none of them changes what this access level sees."""
    kinds = [find("defences", one.name) for one in exposure.defences if of_outputs(one)]
    seen = [one for one in kinds if exposure.access not in one.untouched]  # type: ignore[attr-defined]
    return exposure if seen else exposure.model_copy(update={"defences": ()})


def need_of(attack: Choice) -> Access:
    """Return the least access an attack can do with."""
    try:
        need: Access = find("attacks", attack.name).needs  # type: ignore[attr-defined]
    except UnknownName:
        return Access.WHITE_BOX  # its scenario will be told
    return need


def claim_of(attack: Choice) -> Claim | None:
    """Return what an attack claims to recover, None for a name that does not exist."""
    try:
        return find("attacks", attack.name).claim  # type: ignore[attr-defined,no-any-return]
    except UnknownName:
        return None  # its scenario will be told


def of_outputs(choice: Choice) -> bool:
    """Say whether a defence changes what a service answers."""
    try:
        return issubclass(find("defences", choice.name), OutputDefence)
    except UnknownName:
        return False
