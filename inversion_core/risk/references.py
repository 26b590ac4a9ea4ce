"""What frameworks, regulators and laws say, by id: names by version, a paraphrase, and how sure we are of it.

The rows lie in assets/reference/references.yaml. How sure is part of the product: a row from memory is never
shown as verified.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field, model_validator

from inversion_core.choices import Frozen
from inversion_core.errors import UnknownName
from inversion_core.risk.data_files import read, unusable

ATLAS = "MITRE ATLAS"


class Confidence(StrEnum):
    """How a row came to be known."""

    READ = "P"
    EXCERPT = "P~"
    QUOTED = "S"
    MEMORY = "M"

    @property
    def words(self) -> str:
        """Say it in plain words."""
        return WORDS[self]

    @property
    def verified(self) -> bool:
        """Whether anybody looked at anything; False for what was only remembered."""
        return self is not Confidence.MEMORY


WORDS = {
    Confidence.READ: "read in the source",
    Confidence.EXCERPT: "only an excerpt of the source was read",
    Confidence.QUOTED: "as somebody else quotes or sums it up",
    Confidence.MEMORY: "from memory, not checked",
}


class Name(Frozen):
    """A name and the version of the framework that first used it."""

    name: str
    since: str


class Reference(Frozen):
    """One id of a framework. `paraphrase` is in the project's words, empty where only id and title may be
    kept; `checked_on` is a year and month, None where nobody looked; `valid_from` and `valid_to` are versions
    of the framework, None where not known to be bounded.
    """

    id: str
    framework: str
    body: str
    family: Literal["taxonomy", "law", "guidance", "measure"]
    version: str
    name: str
    names: tuple[Name, ...] = ()
    paraphrase: str = ""
    source: str
    link: str = ""
    confidence: Confidence
    checked_on: str | None = Field(None, pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    valid_from: str | None = None
    valid_to: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _newest_name(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {"name": given["names"][-1]["name"], **given} if given.get("names") else given

    @model_validator(mode="after")
    def _memory_is_unchecked(self) -> "Reference":
        if self.verified == (self.checked_on is None):
            raise ValueError(
                f"{self.id}: what is from memory was never checked, and everything else was; correct "
                "checked_on or confidence"
            )
        return self

    @property
    def verified(self) -> bool:
        """Whether the row was read anywhere; False for one from memory."""
        return self.confidence.verified

    def name_in(self, version: str) -> str:
        """Return the name in a version of the framework; the first known for versions before it."""
        known = [one.name for one in self.names if _order(one.since) <= _order(version)]
        return known[-1] if known else self.names[0].name if self.names else self.name

    def exists_in(self, version: str) -> bool:
        """Say whether a version of the framework has this id, as far as is known."""
        begun = self.valid_from is None or _order(self.valid_from) <= _order(version)
        return begun and (self.valid_to is None or _order(version) <= _order(self.valid_to))


class _Group(Frozen):
    framework: str
    body: str
    family: str
    version: str
    source: str
    confidence: Confidence
    rows: tuple[dict[str, Any], ...]


class _File(Frozen):
    checked_on: str
    versions: dict[str, tuple[str, ...]]
    groups: tuple[_Group, ...]


@lru_cache(maxsize=1)
def references() -> Mapping[str, Reference]:
    """Return every reference by id, in the order of the file; raises DataUnusable."""
    found: dict[str, Reference] = {}
    for group in _file().groups:
        shared = group.model_dump(exclude={"rows"})
        for row in group.rows:
            made = shared | row
            remembered = made["confidence"] == Confidence.MEMORY
            made["checked_on"] = None if remembered else row.get("checked_on", _file().checked_on)
            try:
                one = Reference.model_validate(made)
            except ValueError as error:
                raise unusable("references", [str(error)]) from error
            if one.id in found:
                raise unusable("references", [f"{one.id} stands there twice; keep one"])
            found[one.id] = one
    return found


def reference(wanted: str) -> Reference:
    """Return a reference by its id; raises UnknownName."""
    try:
        return references()[wanted]
    except KeyError as error:
        raise UnknownName(
            f"references are found by id, {wanted[:80]!r} is none; the ids are in "
            "assets/reference/references.yaml"
        ) from error


def versions(framework: str = ATLAS) -> tuple[str, ...]:
    """Return the versions of a framework whose names are kept apart, oldest first."""
    return _file().versions.get(framework, ())


@lru_cache(maxsize=1)
def _file() -> _File:
    return read("references", _File)


def _order(version: str) -> tuple[int, ...]:
    """Return a version as numbers: 5.6.1 comes before 2026.07, as ATLAS counts."""
    return tuple(int(part) for part in re.findall(r"\d+", version))
