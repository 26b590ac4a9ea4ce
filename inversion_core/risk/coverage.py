"""What was tested and what was not, by class of attack and by control: told from finished runs alone.

That an attack exists counts for nothing here. The five classes are those of EDPB Opinion 28/2024, paragraph
55; passing a test is evidence against the attacks tested only, so what was NOT RUN is told with the reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from inversion_core.adaptive import adapted
from inversion_core.attacks.base import Attack
from inversion_core.errors import UnknownName
from inversion_core.registry import components, find
from inversion_core.risk.crosswalk import AttackClass, ControlRow, crosswalk
from inversion_core.risk.product import ATTACK_RUNS, access_level, attack_class, controls_of, gathered
from inversion_core.risk.references import references
from inversion_core.scenario import Scenario
from inversion_core.store.records import RunRecord
from inversion_core.values import Modality, State

OPINION = "EDPB Opinion 28/2024"
PICTURES_OR_TABLES = {Modality.IMAGE: "pictures", Modality.TABLE: "tables", Modality.TEXT: "texts"}


@dataclass(frozen=True)
class Ran:
    """One finished run: its attack by name, the access level and the controls it met by id in the crosswalk.

    `adaptive`: the attacker knows the controls; `record`: id of the run; `place`: the stored comparison or
    exhibit it belongs to, empty for a run of a store.
    """

    attack: str
    access: str
    controls: frozenset[str]
    adaptive: bool
    record: str
    place: str = ""


class Row(Protocol):
    """Finished runs of one scenario with all its seeds, rated or not."""

    @property
    def scenario(self) -> Scenario:
        """The first of the scenarios."""
        ...

    @property
    def run_ids(self) -> tuple[str, ...]:
        """Ids of the runs."""
        ...

    @property
    def adaptive(self) -> bool:
        """Whether the attacker knows the controls."""
        ...


@dataclass(frozen=True)
class Covered:
    """A class of attacks or a control, and the runs that tested it.

    `reason`: why nothing was run, empty where something was. `parts`: the classes that it consists of.
    """

    id: str
    title: str
    ran: tuple[Ran, ...]
    reason: str = ""
    parts: tuple["Covered", ...] = field(default=())

    @property
    def run(self) -> bool:
        """Whether anything was run."""
        return bool(self.ran)

    @property
    def word(self) -> str:
        """RUN, RUN IN PART where a part was left out, or NOT RUN."""
        if not self.run:
            return "NOT RUN"
        return "RUN IN PART" if any(not part.run for part in self.parts) else "RUN"

    @cached_property
    def attacks(self) -> tuple[str, ...]:
        """Names of the attacks, in alphabetical order."""
        return tuple(sorted({one.attack for one in self.ran}))

    @cached_property
    def access(self) -> tuple[str, ...]:
        """Access levels by id, in the order of the crosswalk."""
        met = {one.access for one in self.ran}
        return tuple(level.id for level in crosswalk().access if level.id in met)

    @property
    def adaptive(self) -> bool:
        """Whether an attacker who knows the controls was among them."""
        return any(one.adaptive for one in self.ran)

    @cached_property
    def records(self) -> tuple[str, ...]:
        """Ids of the runs, each once."""
        return tuple(dict.fromkeys(one.record for one in self.ran))


@dataclass(frozen=True)
class Coverage:
    """What was tested of `tested` (the five classes), `attacks` (all classes) and `controls`."""

    tested: tuple[Covered, ...]
    attacks: tuple[Covered, ...]
    controls: tuple[Covered, ...]


def coverage(
    ran: Sequence[Ran], modality: Modality | None = None, planned: Iterable[Scenario] = ()
) -> Coverage:
    """Return the coverage of runs; `modality`: what the data are, where it is about one system; `planned`:
    scenarios somebody means to run and has not.
    """
    waiting = {attack_class(one.attack.name).id for one in planned}
    attacks = tuple(_attack(one, ran, modality, waiting) for one in crosswalk().attacks)
    return Coverage(
        tested=tuple(_of_five(ref, attacks) for ref in five_classes()),
        attacks=attacks,
        controls=tuple(_control(one, ran) for one in crosswalk().controls),
    )


def five_classes() -> tuple[str, ...]:
    """Return the ids of the five classes in their order."""
    return tuple(
        one.id for one in references().values() if one.framework == OPINION and one.family == "taxonomy"
    )


def of_evidence(rows: Iterable[Row]) -> tuple[Ran, ...]:
    """Return the runs behind the rows of an assessment, those that are not rated among them."""
    return tuple(_ran(row.scenario, run_id, adaptive=row.adaptive) for row in rows for run_id in row.run_ids)


def of_runs(records: Iterable[RunRecord], place: str = "") -> tuple[Ran, ...]:
    """Return the runs that are done and still mean something here; all others are left out. `place`: the
    exhibit they ship with, empty for runs of a store.

    An attacker counts as one who knows the controls where the naive attack that it answers was run too.
    """
    done = [one for one in records if one.state is State.DONE and one.result_json and _known(one.scenario)]
    knowing = {
        _seedless(other.scenario)
        for one in done
        if one.scenario.target.defences or one.scenario.exposure.defences
        for other in adapted(one.scenario)
    }
    return tuple(
        _ran(one.scenario, one.id, adaptive=_seedless(one.scenario) in knowing, place=place) for one in done
    )


def _ran(scenario: Scenario, record: str, *, adaptive: bool, place: str = "") -> Ran:
    return Ran(
        attack=scenario.attack.name,
        access=access_level(scenario.exposure).id,
        controls=frozenset(controls_of(scenario.target.defences, scenario.exposure)),
        adaptive=adaptive,
        record=record,
        place=place,
    )


def _known(scenario: Scenario) -> bool:
    """Say whether this version still has what a stored run names."""
    try:
        attack_class(scenario.attack.name)
        for one in (*scenario.target.defences, *scenario.exposure.defences):
            find("defences", one.name)
    except UnknownName:
        return False
    return True


def _seedless(scenario: Scenario) -> str:
    return scenario.model_copy(update={"seed": 0}).model_dump_json(exclude_defaults=True)


def _attack(
    one: AttackClass, ran: Sequence[Ran], modality: Modality | None, waiting: Iterable[str]
) -> Covered:
    mine = tuple(run for run in ran if attack_class(run.attack).id == one.id)
    return Covered(one.id, one.name, mine, "" if mine else _why_not(one.id, modality, one.id in waiting))


def _why_not(class_id: str, modality: Modality | None, waiting: bool) -> str:
    if waiting:
        return "it is planned, and no run of it is finished"
    built = [one for name, one in components("attacks").items() if attack_class(name).id == class_id]
    if not built:
        return "no attack of this class is built in"
    kinds = {one.modality for one in built if issubclass(one, Attack)}
    if modality is not None and not kinds & {None, modality}:
        works_on = " and ".join(PICTURES_OR_TABLES[kind] for kind in sorted(filter(None, kinds)))
        return (
            f"not applicable to {PICTURES_OR_TABLES[modality]}: the attacks of this class that are built in "
            f"work on {works_on}"
        )
    return "nobody ran it"


def _of_five(ref: str, attacks: Iterable[Covered]) -> Covered:
    citing = {one.id for one in crosswalk().attacks if any(cited.ref == ref for cited in one.refs)}
    parts = tuple(one for one in attacks if one.id in citing)
    ran = tuple(run for part in parts for run in part.ran)
    reasons = dict.fromkeys(part.reason for part in parts if part.reason)
    return Covered(ref, references()[ref].name, ran, "" if ran else "; ".join(reasons), parts)


def _control(one: ControlRow, ran: Sequence[Ran]) -> Covered:
    always = gathered([ATTACK_RUNS])
    mine = tuple(run for run in ran if one.id in run.controls or one.id in always)
    if mine:
        return Covered(one.id, one.name, mine)
    if one.untested:
        return Covered(one.id, one.name, (), one.untested)
    product = crosswalk().product
    own = [name for name, control in product.defences.items() if control == one.id]
    operated = one.id in product.operations.values()
    built = operated or any(name in components("defences") for name in own)
    reason = "nobody ran an attack against it" if built else "no control of this kind is built in"
    return Covered(one.id, one.name, (), reason)
