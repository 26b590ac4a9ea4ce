"""What an attack, an access level, a kind of data and a control have to do with frameworks and law.

A case (attack x access x data) has the union of its rows. Nobody publishes such a mapping by id: this one is
the project's, lies in assets/reference/crosswalk.yaml, and is to be shown as `crosswalk().mapping`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import Field, model_validator

from inversion_core.choices import Frozen
from inversion_core.errors import UnknownName
from inversion_core.risk.claims import ClaimType
from inversion_core.risk.data_files import read
from inversion_core.risk.references import ATLAS, Reference, reference
from inversion_core.risk.references import references as every_reference

BODIES = ("NIST", "MITRE", "OWASP", "EDPB")
"""The order in which the names of an attack are told."""
BY_LAW = ("GDPR", "HIPAA", "EU AI Act")


class Cited(Frozen):
    """A reference by id; `when` is the condition under which it holds, empty for always."""

    ref: str
    when: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        ref, _, when = given.partition("|")
        return {"ref": ref.strip(), "when": when.strip()}

    @property
    def row(self) -> Reference:
        """What is cited."""
        return reference(self.ref)


class Row(Frozen):
    """What every row of the crosswalk has; `no_entry`: framework -> what it lacks."""

    id: str
    name: str
    refs: tuple[Cited, ...]
    no_entry: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()


Kind = TypeVar("Kind", bound=Row)


class AttackClass(Row):
    """A class of attacks; `technical` is what the field calls it."""

    technical: str
    claim: ClaimType


class AccessRow(Row):
    """An access level; `exposure` is the level X from 1 to 4 in words, `controls` mitigations that apply."""

    attacker: str
    exposure: str
    controls: tuple[Cited, ...]


class DataRow(Row):
    """A kind of data. `severity_floor`: least severity from 1 to 4 of harm to people, None: no people."""

    severity_floor: int | None
    class_is_person: str

    @property
    def personal(self) -> bool:
        """Whether the data are about people."""
        return self.severity_floor is not None


class ControlRow(Row):
    """A control. `untested`: why no run tells what it does; `contested`: why sources disagree; `from_memory`:
    limits that nobody checked, to be shown as such.
    """

    untested: str = ""
    helps: str = ""
    limits: str = ""
    from_memory: str = ""
    contested: str = ""


class Product(Frozen):
    """Names of the product -> ids of the crosswalk; operations are what an operator does around a model."""

    attacks: dict[str, str]
    defences: dict[str, str]
    operations: dict[str, str]


class Crosswalk(Frozen):
    """The whole mapping; `personal` holds for all data about people."""

    mapping: str
    atlas: str
    personal: tuple[Cited, ...]
    attacks: tuple[AttackClass, ...]
    access: tuple[AccessRow, ...]
    data: tuple[DataRow, ...]
    controls: tuple[ControlRow, ...]
    product: Product

    @model_validator(mode="after")
    def _whole(self) -> "Crosswalk":
        if told := list(_mistakes(self)):
            raise ValueError("; ".join(told))
        return self

    def attack(self, wanted: str) -> AttackClass:
        """Return a class of attacks by id; raises UnknownName."""
        return _one("attack classes", self.attacks, wanted)

    def level(self, wanted: str) -> AccessRow:
        """Return an access level by id; raises UnknownName."""
        return _one("access levels", self.access, wanted)

    def kind(self, wanted: str) -> DataRow:
        """Return a kind of data by id; raises UnknownName."""
        return _one("kinds of data", self.data, wanted)

    def control(self, wanted: str) -> ControlRow:
        """Return a control by id; raises UnknownName."""
        return _one("controls", self.controls, wanted)


@dataclass(frozen=True)
class Union:
    """All that holds for one case.

    `taxonomy`: what the attack is called; `law`: empty where no people are in the data; `further`: guidance;
    `controls`: mitigations for the access level; `no_entry`: framework -> what it lacks, to be shown as such;
    `exposure`: level X from 1 to 4 in words.
    """

    taxonomy: tuple[Cited, ...]
    law: tuple[Cited, ...]
    further: tuple[Cited, ...]
    controls: tuple[Cited, ...]
    no_entry: Mapping[str, str]
    exposure: str
    severity_floor: int | None
    class_is_person: str
    notes: tuple[str, ...]
    mapping: str


def references(attack_class: str, access: str, data: str) -> Union:
    """Return the union of three rows, each by its id in the crosswalk; raises UnknownName."""
    known = crosswalk()
    attack, level, kind = known.attack(attack_class), known.level(access), known.kind(data)
    cited = tuple(dict.fromkeys((*attack.refs, *level.refs, *kind.refs, *known.personal)))
    by_family = {family: [one for one in cited if one.row.family == family] for family in ("taxonomy", "law")}
    missing = {**level.no_entry, **attack.no_entry}
    if not any(one.row.framework == ATLAS for one in by_family["taxonomy"]):
        missing.setdefault(ATLAS, "no entry")
    return Union(
        taxonomy=tuple(sorted(by_family["taxonomy"], key=lambda one: BODIES.index(one.row.body))),
        law=tuple(sorted(by_family["law"], key=_by_law)) if kind.personal else (),
        further=tuple(one for one in cited if one.row.family not in by_family),
        controls=level.controls,
        no_entry=missing,
        exposure=level.exposure,
        severity_floor=kind.severity_floor,
        class_is_person=kind.class_is_person,
        notes=(*attack.notes, *level.notes, *kind.notes),
        mapping=known.mapping,
    )


@lru_cache(maxsize=1)
def crosswalk() -> Crosswalk:
    """Return the mapping, read once; raises DataUnusable."""
    return read("crosswalk", Crosswalk)


def _mistakes(known: Crosswalk) -> Iterator[str]:
    rows: tuple[Row, ...] = (*known.attacks, *known.access, *known.data, *known.controls)
    cited = {one.ref for row in rows for one in row.refs} | {one.ref for one in known.personal}
    cited |= {one.ref for row in known.access for one in row.controls}
    for ref in sorted(cited - every_reference().keys()):
        yield f"{ref} is cited and is no row of references.yaml; add the row or correct the id"
    for kind, rows_of, named in (
        ("attack class", known.attacks, known.product.attacks),
        ("control", known.controls, {**known.product.defences, **known.product.operations}),
    ):
        ids = {row.id for row in rows_of}
        for name, wanted in named.items():
            if wanted not in ids:
                yield f"{name} belongs to {wanted}, which is no {kind}; correct it"


def _one(what: str, rows: Iterable[Kind], wanted: str) -> Kind:
    known = {row.id: row for row in rows}
    if wanted not in known:
        raise UnknownName(f"{what} are named by id, {wanted[:80]!r} is none; use one of {', '.join(known)}")
    return known[wanted]


def _by_law(one: Cited) -> tuple[int, bool]:
    """Order laws; what holds for every kind of data comes first within the AI Act."""
    place = BY_LAW.index(one.row.framework)
    return place, place == 2 and one.ref != "AI Act 15(5)"
