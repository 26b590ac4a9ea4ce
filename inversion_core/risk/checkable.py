"""The words of governance statements: a sentence, the checks code can make of it, and what a check saw.

The statements lie in assets/reference/statements.yaml.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from pydantic import model_validator

from inversion_core.choices import Frozen
from inversion_core.risk.assessment import Context
from inversion_core.risk.crosswalk import Cited, crosswalk
from inversion_core.risk.data_files import read
from inversion_core.risk.references import references


class Status(StrEnum):
    """What is known of a statement."""

    MET = "met"
    NOT_MET = "not met"
    NO_EVIDENCE = "no evidence"
    PERSON = "for a person to say"


Kind = Literal["context", "access", "control", "attacked", "adaptive", "compared", "control-group", "fact"]


class Check(Frozen):
    """One thing code looks at; the kinds are told in the file. `otherwise`: "person" where failing it leaves
    the matter to a person.
    """

    kind: Kind
    field: str = ""
    one_of: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    otherwise: Literal["", "person"] = ""

    @model_validator(mode="after")
    def _known(self) -> "Check":
        if self.kind == "context" and self.field not in Context.model_fields:
            raise ValueError(f"the context of an assessment has no {self.field!r}; correct the field")
        if wrong := set(self.controls) - {one.id for one in crosswalk().controls}:
            raise ValueError(f"{', '.join(sorted(wrong))} is no control of the crosswalk; correct it")
        return self


class Statement(Frozen):
    """One policy: a sentence, how evidence supports it, and what it rests on."""

    id: str
    group: str
    text: str
    how: str
    need: Literal["all", "any"] = "all"
    checks: tuple[Check, ...] = ()
    refs: tuple[Cited, ...]


class Statements(Frozen):
    """All statements; `groups`: id -> title."""

    groups: dict[str, str]
    statements: tuple[Statement, ...]

    @model_validator(mode="after")
    def _whole(self) -> "Statements":
        cited = {one.ref for statement in self.statements for one in statement.refs}
        if missing := sorted(cited - references().keys()):
            raise ValueError(f"{', '.join(missing)} is cited and is no row of references.yaml; add it")
        if wrong := {one.group for one in self.statements} - self.groups.keys():
            raise ValueError(f"{', '.join(sorted(wrong))} is no group; use one of {', '.join(self.groups)}")
        return self


@dataclass(frozen=True)
class Seen:
    """What one check saw: a status, why in a sentence, and ids of the runs it rests on."""

    status: Status
    why: str
    runs: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def statements() -> Statements:
    """Return the statements, read once; raises DataUnusable."""
    return read("statements", Statements)
