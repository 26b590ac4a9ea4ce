"""How each kind of check of a statement looks at an assessment and its evidence."""

from collections.abc import Mapping, Sequence
from enum import Enum

from inversion_core.adaptive import adapted, standing
from inversion_core.registry import components, find
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.checkable import Check, Seen, Status
from inversion_core.risk.crosswalk import crosswalk
from inversion_core.risk.evidence import Evidence
from inversion_core.risk.product import QUERY_BUDGET, access_level, control_id, controls_of
from inversion_core.risk.roles import AS_DEPLOYED, Role

NAMES = {
    "purpose": "what the system is for",
    "owner": "who answers for it",
    "people": "how many people are in the training data",
    "release": "where the model is",
    "audience": "who may ask",
    "rate_limited": "whether a caller's queries are limited",
    "logged": "whether queries are logged and read",
}
"""What a field of the context tells, in words."""


def look(check: Check, assessment: Assessment, rows: Sequence[Evidence], facts: Mapping[str, bool]) -> Seen:
    """Return what a check sees."""
    seen = _look(check, assessment, rows, facts)
    if seen.status is Status.NOT_MET and check.otherwise:
        return Seen(Status.PERSON, seen.why, seen.runs)
    return seen


def _look(check: Check, assessment: Assessment, rows: Sequence[Evidence], facts: Mapping[str, bool]) -> Seen:
    if check.kind == "context":
        return _context(check, assessment)
    if check.kind == "access":
        return _access(check, assessment)
    if check.kind == "control":
        return _control(check, assessment)
    if check.kind == "attacked":
        return _attacked(check, assessment, rows)
    if check.kind == "adaptive":
        return _adaptive(assessment, rows)
    if check.kind == "compared":
        return _compared(assessment, rows)
    if check.kind == "control-group":
        return _control_group(assessment, rows)
    return _fact(check, facts)


def _context(check: Check, assessment: Assessment) -> Seen:
    value = getattr(assessment.context, check.field)
    told = str(value.value if isinstance(value, Enum) else value).strip()
    what = NAMES.get(check.field, f"the {check.field.replace('_', ' ')}")
    if check.one_of:
        status = Status.MET if told in check.one_of else Status.NOT_MET
        return Seen(status, f"The assessment says {what}: {told}.")
    if isinstance(value, bool):
        return Seen(
            Status.MET if value else Status.NOT_MET,
            f"The assessment says {what}: {'yes' if value else 'no'}.",
        )
    given = value is not None and told != ""
    return Seen(
        Status.MET if given else Status.NOT_MET,
        f"The assessment {'says' if given else 'does not say'} {what}.",
    )


def _access(check: Check, assessment: Assessment) -> Seen:
    level = access_level(assessment.system.exposure)
    return Seen(
        Status.MET if level.id in check.one_of else Status.NOT_MET,
        f"An attacker of the deployed system sees: {level.name.lower()}.",
    )


def _control(check: Check, assessment: Assessment) -> Seen:
    switched_on = _controls(assessment)
    mine = [name for control in check.controls for name in switched_on.get(control, ())]
    if mine:
        return Seen(
            Status.MET, f"Switched on in the deployed system: {', '.join(_measure(one) for one in mine)}."
        )
    names = " or ".join(crosswalk().control(one).name.lower() for one in check.controls)
    return Seen(Status.NOT_MET, f"Nothing of this kind is switched on in the deployed system: {names}.")


def _attacked(check: Check, assessment: Assessment, rows: Sequence[Evidence]) -> Seen:
    mine = [row for row in rows if row.role in AS_DEPLOYED]
    if check.controls:
        if not set(check.controls) & _controls(assessment).keys():
            names = " or ".join(crosswalk().control(one).name.lower() for one in check.controls)
            told = f"The deployed system as described has nothing of this kind to test: {names}."
            return Seen(Status.NO_EVIDENCE, told)
        mine = [row for row in mine if set(check.controls) & _met(row)]
    if not mine:
        return Seen(Status.NO_EVIDENCE, "No finished run that is rated attacked the system so.")
    return Seen(Status.MET, f"Attacked so by {_titles(mine)}.", _runs(mine))


