"""What a scenario can ask for, as plain values: for the command line, scripts and the tables of the docs."""

from typing import Any

from inversion_core.attacks.base import Attack
from inversion_core.component import Component
from inversion_core.defences.base import Defence, TrainingDefence, UpdateDefence
from inversion_core.oracles import Oracle
from inversion_core.registry import KINDS as COMPONENT_KINDS
from inversion_core.registry import every
from inversion_core.targets.base import Target

KINDS = (*COMPONENT_KINDS, "exposures")


def listing(kind: str) -> list[dict[str, Any]]:
    """Return one row for each thing of a kind, in alphabetical order."""
    if kind == "exposures":
        return [{"name": name, "title": about} for name, about in sorted(_exposures(Oracle).items())]
    return [_row(part) for part in every(kind)]


def _row(part: type[Component]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": part.name, "title": part.title, "summary": part.summary()}
    if issubclass(part, Attack):
        row |= {"needs": part.needs.value, "needs_prior": part.needs_prior, "claim": part.claim.value}
        row["family"] = part.family.value
        row |= {"reference": part.reference, "clues": [clue.value for clue in part.clues]}
    if issubclass(part, Attack | Target):
        row["modality"] = part.modality.value if part.modality else None
    if issubclass(part, Defence):
        row["changes"] = _changed(part)
    return row | {"params": part.Params.model_json_schema().get("properties", {})}


def _changed(part: type[Defence]) -> str:
    """Return what a defence changes."""
    if issubclass(part, TrainingDefence):
        return "training"
    return "updates" if issubclass(part, UpdateDefence) else "outputs"


def _exposures(kind: type[Oracle]) -> dict[str, str]:
    """Return access level -> what it means, for every oracle there is."""
    about = (kind.__doc__ or "").split("\n")[0]
    found = {kind.access.value: about} if "access" in vars(kind) else {}
    for special in kind.__subclasses__():
        found |= _exposures(special)
    return found
