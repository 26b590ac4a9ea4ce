"""Attackers who know what stands in their way: a defence of the row, or what an operator does."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from inversion_core.adaptive import adapted, standing
from inversion_core.choices import Choice
from inversion_core.scenario import Scenario
from inversion_core.sweeps.cell import Cell, claim_of, effective, need_of
from inversion_core.sweeps.spec import Row
from inversion_core.values import Access, Claim

NAMELESS = "no class has a name: which of them is the person sought can only be guessed"
LOOKS = "looks at every class"
NEW_KEYS = "takes a new key before the monitor can say anything"
PLANS = "It plans within what the budget leaves, and one budget holds for one key."
"""What is told of attackers who know what an operator does."""


def past_the_operator(cell: Cell, row: Row) -> Iterator[Cell]:
    """Yield a cell and, where the service adds pseudonyms or a monitor, the attacker who goes round them."""
    if cell.attacker == "adaptive" or not cell.scenarios:
        yield cell
    elif row.exposure.pseudonyms and _is_after_a_class(cell.scenarios[0].attack):
        yield replace(cell, scenarios=(), reason=NAMELESS, shut_out=True, untouched=False, note="")
        yield replace(cell, attacker="adaptive", variant=LOOKS, untouched=False, note="")
    elif cell.untouched:
        yield cell
    elif row.exposure.monitor:
        yield cell
        free = tuple(
            one.model_copy(update={"exposure": one.exposure.model_copy(update={"monitor": False})})
            for one in cell.scenarios
        )
        yield replace(cell, attacker="adaptive", variant=NEW_KEYS, scenarios=free, adapts=False)
    elif row.exposure.query_budget is not None and not row.defences:
        yield replace(cell, note=PLANS, stands=True)
    else:
        yield cell


def _is_after_a_class(attack: Choice) -> bool:
    """Say whether an attack asks for a person by the class, and not by what leaked of a photo."""
    return claim_of(attack) is not Claim.INPUT


def knowing(cell: Cell, meant: Sequence[Scenario]) -> Iterator[Cell]:
    """Yield a checked cell and, where it adapts, the attackers who know its defences, or why the naive one
    stands; `meant` are its scenarios, also where the row leaves them no access.
    """
    labels_left = cell.shut_out and bool(meant) and meant[0].exposure.access is Access.LABELS
    if not cell.adapts or cell.undefended or not (cell.scenarios or labels_left):
        yield cell
        return
    found = [adapted(_behind_labels(one) if labels_left else one) for one in meant]
    told = standing(meant[0]) if cell.scenarios else {}
    yield cell if found[0] or not told else replace(cell, stands=True, note=" ".join(told.values()))
    for variants in zip(*found, strict=True):
        scenarios = tuple(_asking_least(one.scenario) for one in variants)
        yield replace(
            cell,
            attacker="adaptive",
            variant=variants[0].title,
            scenarios=scenarios,
            reason="",
            shut_out=False,
        )


def _behind_labels(scenario: Scenario) -> Scenario:
    """Return the same attack on a service of scores that releases labels only, which is as good as none."""
    exposure = scenario.exposure.model_copy(
        update={
            "access": need_of(scenario.attack),
            "defences": (*scenario.exposure.defences, Choice(name="label-only")),
        }
    )
    return scenario.model_copy(update={"exposure": exposure})


def _asking_least(scenario: Scenario) -> Scenario:
    """Return the same attack asking for no more than it needs: runs of several rows become one."""
    exposure = scenario.exposure.model_copy(update={"access": need_of(scenario.attack)})
    return scenario.model_copy(update={"exposure": effective(exposure)})