def _adaptive(assessment: Assessment, rows: Sequence[Evidence]) -> Seen:
    mine = [row for row in rows if row.role in AS_DEPLOYED]
    if not mine:
        return Seen(Status.NO_EVIDENCE, "No finished run that is rated attacked the deployed system.")
    defences = {*(one.name for one in assessment.system.target.defences)}
    defences |= {one.name for one in assessment.system.exposure.defences}
    if not defences and not _controls(assessment):
        return Seen(Status.MET, "No control is switched on, so there is nothing to know.", _runs(mine))
    if not defences and _controls(assessment).keys() <= {control_id(QUERY_BUDGET)}:
        told = "Only how much may be asked is limited, which holds for whoever knows it."
        return Seen(Status.MET, told, _runs(mine))
    knowing = [row for row in mine if row.adaptive]
    if knowing:
        return Seen(Status.MET, "An attacker who knows the controls was run.", _runs(knowing))
    settled = [row for row in mine if _nothing_to_adapt(row, defences)]
    if settled:
        told = "These attacks are the same for who knows the controls: nothing in them can be adapted."
        return Seen(Status.MET, told, _runs(settled))
    return Seen(Status.NO_EVIDENCE, "Only attacks as published were run, none that knows the controls.")


def _compared(assessment: Assessment, rows: Sequence[Evidence]) -> Seen:
    if not _controls(assessment):
        return Seen(Status.MET, "No control is switched on, so there is nothing to compare.")
    bare = [row for row in rows if row.role is Role.BARE]
    pairs = [row for row in rows if row.role is Role.DEPLOYED and row.attack in {one.attack for one in bare}]
    if not pairs:
        return Seen(Status.NO_EVIDENCE, "No attack was run both with the controls and without them.")
    both = [one for one in bare if one.attack in {row.attack for row in pairs}]
    told = f"Run with the controls and without them: {_titles(pairs)}."
    return Seen(Status.MET, told, _runs([*pairs, *both]))


def _control_group(assessment: Assessment, rows: Sequence[Evidence]) -> Seen:
    measured = [row for row in rows if row.control is not None or row.role is Role.CONTROL]
    if measured:
        return Seen(Status.MET, "Measured for people who were not in the training.", _runs(measured))
    if assessment.context.no_control.strip():
        return Seen(Status.PERSON, "There is none, and the assessment says why.")
    return Seen(Status.NO_EVIDENCE, "Nobody who was not in the training was attacked for comparison.")


def _fact(check: Check, facts: Mapping[str, bool]) -> Seen:
    if check.field not in facts:
        return Seen(Status.NO_EVIDENCE, "The installation has not looked.")
    if facts[check.field]:
        return Seen(Status.MET, "The installation looked, and it is so.")
    return Seen(Status.NOT_MET, "The installation looked, and it is not so.")


def _titles(rows: Sequence[Evidence]) -> str:
    return ", ".join(sorted({find("attacks", row.attack).title for row in rows}))


def _measure(name: str) -> str:
    """Return a control by its title; what is no defence, such as a budget, by its name in words."""
    known = components("defences")
    return known[name].title if name in known else name.replace("-", " ").replace("_", " ")


def _controls(assessment: Assessment) -> dict[str, tuple[str, ...]]:
    return controls_of(assessment.system.target.defences, assessment.system.exposure)


def _met(row: Evidence) -> set[str]:
    return set(controls_of(row.scenario.target.defences, row.scenario.exposure))


def _nothing_to_adapt(row: Evidence, defences: set[str]) -> bool:
    return bool(defences) and not adapted(row.scenario) and defences <= standing(row.scenario).keys()


def _runs(rows: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(run for row in rows for run in row.run_ids)
